import type { CodeOrder } from './code-order.ts';
import { type Criterion, isApart, type NodeColumn, nothingFound, type SplitLimits } from './criterion.ts';

/** The variance of targets. */
export class SquaredError implements Criterion {
  readonly width = 1;
  weight: number = 0;
  readonly found: Criterion['found'] = nothingFound();
  readonly left: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly right: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly #targets: Float64Array;
  #weights: Float64Array = new Float64Array(0);
  /** Weight, and weight times target, of the node's rows. */
  readonly #own: Float64Array;
  readonly #weighted: Float64Array;
  /** For each code the weight, weight times target, and number of its rows. */
  #bins: Float64Array = new Float64Array(0);
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
    this.found.quality = Number.NEGATIVE_INFINITY;
    this.found.count = 0;
    this.#sum = sum;
    this.#squares = squares;
  }

  impurity(): number {
    return this.#squares / this.weight - (this.#sum / this.weight) ** 2;
  }

  write(values: Float64Array, at: number): void {
    values[at] = this.#sum / this.weight;
  }

  prefersBins(n: number, range: number): boolean {
    return range <= n;
  }

  scanBins({ codes, n, low, high, values, first }: NodeColumn, { minRows, minWeight }: SplitLimits): boolean {
    const { weight: all, found } = this;
    const total = this.#sum;
    const range = high - low + 1;
    if (this.#bins.length < 3 * range) this.#bins = new Float64Array(6 * range);
    const bins = this.#bins;
    bins.fill(0, 0, 3 * range);
    const own = this.#own;
    const weighted = this.#weighted;
    for (let i = 0; i < n; i += 1) {
      const at = 3 * ((codes[i] as number) - low);
      bins[at] = (bins[at] as number) + (own[i] as number);
      bins[at + 1] = (bins[at + 1] as number) + (weighted[i] as number);
      bins[at + 2] = (bins[at + 2] as number) + 1;
    }
    let leftWeight = 0;
    let leftSum = 0;
    let count = 0;
    let last = 0;
    let isBetter = false;
    for (let bin = 0; bin < range; bin += 1) {
      const rows = bins[3 * bin + 2] as number;
      if (rows === 0) continue;
      const rightWeight = all - leftWeight;
      const isAllowed =
        count >= minRows &&
        n - count >= minRows &&
        leftWeight >= minWeight &&
        rightWeight >= minWeight &&
        isApart(values[first + low + last] as number, values[first + low + bin] as number);
      if (isAllowed) {
        const quality = squaresQuality(leftSum, leftWeight, total - leftSum, rightWeight);
        if (quality > found.quality) {
          found.quality = quality;
          found.count = count;
          found.code = low + last;
          found.nextCode = low + bin;
          isBetter = true;
        }
      }
      count += rows;
      last = bin;
      leftWeight += bins[3 * bin] as number;
      leftSum += bins[3 * bin + 1] as number;
    }
    return isBetter;
  }

  scanSorted({ n, values, first }: NodeColumn, sorted: CodeOrder, { minRows, minWeight }: SplitLimits): boolean {
    const { codes, order } = sorted;
    const { weight: all, found } = this;
    const total = this.#sum;
    const own = this.#own;
    const weighted = this.#weighted;
    let leftWeight = 0;
    let leftSum = 0;
    let code = codes[0] as number;
    let isBetter = false;
    const end = n - minRows;
    for (let i = 0; i < end; ) {
      const row = order[i] as number;
      leftWeight += own[row] as number;
      leftSum += weighted[row] as number;
      i += 1;
      const next = codes[i] as number;
      if (next === code) continue;
      const lower = code;
      code = next;
      if (i < minRows || !isApart(values[first + lower] as number, values[first + next] as number)) continue;
      const rightWeight = all - leftWeight;
      if (leftWeight < minWeight || rightWeight < minWeight) continue;
      const quality = squaresQuality(leftSum, leftWeight, total - leftSum, rightWeight);
      if (quality > found.quality) {
        found.quality = quality;
        found.count = i;
        found.code = lower;
        found.nextCode = next;
        isBetter = true;
      }
    }
    return isBetter;
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

function squaresQuality(leftSum: number, left: number, rightSum: number, right: number): number {
  return (leftSum * leftSum) / left + (rightSum * rightSum) / right;
}
