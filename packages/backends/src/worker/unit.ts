import { AsyncLocalStorage } from 'node:async_hooks';
import { stopped } from '../errors.ts';
import { bare, type Packet, type RunMessage } from '../pool/messages.ts';
import { type Guard, writeGuard } from '../task/check-writes.ts';
import { captureConsole } from '../task/console-capture.ts';
import { holder } from '../task/current-task.ts';
import { Running } from '../task/running.ts';
import { GRACE_MS, LONGEST_MS } from '../task/settings.ts';
import { SideBySide } from '../task/side-by-side.ts';
import { timeLimited } from '../task/time-limit.ts';
import { activeTracing } from '../task/tracing.ts';
import { ApartSink } from './apart-sink.ts';
import { callsOf, type MakeCall } from './calls.ts';
import type { Functions, Rebuilt } from './functions.ts';
import type { Lane, Lanes } from './lanes.ts';
import { MarkingSink } from './marking-sink.ts';
import type { MemoryReport } from './memory-report.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { runCalls } from './run-calls.ts';
import type { ServeOptions, WorkerChannel } from './serve.ts';

const NOWHERE = { id: 'elsewhere', slot: 0 };

/** What a worker has for all its units. */
export interface Surroundings {
  readonly channel: WorkerChannel;
  readonly functions: Functions;
  readonly options: ServeOptions;
  readonly memory: MemoryReport;
  /** For units whose tasks overlap. */
  readonly lanes: Lanes;
}

/** A run of tasks in a worker, from its message to its last outcome. */
export class RunningUnit {
  readonly #packet: Packet<RunMessage>;
  readonly #channel: WorkerChannel;
  readonly #options: ServeOptions;
  readonly #functions: Functions;
  readonly #memory: MemoryReport;
  readonly #lanes: Lanes;
  readonly #writer: OutcomeWriter;
  readonly #running: Running;
  readonly #skip: ReadonlySet<number> | undefined;
  readonly marking: MarkingSink | undefined;
  #cancelled = false;
  #started = false;
  #dropped: Set<number> | undefined;
  #lane: Lane | undefined;
  #tasks: SideBySide | undefined;

  constructor(packet: Packet<RunMessage>, { channel, functions, options, memory, lanes }: Surroundings) {
    const { message } = packet;
    const { settings, scope, skip } = message;
    this.#packet = packet;
    this.#channel = channel;
    this.#functions = functions;
    this.#options = options;
    this.#memory = memory;
    this.#lanes = lanes;
    this.#skip = skip && new Set(skip);
    this.#writer = new OutcomeWriter(
      message,
      () => functions.answering(scope, settings?.functionResults),
      options.outbox,
      channel.send,
    );
    const marks = options.marks || (options.replaced && settings?.timeout !== undefined);
    this.marking = marks ? new MarkingSink(this.#writer, message, channel) : undefined;
    this.#running = this.#runningAt(options.place);
  }

