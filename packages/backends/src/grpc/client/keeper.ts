import { LONGEST_MS } from '../../task/settings.ts';

/** Keeps the program alive while somebody waits. */
export class Keeper {
  readonly #waiting = new Set<object>();
  #timer: NodeJS.Timeout | undefined;

  keep(who: object): void {
    this.#waiting.add(who);
    this.#timer ??= setInterval(() => undefined, LONGEST_MS);
  }

  release(who: object): void {
    if (!this.#waiting.delete(who) || this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
