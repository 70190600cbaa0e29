import type { CodeOrder } from './code-order.ts';
import { type Criterion, isApart, type SplitLimits } from './criterion.ts';

/** Gini impurity or entropy (in bits) of classes. */
export class ClassCriterion implements Criterion {
  readonly width: number;
  weight: number = 0;
  best: number = Number.NEGATIVE_INFINITY;
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
    this.best = Number.NEGATIVE_INFINITY;
    this.#squares = squaresOf(sums);
  }

  impurity(): number {
    return this.#impurityOf(this.#sums, this.weight);
  }

  write(values: Float64Array, at: number): void {
    const sums = this.#sums;
    for (let k = 0; k < sums.length; k += 1) values[at + k] = sums[k] as number;
  }

  scan(order: CodeOrder, n: number, values: Float32Array, first: number, limits: SplitLimits): number {
    const { codes, order: rows } = order;
    const { minRows, minWeight } = limits;
    const all = this.weight;
    const isGini = this.#isGini;
    const classes = this.#classes;
    const own = this.#own;
    const left = this.#leftSums;
    const right = this.#rightSums;
    startSides(this.#sums, left, right);
    let { best } = this;
    let found = 0;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = this.#squares;
    let code = codes[0] as number;
    const last = n - minRows;
    for (let i = 0; i < last; ) {
      const row = rows[i] as number;
      const k = classes[row] as number;
      const weight = own[row] as number;
      const ofLeft = left[k] as number;
      const ofRight = right[k] as number;
      leftSquares += weight * (ofLeft + ofLeft + weight);
      rightSquares += weight * (weight - ofRight - ofRight);
      left[k] = ofLeft + weight;
      right[k] = ofRight - weight;
      leftWeight += weight;
      i += 1;
      const next = codes[i] as number;
      if (next === code) continue;
      const value = values[first + code] as number;
      code = next;
      if (i < minRows || !isApart(value, values[first + next] as number)) continue;
      const rightWeight = all - leftWeight;
      if (leftWeight < minWeight || rightWeight < minWeight) continue;
      const quality = isGini
        ? -rightWeight * (1 - rightSquares / (rightWeight * rightWeight)) -
          leftWeight * (1 - leftSquares / (leftWeight * leftWeight))
        : -rightWeight * entropy(right, rightWeight) - leftWeight * entropy(left, leftWeight);
      if (quality > best) {
        best = quality;
        found = i;
      }
    }
    this.best = best;
    return found;
  }

  divide(rows: Int32Array, from: number, middle: number): void {
    const left = this.#leftSums;
    const right = this.#rightSums;
    startSides(this.#sums, left, right);
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

/** All rows are on the right. Loops, for that is faster than calls on arrays as short as these. */
function startSides(sums: Float64Array, left: Float64Array, right: Float64Array): void {
  for (let k = 0; k < sums.length; k += 1) {
    left[k] = 0;
    right[k] = sums[k] as number;
  }
}

function squaresOf(sums: Float64Array): number {
  let squares = 0;
  for (let k = 0; k < sums.length; k += 1) squares += (sums[k] as number) * (sums[k] as number);
  return squares;
}

function entropy(sums: Float64Array, weight: number): number {
  let bits = 0;
  for (let k = 0; k < sums.length; k += 1) {
    const share = (sums[k] as number) / weight;
    if (share > 0) bits -= share * (Math.log(share) / Math.LN2);
  }
  return bits;
}
