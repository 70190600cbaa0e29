import type { CodeOrder } from './code-order.ts';
import { type Criterion, isApart, type NodeColumn, nothingFound, type SplitLimits } from './criterion.ts';

/** Gini impurity or entropy (in bits) of classes. */
export class ClassCriterion implements Criterion {
  readonly width: number;
  weight: number = 0;
  readonly found: Criterion['found'] = nothingFound();
  readonly left: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly right: { weight: number; impurity: number } = { weight: 0, impurity: 0 };
  readonly #isGini: boolean;
  readonly #codes: Int32Array;
  #weights: Float64Array = new Float64Array(0);
  /** Class and weight of the node's rows. */
  readonly #classes: Int32Array;
  readonly #own: Float64Array;
  readonly #sums: Float64Array;
  readonly #leftSums: Float64Array;
  readonly #rightSums: Float64Array;
  /** For each code the weight of each class, and the number of rows. */
  #bins: Float64Array = new Float64Array(0);
  #binRows: Int32Array = new Int32Array(0);
  #squares = 0;

  /** @param codes the class of each row of the data */
  constructor(codes: Int32Array, classes: number, criterion: 'gini' | 'entropy') {
    this.width = classes;
    this.#isGini = criterion === 'gini';
    this.#codes = codes;
    this.#classes = new Int32Array(codes.length);
    this.#own = new Float64Array(codes.length);
    this.#sums = new Float64Array(classes);
    this.#leftSums = new Float64Array(classes);
    this.#rightSums = new Float64Array(classes);
  }

  weigh(weights: Float64Array): void {
    this.#weights = weights;
  }

