const BATCH_MS = 1_000;
const AT_MOST_EVERY_MS = 60_000;
const REMEMBERED = 100_000;
/** After a failure nothing is written for so long: a read-only place stays one. */
const REST_MS = 60_000;

/** Collects which entries were used: a key counts once a minute, and what came together is written together. */
export class TouchBatch {
  readonly #write: (keys: readonly string[]) => Promise<void>;
  readonly #onFault: (error: Error) => void;
  readonly #waiting = new Set<string>();
  #recent = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(write: (keys: readonly string[]) => Promise<void>, onFault: (error: Error) => void) {
    this.#write = write;
    this.#onFault = onFault;
  }

  add(key: string): void {
    const now = performance.now();
    if (now < this.#restsUntil || now - (this.#recent.get(key) ?? Number.NEGATIVE_INFINITY) < AT_MOST_EVERY_MS) return;
    if (this.#recent.size >= REMEMBERED) this.#recent = new Map();
    this.#recent.set(key, now);
    this.#waiting.add(key);
    this.#timer ??= setTimeout(() => void this.flush(), BATCH_MS).unref();
  }

  /** What was noted before is written afterwards, or was told as a fault. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return this.#writing;
    const keys = [...this.#waiting];
    this.#waiting.clear();
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#write(keys);
      } catch (error) {
        this.#restsUntil = performance.now() + REST_MS;
        this.#onFault(error as Error);
      }
    });
    return this.#writing;
  }
}
