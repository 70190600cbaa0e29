import { multiply } from '../algebra/matrix-products.ts';
import { BOOLEAN, type Constraints, integer, NULL, RANDOM_STATE, real } from '../base/constraints.ts';
import { Estimator } from '../base/estimator.ts';
import type { Transformer } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { doublesOf } from '../data/doubles-of.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { take } from '../data/take.ts';
import { addScaled, dot } from '../optimize/lbfgs.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { sparseCodes } from './sparse-codes.ts';

export interface MiniBatchDictionaryLearningParams {
  /** Atoms of the dictionary; null: as many as columns. */
  readonly nComponents: number | null;
  /** Weight of the sum of absolute codes: the larger, the fewer atoms a row is made of. */
  readonly alpha: number;
  readonly batchSize: number;
  /** Passes over X, at most. */
  readonly maxIter: number;
  /** Ends where a pass changes the dictionary by less than this share. */
  readonly tol: number;
  /** Codes are not below zero; */
  readonly positiveCode: boolean;
  /** nor are atoms: with both, it is a factorization into parts that only add up. */
  readonly positiveDict: boolean;
  readonly shuffle: boolean;
  readonly randomState: number | RandomState | null;
}

/**
 * Learns atoms of which rows are sparse sums, batch by batch: what batches say is kept as two small matrices, so that
 * `partialFit` takes data that no memory holds. X: dense, finite numbers. Minimizes |X - U V|^2 / 2 + alpha |U|_1 with
 * atoms no longer than 1.
 * Source: Mairal, Bach, Ponce and Sapiro, Online learning for matrix factorization and sparse coding, JMLR 11, 2010.
 *
 * @example
 * const parts = new MiniBatchDictionaryLearning({ nComponents: 20, positiveCode: true, positiveDict: true });
 * for await (const batch of batches) await parts.partialFit(batch);
 */