  enter(rows: Int32Array, from: number, to: number): void {
    const codes = this.#codes;
    const weights = this.#weights;
    const classes = this.#classes;
    const own = this.#own;
    const sums = this.#sums;
    for (let k = 0; k < sums.length; k += 1) sums[k] = 0;
    let sum = 0;
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      const k = codes[row] as number;
      const weight = weights[row] as number;
      classes[i - from] = k;
      own[i - from] = weight;
      sums[k] = (sums[k] as number) + weight;
      sum += weight;
    }
    this.weight = sum;
    this.found.quality = Number.NEGATIVE_INFINITY;
    this.found.count = 0;
    this.#squares = squaresOf(sums);
  }

  impurity(): number {
    return this.#impurityOf(this.#sums, this.weight);
  }

  write(values: Float64Array, at: number): void {
    const sums = this.#sums;
    for (let k = 0; k < sums.length; k += 1) values[at + k] = sums[k] as number;
  }

  prefersBins(n: number, range: number): boolean {
    return range * this.width <= 2 * n;
  }

  scanBins({ codes, n, low, high, values, first }: NodeColumn, { minRows, minWeight }: SplitLimits): boolean {
    const { width: classCount, weight: all, found } = this;
    const range = high - low + 1;
    if (this.#binRows.length < range) {
      this.#bins = new Float64Array(2 * range * classCount);
      this.#binRows = new Int32Array(2 * range);
    }
    const bins = this.#bins;
    const binRows = this.#binRows;
    bins.fill(0, 0, range * classCount);
    binRows.fill(0, 0, range);
    const classes = this.#classes;
    const own = this.#own;
    for (let i = 0; i < n; i += 1) {
      const bin = (codes[i] as number) - low;
      const at = bin * classCount + (classes[i] as number);
      bins[at] = (bins[at] as number) + (own[i] as number);
      binRows[bin] = (binRows[bin] as number) + 1;
    }
    const isGini = this.#isGini;
    const sums = this.#sums;
    const left = this.#leftSums;
    for (let k = 0; k < classCount; k += 1) left[k] = 0;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = this.#squares;
    let count = 0;
    let last = 0;
    let isBetter = false;
    for (let bin = 0; bin < range; bin += 1) {
      const rows = binRows[bin] as number;
      if (rows === 0) continue;
      if (count >= minRows && n - count >= minRows) {
        const rightWeight = all - leftWeight;
        const isAllowed =
          leftWeight >= minWeight &&
          rightWeight >= minWeight &&
          isApart(values[first + low + last] as number, values[first + low + bin] as number);
        const quality = !isAllowed
          ? Number.NEGATIVE_INFINITY
          : isGini
            ? giniQuality(leftWeight, leftSquares, rightWeight, rightSquares)
            : entropyQuality(sums, left, leftWeight, rightWeight);
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
      const start = bin * classCount;
      for (let k = 0; k < classCount; k += 1) {
        const weight = bins[start + k] as number;
        if (weight === 0) continue;
        const before = left[k] as number;
        leftSquares += weight * (before + before + weight);
        rightSquares += weight * (weight - 2 * ((sums[k] as number) - before));
        left[k] = before + weight;
        leftWeight += weight;
      }
    }
    return isBetter;
  }

  scanSorted({ n, values, first }: NodeColumn, sorted: CodeOrder, { minRows, minWeight }: SplitLimits): boolean {
    const { codes, order } = sorted;
    const { weight: all, found } = this;
    const isGini = this.#isGini;
    const classes = this.#classes;
    const own = this.#own;
    const sums = this.#sums;
    const left = this.#leftSums;
    for (let k = 0; k < left.length; k += 1) left[k] = 0;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = this.#squares;
    let code = codes[0] as number;
    let isBetter = false;
    const end = n - minRows;
    for (let i = 0; i < end; ) {
      const row = order[i] as number;
      const k = classes[row] as number;
      const weight = own[row] as number;
      const before = left[k] as number;
      leftSquares += weight * (before + before + weight);
      rightSquares += weight * (weight - 2 * ((sums[k] as number) - before));
      left[k] = before + weight;
      leftWeight += weight;
      i += 1;
      const next = codes[i] as number;
      if (next === code) continue;
      const lower = code;
      code = next;
      if (i < minRows || !isApart(values[first + lower] as number, values[first + next] as number)) continue;
      const rightWeight = all - leftWeight;
      if (leftWeight < minWeight || rightWeight < minWeight) continue;
      const quality = isGini
        ? giniQuality(leftWeight, leftSquares, rightWeight, rightSquares)
        : entropyQuality(sums, left, leftWeight, rightWeight);
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
    const left = this.#leftSums;
    const right = this.#rightSums;
    for (let k = 0; k < left.length; k += 1) {
      left[k] = 0;
      right[k] = this.#sums[k] as number;
    }
    let leftWeight = 0;
    for (let i = from; i < middle; i += 1) {
      const row = rows[i] as number;
      const k = this.#codes[row] as number;
      const weight = this.#weights[row] as number;
      left[k] = (left[k] as number) + weight;
      right[k] = (right[k] as number) - weight;
      leftWeight += weight;
    }
    const rightWeight = this.weight - leftWeight;
    this.left.weight = leftWeight;
    this.left.impurity = this.#impurityOf(left, leftWeight);
    this.right.weight = rightWeight;
    this.right.impurity = this.#impurityOf(right, rightWeight);
  }

  #impurityOf(sums: Float64Array, weight: number): number {
    if (!this.#isGini) return entropy(sums, weight);
    return 1 - squaresOf(sums) / (weight * weight);
  }
}

/** Loops in what follows, for they are faster than calls on arrays as short as these. */
function squaresOf(sums: Float64Array): number {
  let squares = 0;
  for (let k = 0; k < sums.length; k += 1) squares += (sums[k] as number) * (sums[k] as number);
  return squares;
}

function giniQuality(left: number, leftSquares: number, right: number, rightSquares: number): number {
  return -right * (1 - rightSquares / (right * right)) - left * (1 - leftSquares / (left * left));
}

function entropyQuality(all: Float64Array, left: Float64Array, leftWeight: number, rightWeight: number): number {
  let bits = 0;
  for (let k = 0; k < all.length; k += 1) {
    bits += bitsOf(left[k] as number, leftWeight) * leftWeight;
    bits += bitsOf((all[k] as number) - (left[k] as number), rightWeight) * rightWeight;
  }
  return -bits;
}

function entropy(sums: Float64Array, weight: number): number {
  let bits = 0;
  for (let k = 0; k < sums.length; k += 1) bits += bitsOf(sums[k] as number, weight);
  return bits;
}

function bitsOf(part: number, whole: number): number {
  const share = part / whole;
  return share > 0 ? -share * (Math.log(share) / Math.LN2) : 0;
}
