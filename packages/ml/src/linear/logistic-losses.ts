import type { Objective } from '../optimize/lbfgs.ts';
import type { SmoothFunction } from '../optimize/trust-region-newton.ts';
import type { Design } from './design.ts';

/** Rows with a weight, and an intercept or none. */
export interface Problem {
  readonly design: Design;
  readonly weights: Float64Array;
  readonly intercept: boolean;
  /** What the squared weights are multiplied by: 1 / C, or 0. */
  readonly penalty: number;
}

/** The sum of logistic losses for targets 0 and 1, with half the penalty on squared coefficients, not the intercept. */
export function binomialLoss(problem: Problem, targets: ArrayLike<number>): Objective {
  const { design, weights, intercept, penalty } = problem;
  const { rows, cols } = design;
  const scores = new Float64Array(rows);
  return (w, gradient) => {
    design.times(w, 1, 0, scores);
    const shift = intercept ? (w[cols] as number) : 0;
    let loss = 0;
    let sum = 0;
    for (let row = 0; row < rows; row += 1) {
      const score = (scores[row] as number) + shift;
      const target = targets[row] as number;
      const weight = weights[row] as number;
      loss += weight * (softplus(score) - target * score);
      const factor = weight * (sigmoid(score) - target);
      scores[row] = factor;
      sum += factor;
    }
    for (let j = 0; j < cols; j += 1) {
      const each = w[j] as number;
      loss += 0.5 * penalty * each * each;
      gradient[j] = penalty * each;
    }
    design.addTransposed(scores, 1, 0, gradient);
    if (intercept) gradient[cols] = sum;
    return loss;
  };
}

/** The sum of cross-entropies of softmax, for codes of classes; coefficients and intercept of each class in turn. */
export function multinomialLoss(problem: Problem, codes: Int32Array, classes: number): Objective {
  const { design, weights, intercept, penalty } = problem;
  const { rows, cols } = design;
  const stride = cols + (intercept ? 1 : 0);
  const scores = new Float64Array(rows * classes);
  return (w, gradient) => {
    design.times(w, classes, stride, scores);
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < rows; row += 1) {
      const start = row * classes;
      const weight = weights[row] as number;
      let max = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < classes; k += 1) {
        const score = (scores[start + k] as number) + (intercept ? (w[k * stride + cols] as number) : 0);
        scores[start + k] = score;
        if (score > max) max = score;
      }
      const right = start + (codes[row] as number);
      const rightScore = scores[right] as number;
      let sum = 0;
      for (let k = 0; k < classes; k += 1) {
        const each = Math.exp((scores[start + k] as number) - max);
        scores[start + k] = each;
        sum += each;
      }
      loss += weight * (max + Math.log(sum) - rightScore);
      const scale = weight / sum;
      for (let k = 0; k < classes; k += 1) scores[start + k] = (scores[start + k] as number) * scale;
      scores[right] = (scores[right] as number) - weight;
      if (!intercept) continue;
      for (let k = 0; k < classes; k += 1) {
        const at = k * stride + cols;
        gradient[at] = (gradient[at] as number) + (scores[start + k] as number);
      }
    }
    for (let k = 0; k < classes; k += 1) {
      for (let at = k * stride; at < k * stride + cols; at += 1) {
        const each = w[at] as number;
        loss += 0.5 * penalty * each * each;
        gradient[at] = penalty * each;
      }
    }
    design.addTransposed(scores, classes, stride, gradient);
    return loss;
  };
}

/** Half the squared weights, the bias's too, and the logistic losses of signs, each times its cost: liblinear's. */
export function penalizedBiasLoss(
  design: Design,
  signs: ArrayLike<number>,
  costs: Float64Array,
  bias: number,
): SmoothFunction {
  const { rows, cols } = design;
  const scores = new Float64Array(rows);
  const factors = new Float64Array(rows);
  return {
    value(w) {
      design.times(w, 1, 0, scores);
      const shift = bias === 0 ? 0 : bias * (w[cols] as number);
      let loss = 0;
      for (let i = 0; i < w.length; i += 1) loss += (w[i] as number) * (w[i] as number);
      loss /= 2;
      for (let row = 0; row < rows; row += 1) {
        const margin = (signs[row] as number) * ((scores[row] as number) + shift);
        scores[row] = margin;
        loss += (costs[row] as number) * softplus(-margin);
      }
      return loss;
    },
    gradient(w, out) {
      out.set(w);
      let sum = 0;
      for (let row = 0; row < rows; row += 1) {
        const chance = sigmoid(scores[row] as number);
        const cost = costs[row] as number;
        factors[row] = cost * chance * (1 - chance);
        const pull = cost * (chance - 1) * (signs[row] as number);
        scores[row] = pull;
        sum += pull;
      }
      design.addTransposed(scores, 1, 0, out);
      if (bias !== 0) out[cols] = (out[cols] as number) + bias * sum;
    },
    hessianTimes(v, out) {
      out.set(v);
      design.addGram(v, factors, bias, out);
    },
  };
}

/** log(1 + exp(x)), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const each = Math.exp(x);
  return each / (1 + each);
}
