/** What happens in a store besides its answers. None of it failed the operation during which it happened. */
export type StoreEvent =
  /** An entry was damaged; `movedTo` says where its bytes are now, for who wants to look. Its key has no entry any more. */
  | {
      readonly type: 'corrupt';
      readonly store: string;
      readonly key: string;
      readonly detail: string;
      readonly movedTo?: string;
    }
  /** The server or file system lacks something: `capability` is less than usual. */
  | { readonly type: 'degraded'; readonly store: string; readonly capability: string; readonly detail: string }
  /** Something on the side failed: access times, a backfill, a renewal. */
  | { readonly type: 'fault'; readonly store: string; readonly operation: string; readonly error: Error }
  /** A lease of this process went to somebody else, or its renewal failed for too long. */
  | { readonly type: 'leaseLost'; readonly store: string; readonly key: string };

/** Those who listen to one store. A listener that throws is the listener's bug and is rethrown outside of the store. */
export class Listeners {
  readonly #all = new Set<(event: StoreEvent) => void>();

  add(listener: (event: StoreEvent) => void): () => void {
    const own = (event: StoreEvent): void => listener(event);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  tell(event: StoreEvent): void {
    for (const listener of this.#all) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
