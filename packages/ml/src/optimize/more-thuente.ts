/** A point on the line: step, value, slope. */
interface Point {
  step: number;
  value: number;
  slope: number;
}

/** What a line search asks for: a sufficient decrease, a curvature, and how narrow an interval may become. */
export interface LineSearchOptions {
  readonly decrease: number;
  readonly curvature: number;
  readonly narrow: number;
  readonly minStep: number;
  readonly maxStep: number;
}

/**
 * The line search of Moré and Thuente (ACM TOMS 20, 1994), as MINPACK-2 and L-BFGS-B have it, one evaluation at a
 * time: give value and slope at `step`, and go on while `next` says so.
 */
export class MoreThuente {
  step: number;
  private readonly options: LineSearchOptions;
  private readonly start: Point;
  private readonly slopeTest: number;
  private best: Point;
  private other: Point;
  private isBracketed = false;
  private isFirstStage = true;
  private low = 0;
  private high: number;
  private width: number;
  private widthBefore: number;

  constructor(step: number, value: number, slope: number, options: LineSearchOptions) {
    this.step = step;
    this.options = options;
    this.start = { step: 0, value, slope };
    this.best = { ...this.start };
    this.other = { ...this.start };
    this.slopeTest = options.decrease * slope;
    this.high = step + 4 * step;
    this.width = options.maxStep - options.minStep;
    this.widthBefore = 2 * this.width;
  }

  /** Takes value and slope at `step`. True: `step` is a new one, to be tried. False: the search has ended at `step`. */
  next(value: number, slope: number): boolean {
    const { minStep, maxStep, narrow } = this.options;
    const test = this.start.value + this.step * this.slopeTest;
    if (this.isFirstStage && value <= test && slope >= 0) this.isFirstStage = false;
    if (this.hasEnded(value, slope, test)) return false;

    const trial: Point = { step: this.step, value, slope };
    if (this.isFirstStage && value <= this.best.value && value > test) this.updateByAuxiliary(trial);
    else this.update(this.best, this.other, trial);

    if (this.isBracketed) {
      const gap = Math.abs(this.other.step - this.best.step);
      if (gap >= 0.66 * this.widthBefore) this.step = this.best.step + 0.5 * (this.other.step - this.best.step);
      this.widthBefore = this.width;
      this.width = Math.abs(this.other.step - this.best.step);
      this.low = Math.min(this.best.step, this.other.step);
      this.high = Math.max(this.best.step, this.other.step);
    } else {
      this.low = this.step + 1.1 * (this.step - this.best.step);
      this.high = this.step + 4 * (this.step - this.best.step);
    }
    this.step = Math.min(Math.max(this.step, minStep), maxStep);
    if (this.isBracketed && (this.isOutside() || this.high - this.low <= narrow * this.high))
      this.step = this.best.step;
    return true;
  }

  private hasEnded(value: number, slope: number, test: number): boolean {
    const { curvature, narrow, minStep, maxStep } = this.options;
    if (this.isBracketed && (this.isOutside() || this.high - this.low <= narrow * this.high)) return true;
    if (this.step === maxStep && value <= test && slope <= this.slopeTest) return true;
    if (this.step === minStep && (value > test || slope >= this.slopeTest)) return true;
    return value <= test && Math.abs(slope) <= -curvature * this.start.slope;
  }

  private isOutside(): boolean {
    return this.step <= this.low || this.step >= this.high;
  }

  /** With the function less its required decrease: while no step has had that, steps are chosen by it. */
  private updateByAuxiliary(trial: Point): void {
    const less = ({ step, value, slope }: Point): Point => ({
      step,
      value: value - step * this.slopeTest,
      slope: slope - this.slopeTest,
    });
    const more = ({ step, value, slope }: Point): Point => ({
      step,
      value: value + step * this.slopeTest,
      slope: slope + this.slopeTest,
    });
    this.update(less(this.best), less(this.other), less(trial));
    this.best = more(this.best);
    this.other = more(this.other);
  }

  /** A safeguarded step by cubic and quadratic interpolation, and the interval that has a minimizer. */
  private update(best: Point, other: Point, trial: Point): void {
    const opposite = trial.slope * Math.sign(best.slope) < 0;
    const next = this.interpolated(best, other, trial, opposite);
    if (trial.value > best.value) {
      this.best = best;
      this.other = trial;
    } else {
      this.other = opposite ? best : other;
      this.best = trial;
    }
    this.step = next;
  }

  private interpolated(best: Point, other: Point, trial: Point, opposite: boolean): number {
    const toBest = best.step - trial.step;
    if (trial.value > best.value) {
      this.isBracketed = true;
      const span = trial.step - best.step;
      const { theta, gamma } = cubic(best, trial, span < 0 ? -1 : 1);
      const ratio = (gamma - best.slope + theta) / (gamma - best.slope + gamma + trial.slope);
      const byCubic = best.step + ratio * span;
      const byQuadratic = best.step + (best.slope / ((best.value - trial.value) / span + best.slope) / 2) * span;
      const isCloser = Math.abs(byCubic - best.step) < Math.abs(byQuadratic - best.step);
      return isCloser ? byCubic : byCubic + (byQuadratic - byCubic) / 2;
    }
    const bySecant = trial.step + (trial.slope / (trial.slope - best.slope)) * toBest;
    if (opposite) {
      this.isBracketed = true;
      const { theta, gamma } = cubic(best, trial, toBest < 0 ? -1 : 1);
      const ratio = (gamma - trial.slope + theta) / (gamma - trial.slope + gamma + best.slope);
      const byCubic = trial.step + ratio * toBest;
      return Math.abs(byCubic - trial.step) > Math.abs(bySecant - trial.step) ? byCubic : bySecant;
    }
    const { minStep } = this.options;
    const [from, to] = [Math.max(this.low, minStep), this.high];
    if (Math.abs(trial.slope) < Math.abs(best.slope)) {
      const { theta, gamma } = cubic(best, trial, toBest < 0 ? -1 : 1);
      const ratio = (gamma - trial.slope + theta) / (gamma + (best.slope - trial.slope) + gamma);
      const isUsable = ratio < 0 && gamma !== 0;
      const byCubic = isUsable ? trial.step + ratio * toBest : toBest < 0 ? to : from;
      const isCloser = Math.abs(byCubic - trial.step) < Math.abs(bySecant - trial.step);
      if (!this.isBracketed) return Math.min(Math.max(isCloser ? bySecant : byCubic, from), to);
      const chosen = isCloser ? byCubic : bySecant;
      const bound = trial.step + 0.66 * (other.step - trial.step);
      return toBest < 0 ? Math.min(bound, chosen) : Math.max(bound, chosen);
    }
    if (!this.isBracketed) return toBest < 0 ? to : from;
    const toOther = other.step - trial.step;
    const { theta, gamma } = cubic(other, trial, toOther < 0 ? -1 : 1);
    return trial.step + ((gamma - trial.slope + theta) / (gamma - trial.slope + gamma + other.slope)) * toOther;
  }
}

/** Parts of the minimizer of the cubic through two points with their slopes. */
function cubic(a: Point, b: Point, sign: number): { readonly theta: number; readonly gamma: number } {
  const theta = (3 * (a.value - b.value)) / (b.step - a.step) + a.slope + b.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const inner = (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale);
  return { theta, gamma: sign * scale * Math.sqrt(Math.max(0, inner)) };
}
