import { type Backend, ClosedError, defaultBackend, OptionError, openBackend } from '@jobloom/backends';
import { type CallPlan, Calls, newCallId, type Opened } from './calls.ts';
import { currentScope, defined, type Scope } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import { FutureSource, TaskFuture } from './future.ts';
import { checkOptions, type ParallelOptions } from './options.ts';
import type { Sink } from './sink.ts';
import { FirstSink, ListSink, SettledSink } from './sinks.ts';
import { sourceOf, type TaskInput } from './source.ts';
import type { RunnerStats } from './stats.ts';
import { ResultStream, type StreamOptions } from './stream.ts';
import { describe, isTask, NotATaskError, type Results, type Task } from './task.ts';
import { workerOptions } from './worker-options.ts';

/**
 * Runs tasks on a backend, with results in the order of the tasks. Options left out come from the
 * scope (`parallelBackend`, `parallelConfig`) in which the runner was made, then from the defaults:
 * backend 'threads', nJobs -1.
 *
 * @example
 * await using runner = new Parallel({ nJobs: 2 });
 * const squares = await runner.run([1, 2, 3].map((x) => delayed((y: number) => y ** 2)(x)));
 * @throws OptionError for an option that is misspelt or out of range; an unknown backend shows at the first call
 */
export class Parallel implements AsyncDisposable {
  readonly #calls: Calls;
  readonly #own: Opened = {};
  #submitted: TaskFuture<unknown>[] = [];
  readonly #submitId = newCallId();

  constructor(options: ParallelOptions = {}) {
    checkOptions(options as Record<string, unknown>, 'Parallel');
    const scope = currentScope();
    const { backend, ...rest } = options;
    const all: Scope = { ...scope, ...defined(rest) };
    this.#calls = new Calls(all, opener(backend, scope, all, workerOptions(rest), this.#own));
  }

  /**
   * Runs all tasks and gives their results, in order. Rejects with the first failure to finish; tasks
   * that have not started by then never start.
   */
  run<const T extends readonly Task<unknown>[]>(tasks: T): Promise<Results<T>>;
  run<R>(tasks: TaskInput<Task<R>>): Promise<R[]>;
  run(tasks: TaskInput): Promise<unknown[]> {
    return this.#collect(tasks, ListSink);
  }

  /** Runs all tasks and gives each one's result or failure, in order. Rejects only when the input or the backend itself breaks. */
  settle<const T extends readonly Task<unknown>[]>(
    tasks: T,
  ): Promise<{ [K in keyof Results<T>]: PromiseSettledResult<Results<T>[K]> }>;
  settle<R>(tasks: TaskInput<Task<R>>): Promise<PromiseSettledResult<R>[]>;
  settle(tasks: TaskInput): Promise<unknown[]> {
    return this.#collect(tasks, SettledSink);
  }

