import { runningHere, type TaskSettings } from '@jobloom/backends';
import type { Scope } from './context.ts';

/** What a call asks for its tasks; undefined where it asks nothing. A call inside a seeded task is seeded by that. */
export function settingsOf(options: Scope, deadline: number | undefined): TaskSettings | undefined {
  const { timeout, graceMs, randomState, captureConsole } = options;
  const outer = runningHere();
  const seed = randomState ?? (outer?.settings?.seed === undefined ? undefined : outer.task.seed);
  const settings: TaskSettings = {
    ...(timeout !== undefined && { timeout, ...(graceMs !== undefined && { graceMs }) }),
    ...(seed !== undefined && { seed }),
    ...(captureConsole && { console: true }),
    ...(deadline !== undefined && { deadline }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}
