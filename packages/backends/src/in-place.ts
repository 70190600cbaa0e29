import { AsyncLocalStorage } from 'node:async_hooks';
import type { Outcomes, Timing } from './backend.ts';
import type { Batch, RunOptions } from './batch.ts';
import { unmark } from './bulk/moved.ts';
import { notStarted, stopped, timedOut } from './errors.ts';
import { OutcomeReader } from './outcome-reader.ts';
import { type Guard, writeGuard } from './task/check-writes.ts';
import { captureConsole } from './task/console-capture.ts';
import { holder } from './task/current-task.ts';
import { Running } from './task/running.ts';
import { SideBySide } from './task/side-by-side.ts';
import { timeLimited } from './task/time-limit.ts';
import type { Call } from './work.ts';
import { Lanes } from './worker/lanes.ts';
import { type Calls, type NoResult, runCalls, type Sink } from './worker/run-calls.ts';

const IN_PLACE = 'in place';

/** Runs a batch's tasks here, on the caller's own objects, on `lanes` where they overlap. Never rejects. */
export function runInPlace(batch: Batch, options: RunOptions, lanes?: Lanes): Promise<Outcomes> {
  if (batch.tasksPerWorker > 1) return overlapInPlace(batch, options, lanes ?? new Lanes());
  const { signal, onOutcome, onConsole } = options;
  const { calls, firstIndex: first, settings } = batch;
  const place = new Int32Array(2);
  const running = runningAt(batch, place, onConsole);
  if (running.capturesConsole) captureConsole();
  const stop = (): void => running.abort(stopped());
  signal?.addEventListener('abort', stop, { once: true });
  batch.onCancel((index) => {
    if (running.active && running.position === index) stop();
  });
  const from = settings?.checkWrites;
  const guard =
    from === undefined ? undefined : writeGuard({ from, index: () => first + running.position, inPlace: true });
  const called = callsIn(batch, guard);
  const call =
    settings?.timeout === undefined ? called : timeLimited(called, { settings, running, first, replaced: false });
  const collected = new Collected(batch, onOutcome);
  holder.storage ??= new AsyncLocalStorage();
  return holder.storage.run(running, async () => {
    await runCalls(
      {
        from: 0,
        to: calls.length,
        place,
        call,
        drops: (index) => (batch.cancelled.has(index) ? 'cancelled' : undefined),
        cancelled: () => signal?.aborted === true,
      },
      collected,
    );
    running.end();
    signal?.removeEventListener('abort', stop);
    collected.stretch(calls.length);
    return collected.reader.outcomes();
  });
}

/** The same with tasks that overlap. */
async function overlapInPlace(
  batch: Batch,
  { signal, onOutcome, onConsole }: RunOptions,
  lanes: Lanes,
): Promise<Outcomes> {
  const { calls, firstIndex: first, settings = {} } = batch;
  if (settings.console) captureConsole();
  const running = (position: number): Running => runningAt(batch, [0, position], onConsole);
  const tasks = new SideBySide({ settings, first, running, call: callsIn(batch) });
  const stop = (): void => tasks.abort(stopped());
  signal?.addEventListener('abort', stop, { once: true });
  batch.onCancel((index) => tasks.abort(stopped(), index));
  const collected = new CollectedApart(batch, tasks, onOutcome);
  const all: Calls = {
    from: 0,
    to: calls.length,
    place: new Int32Array(2),
    call: (index) => tasks.call(index),
    drops: (index) => (batch.cancelled.has(index) ? 'cancelled' : undefined),
    cancelled: () => signal?.aborted === true,
  };
  const lane = lanes.enter(batch.tasksPerWorker);
  await new Promise<void>((resolve) => lane.run(all, collected, resolve));
  signal?.removeEventListener('abort', stop);
  return collected.reader.outcomes();
}

function runningAt(batch: Batch, place: ArrayLike<number>, onConsole: RunOptions['onConsole']): Running {
  const { firstIndex: first, settings, attempt } = batch;
  return new Running({
    settings,
    first,
    attempt,
    worker: { id: IN_PLACE, slot: 0 },
    place,
    onLine: settings?.console && onConsole ? (position, line) => onConsole(position, line) : undefined,
  });
}

/** Makes the calls of a batch. */
function callsIn({ calls, scope: { around } }: Batch, guard?: Guard): (index: number) => unknown {
  const plain = (index: number): unknown => {
    const { fn, args } = calls[index] as Call;
    for (let at = 0; at < args.length; at += 1) unmark(args[at]); // in place, what is moved stays
    const result: unknown =
      guard === undefined ? Reflect.apply(fn, undefined, args) : guard(fn as (...args: never[]) => unknown, args);
    unmark(result);
    return result;
  };
  return around === undefined ? plain : (index) => around(() => plain(index));
}

/** Outcomes of calls that overlap. */
class CollectedApart implements Sink {
  readonly reader: OutcomeReader;
  readonly #batch: Batch;
  readonly #tasks: SideBySide;

  constructor(batch: Batch, tasks: SideBySide, onOutcome: RunOptions['onOutcome']) {
    this.#batch = batch;
    this.#tasks = tasks;
    this.reader = new OutcomeReader(batch, onOutcome);
  }

  done(index: number, value: unknown): void {
    this.reader.values(index, [value], { ms: this.#tasks.end(index) }, IN_PLACE);
  }

  failed(index: number, error: unknown): void {
    this.reader.set(index, { status: 'failed', error, timing: { ms: this.#tasks.end(index) }, worker: IN_PLACE });
  }

  none(index: number, why: NoResult): void {
    this.#tasks.end(index);
    noResult(this.reader, this.#batch, index, why);
  }
}

function noResult(reader: OutcomeReader, { firstIndex, settings }: Batch, index: number, why: NoResult): void {
  if (why === 'timeout') reader.fill(index, index + 1, timedOut(firstIndex, settings?.timeout), 'timeout', IN_PLACE);
  else reader.fill(index, index + 1, notStarted, 'cancelled', IN_PLACE);
}

/** Outcomes of calls, gathered while they last. */
class Collected {
  readonly reader: OutcomeReader;
  readonly #batch: Batch;
  #values: unknown[] = [];
  #from = 0;
  #since = performance.now();

  constructor(batch: Batch, onOutcome: RunOptions['onOutcome']) {
    this.#batch = batch;
    this.reader = new OutcomeReader(batch, onOutcome);
  }

  done(_index: number, value: unknown): void {
    this.#values.push(value);
  }

  failed(index: number, error: unknown): void {
    this.reader.set(index, { status: 'failed', error, timing: this.#flush(index + 1), worker: IN_PLACE });
  }

  none(index: number, why: NoResult): void {
    this.#flush(index + 1);
    noResult(this.reader, this.#batch, index, why);
  }

  stretch(next: number = this.#from + this.#values.length): void {
    this.#flush(next);
  }

  /** Hands over what is done; the next value is of position `next`. */
  #flush(next: number): Timing {
    const now = performance.now();
    const timing = { ms: (now - this.#since) / Math.max(1, this.#values.length) };
    this.#since = now;
    if (this.#values.length > 0) this.reader.values(this.#from, this.#values, timing, IN_PLACE);
    this.#values = [];
    this.#from = next;
    return timing;
  }
}
