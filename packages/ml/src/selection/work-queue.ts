import type { Unit } from './plan.ts';

/**
 * Which unit of a search goes next. Among leaves that can start, those that took longest on other splits go first, and
 * those of which nothing is known before these, so that no long one is left for the end. A prefix goes when few leaves
 * are left to do, so that workers have work and not many outputs wait at a time.
 */
export class WorkQueue {
  readonly #units: readonly Unit[];
  readonly #prefixes: Unit[] = [];
  readonly #leaves: Unit[] = [];
  readonly #times = new Map<number, { sum: number; count: number }>();
  #underway = 0;
  #left: number;

  constructor(units: readonly Unit[]) {
    this.#units = units;
    this.#left = units.length;
    for (const unit of units) if (unit.parent === undefined) this.#ready(unit);
  }

  /** Everything is done or dropped. */
  get isFinished(): boolean {
    return this.#left === 0;
  }

  /** The next unit; undefined while all that can start has. */
  take(): Unit | undefined {
    const leafFirst = this.#leaves.length > 2 * this.#underway;
    const unit = (leafFirst ? undefined : this.#prefixes.shift()) ?? this.#longest() ?? this.#prefixes.shift();
    if (unit !== undefined) this.#underway += 1;
    return unit;
  }

  /** A unit has its outcome, after so many milliseconds: what builds on it can start. */
  done(unit: Unit, ms: number): void {
    this.#over();
    const time = this.#times.get(unit.work) ?? { sum: 0, count: 0 };
    this.#times.set(unit.work, { sum: time.sum + ms, count: time.count + 1 });
    for (const child of this.#units) if (child.parent === unit.index) this.#ready(child);
  }

  /** A unit failed: gives the leaves that build on it, which never start. */
  fail(unit: Unit): Unit[] {
    this.#over();
    return this.#below(unit);
  }

  #below(unit: Unit): Unit[] {
    return this.#units.flatMap((child) => {
      if (child.parent !== unit.index) return [];
      this.#left -= 1;
      return child.kind === 'leaf' ? [child] : this.#below(child);
    });
  }

  #over(): void {
    this.#underway -= 1;
    this.#left -= 1;
  }

  #ready(unit: Unit): void {
    (unit.kind === 'prefix' ? this.#prefixes : this.#leaves).push(unit);
  }

  #longest(): Unit | undefined {
    let [best, longest] = [-1, Number.NEGATIVE_INFINITY];
    for (const [at, { work }] of this.#leaves.entries()) {
      const time = this.#times.get(work);
      const ms = time === undefined ? Number.POSITIVE_INFINITY : time.sum / time.count;
      if (ms > longest) [best, longest] = [at, ms];
    }
    return best < 0 ? undefined : this.#leaves.splice(best, 1)[0];
  }
}
