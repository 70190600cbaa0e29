import type { JobloomError } from '@jobloom/codec';
import type { Outcome, Outcomes } from './backend.ts';
import type { CallScope } from './call-scope.ts';
import { decodeAnswer, encodeWork } from './encoded.ts';
import { CancelledError } from './errors.ts';
import { OutcomeReader } from './outcome-reader.ts';
import { type Call, packCalls, type Work } from './work.ts';
import { runCalls } from './worker/run-calls.ts';

export interface BatchOptions {
  /** Index in the call's input of the first task. */
  readonly firstIndex?: number;
  /** Milliseconds that the whole batch is expected to take, where that is known. */
  readonly expectedMs?: number;
  /** Tasks left in the input after this batch, where that is known. */
  readonly remaining?: number;
}

export interface RunOptions {
  /** Aborted: tasks that have not started come back as `cancelled`. */
  readonly signal?: AbortSignal;
  /** Hears of outcomes as they come. */
  readonly onOutcome?: (index: number, outcome: Outcome) => void;
}

const IN_PLACE = 'in place';

/** Tasks that are sent together; one worker runs them one after the other, in order. */
export class Batch {
  /** What all batches of one call share. */
  readonly scope: CallScope;
  readonly calls: readonly Call[];
  readonly firstIndex: number;
  readonly expectedMs: number | undefined;
  readonly remaining: number | undefined;
  #work: Work | undefined;

  constructor(scope: CallScope, calls: readonly Call[], options: BatchOptions = {}) {
    this.scope = scope;
    this.calls = calls;
    this.firstIndex = options.firstIndex ?? 0;
    this.expectedMs = options.expectedMs;
    this.remaining = options.remaining;
  }

  get length(): number {
    return this.calls.length;
  }

  /** Runs the tasks here, on the caller's own objects. Never rejects. */
  async run(options: RunOptions = {}): Promise<Outcomes> {
    const { calls } = this;
    const reader = new OutcomeReader(calls.length, this.scope, options.onOutcome);
    let values: unknown[] = [];
    let from = 0;
    let since = performance.now();
    const flush = (index: number): { ms: number } => {
      const now = performance.now();
      const timing = { ms: (now - since) / Math.max(1, values.length) };
      since = now;
      if (values.length > 0) reader.values(from, values, timing, IN_PLACE);
      values = [];
      from = index;
      return timing;
    };
    await runCalls(
      {
        from: 0,
        to: calls.length,
        call: (index) => {
          const { fn, args } = calls[index] as Call;
          return Reflect.apply(fn, undefined, args);
        },
        cancelled: () => options.signal?.aborted === true,
      },
      {
        done: (_index, value) => values.push(value),
        failed: (index, error) => {
          const timing = flush(index);
          from = index + 1;
          reader.set(index, { status: 'failed', error, timing, worker: IN_PLACE });
        },
        none: (index) => {
          flush(index + 1);
          reader.fill(
            index,
            index + 1,
            () => new CancelledError('the call was cancelled before the task started'),
            'cancelled',
            IN_PLACE,
          );
        },
        stretch: () => flush(from + values.length),
      },
    );
    flush(calls.length);
    return reader.outcomes();
  }

  /**
   * The batch in the form that crosses. Made once: what it holds is a snapshot of the arguments.
   * Never throws: what cannot travel is in `refused`.
   */
  work(): Work {
    this.#work ??= packCalls(this.scope, this.calls, this.firstIndex);
    return this.#work;
  }

  /** The outcomes, when no task of the batch can travel: there is nothing to send then. */
  refusal(): Outcomes | undefined {
    const { refused } = this.work();
    if (refused.size < this.length) return undefined;
    const reader = new OutcomeReader(this.length, this.scope);
    reader.refuse(refused);
    return reader.outcomes();
  }

  /** The batch as self-contained bytes, for `runEncoded` or `npx jobloom run IN OUT` anywhere. What cannot travel stays behind and fails in `decode`. */
  async encode(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWork(this, this.work());
  }

  /** What `runEncoded` answered for this batch. @throws ProtocolError when it is something else */
  decode(answer: Uint8Array): Outcomes {
    return decodeAnswer(this, this.work(), answer);
  }

  /** The same outcome for every task: `batch.failAll('lost', new WorkerLostError(…))`. */
  failAll(status: 'lost' | 'cancelled' | 'notStarted', error: JobloomError): Outcomes {
    const reader = new OutcomeReader(this.length, this.scope);
    reader.fill(0, this.length, () => error, status, '');
    return reader.outcomes();
  }
}
