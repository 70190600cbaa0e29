import { runningHere, type TaskSettings } from '@jobloom/backends';
import { largeFrom } from './bytes.ts';
import type { Scope } from './context.ts';

/** Tasks of a call that may be under way at once in one worker. Where writes are looked for, one: among several it could not be told which one wrote. */
export function overlapOf({ tasksPerWorker = 1, checkWrites = false }: Scope): number {
  return checkWrites ? 1 : tasksPerWorker;
}

/** What a call asks for its tasks; undefined where it asks nothing. A call inside a seeded task is seeded by that. */
export function settingsOf(options: Scope, deadline: number | undefined): TaskSettings | undefined {
  const { timeout, graceMs, randomState, captureConsole, checkWrites, maxNbytes } = options;
  const tasksPerWorker = overlapOf(options);
  const overlaps = tasksPerWorker > 1;
  const outer = runningHere();
  const seed = randomState ?? (outer?.settings?.seed === undefined ? undefined : outer.task.seed);
  const settings: TaskSettings = {
    ...(timeout !== undefined && { timeout }),
    ...((timeout !== undefined || overlaps) && graceMs !== undefined && { graceMs }),
    ...(overlaps && { tasksPerWorker }),
    ...(seed !== undefined && { seed }),
    ...(captureConsole && { console: true }),
    ...(checkWrites && { checkWrites: largeFrom(maxNbytes) ?? Number.MAX_SAFE_INTEGER }),
    ...(deadline !== undefined && { deadline }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}
