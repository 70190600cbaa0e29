import type { Kernels, Numbers } from './kernels.ts';
import { elementaryOf, F32, F64, type Precision } from './plain-elementary.ts';
import { plainProducts } from './plain-products.ts';
import { plainSparse } from './plain-sparse.ts';
import { plainSteps } from './plain-steps.ts';

/**
 * The kernels in TypeScript, for where there is no WebAssembly, and as what its kernels are tested against. They do the
 * same operations in the same order, and round after each.
 */
export function plainKernels<A extends Numbers>(name: 'f64' | 'f32'): Kernels<A> {
  const precision = name === 'f64' ? F64 : F32;
  return {
    ...plainProducts<A>(precision),
    ...plainFunctions<A>(precision),
    ...plainSteps<A>(precision),
    ...plainSparse<A>(precision),
  };
}

type Functions = 'exp' | 'log' | 'relu' | 'tanh' | 'sigmoid' | 'reluBack' | 'tanhBack' | 'sigmoidBack';
type Losses = 'softmax' | 'logSumExp' | 'softmaxLoss' | 'sigmoidLoss' | 'squaredLoss';

function plainFunctions<A extends Numbers>(precision: Precision): Pick<Kernels<A>, Functions | Losses> {
  const { round: r } = precision;
  const { exp, log, log1p, tanh, sigmoid } = elementaryOf(precision);
  const each =
    (fn: (x: number) => number) =>
    (n: number, x: A, y: A): void => {
      for (let i = 0; i < n; i += 1) y[i] = fn(x[i] as number);
    };
  const back =
    (slope: (y: number, d: number) => number) =>
    (n: number, y: A, d: A): void => {
      for (let i = 0; i < n; i += 1) d[i] = slope(y[i] as number, d[i] as number);
    };
  /** What is taken from a row before exp: its largest, if that is finite. */
  const shiftOf = (from: number, columns: number, x: A): number => {
    let top = x[from] as number;
    for (let i = from + 1; i < from + columns; i += 1) if ((x[i] as number) > top) top = x[i] as number;
    return Number.isFinite(top) ? top : 0;
  };
  /** y becomes exp(x - shift) in a row; gives the sum. */
  const grow = (from: number, columns: number, shift: number, x: A, y: A): number => {
    let sum = 0;
    for (let i = from; i < from + columns; i += 1) {
      y[i] = exp(r((x[i] as number) - shift));
      sum = r(sum + (y[i] as number));
    }
    return sum;
  };
  const eachCell = (rows: number, columns: number, cell: (row: number, at: number) => number): number => {
    let loss = 0;
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (const end = at + columns; at < end; at += 1) loss += cell(row, at);
    }
    return loss;
  };
  return {
    exp: each(exp),
    log: each(log),
    relu: each((x) => Math.max(0, x)),
    tanh: each(tanh),
    sigmoid: each(sigmoid),
    reluBack: back((y, d) => (y > 0 ? d : 0)),
    tanhBack: back((y, d) => d * r(1 - r(y * y))),
    sigmoidBack: back((y, d) => d * r(y * r(1 - y))),
    softmax(rows, columns, x, y) {
      for (let row = 0; row < rows; row += 1) {
        const from = row * columns;
        const share = r(1 / grow(from, columns, shiftOf(from, columns, x), x, y));
        for (let i = from; i < from + columns; i += 1) y[i] = (y[i] as number) * share;
      }
    },
    logSumExp(rows, columns, x, out) {
      for (let row = 0; row < rows; row += 1) {
        const shift = shiftOf(row * columns, columns, x);
        out[row] = shift + log(grow(row * columns, columns, shift, x, x));
      }
    },
    softmaxLoss(rows, columns, scores, targets, weights) {
      let loss = 0;
      for (let row = 0; row < rows; row += 1) {
        const from = row * columns;
        const shift = shiftOf(from, columns, scores);
        let [right, whole] = [0, 0];
        for (let i = from; i < from + columns; i += 1) {
          right = r(right + r((targets[i] as number) * r((scores[i] as number) - shift)));
          whole = r(whole + (targets[i] as number));
        }
        const sum = grow(from, columns, shift, scores, scores);
        const weight = weights[row] as number;
        loss += r(weight * r(r(whole * log(sum)) - right));
        const share = r(1 / sum);
        for (let i = from; i < from + columns; i += 1) {
          scores[i] = weight * r(r((scores[i] as number) * share) - (targets[i] as number));
        }
      }
      return loss;
    },
    sigmoidLoss(rows, columns, scores, targets, weights) {
      return eachCell(rows, columns, (row, at) => {
        const [score, target, weight] = [scores[at] as number, targets[at] as number, weights[row] as number];
        const e = exp(-Math.abs(score));
        const chance = r((score < 0 ? e : 1) / r(1 + e));
        const soft = r(Math.max(0, score) + log1p(e));
        scores[at] = weight * r(chance - target);
        return r(weight * r(soft - r(target * score)));
      });
    },
    squaredLoss(rows, columns, scores, targets, weights) {
      return eachCell(rows, columns, (row, at) => {
        const off = r((scores[at] as number) - (targets[at] as number));
        const pull = r((weights[row] as number) * off);
        scores[at] = 2 * pull;
        return r(pull * off);
      });
    },
  };
}
