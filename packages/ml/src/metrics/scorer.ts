import { InputError, ParameterError } from '../base/errors.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import type { Awaitable } from '../base/interfaces.ts';
import { toDense } from '../data/convert.ts';
import { columnCount, type Features, type Matrix } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';

/** What of an estimator a metric looks at. */
export type ResponseMethod = 'predict' | 'predictProba' | 'decisionFunction';

/** Compares what is true with what an estimator says: `accuracyScore`, `rocAucScore`, or one of your own. */
export type Metric = (yTrue: never, response: never, options: never) => number;

export interface ScorerOptions {
  /** False for losses: the score is then the negative of the metric. */
  readonly greaterIsBetter?: boolean;
  /** What the metric looks at; of several, the first that the estimator has. `'predict'` by default. */
  readonly responseMethod?: ResponseMethod | readonly ResponseMethod[];
  /** Everything else is handed to the metric. */
  readonly [option: string]: unknown;
}

/** What scores a fitted estimator on data, greater being better: a `Scorer`, or a function of your own. */
export type Scoring = Scorer | ScoringFunction;
export type ScoringFunction = (
  estimator: AnyEstimator,
  X: Features,
  y: Labels,
) => Awaitable<number | Readonly<Record<string, number>>>;

/** A metric, and what of an estimator it looks at. Made by `makeScorer`; travels to tasks with its metric. */
export class Scorer {
  readonly metric: Metric;
  readonly sign: 1 | -1;
  readonly responseMethods: readonly ResponseMethod[];
  readonly options: Readonly<Record<string, unknown>>;

  constructor(metric: Metric, { greaterIsBetter = true, responseMethod = 'predict', ...options }: ScorerOptions = {}) {
    this.metric = metric;
    this.sign = greaterIsBetter ? 1 : -1;
    this.responseMethods = typeof responseMethod === 'string' ? [responseMethod] : responseMethod;
    this.options = options;
  }

  /**
   * The score of a fitted estimator.
   * @throws ParameterError where the estimator lacks the method that the metric looks at; what the estimator and the metric throw
   */
  async score(
    estimator: AnyEstimator,
    X: Features,
    y: Labels,
    { sampleWeight }: { readonly sampleWeight?: ArrayLike<number> | undefined } = {},
  ): Promise<number> {
    const methods = estimator as unknown as Record<string, ((X: Features) => unknown) | undefined>;
    const method = this.responseMethods.find((name) => typeof methods[name] === 'function');
    if (method === undefined)
      throw new ParameterError(
        `${estimator.constructor.name} has no ${this.responseMethods.join(' or ')}, which ${this.metric.name || 'this metric'} looks at. Choose another scoring.`,
      );
    const said = await methods[method]?.(X);
    const options = { ...this.options, ...(sampleWeight !== undefined && { sampleWeight }) };
    const metric = this.metric as unknown as (yTrue: Labels, response: unknown, options: object) => number;
    return this.sign * metric(y, method === 'predict' ? said : binaryScores(said as Matrix, estimator), options);
  }
}

/**
 * A scorer of a metric, for `scoring`.
 * @throws ParameterError where the metric is no function
 * @example makeScorer(fbetaScore, { beta: 2 });
 */
export function makeScorer(metric: Metric, options: ScorerOptions = {}): Scorer {
  if (typeof metric !== 'function')
    throw new ParameterError(`makeScorer needs a metric, a function of yTrue and yPred.`);
  return new Scorer(metric, options);
}

/** Of two labels the score of the second, one a sample; of more, as they are. */
function binaryScores(scores: Matrix, estimator: AnyEstimator): Matrix | ArrayLike<number> {
  const cols = columnCount(scores);
  if (cols === 1) return toDense(scores).data;
  const { classes_: classes } = estimator as { classes_?: ArrayLike<Label> };
  if (classes !== undefined && classes.length !== cols)
    throw new InputError(`${estimator.constructor.name} scored ${cols} labels, and knows ${classes.length}.`);
  if (cols > 2) return scores;
  const { data, rows } = toDense(scores);
  return Float64Array.from({ length: rows }, (_, row) => data[2 * row + 1] as number);
}
