import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import { provides } from '../base/provides.ts';
import { getScorer } from '../metrics/get-scorer.ts';
import { Scorer, type Scoring } from '../metrics/scorer.ts';

/** One score: its name, a scorer, or a function; several: names, or scores by name. Null: the estimator's own. */
export type ScoringOption = string | Scoring | readonly string[] | Readonly<Record<string, string | Scoring>> | null;

/**
 * Scorers by name; a single one is called `score`, and null where it is the estimator's own.
 * @throws ParameterError for names that there are not, and estimators without `score` where nothing else is given
 */
export function scoringOf(
  scoring: ScoringOption | undefined,
  estimator: AnyEstimator,
): Readonly<Record<string, Scoring | null>> {
  if (scoring == null) {
    if (provides(estimator, 'score')) return { score: null };
    throw new ParameterError(`${estimator.constructor.name} has no score(), so scoring must be given.`);
  }
  if (typeof scoring === 'string' || typeof scoring === 'function' || scoring instanceof Scorer)
    return { score: scorerOf(scoring) };
  if (typeof scoring !== 'object') throw refused(scoring);
  const entries: [string, unknown][] = Array.isArray(scoring)
    ? scoring.map((name) => [name, name])
    : Object.entries(scoring);
  if (entries.length === 0) throw refused(scoring);
  if (new Set(entries.map(([name]) => name)).size < entries.length)
    throw new ParameterError(`scoring names a score twice: ${entries.map(([name]) => name).join(', ')}.`);
  return Object.fromEntries(entries.map(([name, each]) => [name, scorerOf(each)]));
}

function scorerOf(scoring: unknown): Scoring {
  if (typeof scoring === 'string') return getScorer(scoring);
  if (typeof scoring === 'function' || scoring instanceof Scorer) return scoring as Scoring;
  throw refused(scoring);
}

function refused(scoring: unknown): ParameterError {
  return new ParameterError(
    `scoring must be a name, a scorer of makeScorer, a function, or some of these by name. Got ${show(scoring)}.`,
  );
}
