import { randomBytes } from 'node:crypto';
import { Backoff } from '../client/backoff.ts';
import type { Invitation, WorkerProvider } from './provider.ts';

export interface FleetOptions {
  readonly provider: WorkerProvider;
  /** What all workers are told; each gets a name of its own. */
  readonly invitation: Omit<Invitation, 'worker'>;
  /** A worker is launched: it is expected to arrive. */
  readonly onLaunch: (worker: string) => void;
  /** It is not there, or not any more, and why. */
  readonly onFault: (worker: string, why: string) => void;
}

/** What runs takes no longer to dial; what waits for its engine may. */
const ARRIVAL_MS = 120_000;

/**
 * Keeps as many workers launched as their provider says at least, and as many more as work waits for, up to its most.
 * One that ends is launched again, later and later while none arrives.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #backoff = new Backoff({ firstMs: 200 });
  readonly #launched = new Map<string, 'waits' | 'arrived' | 'leaving'>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #ending = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  /** A provider may serve more than one backend. */
  readonly #prefix: string;
  #next = 1;
  /** Tasks that have no worker. */
  #waiting = 0;
  /** Nothing is launched before a pause is over. */
  #paused = false;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#prefix = `${options.provider.name}-${randomBytes(3).toString('hex')}`;
    this.#stopListening = options.provider.onLost((worker, why) => this.lost(worker, why));
    this.#fill();
  }

  /** Workers that could still be launched. */
  get spare(): number {
    const { workers, most = workers } = this.#options.provider;
    return Math.max(0, most - this.#count('arrived'));
  }

  /** So many tasks wait for a worker now. */
  wants(waiting: number): void {
    this.#waiting = waiting;
    this.#fill();
  }

  /** Whether this worker was launched and has not arrived yet: nobody else is let in. */
  expects(worker: string): boolean {
    return this.#launched.get(worker) === 'waits';
  }

  /** A worker has dialled back, and has proved that it was called for. */
  arrived(worker: string): void {
    this.#launched.set(worker, 'arrived');
    this.#backoff.reset();
  }

  /** A worker takes nothing more, and will end: another takes its place meanwhile. */
  leaves(worker: string): void {
    if (this.#launched.get(worker) !== 'arrived') return;
    this.#launched.set(worker, 'leaving');
    this.#fill();
  }

  /** Whether there are more than there must be: one that has nothing to do may end. */
  get mayRelease(): boolean {
    return this.#count('arrived') > this.#options.provider.workers;
  }

  /** A worker is of no use any more, or has ended: it is ended, and another takes its place where one is needed. */
  lost(worker: string, why: string): void {
    if (this.#closed || !this.#launched.delete(worker)) return;
    this.#end(worker, why);
    this.#paused = true;
    this.#after(this.#backoff.next(), () => {
      this.#paused = false;
      this.#fill();
    });
  }

  /** Ends a worker that there is no work for. */
  release(worker: string): void {
    if (this.#launched.delete(worker)) this.#end(worker, 'there was nothing to do for it');
  }

  /** Ends all workers of this fleet. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#launched.keys()].map((worker) => this.#options.provider.cancel(worker)));
    await Promise.all(this.#ending);
  }

  #end(worker: string, why: string): void {
    this.#options.onFault(worker, why);
    const ending = this.#options.provider.cancel(worker).catch(() => undefined); // its name is not used again
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #fill(): void {
    const { workers, most = workers, jobs = 1 } = this.#options.provider;
    const onTheirWay = this.#count('waits');
    const busy = this.#count('arrived');
    const wanted = Math.min(most, Math.max(workers, busy + Math.ceil(this.#waiting / jobs)));
    for (let count = busy + onTheirWay; count < wanted && !this.#paused && !this.#closed; count += 1) this.#launch();
  }

  #count(phase: 'waits' | 'arrived'): number {
    let count = 0;
    for (const each of this.#launched.values()) if (each === phase) count += 1;
    return count;
  }

  #launch(): void {
    const { provider, invitation } = this.#options;
    const worker = `${this.#prefix}-${this.#next}`;
    this.#next += 1;
    this.#launched.set(worker, 'waits');
    this.#expectArrival(worker);
    this.#options.onLaunch(worker);
    provider.launch({ ...invitation, worker }).catch((error: Error) => this.lost(worker, error.message));
  }

  /** The time that it waits for its engine does not count. */
  #expectArrival(worker: string): void {
    this.#after(ARRIVAL_MS, async () => {
      if (!this.expects(worker)) return;
      const status = await this.#options.provider.status().catch(() => []);
      if (!this.expects(worker)) return;
      if (status.find((each) => each.worker === worker)?.state === 'starting') this.#expectArrival(worker);
      else this.lost(worker, `it has not dialled back within ${ARRIVAL_MS} ms`);
    });
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms).unref();
    this.#timers.add(timer);
  }
}
