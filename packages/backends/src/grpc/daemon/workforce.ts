import type { WorkerExit } from '../../errors.ts';
import type { WorkerLink } from '../../pool/link.ts';
import { ProcessLink } from '../../processes/link.ts';
import { ThreadLink } from '../../threads/link.ts';
import { type Allotment, Inventory } from '../scheduling/inventory.ts';
import type { HostedWorker } from './hosted-worker.ts';
import { House } from './house.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { Session, WorkerSettings } from './session.ts';
import { decideSlots, emptySlots, type SlotsEvent } from './slots.ts';

export interface WorkforceOptions {
  /** Tasks at once. */
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
  readonly resources: Readonly<Record<string, number>>;
  /** Workers that may be alive for each job. */
  readonly workersPerJob: number;
  /** Holds them to their memory; left out: nobody does. */
  readonly guard: MemoryGuard | undefined;
}

/** The workers of a daemon, whoever they are for: who may be alive, who may run, and who has which resource. */
export class Workforce {
  readonly #options: WorkforceOptions;
  readonly #house: House;
  readonly #inventory: Inventory;
  readonly #slots: ReturnType<typeof emptySlots>;
  readonly #workers = new Map<number, HostedWorker>();
  readonly #numbers = new Map<HostedWorker, number>();
  #last = 0;

  constructor(options: WorkforceOptions) {
    const { jobs, workersPerJob, resources } = options;
    this.#options = options;
    this.#house = new House(Math.max(workersPerJob * jobs, jobs));
    this.#slots = emptySlots(jobs);
    this.#inventory = new Inventory(resources);
  }

  /** Tasks that run at once. */
  get jobs(): number {
    return this.#slots.jobs;
  }

  /** Workers with a running unit. */
  get busy(): number {
    return this.#slots.running.size;
  }

  /** They are held to their memory. */
  get guarded(): boolean {
    return this.#options.guard !== undefined;
  }

  /** Workers that are alive. */
  get size(): number {
    return this.#house.size;
  }

  newLink(asked: WorkerSettings): WorkerLink {
    const { guard } = this.#options;
    const settings = guard === undefined ? asked : { ...asked, heapMb: guard.heapMb(asked.heapMb) };
    const id = this.#last + 1;
    return this.#options.kind === 'threads' ? new ThreadLink(id, settings.heapMb, true) : new ProcessLink(id, settings);
  }

  /** Takes what a worker requires, which is free. */
  allot({ requires = {} }: WorkerSettings): Allotment {
    return this.#inventory.take(requires) ?? {};
  }

  /** Runs `start` when there is room for one more worker. */
  enter(session: Session, start: () => HostedWorker, { requires = {}, heapMb }: WorkerSettings): void {
    const enter = (): HostedWorker => {
      const worker = start();
      const number = ++this.#last;
      this.#workers.set(number, worker);
      this.#numbers.set(worker, number);
      this.#options.guard?.entered(worker, heapMb);
      return worker;
    };
    this.#house.enter(session, enter, () => this.#inventory.has(requires));
  }

  /** It has ended; gives how, as far as this end knows more. */
  left(worker: HostedWorker, allotment: Allotment, exit: WorkerExit): WorkerExit {
    this.#inventory.give(allotment);
    const number = this.#numbers.get(worker) as number;
    this.#numbers.delete(worker);
    this.#workers.delete(number);
    this.#decide({ type: 'gone', worker: number });
    this.#house.left(worker);
    return this.#options.guard?.left(worker, exit) ?? exit;
  }

  /** It could begin a unit: its `go` is called when it may. */
  wants({ id }: Session, worker: HostedWorker): void {
    this.#decide({ type: 'want', client: id, worker: this.#numbers.get(worker) as number });
  }

  /** It has come to the end of a unit. */
  finished(worker: HostedWorker): void {
    this.#decide({ type: 'finished', worker: this.#numbers.get(worker) as number });
    this.#house.rested();
  }

  /** Ends all, whatever they do; their callers hear of it. */
  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }

  #decide(event: SlotsEvent): void {
    for (const granted of decideSlots(this.#slots, event)) this.#workers.get(granted)?.go();
  }
}