  #runningAt(place: ArrayLike<number>): Running {
    const { settings, first, attempt = 1, unit } = this.#packet.message;
    return new Running({
      settings,
      first,
      attempt,
      worker: holder.worker ?? NOWHERE,
      place,
      onLine: settings?.console
        ? (position, line) => this.#channel.send(bare({ type: 'console', unit, position, line }))
        : undefined,
    });
  }

  get unit(): number {
    return this.#packet.message.unit;
  }

  /** Position of its first task. */
  get from(): number {
    return this.#packet.message.from;
  }

  /** Most of its tasks that may be under way at once. */
  get width(): number {
    return this.#packet.message.settings?.tasksPerWorker ?? 1;
  }

  /** What is left of it never starts; what is under way hears its signal. */
  cancel(position: number | undefined): void {
    if (position === undefined) this.#cancelled = true;
    else {
      this.#dropped ??= new Set();
      this.#dropped.add(position);
    }
    if (this.#tasks !== undefined) this.#abort(this.#tasks, position);
    else if (this.#started && (position === undefined || position === this.#running.position))
      this.#running.abort(stopped());
  }

  /** What has not started is somebody else's now; the task that is on goes on. */
  giveBack(): void {
    this.#cancelled = true;
  }

  /** Of tasks that overlap, one that goes on for too long after it was cancelled must not cost the others: it is left to itself. */
  #abort(tasks: SideBySide, position: number | undefined): void {
    tasks.abort(stopped(), position);
    if (position === undefined || !this.#options.replaced) return;
    const { graceMs = GRACE_MS } = this.#packet.message.settings ?? {};
    const leave = (): void => {
      if (!this.#lane?.isUnderWay(position)) return;
      this.#left();
      this.#lane.abandon(position);
    };
    setTimeout(leave, Math.min(LONGEST_MS, graceMs)).unref();
  }

  /** The caller hears of it before it can send more. */
  #left(): void {
    if (this.#options.replaced) this.#channel.send(bare({ type: 'left' }));
  }

  /** Sends what there is. */
  flush(): void {
    this.#writer.flush(false);
  }

  /** Runs it; a promise when it had to wait. Never fails. */
  run(): Promise<void> | undefined {
    let call: MakeCall | Promise<MakeCall>;
    if (this.width > 1) this.#lane = this.#lanes.enter(this.width);
    try {
      call = this.#prepare();
    } catch (error) {
      return this.#refuse(error);
    }
    return call instanceof Promise
      ? call.then(
          (made) => this.#execute(made),
          (error) => this.#refuse(error),
        )
      : this.#execute(call);
  }

  /** The calls, and the function that they are made through. */
  #prepare(): MakeCall | Promise<MakeCall> {
    const { fns, around, settings } = this.#packet.message;
    const open = settings?.functionResults;
    const built = fns.map((fn) => this.#functions.build(fn, open, this.#guard()));
    const outer = around === undefined ? undefined : this.#functions.build(around, open);
    if (outer === undefined && !built.some((one) => one instanceof Promise))
      return callsOf(this.#packet, built as Rebuilt[], this.#functions);
    return Promise.all([outer, ...built]).then(async ([through, ...all]) => {
      const call = await callsOf(this.#packet, all as Rebuilt[], this.#functions);
      return through === undefined ? call : (index: number) => through(() => call(index));
    });
  }

  #guard(): Guard | undefined {
    const { first, settings } = this.#packet.message;
    if (settings?.checkWrites === undefined) return undefined;
    return writeGuard({ from: settings.checkWrites, index: () => first + this.#running.position, inPlace: false });
  }

  #execute(made: MakeCall): Promise<void> | undefined {
    const plain = this.#traced(made);
    const { from, to, first, settings, stretchMs } = this.#packet.message;
    this.#writer.begin();
    const { place, replaced } = this.#options;
    const running = this.#running;
    this.#started = true;
    if (running.capturesConsole) captureConsole();
    const timed = settings?.timeout !== undefined;
    if (this.#lane !== undefined) return this.#overlap(this.#lane, plain);
    const call = timed ? timeLimited(plain, { settings, running, first, replaced }) : plain;
    const drops = this.#drops;
    const calls = { from, to, call, place, drops, cancelled: () => this.#cancelled, exact: timed, stretchMs };
    const pending = this.#within(() => runCalls(calls, this.marking ?? this.#writer));
    if (pending !== undefined) return pending.then(() => this.#finish());
    this.#finish();
    return undefined;
  }

  /** Spans that tasks make go below the one that the run belongs to, where this worker records spans. */
  #traced(call: MakeCall): MakeCall {
    const { trace } = this.#packet.message;
    const tracing = trace && activeTracing();
    return trace && tracing ? (index) => tracing.within(trace, () => call(index)) : call;
  }

  /** Runs it beside other units of its call. */
  #overlap(lane: Lane, call: MakeCall): Promise<void> {
    const { from, to, first, settings = {}, unit, stretchMs } = this.#packet.message;
    const { place } = this.#options;
    const tasks = new SideBySide({
      settings,
      first,
      call,
      running: (position) => this.#runningAt([unit, position]),
      onStart: (position) => {
        place[0] = unit;
        place[1] = position;
      },
      onLeft: () => this.#left(),
    });
    this.#tasks = tasks;
    const calls = {
      from,
      to,
      call: (index: number) => tasks.call(index),
      place: new Int32Array(2), // the worker's follows the starts alone
      drops: this.#drops,
      cancelled: () => this.#cancelled,
      exact: settings.timeout !== undefined,
      stretchMs,
    };
    const sink = new ApartSink(this.marking ?? this.#writer, this.#writer, tasks);
    return new Promise((resolve) => {
      lane.run(calls, sink, () => {
        this.#finish();
        resolve();
      });
    });
  }

  readonly #drops = (index: number): 'skipped' | 'cancelled' | undefined => {
    if (this.#skip?.has(index)) return 'skipped';
    return this.#dropped?.has(index) ? 'cancelled' : undefined;
  };

  /** Runs what `currentTask()` is to know of. A worker of its own has nothing else to run meanwhile. */
  #within<T>(run: () => T): T {
    if (this.#options.replaced) {
      holder.running = this.#running;
      return run();
    }
    holder.storage ??= new AsyncLocalStorage();
    return holder.storage.run(this.#running, run);
  }

  #finish(): void {
    this.#running.end();
    if (holder.running === this.#running) holder.running = undefined;
    if (this.width === 1 && this.#writer.isBulky) {
      this.#channel.send(bare({ type: 'ending', unit: this.unit })); // the next unit can come while this one's results go
      this.#channel.flush();
    }
    const bytes = this.#memory.due();
    if (bytes !== undefined) this.#channel.send(bare({ type: 'memory', bytes }));
    this.#writer.flush(true);
  }

  /** Nothing ran: code or arguments did not arrive whole. */
  #refuse(error: unknown): undefined {
    const { from, to } = this.#packet.message;
    this.#lane?.leave();
    this.#writer.failAll(error, to - from);
  }
}
