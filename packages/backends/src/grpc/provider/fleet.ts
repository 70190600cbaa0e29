import { randomBytes } from 'node:crypto';
import { Backoff } from '../client/backoff.ts';
import type { Invitation, WorkerProvider } from './provider.ts';

export interface FleetOptions {
  readonly provider: WorkerProvider;
  /** What all workers are told; each gets a name of its own. */
  readonly invitation: Omit<Invitation, 'worker'>;
  /** Hears why a worker is not there, for messages. */
  readonly onFault: (worker: string, why: string) => void;
}

/** Keeps as many workers launched as their provider says: one that ends is launched again, later and later while none arrives. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #backoff = new Backoff({ firstMs: 200 });
  readonly #launched = new Set<string>();
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

  /** Whether this worker was launched and has not been given up: nobody else is let in. */
  has(worker: string): boolean {
    return this.#launched.has(worker);
  }

  /** A worker has dialled back. */
  arrived(): void {
    this.#backoff.reset();
  }

  /** A worker is of no use any more, or has ended: it is ended, and another takes its place. */
  lost(worker: string, why: string): void {
    if (this.#closed || !this.#launched.delete(worker)) return;
    this.#options.onFault(worker, why);
    void this.#options.provider.cancel(worker).catch(() => undefined); // it is launched anew under another name
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#launch();
    }, this.#backoff.next()).unref();
    this.#timers.add(timer);
  }

  /** Ends all workers of this fleet. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#launched].map((worker) => this.#options.provider.cancel(worker)));
  }

  #launch(): void {
    const { provider, invitation } = this.#options;
    const worker = `${this.#prefix}-${this.#next}`;
    this.#next += 1;
    this.#launched.add(worker);
    provider.launch({ ...invitation, worker }).catch((error: Error) => this.lost(worker, error.message));
  }
}
