import { OptionError } from '../../errors.ts';

/** How many workers a provider starts, and what each runs. */
export interface WorkerCount {
  /** How many workers there always are; 1 where it is left out. */
  readonly workers?: number;
  /** How many there are at most, while work waits; as many as `workers` where it is left out. */
  readonly max?: number;
  /** Tasks that each runs at once; 1 where it is left out. */
  readonly jobs?: number;
  /** What runs tasks within a worker; processes where it is left out. */
  readonly kind?: 'threads' | 'processes';
}

/** Counts that were checked, with what was left out filled in. */
export interface Size {
  readonly workers: number;
  readonly most: number;
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
}

/** @param least what the provider calls its `workers` @throws OptionError that names the option */
export function sizeOf(provider: string, count: WorkerCount, least = 'workers'): Size {
  const { workers = 1, max = workers, jobs = 1, kind = 'processes' } = count;
  for (const [name, value] of Object.entries({ [least]: workers, max, jobs }))
    if (!Number.isInteger(value) || value < 1)
      throw new OptionError(
        `The ${name} option of ${provider} must be a whole number, 1 or more. Got ${String(value)}.`,
      );
  if (max < workers)
    throw new OptionError(`The max option of ${provider} must be ${least} or more. Got ${max}, below ${workers}.`);
  if (kind !== 'processes' && kind !== 'threads')
    throw new OptionError(`The kind option of ${provider} must be threads or processes. Got ${String(kind)}.`);
  return { workers, most: max, jobs, kind };
}
