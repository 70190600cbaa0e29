import type { Store } from '@jobloom/stores';
import { evict, type Reduction } from './evict.ts';
import type { ExactLimits } from './options.ts';

/** Eviction goes down to this much of a limit, so that it isn't due again at once. */
const DOWN_TO = 0.9;
/** Others write too: entries are counted again after this share of a limit was written here. */
const COUNT_AFTER = 0.1;

/** Keeps a store within limits: what is there is counted now and then, what this process writes is added. */
export class LimitKeeper {
  readonly #limits: ExactLimits;
  readonly #prefix: string;
  #known: { items: number; bytes: number } | undefined;
  #written = { items: 0, bytes: 0 };
  #running: Promise<Reduction> | undefined;

  constructor(limits: ExactLimits, prefix: string) {
    this.#limits = limits;
    this.#prefix = prefix;
  }

  /** An entry was stored. Gives what had to go. @throws what the store fails with */
  async stored(store: Store, bytes: number): Promise<Reduction | undefined> {
    this.#written.items += 1;
    this.#written.bytes += bytes;
    if (!this.#isDue()) return undefined;
    const isFirst = this.#running === undefined;
    this.#running ??= this.#enforce(store).finally(() => {
      this.#running = undefined;
    });
    const removed = await this.#running;
    return isFirst ? removed : undefined;
  }

  #isDue(): boolean {
    const { items, bytes } = this.#limits;
    if (this.#known === undefined) return true;
    const { items: count, bytes: size } = this.#written;
    return (
      this.#known.items + count > items ||
      this.#known.bytes + size > bytes ||
      count > Math.max(1, Math.min(items, 1e5) * COUNT_AFTER) ||
      size > bytes * COUNT_AFTER
    );
  }

  async #enforce(store: Store): Promise<Reduction> {
    this.#written = { items: 0, bytes: 0 };
    const { entries, bytes, left } = await evict(store, this.#prefix, this.#limits, DOWN_TO);
    this.#known = { items: left.entries, bytes: left.bytes };
    return { entries, bytes };
  }
}
