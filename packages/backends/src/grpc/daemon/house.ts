import type { HostedWorker } from './hosted-worker.ts';
import type { Session } from './session.ts';

interface Entry {
  readonly session: Session;
  readonly start: () => HostedWorker;
  /** What it needs is free. */
  readonly fits: () => boolean;
}

/** All workers of a daemon, as many as there is room for: one more takes the place of the one that another caller left idle for longest. */
export class House {
  readonly #most: number;
  readonly #workers = new Map<HostedWorker, Session>();
  #queue: Entry[] = [];
  /** Told to end, to make room. */
  readonly #leaving = new Set<HostedWorker>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#workers.size;
  }

  enter(session: Session, start: () => HostedWorker, fits: () => boolean = () => true): void {
    this.#queue.push({ session, start, fits });
    this.#fill();
  }

  left(worker: HostedWorker): void {
    this.#workers.delete(worker);
    this.#leaving.delete(worker);
    this.#fill();
  }

  /** A worker has nothing to do: it may have to make room. */
  rested(): void {
    if (this.#queue.length > 0) this.#fill();
  }

  #fill(): void {
    this.#queue = this.#queue.filter(({ session }) => !session.ended);
    while (this.#workers.size < this.#most) {
      const at = this.#queue.findIndex(({ fits }) => fits());
      if (at < 0) break;
      const [{ session, start }] = this.#queue.splice(at, 1) as [Entry];
      this.#workers.set(start(), session);
    }
    if (this.#queue.length > this.#leaving.size) this.#makeRoom();
  }

  #makeRoom(): void {
    let oldest: HostedWorker | undefined;
    for (const [worker, session] of this.#workers) {
      if (worker.idleSince === undefined || this.#leaving.has(worker)) continue;
      if (this.#queue.every((entry) => entry.session === session)) continue;
      if (oldest === undefined || worker.idleSince < (oldest.idleSince as number)) oldest = worker;
    }
    if (oldest === undefined) return;
    this.#leaving.add(oldest);
    oldest.stop();
  }
}
