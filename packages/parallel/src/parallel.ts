import { type Backend, CallScope, ClosedError, defaultBackend, OptionError, type OpenBackend, openBackend } from '@jobloom/backends';
import { currentScope, type Scope } from './context.ts';
import { Dispatch, type Sink } from './dispatch.ts';
import { FutureSource, TaskFuture } from './future.ts';
import { checkOptions, type ParallelOptions, readAhead } from './options.ts';
import { progressTeller } from './progress.ts';
import { listSink, settledSink, type Tally } from './sinks.ts';
import { type Source, sourceOf, type TaskInput } from './source.ts';
import { ResultStream, type StreamOptions } from './stream.ts';
import { describe, isTask, NotATaskError, type Results, type Task } from './task.ts';

/** What a call knows before its sink is made. */
interface Call {
  readonly source: Source;
  readonly backend: Backend;
  readonly nJobs: number;
  readonly readAhead: number | undefined;
  readonly tally: Tally;
}

/** The end that a caller sees. */
interface Ends {
  readonly fail: (error: unknown) => void;
}

let lastCall = 0;

/**
 * Runs tasks on a backend, with results in the order of the tasks. Options left out come from the
 * scope (`parallelBackend`, `parallelConfig`) in which the runner was made, then from the defaults:
 * backend 'threads', nJobs -1.
 *
 * @example
 * await using runner = new Parallel({ nJobs: 2 });
 * const squares = await runner.run([1, 2, 3].map((x) => delayed((y: number) => y ** 2)(x)));
 * @throws OptionError | UnknownBackendError for what is misspelt, out of range or not there
 */
export class Parallel implements AsyncDisposable {
  readonly #options: Scope;
  readonly #open: () => Promise<Backend>;
  readonly #owned: { opened?: Promise<OpenBackend> };
  readonly #live = new Set<Dispatch>();
  #closed = false;
  #submitted: TaskFuture<unknown>[] = [];
  readonly #whenDrained: (() => void)[] = [];
  /** Left by calls that were not aborted. */
  #abort: AbortController | undefined;

  constructor(options: ParallelOptions = {}) {
    checkOptions(options as Record<string, unknown>, 'Parallel');
    const scope = currentScope();
    const { backend, ...rest } = options;
    this.#options = { ...scope, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
    this.#owned = {};
    this.#open = opener(backend, scope, this.#options, this.#owned);
  }

  /**
   * Runs all tasks and gives their results, in order. Rejects with the first failure to finish; tasks
   * that have not started by then never start.
   */
  run<const T extends readonly Task<unknown>[]>(tasks: T): Promise<Results<T>>;
  run<R>(tasks: TaskInput<Task<R>>): Promise<R[]>;
  run(tasks: TaskInput): Promise<unknown[]> {
    return this.#collect(tasks, listSink as never, true);
  }

  /** Runs all tasks and gives each one's result or failure, in order. Rejects only when the input or the backend itself breaks. */
  settle<const T extends readonly Task<unknown>[]>(tasks: T): Promise<{ [K in keyof Results<T>]: PromiseSettledResult<Results<T>[K]> }>;
  settle<R>(tasks: TaskInput<Task<R>>): Promise<PromiseSettledResult<R>[]>;
  settle(tasks: TaskInput): Promise<unknown[]> {
    return this.#collect(tasks, settledSink as never, false);
  }

