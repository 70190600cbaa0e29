import { JobloomError } from '@jobloom/parallel';
import type { FitOutcome } from './cv-results.ts';

/** No fit of a search or cross-validation came to its end; `cause` is why the first did not. */
export class FitFailedError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FIT_FAILED', message, options);
  }
}

/**
 * Tells of fits that failed, alike ones together.
 * @throws FitFailedError where all have
 */
export function reportFailures(outcomes: readonly FitOutcome[], errorScore: number): void {
  const failed = outcomes.filter((outcome) => outcome.error !== undefined);
  if (failed.length === 0) return;
  const counts = new Map<string, number>();
  for (const { error } of failed) counts.set(lineOf(error), (counts.get(lineOf(error)) ?? 0) + 1);
  const list = [...counts].map(([line, count]) => `${count} failed with ${line}`).join('; ');
  if (failed.length === outcomes.length)
    throw new FitFailedError(
      `All the ${outcomes.length} fits failed: ${list}. The parameters are probably wrong; errorScore: 'raise' throws the first error itself.`,
      { cause: failed[0]?.error },
    );
  process.emitWarning(
    `${failed.length} of ${outcomes.length} fits failed, and their scores are ${errorScore}: ${list}. errorScore: 'raise' throws the first error itself.`,
    { type: 'FitFailedWarning', code: 'JOBLOOM_FIT_FAILED' },
  );
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replace(/\.$/, '');
}
