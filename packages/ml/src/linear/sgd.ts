import type { Matrix } from '../data/features.ts';
import { Xorshift } from '../random/xorshift.ts';
import { ScaledWeights } from './scaled-weights.ts';
import type { RowLoss } from './sgd-losses.ts';

/** What is learned, changed in place from call to call. */
export interface SgdModel {
  readonly weights: Float64Array;
  intercept: number;
  /** Means over steps, where they are wanted. */
  readonly meanWeights: Float64Array | undefined;
  meanIntercept: number;
}

/** Where a model starts: at zero, or at a copy of what there is. */
export function startOf(model: SgdModel | undefined, cols: number, average: number): SgdModel {
  if (model !== undefined) return { ...model, weights: model.weights.slice(), meanWeights: model.meanWeights?.slice() };
  const meanWeights = average > 0 ? new Float64Array(cols) : undefined;
  return { weights: new Float64Array(cols), intercept: 0, meanWeights, meanIntercept: 0 };
}

/** What a model predicts with: means, once there are some. @param nextStep the number of the next step */
export function usedOf(
  model: SgdModel,
  average: number,
  nextStep: number,
): { weights: Float64Array; intercept: number } {
  const { weights, intercept, meanWeights, meanIntercept } = model;
  return meanWeights !== undefined && average <= nextStep - 1
    ? { weights: meanWeights, intercept: meanIntercept }
    : { weights, intercept };
}

export interface SgdOptions {
  readonly loss: RowLoss;
  readonly alpha: number;
  /** The share of the L1 penalty: 0 for l2, 1 for l1; undefined for no penalty. */
  readonly l1Share: number | undefined;
  readonly fitIntercept: boolean;
  readonly maxIter: number;
  /** -Infinity: all epochs are run. */
  readonly tol: number;
  readonly shuffle: boolean;
  readonly learningRate: 'constant' | 'optimal' | 'invscaling' | 'adaptive';
  readonly eta0: number;
  readonly powerT: number;
  readonly nIterNoChange: number;
  /** Steps from this one on are averaged; 0 for none. */
  readonly average: number;
}

export interface SgdProblem {
  readonly X: Matrix;
  /** For classes 1 and -1. */
  readonly y: Float64Array;
  readonly sampleWeight: Float64Array;
  readonly seed: number;
  /** The number of the first step, from 1. */
  readonly firstStep: number;
  /** Rows that are not learned from, and how good the model is on them; larger is better. */
  readonly held?: { readonly rows: Uint8Array; score(model: SgdModel): number } | undefined;
}

/** Slopes are cut there. */
const STEEPEST = 1e12;

/**
 * Stochastic gradient descent over rows in an order drawn anew each epoch, step for step as scikit-learn's.
 * Gives the number of epochs, or none where weights were no longer finite.
 */
export function sgd(problem: SgdProblem, model: SgdModel, options: SgdOptions): number | undefined {
  const { X, y, sampleWeight, firstStep, held } = problem;
  const { loss, alpha, l1Share, fitIntercept, learningRate, eta0, powerT, average, tol } = options;
  const weights = new ScaledWeights(X, model.weights, model.meanWeights);
  const order = Int32Array.from({ length: X.rows }, (_, row) => row);
  const had = new Float64Array(l1Share === undefined || l1Share === 0 ? 0 : X.cols);
  const typical = Math.sqrt(1 / Math.sqrt(alpha));
  const start = 1 / ((typical / Math.max(1, loss.slope(-typical, 1))) * alpha);
  const rows = held === undefined ? X.rows : X.rows - held.rows.reduce((sum, each) => sum + each, 0);
  let epochs = 0;
  let all = 0;
  let eta = eta0;
  let step = firstStep;
  let best = held === undefined ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let waited = 0;
  for (let epoch = 1; epoch <= options.maxIter; epoch += 1) {
    if (options.shuffle) shuffle(order, problem.seed);
    let sum = 0;
    for (const row of order) {
      if (held !== undefined && held.rows[row] === 1) continue;
      const target = y[row] as number;
      const score = weights.product(row) + model.intercept;
      if (learningRate === 'optimal') eta = 1 / (alpha * (start + step - 1));
      else if (learningRate === 'invscaling') eta = eta0 / step ** powerT;
      if (held === undefined) sum += loss.value(score, target);
      const slope = Math.min(Math.max(loss.slope(score, target), -STEEPEST), STEEPEST);
      const change = -eta * slope * (sampleWeight[row] as number);
      if (l1Share !== undefined) weights.scale(Math.max(0, 1 - (1 - l1Share) * eta * alpha));
      if (change !== 0) {
        weights.add(row, change);
        if (fitIntercept) model.intercept += change;
      }
      if (average > 0 && average <= step) {
        const n = step - average + 1;
        weights.average(n);
        model.meanIntercept += (model.intercept - model.meanIntercept) / n;
      }
      if (had.length > 0) {
        all += (l1Share as number) * eta * alpha;
        weights.shrink(row, all, had);
      }
      step += 1;
    }
    if (!Number.isFinite(model.intercept) || !weights.areFinite()) return undefined;
    epochs = epoch;
    if (held === undefined) {
      waited = tol > Number.NEGATIVE_INFINITY && sum > best - tol * rows ? waited + 1 : 0;
      best = Math.min(best, sum);
    } else {
      weights.settle();
      const reached = held.score(model);
      waited = tol > Number.NEGATIVE_INFINITY && reached < best + tol ? waited + 1 : 0;
      best = Math.max(best, reached);
    }
    if (waited < options.nIterNoChange) continue;
    if (learningRate !== 'adaptive' || eta <= 1e-6) break;
    eta /= 5;
    waited = 0;
  }
  weights.settle();
  return epochs;
}

function shuffle(order: Int32Array, seed: number): void {
  const random = new Xorshift(seed);
  for (let i = 0; i < order.length - 1; i += 1) {
    const j = random.between(i, order.length);
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
}
