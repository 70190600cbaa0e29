import type { Entry, StoreEvent } from '@jobloom/stores';
import { readValue, UnusableEntry, whyUnusable } from './entry.ts';
import { describe, levelOf, type MemoryEvent } from './events.ts';
import type { LimitKeeper } from './limit-keeper.ts';
import type { OpenedStore } from './opened-store.ts';
import { type Counts, noCounts } from './stats.ts';

const cores = new WeakMap<object, Core>();

/** The inner half of a Memory. */
export function coreOf(memory: object): Core {
  return cores.get(memory) as Core;
}

export function setCore(memory: object, core: Core): void {
  cores.set(memory, core);
}

export interface CoreOptions {
  readonly opened: OpenedStore | undefined;
  readonly secret: Uint8Array | undefined;
  readonly verbose: number;
  readonly limiter: LimitKeeper | undefined;
}

/** What memoized functions and references use of a Memory: its store, and who hears of what happens. */
export class Core {
  readonly opened: OpenedStore | undefined;
  readonly secret: Uint8Array | undefined;
  readonly limiter: LimitKeeper | undefined;
  readonly counts: Counts = noCounts();
  readonly listeners: Set<(event: MemoryEvent) => void> = new Set();
  readonly #verbose: number;
  readonly #unsubscribe: (() => void) | undefined;
  closed = false;

  constructor({ opened, secret, verbose, limiter }: CoreOptions) {
    this.opened = opened;
    this.secret = secret;
    this.limiter = limiter;
    this.#verbose = verbose;
    this.#unsubscribe = opened?.store.onEvent?.((event) => this.#heard(event));
  }

  /** The store, where there is one that can be asked now. */
  get ready(): OpenedStore | undefined {
    const { opened } = this;
    return opened === undefined || this.closed || opened.rests ? undefined : opened;
  }

  /** Somebody hears of hits. */
  get hearsHits(): boolean {
    return this.listeners.size > 0 || this.#verbose > 2;
  }

  tell(event: MemoryEvent): void {
    if (levelOf(event) <= this.#verbose) process.stderr.write(`[memory] ${describe(event)}\n`);
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** An operation of the store failed; the call goes on without it. */
  fault(operation: string, key: string | undefined, error: unknown): void {
    if (this.opened?.failed(error) === false) return;
    this.counts.faults += 1;
    const reason = error instanceof Error ? error : new Error(String(error));
    this.tell({ type: 'fault', operation, ...(key !== undefined && { key }), error: reason });
  }

  /** The value of an entry, or why it can't be used; a promise where it takes time. */
  open(entry: Entry, inPlace: boolean): unknown {
    const reason = whyUnusable(entry, this.secret);
    if (reason !== undefined) return reason;
    try {
      const value = readValue(entry, inPlace);
      return value instanceof Promise ? value.catch(unreadable) : value;
    } catch (error) {
      return unreadable(error);
    }
  }

  close(): void {
    this.closed = true;
    this.#unsubscribe?.();
  }

  #heard(event: StoreEvent): void {
    switch (event.type) {
      case 'corrupt': {
        this.counts.corrupt += 1;
        const { key, detail, movedTo } = event;
        this.tell({ type: 'corrupt', key, detail, ...(movedTo !== undefined && { movedTo }) });
        break;
      }
      case 'degraded':
        this.tell({ type: 'degraded', capability: event.capability, detail: event.detail });
        break;
      case 'fault':
        this.counts.faults += 1;
        this.tell({ type: 'fault', operation: event.operation, error: event.error });
        break;
      case 'leaseLost':
        this.tell({ type: 'leaseLost', key: event.key });
        break;
      default:
        event satisfies never;
    }
  }
}

function unreadable(error: unknown): UnusableEntry {
  return new UnusableEntry('unreadable', error instanceof Error ? error.message : String(error));
}
