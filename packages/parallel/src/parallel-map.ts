import { delayed } from './delayed.ts';
import type { ParallelOptions } from './options.ts';
import { Parallel } from './parallel.ts';
import { sizeOf, type TaskInput } from './source.ts';
import { describe, NotATaskError, type Results, type Task } from './task.ts';

/**
 * Runs tasks on a runner of its own and gives their results, in order: `new Parallel(options).run(tasks)`.
 *
 * @example
 * const squares = await parallel([1, 2, 3].map((x) => delayed(square)(x)), { nJobs: 2 });
 */
export function parallel<const T extends readonly Task<unknown>[]>(
  tasks: T,
  options?: ParallelOptions,
): Promise<Results<T>>;
export function parallel<R>(tasks: TaskInput<Task<R>>, options?: ParallelOptions): Promise<R[]>;
export async function parallel(tasks: TaskInput, options: ParallelOptions = {}): Promise<unknown> {
  return runAlone(tasks, options);
}

/** A runner for one call. A failure is told at once, while tasks that run already come to their end. */
async function runAlone<R>(tasks: TaskInput<Task<R>>, options: ParallelOptions): Promise<R[]> {
  const runner = new Parallel(options);
  try {
    return await runner.run(tasks);
  } finally {
    runner.close().catch(() => undefined); // of a backend of its own; whoever listens has the results, or the failure
  }
}

/**
 * Calls `fn(item, index)` for every item and gives the results in order, with p-map's signature and
 * more cores. Items may come from any iterable or async iterable, and may be promises.
 *
 * @example
 * const sizes = await parallelMap(urls, async (url) => (await (await fetch(url)).text()).length, { nJobs: 8 });
 */
export async function parallelMap<I, R>(
  items: Iterable<I> | AsyncIterable<I>,
  fn: (item: Awaited<I>, index: number) => R,
  options: ParallelOptions = {},
): Promise<Awaited<R>[]> {
  const candidate = items as Partial<Iterable<I> & AsyncIterable<I>> | null | undefined;
  const call = delayed(fn);
  if (typeof candidate?.[Symbol.asyncIterator] === 'function') return runAlone(awaited(items, call), options);
  if (candidate == null || typeof candidate[Symbol.iterator] !== 'function') {
    throw new NotATaskError(`parallelMap needs an iterable or async iterable of items. Got ${describe(items)}.`);
  }
  return runAlone(mapped(items as Iterable<I>, call), options);
}

type MakeTask<I, R> = (item: Awaited<I>, index: number) => Task<Awaited<R>>;

/** Tasks of an iterable; from its first promise on, they are waited for. */
function mapped<I, R>(items: Iterable<I>, call: MakeTask<I, R>): TaskInput<Task<Awaited<R>>> {
  const list = Array.isArray(items) ? items : sizeOf(items) === undefined ? undefined : Array.from(items);
  if (list === undefined || list.some(isPromise)) return awaited(list ?? items, call);
  return Array.from(list, (item, index) => call(item as Awaited<I>, index));
}

async function* awaited<I, R>(
  items: Iterable<I> | AsyncIterable<I>,
  call: MakeTask<I, R>,
): AsyncGenerator<Task<Awaited<R>>, undefined> {
  let index = 0;
  for await (const item of items) yield call(item as Awaited<I>, index++);
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null)?.then === 'function';
}
