import { type WorkerExit, WorkerMemoryError } from '../../errors.ts';
import { ownPages } from '../../processes/own-pages.ts';
import { inMb, type MemoryPlan, tooMuch } from '../scheduling/memory-plan.ts';
import type { HostedWorker } from './hosted-worker.ts';

/** Fresh memory comes at some gigabytes a second: so many milliseconds may go beyond a limit. */
const EVERY_MS = 100;

/** Holds a daemon and its workers to their memory: looks at what they hold, and ends those that hold too much. */
export class MemoryGuard {
  readonly #plan: MemoryPlan;
  /** Bytes of blobs that are in no process. */
  readonly #outside: () => number;
  /** Workers have no process of their own. */
  readonly #threads: boolean;
  /** What each held when it was last looked at. */
  readonly #held = new Map<HostedWorker, number>();
  /** Whose callers asked for less heap than their share. */
  readonly #modest = new Set<HostedWorker>();
  /** Told to end: what they hold is free soon. */
  readonly #ending = new Set<HostedWorker>();
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: MemoryPlan, threads: boolean, outside: () => number) {
    this.#plan = plan;
    this.#threads = threads;
    this.#outside = outside;
  }

  /** Megabytes of heap for a worker: its share, or what its caller asks for, where that is less. */
  heapMb(asked: number = Number.POSITIVE_INFINITY): number {
    return Math.min(asked, Math.floor(this.#plan.share / 2 ** 20));
  }

  /** @param asked megabytes of heap that its caller asked for */
  entered(worker: HostedWorker, asked: number | undefined): void {
    this.#held.set(worker, 0);
    if (asked !== undefined && asked === this.heapMb(asked)) this.#modest.add(worker);
    this.#timer ??= setInterval(() => this.#look(), EVERY_MS).unref();
  }

  /** It has ended; gives how, with its memory as the reason where that was it. */
  left(worker: HostedWorker, exit: WorkerExit): WorkerExit {
    const held = this.#held.get(worker) ?? 0;
    this.#held.delete(worker);
    this.#ending.delete(worker);
    const ownLimit = this.#modest.delete(worker);
    if (this.#held.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const { share } = this.#plan;
    // V8 aborts its process at the limit of the heap, and ends its thread with an error
    const aborted = exit.signal === 'SIGABRT' && held > share / 2;
    const full = (exit.error as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (ownLimit || (!aborted && !full)) return exit;
    return { ...exit, error: this.#error('its heap is full', share) };
  }

  #look(): void {
    const workers = [...this.#held.keys()].filter((worker) => !this.#ending.has(worker));
    let others = (ownPages('self') ?? process.memoryUsage.rss()) + this.#outside();
    const holders = workers.map((worker) => {
      const bytes = worker.memory ?? 0;
      this.#held.set(worker, bytes);
      if (this.#threads) others -= bytes; // they are in this process
      return { worker, bytes, idleSince: worker.idleSince };
    });
    const { share, limit } = this.#plan;
    const plan = this.#ending.size === 0 ? this.#plan : { ...this.#plan, limit: Number.POSITIVE_INFINITY };
    for (const { worker, bytes } of tooMuch(plan, others, holders)) {
      const together = bytes > share ? '' : ' when all together held too much';
      this.#ending.add(worker);
      worker.stop(this.#error(`it held ${inMb(bytes)}${together}`, bytes > share ? share : limit));
    }
  }

  #error(what: string, limit: number): WorkerMemoryError {
    const { limit: all, share } = this.#plan;
    const bound =
      limit === share ? `a worker's share is ${inMb(share)} of the ${inMb(all)}` : `the limit is ${inMb(all)}`;
    return new WorkerMemoryError(
      `out of memory: ${what}, and ${bound} that its daemon may hold (--max-memory). Raise it, or run fewer tasks at once (--jobs)`,
      limit,
    );
  }
}
