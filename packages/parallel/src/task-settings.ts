import { runningHere, type TaskSettings } from '@jobloom/backends';
import { largeFrom } from './bytes.ts';
import type { Scope } from './context.ts';

/** What a call asks for its tasks; undefined where it asks nothing. A call inside a seeded task is seeded by that. */
export function settingsOf(options: Scope, deadline: number | undefined): TaskSettings | undefined {
  const { timeout, graceMs, randomState, captureConsole, checkWrites, maxNbytes } = options;
  const outer = runningHere();
  const seed = randomState ?? (outer?.settings?.seed === undefined ? undefined : outer.task.seed);
  const settings: TaskSettings = {
    ...(timeout !== undefined && { timeout, ...(graceMs !== undefined && { graceMs }) }),
    ...(seed !== undefined && { seed }),
    ...(captureConsole && { console: true }),
    ...(checkWrites && { checkWrites: largeFrom(maxNbytes) ?? Number.MAX_SAFE_INTEGER }),
    ...(deadline !== undefined && { deadline }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}
