import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';

/** What naive Bayes classifiers share: from the logarithms of how likely rows and classes are together, answers. */
export abstract class BayesClassifier<L extends Label, P extends object> extends Estimator<P> implements Classifier<L> {
  /** Labels, sorted. */
  declare classes_: L[];
  /** Weight of the rows of each class. */
  declare classCount_: Float64Array;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  abstract override fit(X: Features, y: Labels<L>, options?: FitOptions): Promise<this>;

  /** Rows x classes: the logarithm of the probability of a row and a class together, up to a constant. */
  abstract predictJointLogProba(X: Features): Promise<DenseMatrix>;

  async predict(X: Features): Promise<L[]> {
    const { data, rows, cols } = await this.predictJointLogProba(X);
    return Array.from({ length: rows }, (_, row) => {
      let best = 0;
      for (let k = 1; k < cols; k += 1)
        if ((data[row * cols + k] as number) > (data[row * cols + best] as number)) best = k;
      return this.classes_[best] as L;
    });
  }

  /** Rows x classes. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const { data, rows, cols } = await this.predictJointLogProba(X);
    for (let start = 0; start < data.length; start += cols) {
      const own = data.subarray(start, start + cols);
      const max = Math.max(...own);
      let sum = 0;
      for (let k = 0; k < cols; k += 1) sum += own[k] = Math.exp((own[k] as number) - max);
      for (let k = 0; k < cols; k += 1) own[k] = (own[k] as number) / sum;
    }
    return { data, rows, cols };
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }
}

/** Weight of each class. @throws InputError for a class that has none */
export function classCounts(
  owner: string,
  classes: readonly Label[],
  codes: Int32Array,
  weights: Float64Array,
): Float64Array {
  const counts = new Float64Array(classes.length);
  for (const [row, code] of codes.entries()) counts[code] = (counts[code] as number) + (weights[row] as number);
  const empty = counts.indexOf(0);
  if (empty >= 0)
    throw new InputError(`${owner}: the rows of the class ${show(classes[empty])} have no weight. Leave them out.`);
  return counts;
}

/** Logarithms of the probabilities of classes: the given ones, or their shares. @throws InputError for given ones that are none */
export function logPriors(owner: string, given: ArrayLike<number> | null, counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, each) => sum + each, 0);
  if (given === null) return counts.map((count) => Math.log(count / total));
  const priors = Float64Array.from(given);
  const sum = priors.reduce((all, each) => all + each, 0);
  if (priors.length !== counts.length || priors.some((each) => !(each >= 0)) || Math.abs(sum - 1) > 1e-8)
    throw new InputError(
      `${owner}: priors must be ${counts.length} probabilities that sum to 1. Got ${show([...priors])}.`,
    );
  return priors.map(Math.log);
}