export class MiniBatchDictionaryLearning
  extends Estimator<MiniBatchDictionaryLearningParams>
  implements Transformer<DenseMatrix>
{
  static override readonly defaults: MiniBatchDictionaryLearningParams = {
    nComponents: null,
    alpha: 1,
    batchSize: 256,
    maxIter: 100,
    tol: 1e-3,
    positiveCode: false,
    positiveDict: false,
    shuffle: true,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    nComponents: [integer('[1, inf)'), NULL],
    alpha: [real('[0, inf)')],
    batchSize: [integer('[1, inf)')],
    maxIter: [integer('[1, inf)')],
    tol: [real('[0, inf)')],
    positiveCode: [BOOLEAN],
    positiveDict: [BOOLEAN],
    shuffle: [BOOLEAN],
    randomState: [RANDOM_STATE],
  };

  /** The dictionary: atoms x columns. */
  declare components_: DenseMatrix;
  /** Products of codes with codes, of all batches; older ones count less. */
  declare codeProducts_: DenseMatrix;
  /** Products of codes with rows. */
  declare dataProducts_: DenseMatrix;
  /** Batches so far. */
  declare nSteps_: number;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer' };
  }

  /** @throws ParameterError, InputError */
  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: 'MiniBatchDictionaryLearning' });
    const { batchSize, maxIter, tol, shuffle, randomState } = this.params;
    const random = checkRandomState(randomState);
    this.forget();
    this.start(matrix, random);
    for (let pass = 0; pass < maxIter; pass += 1) {
      const before = this.components_.data.slice();
      const order = Int32Array.from({ length: matrix.rows }, (_, row) => row);
      if (shuffle) random.shuffle(order);
      for (let from = 0; from < matrix.rows; from += batchSize)
        this.learn(take<DenseMatrix>(matrix, order.subarray(from, from + batchSize)));
      const { data } = this.components_;
      const change = norm(data.map((each, i) => each - (before[i] as number)));
      if (change <= tol * norm(data)) break;
    }
    return this;
  }

  /** Goes on from what was learned with one batch more; the first one gives the atoms to start from. */
  async partialFit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const cols = this.isFitted ? this.nFeaturesIn_ : undefined;
    const batch = checkFeatures(X, { owner: 'MiniBatchDictionaryLearning', cols });
    if (!this.isFitted) this.start(batch, checkRandomState(this.params.randomState));
    this.learn(batch);
    return this;
  }

  /** Codes of rows: rows x atoms. */
  async transform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: 'MiniBatchDictionaryLearning', cols: this.nFeaturesIn_ });
    return { data: this.codesOf(matrix), rows: matrix.rows, cols: this.components_.rows };
  }

  /** Rows from their codes. */
  async inverseTransform(codes: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { data, rows: inner, cols } = this.components_;
    const given = checkFeatures(codes, { owner: 'MiniBatchDictionaryLearning', cols: inner });
    const out = new Float64Array(given.rows * cols);
    multiply(doublesOf(given.data), data as Float64Array, out, { rows: given.rows, inner, cols });
    return { data: out, rows: given.rows, cols };
  }

  getFeatureNamesOut(): string[] {
    this.checkFitted();
    return Array.from({ length: this.components_.rows }, (_, k) => `minibatchdictionarylearning${k}`);
  }

  /** Atoms that are rows of X, with a little noise so that no two are the same. */
  private start(X: DenseMatrix, random: RandomState): void {
    const { nComponents, positiveDict } = this.params;
    const { rows, cols } = X;
    const count = nComponents ?? cols;
    const drawn = count <= rows ? random.permutation(rows).slice(0, count) : random.choice(rows, count);
    const data = doublesOf(take<DenseMatrix>(X, drawn).data).slice();
    const noise = random.normal(0, 1e-3 * (norm(data) / Math.sqrt(data.length) || 1), data.length);
    for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) + (noise[i] as number);
    for (let k = 0; k < count; k += 1) project(data.subarray(k * cols, (k + 1) * cols), positiveDict, true);
    this.components_ = { data, rows: count, cols };
    this.codeProducts_ = { data: new Float64Array(count * count), rows: count, cols: count };
    this.dataProducts_ = { data: new Float64Array(count * cols), rows: count, cols };
    this.nSteps_ = 0;
    this.nFeaturesIn_ = cols;
  }

  private learn(batch: DenseMatrix): void {
    const { rows, cols } = batch;
    const count = this.components_.rows;
    const codes = this.codesOf(batch);
    const steps = this.nSteps_ + 1;
    const seen = steps < rows ? steps * rows : rows * rows + steps - rows;
    const keep = (seen + 1 - rows) / (seen + 1);
    const gather = (kept: DenseMatrix, other: Float64Array, width: number): DenseMatrix => {
      const products = new Float64Array(count * width);
      multiply(codes, other, products, { rows: count, inner: rows, cols: width, turnA: true });
      return { ...kept, data: products.map((each, i) => each / rows + keep * (kept.data[i] as number)) };
    };
    this.codeProducts_ = gather(this.codeProducts_, codes, count);
    this.dataProducts_ = gather(this.dataProducts_, doublesOf(batch.data), cols);
    this.components_ = { ...this.components_, data: this.moved() };
    this.nSteps_ = steps;
  }

  /** Each atom in turn where it explains best what was kept of the batches, the others as they are. */
  private moved(): Float64Array {
    const { rows: count, cols } = this.components_;
    const [codes, targets] = [this.codeProducts_.data as Float64Array, this.dataProducts_.data as Float64Array];
    const atoms = (this.components_.data as Float64Array).slice();
    for (let k = 0; k < count; k += 1) {
      const square = codes[k * count + k] as number;
      if (square <= 1e-10) continue; // no row uses it yet
      const way = targets.slice(k * cols, (k + 1) * cols);
      for (let j = 0; j < count; j += 1)
        addScaled(way, -(codes[k * count + j] as number), atoms.subarray(j * cols, (j + 1) * cols));
      const atom = atoms.subarray(k * cols, (k + 1) * cols);
      addScaled(atom, 1 / square, way);
      project(atom, this.params.positiveDict, false);
    }
    return atoms;
  }

  private codesOf(X: DenseMatrix): Float64Array {
    const { data, rows, cols } = this.components_;
    const options = { alpha: this.params.alpha, positive: this.params.positiveCode };
    return sparseCodes(doublesOf(X.data), data as Float64Array, [X.rows, rows, cols], options);
  }
}

/** Makes an atom no longer than 1, or just 1, and not negative where that is asked. */
function project(atom: Float64Array, positive: boolean, unit: boolean): void {
  if (positive) for (let i = 0; i < atom.length; i += 1) atom[i] = Math.max(0, atom[i] as number);
  const length = norm(atom);
  if (length === 0 || (length <= 1 && !unit)) return;
  for (let i = 0; i < atom.length; i += 1) atom[i] = (atom[i] as number) / length;
}

function norm(values: Float64Array | Float32Array): number {
  const doubles = doublesOf(values);
  return Math.sqrt(dot(doubles, doubles));
}
