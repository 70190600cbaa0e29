import type { KeptLease, Renewer } from './messages.ts';

/** What a loop tells. */
export interface RenewalEvents {
  onLost(id: number): void;
  onFault(message: string): void;
}

interface Kept {
  lease: KeptLease;
  timer: NodeJS.Timeout | undefined;
  /** The renewal under way. */
  busy: Promise<void> | undefined;
  /** When the store last said that it is held. */
  heldAt: number;
  dropped: boolean;
}

/** Renews leases three times within their time, until they are dropped or lost. */
export class RenewalLoop {
  readonly #renewer: Promise<Renewer>;
  readonly #events: RenewalEvents;
  readonly #leases = new Map<number, Kept>();

  constructor(renewer: Promise<Renewer>, events: RenewalEvents) {
    this.#renewer = renewer;
    this.#events = events;
    renewer.catch(() => undefined); // each renewal tells
  }

  keep(id: number, lease: KeptLease): void {
    const kept: Kept = { lease, timer: undefined, busy: undefined, heldAt: performance.now(), dropped: false };
    this.#leases.set(id, kept);
    this.#schedule(id, kept);
  }

  /** When the promise is fulfilled no renewal of the lease is under way any more: what follows cannot be undone by a late one. */
  async drop(id: number): Promise<void> {
    const kept = this.#leases.get(id);
    if (kept === undefined) return;
    kept.dropped = true;
    clearTimeout(kept.timer);
    this.#leases.delete(id);
    await kept.busy;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#leases.keys()].map((id) => this.drop(id)));
    await this.#renewer.then((renewer) => renewer.close()).catch(() => undefined);
  }

  #schedule(id: number, kept: Kept): void {
    kept.timer = setTimeout(() => {
      kept.busy = this.#renew(id, kept).finally(() => {
        kept.busy = undefined;
        if (this.#leases.get(id) === kept) this.#schedule(id, kept);
      });
    }, kept.lease.ttlMs / 3).unref();
  }

  async #renew(id: number, kept: Kept): Promise<void> {
    try {
      const { held, state } = await (await this.#renewer).renew(kept.lease);
      if (held) {
        kept.heldAt = performance.now();
        if (state !== undefined) kept.lease = { ...kept.lease, state };
      } else {
        this.#lose(id, kept);
      }
    } catch (error) {
      if (kept.dropped) return;
      this.#events.onFault((error as Error).message);
      if (performance.now() - kept.heldAt >= kept.lease.ttlMs) this.#lose(id, kept); // until then the next one may succeed
    }
  }

  #lose(id: number, kept: Kept): void {
    this.#leases.delete(id);
    if (!kept.dropped) this.#events.onLost(id);
  }
}
