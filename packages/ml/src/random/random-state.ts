import { randomInt } from 'node:crypto';
import { show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Mt19937 } from './mt19937.ts';

/** An array that can be shuffled where it is. */
type Shuffled = { [index: number]: unknown; readonly length: number };

/** Where a generator stands, as plain data. */
export interface RandomStateData {
  readonly key: Uint32Array;
  readonly position: number;
  /** A normal that was drawn with the one before. */
  readonly spare: number | null;
}

/**
 * Random numbers as numpy.random.RandomState gives them: the same seed, the same numbers. Doubles and integers are
 * equal to the bit; normals to the last digit or so, for logarithms differ there between platforms.
 *
 * @example
 * new RandomState(0).permutation(5); // Int32Array [2, 0, 1, 3, 4]
 */
export class RandomState {
  private bits: Mt19937;
  private spare: number | undefined;

  /** @param seed from 0 to 2^32 - 1; null takes one from the system. @throws ParameterError for any other */
  constructor(seed: number | null = null) {
    if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
      throw new ParameterError(`a seed is an integer from 0 to 4294967295, or null. Got ${show(seed)}.`);
    }
    this.bits = new Mt19937(seed ?? randomInt(2 ** 32));
  }

  /** A generator that goes on as this one does. */
  copy(): RandomState {
    return new RandomState(0).setState(this.getState());
  }

  /** Where it stands. As numpy's `get_state`. */
  getState(): RandomStateData {
    const { key, position } = this.bits;
    return { key: key.slice(), position, spare: this.spare ?? null };
  }

  /** Goes on from where another stood. Gives itself. As numpy's `set_state`. */
  setState({ key, position, spare }: RandomStateData): this {
    const bits = new Mt19937(0);
    bits.key.set(key);
    bits.position = position;
    this.bits = bits;
    this.spare = spare ?? undefined;
    return this;
  }

  /** A double from [0, 1). */
  random(): number {
    const high = this.bits.next() >>> 5;
    const low = this.bits.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Doubles from [0, 1). */
  rand(size: number): Float64Array {
    return Float64Array.from({ length: size }, () => this.random());
  }

  /** Doubles from [low, high). */
  uniform(low: number, high: number, size: number): Float64Array {
    return Float64Array.from({ length: size }, () => low + (high - low) * this.random());
  }

  /** An integer from [low, high); with one bound, from [0, low). Up to 2^53. */
  randint(low: number, high?: number): number;
  /** Integers from [low, high). */
  randint(low: number, high: number, size: number): Float64Array;
  randint(low: number, high?: number, size?: number): number | Float64Array {
    const [from, to] = high === undefined ? [0, low] : [low, high];
    if (!Number.isInteger(from) || !Number.isInteger(to) || from >= to) {
      throw new InputError(`randint takes integers, the lower first. Got ${show(from)} and ${show(to)}.`);
    }
    const one = (): number => from + this.upTo(to - from - 1);
    return size === undefined ? one() : Float64Array.from({ length: size }, one);
  }

  /** Shuffles in place. */
  shuffle(values: Shuffled): void {
    for (let i = values.length - 1; i > 0; i -= 1) {
      const j = this.upTo(i);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  /** The integers below n, or a copy of a list, shuffled. */
  permutation(n: number): Int32Array;
  permutation<T>(values: readonly T[]): T[];
  permutation<T>(values: number | readonly T[]): Int32Array | T[] {
    const shuffled = typeof values === 'number' ? Int32Array.from({ length: values }, (_, i) => i) : [...values];
    this.shuffle(shuffled);
    return shuffled;
  }

  /**
   * Integers below n: with replacement or without, all alike or with the probabilities `p`.
   * @throws InputError for more than there are, or probabilities that are none
   */
  choice(
    n: number,
    size: number,
    options: { readonly replace?: boolean; readonly p?: ArrayLike<number> } = {},
  ): Int32Array {
    const { replace = true, p } = options;
    if (!replace && size > n) throw new InputError(`cannot choose ${size} of ${n} without replacement.`);
    if (p !== undefined) {
      checkProbabilities(p, n);
      return replace ? this.weighted(p, size) : this.weightedOnce(p, size);
    }
    return replace ? Int32Array.from(this.randint(0, n, size)) : this.permutation(n).slice(0, size);
  }

  /** The outcome of one trial with these probabilities, drawn as numpy's multinomial(1, p) draws it. */
  multinomial(p: ArrayLike<number>): number {
    let left = 1;
    for (let i = 0; i < p.length - 1; i += 1) {
      const share = (p[i] as number) / left;
      const isHit = share <= 0.5 ? share > 0 && this.random() > 1 - share : this.random() <= share;
      if (isHit) return i;
      left -= p[i] as number;
    }
    return p.length - 1;
  }

  /** A normal. */
  gauss(): number {
    if (this.spare !== undefined) {
      const kept = this.spare;
      this.spare = undefined;
      return kept;
    }
    let x: number;
    let y: number;
    let square: number;
    do {
      x = 2 * this.random() - 1;
      y = 2 * this.random() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    this.spare = factor * x;
    return factor * y;
  }

  /** Normals of this mean and standard deviation. */
  normal(mean: number, deviation: number, size: number): Float64Array {
    return Float64Array.from({ length: size }, () => mean + deviation * this.gauss());
  }

  /** Standard normals. */
  randn(size: number): Float64Array {
    return Float64Array.from({ length: size }, () => this.gauss());
  }

  /** An integer from [0, max], by masks and rejection. */
  private upTo(max: number): number {
    if (max === 0) return 0;
    if (max === 0xffffffff) return this.bits.next();
    if (max < 0xffffffff) {
      const mask = 0xffffffff >>> Math.clz32(max);
      let value: number;
      do value = (this.bits.next() & mask) >>> 0;
      while (value > max);
      return value;
    }
    const highMask = 0xffffffff >>> Math.clz32(Math.floor(max / 2 ** 32));
    let value: number;
    do {
      const high = (this.bits.next() & highMask) >>> 0;
      value = high * 2 ** 32 + this.bits.next();
    } while (value > max);
    return value;
  }

  private weighted(p: ArrayLike<number>, size: number): Int32Array {
    const sums = cumulated(p);
    return Int32Array.from({ length: size }, () => searchRight(sums, this.random()));
  }

  private weightedOnce(p: ArrayLike<number>, size: number): Int32Array {
    const left = Float64Array.from(p);
    if (left.filter((each) => each > 0).length < size)
      throw new InputError(`fewer than ${size} probabilities of p are above 0.`);
    const found = new Set<number>();
    while (found.size < size) {
      const draws = this.rand(size - found.size);
      for (const index of found) left[index] = 0;
      const sums = cumulated(left);
      for (const draw of draws) found.add(searchRight(sums, draw));
    }
    return Int32Array.from(found);
  }
}

/** A parameter `randomState` as a generator: a seed gives a new one, null one of its own, a generator goes on. */
export function checkRandomState(seed: number | RandomState | null | undefined): RandomState {
  return seed instanceof RandomState ? seed : new RandomState(seed ?? null);
}

function checkProbabilities(p: ArrayLike<number>, n: number): void {
  const sum = Array.from(p).reduce((all, each) => all + each, 0);
  if (p.length !== n || Array.from(p).some((each) => !(each >= 0)) || Math.abs(sum - 1) > 1e-8) {
    throw new InputError(`p must be ${n} probabilities that sum to 1. Got ${p.length} with the sum ${sum}.`);
  }
}

function cumulated(p: ArrayLike<number>): Float64Array {
  let sum = 0;
  const sums = Float64Array.from(p, (each) => (sum += each));
  return sums.map((each) => each / sum);
}

/** The first position whose sum is above the value. */
function searchRight(sums: Float64Array, value: number): number {
  let from = 0;
  let to = sums.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sums[middle] as number) > value) to = middle;
    else from = middle + 1;
  }
  return from;
}