  /**
   * Results as they come: in the order of the tasks, or with `ordered: false` as they finish. Work starts
   * at once and stays at most `preDispatch` ahead of what was consumed. A failure is thrown at its place
   * and ends the stream; leaving it early cancels the rest.
   */
  stream<R>(tasks: TaskInput<Task<R>>, options: StreamOptions = {}): AsyncGenerator<R, undefined> {
    const stream = new ResultStream<R>(options);
    this.#calls.begin({
      source: sourceOf(tasks),
      sink: (plan) => stream.sink(plan),
      fail: (error) => stream.fail(error),
      onStart: (dispatch) => stream.attach(dispatch),
    });
    return stream;
  }

  /**
   * The first result to finish that satisfies `predicate`; the rest is cancelled. Tasks that fail are no results.
   * @throws NoMatchError when there is none
   */
  first<R>(tasks: TaskInput<Task<R>>, predicate: (value: R) => boolean = () => true): Promise<R> {
    if (typeof predicate !== 'function')
      throw new OptionError(`The predicate of first must be a function. Got ${describe(predicate)}.`);
    return new Promise((resolve, reject) => {
      let dispatch: Dispatch | undefined;
      const found = (value: R): void => {
        resolve(value);
        dispatch?.stop();
      };
      const fail = (error: unknown): void => {
        reject(error);
        dispatch?.stop(error);
      };
      this.#calls.begin({
        source: sourceOf(tasks),
        sink: (plan) => new FirstSink<R>(plan, predicate, { found, fail }),
        fail,
        onStart: (started) => {
          dispatch = started;
        },
      });
    });
  }

  /** Starts one task; its future is there at once. Tasks submitted in one turn go together. */
  submit<R>(task: Task<R>): TaskFuture<R> {
    if (!isTask(task))
      throw new NotATaskError(
        `submit needs a task. Got ${describe(task)}. Wrap the call like this: delayed(fn)(...args).`,
      );
    if (this.#calls.closed) throw new ClosedError('this Parallel');
    const future = new TaskFuture<R>(task);
    if (this.#submitted.push(future) === 1) queueMicrotask(() => this.#sendSubmitted());
    return future;
  }

  /** What this runner has done so far, with the spread of run and wait times. */
  stats(): RunnerStats {
    return this.#calls.stats.snapshot();
  }

  /** From now on so many tasks at once, in calls that are under way too. Workers that have nothing to do end as always. */
  async resize(nJobs: number): Promise<void> {
    checkOptions({ nJobs }, 'resize');
    await this.#calls.resize(nJobs);
  }

  /**
   * Calls `fn` once in every worker that is there, beside the tasks; gives what each gave. To prepare workers that
   * start later too, use `initWorker`.
   * @throws OptionError for a backend whose workers cannot be reached one by one
   */
  async broadcast<R>(fn: () => R): Promise<Awaited<R>[]> {
    if (typeof fn !== 'function') throw new OptionError(`broadcast needs a function. Got ${describe(fn)}.`);
    const backend = await this.#calls.backend();
    if (backend.broadcast === undefined)
      throw new OptionError(`The ${backend.name} backend has no workers that could be reached one by one.`);
    return (await backend.broadcast(fn)) as Awaited<R>[];
  }

  /**
   * Ends the runner: tasks that have not started are cancelled. With `drain`, what was given is finished first.
   * Twice is fine.
   */
  async close({ drain = false }: { readonly drain?: boolean } = {}): Promise<void> {
    this.#sendSubmitted();
    await this.#calls.close(drain);
    const opened = await this.#own.opened?.catch(() => undefined);
    if (opened?.owned) await opened.backend.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #collect(tasks: TaskInput, Collector: typeof ListSink | typeof SettledSink): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      let dispatch: Dispatch | undefined;
      const fail = (error: unknown): void => {
        reject(error);
        dispatch?.stop(error);
      };
      const ends = { resolve, fail };
      const onStart = (started: Dispatch): void => {
        dispatch = started;
      };
      this.#calls.begin({
        source: sourceOf(tasks),
        sink: (plan) => new Collector(plan, ends),
        fail,
        onStart,
        settles: Collector === SettledSink,
      });
    });
  }

  #sendSubmitted(): void {
    const futures = this.#submitted;
    if (futures.length === 0) return;
    this.#submitted = [];
    const source = new FutureSource(futures);
    let dispatch: Dispatch | undefined;
    const fail = (error: unknown): void => {
      source.failAll(error);
      dispatch?.stop(error);
    };
    const onStart = (started: Dispatch): void => {
      dispatch = started;
      source.dispatch = started;
    };
    try {
      const sink = ({ tally }: CallPlan): Sink => source.sink(tally);
      this.#calls.begin({ source, sink, fail, onStart, callId: this.#submitId, apart: true, settles: true });
    } catch (error) {
      fail(error);
    }
  }
}

/** How this runner gets its backend: explicit option, then scope, then hint, then default. */
function opener(
  backend: ParallelOptions['backend'],
  scope: Scope,
  options: Scope,
  workers: Readonly<Record<string, unknown>>,
  own: Opened,
): () => Promise<Backend> {
  const named = (name: string) => async (): Promise<Backend> => {
    own.opened ??= openBackend(name, workers);
    try {
      return (await own.opened).backend;
    } catch (error) {
      delete own.opened; // the next call tries again
      throw error;
    }
  };
  const sharing = (open: () => Promise<Backend>, otherwise?: () => Promise<Backend>) => async (): Promise<Backend> => {
    const opened = await open();
    if (options.require !== 'sharedMemory' || opened.capabilities.sharedMemory) return opened;
    if (otherwise !== undefined) return otherwise();
    throw new OptionError(
      `require: 'sharedMemory' cannot be met by the ${opened.name} backend. Use 'threads' or 'sequential', or leave one of the two options out.`,
    );
  };
  if (typeof backend === 'string') return sharing(named(backend));
  const given = backend ?? scope.backend;
  const [option] = Object.keys(workers);
  if (given !== undefined && option !== undefined) {
    throw new OptionError(
      `The ${option} option is about workers, which ${backend === undefined ? 'the backend of the scope' : 'the given backend'} has already. Name the backend with it: { backend: 'processes', ${option}: … }, or give it to parallelBackend.`,
    );
  }
  if (backend !== undefined) return sharing(async () => backend);
  if (scope.backend !== undefined) return sharing(scope.backend.open, named('threads'));
  return sharing(named(options.require === 'sharedMemory' ? 'threads' : (options.prefer ?? defaultBackend())));
}
