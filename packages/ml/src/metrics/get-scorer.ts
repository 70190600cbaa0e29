import { ParameterError } from '../base/errors.ts';
import { accuracyScore } from './accuracy-score.ts';
import { balancedAccuracyScore, f1Score, precisionScore, recallScore } from './label-scores.ts';
import { logLoss } from './log-loss.ts';
import { meanAbsoluteError, meanSquaredError, r2Score } from './regression-scores.ts';
import { rocAucScore } from './roc-auc-score.ts';
import { makeScorer, type Scorer } from './scorer.ts';

const byDecision = { responseMethod: ['decisionFunction', 'predictProba'] } as const;
const byProba = { responseMethod: 'predictProba' } as const;
const averaged = (name: string, metric: Parameters<typeof makeScorer>[0]): [string, () => Scorer][] => [
  [name, () => makeScorer(metric)],
  ...['micro', 'macro', 'weighted'].map((average): [string, () => Scorer] => [
    `${name}_${average}`,
    () => makeScorer(metric, { average }),
  ]),
];

/** Scorers by scikit-learn's names. Each is made when it is asked for. */
const SCORERS: ReadonlyMap<string, () => Scorer> = new Map<string, () => Scorer>([
  ['accuracy', () => makeScorer(accuracyScore)],
  ['balanced_accuracy', () => makeScorer(balancedAccuracyScore)],
  ...averaged('precision', precisionScore),
  ...averaged('recall', recallScore),
  ...averaged('f1', f1Score),
  ['roc_auc', () => makeScorer(rocAucScore, byDecision)],
  ['roc_auc_ovr', () => makeScorer(rocAucScore, { ...byProba, multiClass: 'ovr' })],
  ['roc_auc_ovo', () => makeScorer(rocAucScore, { ...byProba, multiClass: 'ovo' })],
  ['roc_auc_ovr_weighted', () => makeScorer(rocAucScore, { ...byProba, multiClass: 'ovr', average: 'weighted' })],
  ['roc_auc_ovo_weighted', () => makeScorer(rocAucScore, { ...byProba, multiClass: 'ovo', average: 'weighted' })],
  ['neg_log_loss', () => makeScorer(logLoss, { ...byProba, greaterIsBetter: false })],
  ['r2', () => makeScorer(r2Score)],
  ['neg_mean_squared_error', () => makeScorer(meanSquaredError, { greaterIsBetter: false })],
  ['neg_root_mean_squared_error', () => makeScorer(meanSquaredError, { greaterIsBetter: false, squared: false })],
  ['neg_mean_absolute_error', () => makeScorer(meanAbsoluteError, { greaterIsBetter: false })],
]);

/** Names that `scoring` takes. */
export function scorerNames(): string[] {
  return [...SCORERS.keys()].sort();
}

/**
 * The scorer of a name, as in scikit-learn: `'accuracy'`, `'roc_auc'`, `'neg_log_loss'` …
 * @throws ParameterError naming all that there are
 */
export function getScorer(name: string): Scorer {
  const make = SCORERS.get(name);
  if (make !== undefined) return make();
  throw new ParameterError(`'${name}' is no scoring. Valid are: ${scorerNames().join(', ')}.`);
}
