import { runningHere } from '@jobloom/backends';
import { JobloomError } from '@jobloom/codec';

const LONGEST_MS = 2 ** 31 - 1;

/** The call was not over by its deadline. */
export class DeadlineError extends JobloomError {
  /** @param ms that the call had, where it was this call's own deadline */
  constructor(ms?: number) {
    const what = ms === undefined ? 'the deadline of the call around it' : `its deadline of ${ms} ms`;
    super('ERR_DEADLINE', `the call was not over by ${what}; what had not finished was cancelled`);
  }
}

/** When a call must be over, in milliseconds since 1970: by its own deadline, and by that of the task that makes it. */
export function deadlineOf(ms: number | undefined): number | undefined {
  const outer = runningHere()?.settings?.deadline;
  if (ms === undefined) return outer;
  const own = Date.now() + ms;
  return outer === undefined ? own : Math.min(outer, own);
}

/** A timer that holds for any time. */
export function afterMs(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(LONGEST_MS, Math.max(0, ms)));
}
