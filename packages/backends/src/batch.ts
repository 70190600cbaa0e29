import type { JobloomError } from '@jobloom/codec';
import type { Outcome, Outcomes } from './backend.ts';
import type { CallScope } from './call-scope.ts';
import { decodeAnswer, encodeWork } from './encoded.ts';
import { runInPlace } from './in-place.ts';
import { OutcomeReader } from './outcome-reader.ts';
import type { ConsoleLine } from './task/running.ts';
import type { TaskSettings } from './task/settings.ts';
import type { TraceContext } from './task/tracing.ts';
import { type Call, packCalls, type Work } from './work.ts';

export interface BatchOptions {
  /** Index in the call's input of the first task. */
  readonly firstIndex?: number;
  /** Milliseconds that the whole batch is expected to take, where that is known. */
  readonly expectedMs?: number;
  /** Tasks left in the input after this batch, where that is known. */
  readonly remaining?: number;
  /** 1, which it is where it is left out, the first time that these tasks run. */
  readonly attempt?: number;
  /** Its tasks have their worker to themselves, also where those of its call overlap. */
  readonly alone?: boolean;
}

export interface RunOptions {
  /** Aborted: tasks that have not started come back as `cancelled`. */
  readonly signal?: AbortSignal;
  /** Hears of outcomes as they come. */
  readonly onOutcome?: (index: number, outcome: Outcome) => void;
  /** Hears of lines that tasks print, where the batch's settings ask for them. */
  readonly onConsole?: (index: number, line: ConsoleLine) => void;
}

const NONE: ReadonlySet<number> = new Set();

/** Tasks that are sent together; one worker starts them one after the other, in order. */
export class Batch {
  /** What all batches of one call share. */
  readonly scope: CallScope;
  readonly calls: readonly Call[];
  readonly firstIndex: number;
  readonly expectedMs: number | undefined;
  readonly remaining: number | undefined;
  readonly attempt: number;
  /** What the call asks for each of these tasks. */
  readonly settings: TaskSettings | undefined;
  /** The span that stands for it, where its caller records spans: goes along to workers. */
  trace?: TraceContext;
  #work: Work | undefined;
  #cancelled: Set<number> | undefined;
  readonly #onCancel: ((index: number) => void)[] = [];

  constructor(scope: CallScope, calls: readonly Call[], options: BatchOptions = {}) {
    this.scope = scope;
    this.calls = calls;
    this.firstIndex = options.firstIndex ?? 0;
    this.expectedMs = options.expectedMs;
    this.remaining = options.remaining;
    this.attempt = options.attempt ?? 1;
    this.settings = options.alone ? withoutOverlap(scope.settings) : scope.settings;
  }

  get length(): number {
    return this.calls.length;
  }

  /** Most of them that may be under way at once in one worker, with those of its call's other batches. */
  get tasksPerWorker(): number {
    return this.settings?.tasksPerWorker ?? 1;
  }

  /** Positions of tasks that nobody wants any more. */
  get cancelled(): ReadonlySet<number> {
    return this.#cancelled ?? NONE;
  }

  /** Takes one task back: it never starts, or its signal is aborted, as far as the backend can. */
  cancel(index: number): void {
    this.#cancelled ??= new Set();
    if (this.#cancelled.has(index)) return;
    this.#cancelled.add(index);
    for (const listener of this.#onCancel) listener(index);
  }

  /** Hears of each task that is taken back from now on. */
  onCancel(listener: (index: number) => void): void {
    this.#onCancel.push(listener);
  }

  /** Runs the tasks here, on the caller's own objects. Never rejects. */
  run(options: RunOptions = {}): Promise<Outcomes> {
    return runInPlace(this, options);
  }

  /**
   * The batch in the form that crosses. Made once: what it holds is a snapshot of the arguments.
   * Never throws: what cannot travel is in `refused`.
   */
  work(): Work {
    this.#work ??= packCalls(this.scope, this.calls, this.firstIndex);
    return this.#work;
  }

  /** Bytes of the arguments, once they are in the form that crosses; those of large buffers that are sent apart not among them. */
  get packedBytes(): number {
    const args = this.#work?.args;
    if (args === undefined || args.kind === 'few') return 0;
    if (args.kind === 'numbers') return args.numbers.byteLength;
    return args.frame.buffers.reduce((sum, { byteLength }) => sum + byteLength, args.frame.head.byteLength);
  }

  /** The batch is over: nobody reads what it holds outside of its frames any more. */
  release(): void {
    if (this.#work !== undefined) this.scope.memory.release(this.#work.holdings);
  }

  /** The outcomes, when no task of the batch can travel: there is nothing to send then. */
  refusal(): Outcomes | undefined {
    const { refused } = this.work();
    if (refused.size < this.length) return undefined;
    const reader = new OutcomeReader(this);
    reader.refuse(refused);
    return reader.outcomes();
  }

  /** The batch as self-contained bytes, for `runEncoded` or `npx jobloom run IN OUT` anywhere. What cannot travel stays behind and fails in `decode`. */
  async encode(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWork(this, this.work());
  }

  /** What `runEncoded` answered for this batch. @throws ProtocolError when it is something else */
  decode(answer: Uint8Array, { onConsole }: Pick<RunOptions, 'onConsole'> = {}): Outcomes {
    return decodeAnswer(this, this.work(), answer, onConsole);
  }

  /** The same outcome for every task: `batch.failAll('lost', new WorkerLostError(…))`. */
  failAll(status: 'lost' | 'timeout' | 'cancelled' | 'notStarted', error: JobloomError): Outcomes {
    const reader = new OutcomeReader(this);
    reader.fill(0, this.length, () => error, status, '');
    return reader.outcomes();
  }
}

function withoutOverlap(settings: TaskSettings | undefined): TaskSettings | undefined {
  if (settings?.tasksPerWorker === undefined) return settings;
  const { tasksPerWorker, ...rest } = settings;
  return rest;
}
