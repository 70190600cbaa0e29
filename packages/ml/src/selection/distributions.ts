import { ParameterError } from '../base/errors.ts';
import type { RandomState } from '../random/random-state.ts';

/** Something to draw values from. */
export interface Distribution<T = unknown> {
  /** One value. */
  rvs(random: RandomState): T;
}

/** Numbers between two bounds, all alike. @throws ParameterError unless low < high */
export function uniform(low: number, high: number): Distribution<number> {
  return new Uniform(low, high);
}

/** Numbers between two bounds above 0, whose logarithms are all alike: for C, alpha and rates. @throws ParameterError unless 0 < low < high */
export function logUniform(low: number, high: number): Distribution<number> {
  return new LogUniform(low, high);
}

/** Whole numbers from `low`, below `high`. @throws ParameterError unless low < high */
export function integers(low: number, high: number): Distribution<number> {
  return new Integers(low, high);
}

class Bounded {
  readonly low: number;
  readonly high: number;

  constructor(low: number, high: number) {
    if (!(low < high))
      throw new ParameterError(`A distribution needs two bounds, the lower first. Got ${low} and ${high}.`);
    this.low = low;
    this.high = high;
  }
}

class Uniform extends Bounded implements Distribution<number> {
  rvs(random: RandomState): number {
    return random.random() * (this.high - this.low) + this.low;
  }
}

class LogUniform extends Bounded implements Distribution<number> {
  constructor(low: number, high: number) {
    super(low, high);
    if (!(low > 0)) throw new ParameterError(`logUniform needs bounds above 0. Got ${low} and ${high}.`);
  }

  rvs(random: RandomState): number {
    return Math.exp(Math.log(this.low) + random.random() * (Math.log(this.high) - Math.log(this.low)));
  }
}

class Integers extends Bounded implements Distribution<number> {
  rvs(random: RandomState): number {
    return random.randint(this.low, this.high);
  }
}
