import type { CodeOrder } from './code-order.ts';
import { type Criterion, isApart, type SplitLimits } from './criterion.ts';

/** The variance of targets. */
export class SquaredError implements Criterion {
  readonly width = 1;
  weight: number = 0;
  best: number = Number.NEGATIVE_INFINITY;
  readonly left: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly right: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly #targets: Float64Array;
  #weights: Float64Array = new Float64Array(0);
  /** Weight, and weight times target, of the node's rows. */
  readonly #own: Float64Array;
  readonly #weighted: Float64Array;
  #sum = 0;
  #squares = 0;

  /** @param targets of each row of the data */
  constructor(targets: Float64Array) {
    this.#targets = targets;
    this.#own = new Float64Array(targets.length);
    this.#weighted = new Float64Array(targets.length);
  }

  weigh(weights: Float64Array): void {
    this.#weights = weights;
  }

  enter(rows: Int32Array, from: number, to: number): void {
    let sum = 0;
    let squares = 0;
    let all = 0;
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      const weight = this.#weights[row] as number;
      const target = this.#targets[row] as number;
      const weighted = weight * target;
      this.#own[i - from] = weight;
      this.#weighted[i - from] = weighted;
      all += weight;
      sum += weighted;
      squares += weighted * target;
    }
    this.weight = all;
    this.best = Number.NEGATIVE_INFINITY;
    this.#sum = sum;
    this.#squares = squares;
  }

  impurity(): number {
    return this.#squares / this.weight - (this.#sum / this.weight) ** 2;
  }

  write(values: Float64Array, at: number): void {
    values[at] = this.#sum / this.weight;
  }

  scan(order: CodeOrder, n: number, values: Float32Array, first: number, limits: SplitLimits): number {
    const { codes, order: rows } = order;
    const { minRows, minWeight } = limits;
    const all = this.weight;
    const total = this.#sum;
    const own = this.#own;
    const weighted = this.#weighted;
    let { best } = this;
    let found = 0;
    let leftWeight = 0;
    let leftSum = 0;
    let code = codes[0] as number;
    const last = n - minRows;
    for (let i = 0; i < last; ) {
      const row = rows[i] as number;
      leftWeight += own[row] as number;
      leftSum += weighted[row] as number;
      i += 1;
      const next = codes[i] as number;
      if (next === code) continue;
      const value = values[first + code] as number;
      code = next;
      if (i < minRows || !isApart(value, values[first + next] as number)) continue;
      const rightWeight = all - leftWeight;
      if (leftWeight < minWeight || rightWeight < minWeight) continue;
      const rightSum = total - leftSum;
      const quality = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
      if (quality > best) {
        best = quality;
        found = i;
      }
    }
    this.best = best;
    return found;
  }

  divide(rows: Int32Array, from: number, middle: number): void {
    let leftWeight = 0;
    let sum = 0;
    let squares = 0;
    for (let i = from; i < middle; i += 1) {
      const row = rows[i] as number;
      const weight = this.#weights[row] as number;
      const target = this.#targets[row] as number;
      leftWeight += weight;
      sum += weight * target;
      squares += weight * target * target;
    }
    const rightWeight = this.weight - leftWeight;
    this.left.weight = leftWeight;
    this.left.impurity = squares / leftWeight - (sum / leftWeight) ** 2;
    this.right.weight = rightWeight;
    this.right.impurity = (this.#squares - squares) / rightWeight - ((this.#sum - sum) / rightWeight) ** 2;
  }
}
