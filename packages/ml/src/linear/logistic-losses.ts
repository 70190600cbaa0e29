import type { SmoothFunction } from '../optimize/trust-region-newton.ts';
import type { Design } from './design.ts';

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
