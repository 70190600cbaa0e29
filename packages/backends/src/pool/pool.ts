import type { Outcome, Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import {
  BackendUnusableError,
  CancelledError,
  ClosedError,
  describeExit,
  type WorkerExit,
  WorkerLostError,
} from '../errors.ts';
import { OutcomeReader } from '../outcome-reader.ts';
import type { WorkerLink } from './link.ts';
import { bare, modulesIn, type Packet, PROTOCOL, type WorkerMessage } from './messages.ts';
import { Seat } from './seat.ts';
import { leavesTraces, packetsFor, type Range } from './ship.ts';
import { emptyPool, type Instruction, type PoolEvent, transition, type Unit } from './state.ts';

export interface PoolOptions {
  /** For messages: `threads`. */
  readonly name: string;
  /** A new link to a worker that is not started yet. */
  readonly link: (id: number) => WorkerLink;
  /** Milliseconds after which a worker without work ends. */
  readonly idleMs: number;
  /** Milliseconds that a cancelled task has to come to its end before its worker is replaced; 5,000 where it is left out. */
  readonly graceMs?: number;
}

/** A submitted batch and what is known of it. */
interface Entry {
  readonly batch: Batch;
  readonly options: SubmitOptions;
  readonly reader: OutcomeReader;
  readonly resolve: (outcomes: Outcomes) => void;
  readonly reject: (error: unknown) => void;
}

/** Tasks that run within this many milliseconds count as started together, when a process dies without a word. */
const WINDOW_MS = 1;
/** Batches expected to take no longer are worth holding a second one at the worker; far from the end of the input, longer ones are too. */
const QUICK_MS = 5;
const QUICK_EARLY_MS = 100;
const LET_GO_MS = 5;
const GRACE_MS = 5_000;

/** Workers and the queue before them: carries out what `transition` decides. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #state = emptyPool();
  readonly #seats = new Map<number, Seat>();
  readonly #entries = new Map<number, Entry>();
  /** Signals that are listened to. */
  readonly #signals = new WeakSet<AbortSignal>();
  /** Workers that had no work left, until the next look at them. */
  readonly #resting = new Set<number>();
  #lastUnit = 0;
  #closed: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;
  #lastExit: WorkerExit | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Runs a batch, on at most `options.nJobs` workers at once for all batches of its call. */
  submit(batch: Batch, options: SubmitOptions): Promise<Outcomes> {
    if (this.#closed !== undefined) return Promise.reject(new ClosedError(`the ${this.#options.name} pool`));
    if (options.signal.aborted) return Promise.resolve(batch.failAll('cancelled', notStarted()));
    const { refused } = batch.work();
    const reader = new OutcomeReader(batch.length, batch.scope, options.onOutcome);
    reader.refuse(refused);
    if (reader.complete) return Promise.resolve(reader.outcomes());
    return new Promise((resolve, reject) => {
      const id = ++this.#lastUnit;
      this.#entries.set(id, { batch, options, reader, resolve, reject });
      this.#listen(options.signal);
      const quick = isQuick(batch, options.nJobs);
      this.#apply({
        type: 'submit',
        limit: options.nJobs,
        unit: { id, client: options.callId, from: 0, to: batch.length, quick },
      });
    });
  }

  /** Ends all workers; what is queued or running comes back as cancelled or lost. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#whenEmpty = resolve;
      this.#apply({ type: 'close' });
      if (this.#seats.size === 0) resolve();
    });
    return this.#closed;
  }

  /** Workers that are alive or starting. */
  get size(): number {
    return this.#seats.size;
  }

  #apply(event: PoolEvent): void {
    for (const instruction of transition(this.#state, event)) this.#carryOut(instruction);
  }

  #carryOut(instruction: Instruction): void {
    switch (instruction.type) {
      case 'start':
        return this.#start(instruction.worker);
      case 'send':
        return this.#send(instruction.worker, instruction.unit);
      case 'rest':
        return this.#rest(instruction.worker);
      case 'stop':
        return this.#seats.get(instruction.worker)?.link.stop();
      case 'cancel': {
        const { worker, unit } = instruction;
        setTimeout(() => this.#apply({ type: 'overdue', worker, unit }), this.#options.graceMs ?? GRACE_MS).unref();
        return this.#seats.get(worker)?.link.send(bare({ type: 'cancel', unit }));
      }
      case 'lose': {
        const { unit, from, to, worker } = instruction;
        const name = this.#seats.get(worker)?.link.name ?? '';
        const exit = this.#lastExit ?? { code: null, signal: null };
        const first = this.#entries.get(unit.id)?.batch.firstIndex ?? 0;
        return this.#fill(unit, from, to, (index) => new WorkerLostError(first + index, exit, name), 'lost', name);
      }
      case 'dropped': {
        const { unit } = instruction;
        return this.#fill(unit, unit.from, unit.to, notStarted, 'cancelled', '');
      }
      case 'unusable': {
        const exit = this.#lastExit ?? { code: null, signal: null };
        const why = `the workers of the ${this.#options.name} backend do not start: the last one ${describeExit(exit)} before it was ready`;
        return this.#break(instruction.unit.id, new BackendUnusableError(why, { cause: exit.error }));
      }
      default:
        instruction satisfies never;
    }
  }

  #start(id: number): void {
    const link = this.#options.link(id);
    this.#seats.set(id, new Seat(link));
    try {
      link.start({ packet: (packet) => this.#packet(id, packet), exit: (exit) => this.#exit(id, exit) });
      link.hold(true);
    } catch (error) {
      queueMicrotask(() => this.#exit(id, { code: null, signal: null, error }));
    }
  }

  #send(id: number, unit: Unit): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    const batch = this.#entries.get(unit.id)?.batch;
    if (batch === undefined) return this.#abandon(id, unit); // an answer for an earlier part of it could not be read
    const perTask = batch.expectedMs === undefined ? WINDOW_MS : batch.expectedMs / batch.length;
    const window = Math.max(1, Math.floor(WINDOW_MS / perTask));
    seat.progress.set(unit.id, { done: unit.from, started: Math.min(unit.to, unit.from + window) });
    seat.hold(true);
    try {
      this.#ship(seat, batch, { unit: unit.id, from: unit.from, to: unit.to, window });
    } catch (error) {
      seat.progress.delete(unit.id);
      this.#break(unit.id, error);
      this.#abandon(id, unit);
    }
  }

  /** A unit that its worker never gets after all. */
  #abandon(worker: number, { id }: Unit): void {
    queueMicrotask(() => this.#apply({ type: 'finished', worker, unit: id }));
  }

  #ship(seat: Seat, batch: Batch, range: Range): void {
    const work = batch.work();
    if (leavesTraces(work)) seat.introduce(batch.scope);
    for (const packet of packetsFor(batch, work, range, seat.known)) seat.link.send(packet);
  }

  /** Most workers have work again at once: only those that have none a moment later are let go. A program that is done waits for that moment. */
  #rest(id: number): void {
    if (this.#resting.size === 0) setTimeout(() => this.#letGo(), LET_GO_MS);
    this.#resting.add(id);
  }

  #letGo(): void {
    for (const id of this.#resting) {
      const seat = this.#seats.get(id);
      if (seat === undefined || seat.progress.size > 0) continue;
      seat.hold(false);
      if (seat.idle === undefined)
        seat.idle = setTimeout(() => this.#apply({ type: 'idle', worker: id }), this.#options.idleMs).unref();
      else seat.idle.refresh();
    }
    this.#resting.clear();
  }

  #packet(id: number, packet: Packet<WorkerMessage>): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    const { message } = packet;
    const modules = message.type === 'outcomes' ? modulesIn(message.segments) : [];
    if (seat.loading === undefined && modules.length === 0) return this.#handle(id, seat, message, packet);
    const load = async (): Promise<void> => {
      if (message.type !== 'outcomes' || modules.length === 0) return;
      await this.#entries
        .get(message.unit)
        ?.batch.scope.session.load(modules)
        .catch((error: unknown) => this.#break(message.unit, error));
    };
    seat.later(() => load().then(() => this.#handle(id, seat, message, packet)));
  }

  #handle(id: number, seat: Seat, message: WorkerMessage, packet: Packet<WorkerMessage>): void {
    switch (message.type) {
      case 'ready':
        if (message.protocol !== PROTOCOL) return seat.link.stop();
        return this.#apply({ type: 'ready', worker: id });
      case 'mark':
        return seat.mark(message.unit, message.upTo);
      case 'ending':
        return this.#apply({ type: 'ending', worker: id, unit: message.unit });
      case 'outcomes': {
        const progress = seat.progress.get(message.unit);
        if (progress === undefined) return;
        try {
          const done = this.#entries.get(message.unit)?.reader.take(packet as never, seat.link.name);
          if (done !== undefined) progress.done = done;
        } catch (error) {
          this.#break(message.unit, error);
        }
        if (!message.end) return;
        seat.progress.delete(message.unit);
        this.#settle(message.unit);
        return this.#apply({ type: 'finished', worker: id, unit: message.unit });
      }
      default:
        message satisfies never;
    }
  }

  #exit(id: number, exit: WorkerExit): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    if (seat.loading !== undefined) {
      return seat.later(async () => {
        seat.loading = undefined;
        this.#exit(id, exit);
      });
    }
    clearTimeout(seat.idle);
    this.#lastExit = exit;
    const { done, started } = seat.lastPlace();
    this.#apply({ type: 'gone', worker: id, done, started });
    this.#seats.delete(id);
    if (this.#seats.size === 0) this.#whenEmpty?.();
  }

  #fill(
    unit: Unit,
    from: number,
    to: number,
    make: (index: number) => CancelledError | WorkerLostError,
    status: Outcome['status'] & ('lost' | 'cancelled'),
    worker: string,
  ): void {
    const entry = this.#entries.get(unit.id);
    if (entry === undefined) return;
    entry.reader.fill(from, to, make, status, worker);
    this.#settle(unit.id);
  }

  #settle(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || !entry.reader.complete) return;
    entry.resolve(entry.reader.outcomes());
    this.#entries.delete(id);
  }

  /** An answer that cannot be read: the backend is of no use for this batch. */
  #break(id: number, error: unknown): void {
    this.#entries.get(id)?.reject(error);
    this.#entries.delete(id);
  }

  /** One abort listener a signal, however many batches and calls it stands for. */
  #listen(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const drop = (): void => {
      const clients = new Set<string>();
      for (const entry of this.#entries.values())
        if (entry.options.signal === signal) clients.add(entry.options.callId);
      for (const client of clients) this.#apply({ type: 'drop', client });
    };
    signal.addEventListener('abort', drop, { once: true });
  }
}

/** Near the end a batch that waits behind a slow one would make the whole call late. */
function isQuick({ expectedMs, remaining = 0 }: Batch, nJobs: number): boolean {
  if (expectedMs === undefined) return false;
  return expectedMs <= (remaining >= 2 * nJobs ? QUICK_EARLY_MS : QUICK_MS);
}

function notStarted(): CancelledError {
  return new CancelledError('the call was cancelled before the task started');
}
