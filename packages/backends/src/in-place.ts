import { AsyncLocalStorage } from 'node:async_hooks';
import type { Outcomes, Timing } from './backend.ts';
import type { Batch, RunOptions } from './batch.ts';
import { unmark } from './bulk/moved.ts';
import { notStarted, stopped, timedOut } from './errors.ts';
import { OutcomeReader } from './outcome-reader.ts';
import { writeGuard } from './task/check-writes.ts';
import { captureConsole } from './task/console-capture.ts';
import { holder } from './task/current-task.ts';
import { Running } from './task/running.ts';
import { timeLimited } from './task/time-limit.ts';
import type { Call } from './work.ts';
import { type NoResult, runCalls } from './worker/run-calls.ts';

const IN_PLACE = 'in place';

/** Runs a batch's tasks here, on the caller's own objects. Never rejects. */
export function runInPlace(batch: Batch, { signal, onOutcome, onConsole }: RunOptions): Promise<Outcomes> {
  const { calls, firstIndex: first, scope } = batch;
  const { settings, around } = scope;
  const place = new Int32Array(2);
  const running = new Running({
    settings,
    first,
    attempt: batch.attempt,
    worker: { id: IN_PLACE, slot: 0 },
    place,
    onLine: settings?.console && onConsole ? (position, line) => onConsole(position, line) : undefined,
  });
  if (running.capturesConsole) captureConsole();
  const stop = (): void => running.abort(stopped());
  signal?.addEventListener('abort', stop, { once: true });
  batch.onCancel((index) => {
    if (running.active && running.position === index) stop();
  });
  const from = settings?.checkWrites;
  const guard =
    from === undefined ? undefined : writeGuard({ from, index: () => first + running.position, inPlace: true });
  const plain = (index: number): unknown => {
    const { fn, args } = calls[index] as Call;
    for (let at = 0; at < args.length; at += 1) unmark(args[at]); // in place, what is moved stays
    const result: unknown =
      guard === undefined ? Reflect.apply(fn, undefined, args) : guard(fn as (...args: never[]) => unknown, args);
    unmark(result);
    return result;
  };
  const called = around === undefined ? plain : (index: number): unknown => around(() => plain(index));
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
    const { firstIndex, scope } = this.#batch;
    if (why === 'timeout')
      this.reader.fill(index, index + 1, timedOut(firstIndex, scope.settings?.timeout), 'timeout', IN_PLACE);
    else this.reader.fill(index, index + 1, notStarted, 'cancelled', IN_PLACE);
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
