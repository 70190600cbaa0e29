import { bytesOf } from './bytes.ts';
import type { ParallelOptions } from './options.ts';

const NAMES = ['initWorker', 'teardownWorker', 'recycleAfter', 'maxMemory', 'innerMaxThreads'] as const;

/** Options that are about workers: whoever gives them gets workers of its own. */
export type WorkerOptionName = (typeof NAMES)[number];

/** Those among the options, as a backend takes them. */
export function workerOptions(options: ParallelOptions): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = options[name];
    if (value !== undefined) found[name] = name === 'maxMemory' ? bytesOf(value) : value;
  }
  return found;
}

/** The others. */
export function withoutWorkerOptions<O extends ParallelOptions>(options: O): Omit<O, WorkerOptionName> {
  const rest = { ...options };
  for (const name of NAMES) delete rest[name];
  return rest;
}
