const EVERY_MS = 200;

/** Says now and then how much memory a worker holds. */
export class MemoryReport {
  /** Somebody wants to know. */
  wanted = false;
  readonly #ownProcess: boolean;
  #next = 0;

  constructor(ownProcess: boolean) {
    this.#ownProcess = ownProcess;
  }

  /** Bytes: resident ones of a process, heap and buffers of a thread; undefined while the last report is fresh. */
  due(): number | undefined {
    const now = performance.now();
    if (!this.wanted || now < this.#next) return undefined;
    this.#next = now + EVERY_MS;
    if (this.#ownProcess) return process.memoryUsage.rss();
    const { heapTotal, external } = process.memoryUsage();
    return heapTotal + external;
  }
}
