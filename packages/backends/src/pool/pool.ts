import type { Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import type { AnyFunction } from '../call-scope.ts';
import { BackendUnusableError, ClosedError, describeExit, notStarted } from '../errors.ts';
import { OutcomeReader } from '../outcome-reader.ts';
import { GRACE_MS, LONGEST_MS } from '../task/settings.ts';
import { largeIn } from '../work.ts';
import { beforehand } from './beforehand.ts';
import { Crew, type PoolOptions } from './crew.ts';
import { bare, type Packet, PROTOCOL, type WorkerMessage } from './messages.ts';
import type { Seat } from './seat.ts';
import { isSpent, leavesTraces, paceOf, packetsFor, parcelAnswer, type Range } from './ship.ts';
import { emptyPool, type Instruction, type PoolEvent, transition, type Unit } from './state.ts';
import { patience, Submissions } from './submissions.ts';
import { unitOf } from './unit-of.ts';

/** Workers and the queue before them: carries out what `transition` decides. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #state = emptyPool((worker, unit) => this.#transferMs(worker, unit));
  readonly #submissions = new Submissions((client) => this.#apply({ type: 'drop', client }));
  readonly #crew: Crew;
  #lastUnit = 0;
  #closed: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#crew = new Crew(options, {
      apply: (event) => this.#apply(event),
      packet: (id, seat, packet) => this.#packet(id, seat, packet),
      unusable: (seat, error) => {
        for (const unit of seat.progress.keys()) this.#submissions.break(unit, error);
      },
    });
  }

  /** Runs a batch, on at most `options.nJobs` workers at once for all batches of its call. */
  submit(batch: Batch, options: SubmitOptions): Promise<Outcomes> {
    if (this.#closed !== undefined) return Promise.reject(new ClosedError(`the ${this.#options.name} pool`));
    if (options.signal.aborted) return Promise.resolve(batch.failAll('cancelled', notStarted()));
    if (this.#crew.seats.size === 0) {
      // their start takes as long as the first capture of a process, and needs none of this thread's time
      const workers = Math.min(options.nJobs, batch.length + (batch.remaining ?? 0));
      this.#crew.limit = Math.max(this.#crew.limit, options.nJobs);
      this.#apply({ type: 'expect', workers });
    }
    const { refused } = batch.work();
    const reader = new OutcomeReader(batch, options.onOutcome);
    reader.refuse(refused);
    if (reader.complete) return Promise.resolve(reader.outcomes());
    return new Promise((resolve, reject) => {
      const id = ++this.#lastUnit;
      this.#submissions.add(id, { batch, options, reader, resolve, reject });
      this.#crew.limit = Math.max(this.#crew.limit, options.nJobs);
      batch.onCancel((position) => this.#cancelOne(id, position));
      this.#apply({
        type: 'submit',
        limit: options.nJobs,
        unit: unitOf(id, batch, options, this.#options),
      });
    });
  }

  /** Ends all workers; what is queued or running comes back as cancelled or lost. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = this.#crew.gone();
      this.#apply({ type: 'close' });
    }
    return this.#closed;
  }

  /** Workers that are alive or starting. */
  get size(): number {
    return this.#crew.seats.size;
  }

  /** Calls `fn` once in every worker that is there, and gives what it gave, in the order of their slots. */
  broadcast(fn: AnyFunction): Promise<unknown[]> {
    return this.#crew.broadcast(fn);
  }

  #apply(event: PoolEvent): void {
    for (const instruction of transition(this.#state, event)) this.#carryOut(instruction);
    if (event.type !== 'gone') return;
    const ended = this.#crew.seats.get(event.worker)?.progress.keys() ?? [];
    for (const unit of ended) this.#submissions.settle(unit); // one that was complete, and only its end was not told
  }

  #carryOut(instruction: Instruction): void {
    switch (instruction.type) {
      case 'start':
        return this.#crew.start(instruction.worker);
      case 'send':
        return this.#send(instruction.worker, instruction.unit);
      case 'rest':
        return this.#crew.rest(instruction.worker);
      case 'stop':
        return this.#crew.stop(instruction.worker, instruction.atOnce);
      case 'cancel': {
        const { worker, unit } = instruction;
        const { graceMs = GRACE_MS } = this.#submissions.get(unit)?.options ?? {};
        setTimeout(() => this.#apply({ type: 'overdue', worker, unit }), Math.min(graceMs, LONGEST_MS)).unref();
        return this.#crew.seats.get(worker)?.link.send(bare({ type: 'cancel', unit }));
      }
      case 'wait': {
        const { client, ms } = instruction;
        setTimeout(() => this.#apply({ type: 'waited', client }), Math.min(ms, LONGEST_MS)).unref();
        return;
      }
      case 'lose': {
        const { unit, from, to, worker } = instruction;
        for (let position = from; position < to; position += 1) this.#lose(unit, position, worker);
        return;
      }
      case 'dropped': {
        const { id, from, to } = instruction.unit;
        return this.#submissions.skip(id, from, to);
      }
      case 'unusable': {
        const exit = this.#crew.lastExit ?? { code: null, signal: null };
        if (exit.error instanceof BackendUnusableError) return this.#submissions.break(instruction.unit.id, exit.error);
        const why = `the workers of the ${this.#options.name} backend do not start: the last one ${describeExit(exit)} before it was ready`;
        return this.#submissions.break(instruction.unit.id, new BackendUnusableError(why, { cause: exit.error }));
      }
      default:
        instruction satisfies never;
    }
  }

  #transferMs(worker: number, { id }: Unit): number {
    if (!this.#options.remote) return 0;
    const link = this.#crew.seats.get(worker)?.link;
    const batch = this.#submissions.get(id)?.batch;
    return link?.transferMs === undefined || batch === undefined ? 0 : link.transferMs(largeIn(batch.work()));
  }

  #send(id: number, unit: Unit): void {
    const seat = this.#crew.seats.get(id);
    if (seat === undefined) return;
    const batch = this.#submissions.get(unit.id)?.batch;
    if (batch === undefined) return this.#abandon(id, unit); // an answer for an earlier part of it could not be read
    if (isSpent(batch.work())) {
      for (let position = unit.from; position < unit.to; position += 1) this.#lose(unit, position, id);
      return this.#abandon(id, unit); // what was moved went with a worker that is gone
    }
    const pace = paceOf(batch);
    const beside = batch.tasksPerWorker > 1;
    const started = Math.min(unit.to, unit.from + pace.window);
    seat.progress.set(unit.id, { done: unit.from, started, ...(beside && { beside }) });
    seat.hold(true);
    try {
      this.#ship(seat, batch, { unit: unit.id, from: unit.from, to: unit.to, ...pace });
    } catch (error) {
      seat.progress.delete(unit.id);
      this.#submissions.break(unit.id, error);
      this.#abandon(id, unit);
    }
    if (this.#options.batchAWorker) this.#apply({ type: 'retire', worker: id });
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

  /** Nobody wants this task any more. */
  #cancelOne(unit: number, position: number): void {
    const submission = this.#submissions.get(unit);
    if (submission === undefined) return;
    for (const seat of this.#crew.seats.values()) {
      if (!seat.progress.has(unit)) continue;
      seat.link.send(bare({ type: 'cancel', unit, position }));
      seat.watch.start({ unit, position, why: 'cancelled' }, patience(submission));
      return;
    }
    this.#submissions.skip(unit, position, position + 1);
  }

  /** The worker is gone that may have been on this task. */
  #lose(unit: Unit, position: number, worker: number): void {
    const seat = this.#crew.seats.get(worker);
    if (seat === undefined) return;
    this.#submissions.lose(unit.id, position, {
      name: seat.link.name,
      exit: this.#crew.lastExit ?? { code: null, signal: null },
      doomed: seat.doom(unit.id, position),
      dropped: unit.dropped,
    });
  }

  #packet(id: number, seat: Seat, packet: Packet<WorkerMessage>): void {
    const prepare = beforehand(seat, packet, this.#submissions);
    if (prepare === undefined) this.#handle(id, seat, packet);
    else seat.later(() => prepare().then(() => this.#handle(id, seat, packet)));
  }

  #handle(id: number, seat: Seat, packet: Packet<WorkerMessage>): void {
    const { message } = packet;
    switch (message.type) {
      case 'ready':
        if (message.protocol !== PROTOCOL) return seat.link.stop();
        seat.welcomed = true;
        return this.#crew.welcome(id, seat);
      case 'mark':
        seat.mark(message.unit, message.upTo);
        return this.#time(seat, message.unit, message.upTo - 1);
      case 'console':
        return this.#submissions.get(message.unit)?.options.onConsole?.(message.position, message.line);
      case 'need':
        return seat.link.send(parcelAnswer(message.hash));
      case 'hooked':
        return void this.#crew.hooks.hooked(packet as never);
      case 'memory':
        if (message.bytes > (this.#options.maxMemory ?? Number.POSITIVE_INFINITY))
          this.#apply({ type: 'retire', worker: id });
        return;
      case 'left':
        return this.#apply({ type: 'retire', worker: id });
      case 'ending':
        return this.#apply({ type: 'ending', worker: id, unit: message.unit });
      case 'outcomes': {
        const progress = seat.progress.get(message.unit);
        if (progress === undefined) return;
        try {
          const reader = this.#submissions.get(message.unit)?.reader;
          const done = reader?.take(packet as never, seat.link.name);
          if (reader !== undefined && done !== undefined) {
            seat.served += done - message.from;
            if (message.from === progress.done) progress.done = done;
            seat.watch.seen(message.unit, reader);
          }
        } catch (error) {
          this.#submissions.break(message.unit, error);
        }
        if (!message.end) return;
        seat.finished(message.unit);
        this.#submissions.settle(message.unit);
        if (seat.served >= (this.#options.recycleAfter ?? Number.POSITIVE_INFINITY))
          this.#apply({ type: 'retire', worker: id });
        return this.#apply({ type: 'finished', worker: id, unit: message.unit });
      }
      default:
        message satisfies never;
    }
  }

  /** The task has started, or is about to: its time runs. */
  #time(seat: Seat, unit: number, position: number): void {
    const submission = this.#submissions.get(unit);
    const timeout = submission?.batch.settings?.timeout;
    if (submission === undefined || timeout === undefined) return;
    seat.watch.start({ unit, position, why: 'timeout' }, timeout + patience(submission));
  }
}
