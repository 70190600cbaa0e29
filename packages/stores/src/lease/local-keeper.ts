import type { KeeperEvents, LeaseKeeper } from './keeper.ts';
import type { KeptLease, Renewer } from './messages.ts';
import { RenewalLoop } from './renewal-loop.ts';

/** Renews on this thread's event loop, for connections that cannot be opened a second time in the helper thread. */
export class LocalKeeper implements LeaseKeeper {
  readonly #loop: RenewalLoop;
  readonly #keys = new Map<number, string>();
  #next = 0;

  constructor(renewer: Renewer, events: KeeperEvents) {
    this.#loop = new RenewalLoop(Promise.resolve(renewer), {
      onFault: events.onFault,
      onLost: (id) => {
        const key = this.#keys.get(id);
        this.#keys.delete(id);
        if (key !== undefined) events.onLost(key);
      },
    });
  }

  keep(lease: KeptLease): number {
    this.#next += 1;
    this.#keys.set(this.#next, lease.key);
    this.#loop.keep(this.#next, lease);
    return this.#next;
  }

  drop(id: number): Promise<void> {
    this.#keys.delete(id);
    return this.#loop.drop(id);
  }

  close(): Promise<void> {
    return this.#loop.close();
  }
}
