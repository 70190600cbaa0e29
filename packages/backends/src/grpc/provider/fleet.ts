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

/** Engines with a queue take their time; local ones take less than a second. */
const ARRIVAL_MS = 120_000;

/** Keeps as many workers launched as their provider says: one that ends is launched again, later and later while none arrives. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #backoff = new Backoff({ firstMs: 200 });
  readonly #launched = new Map<string, 'waits' | 'arrived'>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopListening: () => void;
  /** A provider may serve more than one backend. */
  readonly #prefix: string;
  #next = 1;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#prefix = `${options.provider.name}-${randomBytes(3).toString('hex')}`;
    this.#stopListening = options.provider.onLost((worker, why) => this.lost(worker, why));
    for (let count = 0; count < options.provider.workers; count += 1) this.#launch();
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

  /** A worker is of no use any more, or has ended: it is ended, and another takes its place. */
  lost(worker: string, why: string): void {
    if (this.#closed || !this.#launched.delete(worker)) return;
    this.#options.onFault(worker, why);
    void this.#options.provider.cancel(worker).catch(() => undefined); // it is launched anew under another name
    this.#after(this.#backoff.next(), () => this.#launch());
  }

  /** Ends all workers of this fleet. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#launched.keys()].map((worker) => this.#options.provider.cancel(worker)));
  }

  #launch(): void {
    const { provider, invitation } = this.#options;
    const worker = `${this.#prefix}-${this.#next}`;
    this.#next += 1;
    this.#launched.set(worker, 'waits');
    this.#after(ARRIVAL_MS, () => {
      if (this.expects(worker)) this.lost(worker, `it has not dialled back within ${ARRIVAL_MS} ms`);
    });
    this.#options.onLaunch(worker);
    provider.launch({ ...invitation, worker }).catch((error: Error) => this.lost(worker, error.message));
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms).unref();
    this.#timers.add(timer);
  }
}