  /**
   * Results as they come: in the order of the tasks, or with `ordered: false` as they finish. Work starts
   * at once and stays at most `preDispatch` ahead of what was consumed. A failure is thrown at its place, and ends the stream; leaving it early cancels the rest.
   */
  stream<R>(tasks: TaskInput<Task<R>>, options: StreamOptions = {}): AsyncGenerator<R, undefined> {
    const stream = new ResultStream<R>(options);
    const call = this.#prepare(tasks);
    call.then(
      (ready) => {
        const sink = stream.sink(ready.readAhead, 2 * ready.nJobs, ready.tally);
        stream.attach(this.#start(ready, sink, { fail: (error) => stream.fail(error) }));
      },
      (error) => stream.fail(error),
    );
    return stream;
  }

  /** Starts one task; its future is there at once. Tasks submitted in one turn go together. */
  submit<R>(task: Task<R>): TaskFuture<R> {
    if (!isTask(task)) throw new NotATaskError(`submit needs a task. Got ${describe(task)}. Wrap the call like this: delayed(fn)(...args).`);
    if (this.#closed) throw new ClosedError('this Parallel');
    const future = new TaskFuture<R>(task);
    if (this.#submitted.push(future) === 1) queueMicrotask(() => this.#sendSubmitted());
    return future;
  }

  /**
   * Ends the runner: tasks that have not started are cancelled. With `drain`, what was given is finished first.
   * Twice is fine.
   */
  async close({ drain = false }: { readonly drain?: boolean } = {}): Promise<void> {
    this.#closed = true;
    if (this.#submitted.length > 0) this.#sendSubmitted();
    if (!drain) for (const dispatch of [...this.#live]) dispatch.stop(new ClosedError('this Parallel'));
    if (this.#live.size > 0) await new Promise<void>((resolve) => this.#whenDrained.push(resolve));
    const opened = await this.#owned.opened?.catch(() => undefined);
    if (opened?.owned) await opened.backend.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #collect(tasks: TaskInput, makeSink: typeof listSink, failFast: boolean): Promise<unknown[]> {
    const call = await this.#prepare(tasks);
    return new Promise((resolve, reject) => {
      let dispatch: Dispatch | undefined;
      const fail = (error: unknown): void => {
        reject(error);
        dispatch?.stop(error);
      };
      const { readAhead: bound = Number.POSITIVE_INFINITY } = call;
      let stored = 0;
      const tally: Tally = (done, failed) => {
        stored += done;
        call.tally(done, failed);
      };
      const sink = makeSink(resolve, failFast ? fail : reject, tally);
      dispatch = this.#start(call, { ...sink, room: () => bound - ((dispatch?.taken ?? 0) - stored) }, { fail });
    });
  }

  async #prepare(tasks: TaskInput): Promise<Call> {
    if (this.#closed) throw new ClosedError('this Parallel');
    const source = sourceOf(tasks);
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const backend = await this.#open();
    const nJobs = await backend.effectiveNJobs(this.#options.nJobs ?? -1);
    const { onProgress, verbose = 0, preDispatch } = this.#options;
    const total = source.remaining;
    const tally = progressTeller({ onProgress, verbose, nJobs, total: () => total }) ?? (() => undefined);
    return { source, backend, nJobs, readAhead: readAhead(preDispatch, nJobs), tally };
  }

  #start({ source, backend, nJobs, readAhead: bound }: Call, sink: Sink, { fail }: Ends): Dispatch {
    const { signal, batchSize = 'auto' } = this.#options;
    const scope = new CallScope({ sharedMemory: backend.capabilities.sharedMemory });
    const abort = this.#abort ?? new AbortController();
    this.#abort = undefined;
    const cancel = (): void => fail(signal?.reason);
    const dispatch: Dispatch = new Dispatch(source, sink, {
      backend,
      nJobs,
      batchSize,
      maxBatch: bound === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(bound / (2 * nJobs))),
      scope,
      callId: `call-${++lastCall}`,
      abort,
      onDrained: () => {
        scope.end();
        signal?.removeEventListener('abort', cancel);
        if (!abort.signal.aborted) this.#abort = abort;
        this.#live.delete(dispatch);
        if (this.#live.size === 0) for (const tell of this.#whenDrained.splice(0)) tell();
      },
    });
    this.#live.add(dispatch);
    signal?.addEventListener('abort', cancel, { once: true });
    dispatch.pump();
    return dispatch;
  }

  #sendSubmitted(): void {
    const futures = this.#submitted;
    if (futures.length === 0) return;
    this.#submitted = [];
    const source = new FutureSource(futures);
    this.#prepare([]).then(
      (call) => this.#start({ ...call, source }, source.sink(), { fail: (error) => source.failAll(error) }),
      (error) => source.failAll(error),
    );
  }
}

/** How this runner gets its backend: explicit option, then scope, then hint, then default. */
function opener(backend: ParallelOptions['backend'], scope: Scope, options: Scope, owned: { opened?: Promise<OpenBackend> }): () => Promise<Backend> {
  const named = (name: string) => async (): Promise<Backend> => {
    owned.opened ??= openBackend(name);
    return (await owned.opened).backend;
  };
  const sharing = (open: () => Promise<Backend>, otherwise?: () => Promise<Backend>) => async (): Promise<Backend> => {
    const opened = await open();
    if (options.require !== 'sharedMemory' || opened.capabilities.sharedMemory) return opened;
    if (otherwise !== undefined) return otherwise();
    throw new OptionError(`require: 'sharedMemory' cannot be met by the ${opened.name} backend. Use 'threads' or 'sequential', or leave one of the two options out.`);
  };
  if (typeof backend === 'string') return sharing(named(backend));
  if (backend !== undefined) return sharing(async () => backend);
  if (scope.backend !== undefined) return sharing(scope.backend.open, named('threads'));
  return sharing(named(options.require === 'sharedMemory' ? 'threads' : (options.prefer ?? defaultBackend())));
}
