/** What happens in a Memory besides its answers. None of it failed a call. */
export type MemoryEvent =
  /** A call was answered from the store. */
  | { readonly type: 'hit'; readonly function: string; readonly key: string }
  /** The function ran. `stored` says whether the next call can be answered from the store. */
  | {
      readonly type: 'computed';
      readonly function: string;
      readonly key: string;
      readonly durationMs: number;
      readonly stored: boolean;
    }
  /** Another thread, process or host computes this key: its result is waited for. */
  | { readonly type: 'waiting'; readonly function: string; readonly key: string }
  /** An entry was there and doesn't count: it is too old, or `validate` said no. */
  | { readonly type: 'expired' | 'invalid'; readonly function: string; readonly key: string }
  /** An entry was there that can't be read here: a compression that this Node lacks, another format, no signature of ours. */
  | {
      readonly type: 'unreadable' | 'unsigned';
      readonly function: string;
      readonly key: string;
      readonly detail: string;
    }
  /** A result is no data, so that it can't be stored. */
  | { readonly type: 'unserializable'; readonly function: string; readonly key: string; readonly error: Error }
  /** The store failed an operation; the value was computed, or isn't stored. */
  | { readonly type: 'fault'; readonly operation: string; readonly key?: string; readonly error: Error }
  /** The store found an entry damaged and set it aside. */
  | { readonly type: 'corrupt'; readonly key: string; readonly detail: string; readonly movedTo?: string }
  /** The store, or its server, lacks something. */
  | { readonly type: 'degraded'; readonly capability: string; readonly detail: string }
  /** The right to be the only one to compute a key went to somebody else: it may be computed twice. */
  | { readonly type: 'leaseLost'; readonly key: string }
  /** `limits` were exceeded: the least recently used entries went. */
  | { readonly type: 'evicted'; readonly entries: number; readonly bytes: number };

/** One line about an event, for `verbose`. */
export function describe(event: MemoryEvent): string {
  switch (event.type) {
    case 'hit':
      return `${event.function}: found`;
    case 'computed':
      return `${event.function}: computed in ${event.durationMs.toFixed(1)} ms${event.stored ? '' : ', not stored'}`;
    case 'waiting':
      return `${event.function}: waiting for another process that computes it`;
    case 'expired':
      return `${event.function}: its entry is too old`;
    case 'invalid':
      return `${event.function}: its entry is not valid any more`;
    case 'unreadable':
    case 'unsigned':
      return `${event.function}: its entry is ignored: ${event.detail}`;
    case 'unserializable':
      return `${event.function}: its result is not stored: ${event.error.message}`;
    case 'fault':
      return `${event.operation} failed: ${event.error.message}`;
    case 'corrupt':
      return `the entry ${event.key} was damaged: ${event.detail}`;
    case 'degraded':
      return `${event.capability}: ${event.detail}`;
    case 'leaseLost':
      return `the lease of ${event.key} was lost`;
    case 'evicted':
      return `${event.entries} entries of ${event.bytes} bytes removed, for the limits`;
  }
}

/** Levels of `verbose` from which on an event is printed. */
export function levelOf({ type }: MemoryEvent): number {
  return type === 'hit' ? 3 : type === 'waiting' || type === 'evicted' || type === 'expired' ? 2 : 1;
}
