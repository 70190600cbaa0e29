import type { Constraints } from '../base/constraints.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { type KNeighborsParams, NEIGHBORS_CONSTRAINTS, NEIGHBORS_DEFAULTS, NeighborsEstimator } from './k-neighbors.ts';

/**
 * The label that most of the nearest rows have. X: dense, finite numbers. Follows scikit-learn's
 * `KNeighborsClassifier`; of equally near rows it takes those that come first.
 *
 * @example
 * const model = await new KNeighborsClassifier({ nNeighbors: 3, weights: 'distance' }).fit(X, y);
 */
export class KNeighborsClassifier<L extends Label = Label> extends NeighborsEstimator implements Classifier<L> {
  static override readonly defaults: KNeighborsParams = NEIGHBORS_DEFAULTS;
  static override readonly constraints: Constraints = NEIGHBORS_CONSTRAINTS;
  /** Labels, sorted. */
  declare classes_: L[];
  /** Of each row of `fit`, the position of its label. */
  declare codes_: Int32Array;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', requiresY: true };
  }

  /** @throws ParameterError, InputError: for fewer rows than neighbours too */
  async fit(X: Features, y: Labels<L>): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: 'KNeighborsClassifier' });
    checkLength('y', y, matrix.rows, 'KNeighborsClassifier');
    const { classes, codes } = encodeLabels(y);
    this.forget();
    this.keepRows(matrix);
    this.classes_ = classes;
    this.codes_ = codes;
    return this;
  }

  async predict(X: Features): Promise<L[]> {
    const { data, rows, cols } = await this.predictProba(X);
    return Array.from({ length: rows }, (_, row) => {
      const own = data.subarray(row * cols, (row + 1) * cols);
      return this.classes_[own.indexOf(Math.max(...own))] as L;
    });
  }

  /** Rows x classes: the shares of the neighbours, by weight. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const { distances, indices } = await this.kneighbors(X);
    const { rows, cols: count } = distances;
    const cols = this.classes_.length;
    const data = new Float64Array(rows * cols);
    for (let row = 0; row < rows; row += 1) {
      const weights = this.weightsOf(distances.data.subarray(row * count, (row + 1) * count) as Float64Array);
      let total = 0;
      for (let k = 0; k < count; k += 1) {
        const at = row * cols + (this.codes_[indices[row * count + k] as number] as number);
        data[at] = (data[at] as number) + (weights[k] as number);
        total += weights[k] as number;
      }
      for (let k = 0; k < cols; k += 1) data[row * cols + k] = (data[row * cols + k] as number) / total;
    }
    return { data, rows, cols };
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }
}
