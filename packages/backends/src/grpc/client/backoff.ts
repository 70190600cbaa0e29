export interface BackoffOptions {
  readonly firstMs?: number;
  readonly mostMs?: number;
  /** Gives numbers from 0 up to 1; Math.random where it is left out. */
  readonly random?: () => number;
}

/**
 * Milliseconds until the next attempt: doubled with each failure, and anywhere within the upper half of that, so
 * that clients that lost a daemon together do not come back together.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor({ firstMs = 100, mostMs = 5_000, random = Math.random }: BackoffOptions = {}) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  next(): number {
    const ms = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round((ms / 2) * (1 + this.#random()));
  }

  /** To be called when an attempt succeeded. */
  reset(): void {
    this.#failures = 0;
  }
}
