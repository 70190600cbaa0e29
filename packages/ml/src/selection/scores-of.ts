import { InputError } from '../base/errors.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import type { Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { Scorer, type Scoring } from '../metrics/scorer.ts';
import type { ScoreSet } from './cv-results.ts';

/** Scores of a fitted estimator, by name. @throws InputError for a score that is no number; what estimators and scorers throw */
export async function scoresOf(
  estimator: AnyEstimator,
  X: Features,
  y: unknown,
  scoring: Readonly<Record<string, Scoring | null>>,
): Promise<ScoreSet> {
  const scores: Record<string, number> = {};
  for (const [name, score] of Object.entries(scoring)) {
    const value = await scored(score, estimator, X, y as Labels);
    for (const [key, each] of typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [[name, value] as const]) {
      if (typeof each !== 'number') throw new InputError(`The score '${key}' must be a number. Got ${String(each)}.`);
      scores[key] = each;
    }
  }
  return scores;
}

function scored(score: Scoring | null, estimator: AnyEstimator, X: Features, y: Labels): unknown {
  if (score === null) return (estimator as unknown as { score(X: Features, y: Labels): unknown }).score(X, y);
  return score instanceof Scorer ? score.score(estimator, X, y) : score(estimator, X, y);
}
