import { type EstimatorState, stateOf } from '../state/to-state.ts';
import { type Constraints, checkConstraints } from './constraints.ts';
import { NotFittedError, ParameterError } from './errors.ts';
import { DEFAULT_TAGS, type Tags } from './tags.ts';

/** What the class of an estimator says about all of its instances. */
export interface EstimatorClass<E extends Estimator = Estimator> {
  readonly name: string;
  readonly defaults: object;
  readonly constraints: Constraints;
  readonly stateVersion: number;
  fromParams(params: object): E;
}

/** What can be asked for its parameters: an estimator of ours, or anything with the same three methods. */
export interface AnyEstimator {
  getParams(deep?: boolean): Record<string, unknown>;
  setParams(params: Readonly<Record<string, unknown>>): unknown;
  fit(...args: never[]): unknown;
}

/**
 * Base of all estimators, with scikit-learn's rules: the constructor only stores parameters, `fit` checks them and
 * returns the estimator, and what it learned is in fields whose names end in `_`. Everything else about an estimator
 * follows from that: `clone`, `getParams`, `setParams`, `toState`, and travelling to tasks.
 *
 * A class of your own names its parameters with their defaults. It travels with its instances, unregistered.
 *
 * @example
 * class Shift extends Estimator<{ by: number }> {
 *   static override readonly defaults = { by: 0 };
 *   async fit(): Promise<this> { return this; }
 *   async transform(X: number[][]): Promise<number[][]> { return X.map((row) => row.map((x) => x + this.params.by)); }
 * }
 */
export abstract class Estimator<P extends object = object> {
  /** Names of the parameters, with their defaults. */
  static readonly defaults: object = {};
  /** What parameters may be; `checkParams` looks. */
  static readonly constraints: Constraints = {};
  /** Raised when what `toState` gives changes in a way that older code cannot read. */
  static readonly stateVersion: number = 1;

  /** Parameters as given, and the defaults of the others. */
  readonly params: P;

  /** @throws ParameterError for names that the class does not know. Values are looked at by `fit`. */
  constructor(params: Partial<P> = {}) {
    const { name, defaults } = this.class;
    const own: Record<string, unknown> = { ...defaults };
    const isOpen = defaults === Estimator.defaults;
    for (const [key, value] of Object.entries(params)) {
      if (!isOpen && !Object.hasOwn(defaults, key)) throw unknownParam(name, key, Object.keys(defaults));
      if (value !== undefined || !Object.hasOwn(own, key)) own[key] = value;
    }
    this.params = own as P;
  }

  /** Makes an instance of a full set of parameters, as `clone` and `fromState` do. */
  static fromParams(params: object): Estimator {
    const type = this as unknown as new (params: object) => Estimator;
    return new type(params);
  }

  /** What it is and can do. */
  get tags(): Tags {
    return DEFAULT_TAGS;
  }

  /** Learns from data; refitting starts afresh. Returns itself, or a promise of itself. */
  abstract fit(...args: never[]): unknown;

  /**
   * Parameters by name. Deep: with those of the estimators among them, as `name__param`.
   * Values are the very ones that were given.
   */
  getParams(deep = true): Record<string, unknown> {
    const all = { ...this.params } as Record<string, unknown>;
    if (!deep) return all;
    for (const [name, part] of this.namedParts()) all[name] = part;
    for (const [name, part] of Object.entries(all)) {
      if (!isEstimator(part)) continue;
      for (const [key, value] of Object.entries(part.getParams(true))) all[`${name}__${key}`] = value;
    }
    return all;
  }

  /**
   * Sets parameters, and with `part__param` those of estimators within. A part is set before its parameters are.
   * @throws ParameterError for names that do not exist; parameters of this estimator are then as they were
   */
  setParams(params: Readonly<Record<string, unknown>>): this {
    const own = this.params as Record<string, unknown>;
    const parts = new Map(this.namedParts());
    const nested = new Map<string, Record<string, unknown>>();
    const direct: [string, unknown][] = [];
    for (const [key, value] of Object.entries(params)) {
      const cut = key.indexOf('__');
      const name = cut < 0 ? key : key.slice(0, cut);
      if (!Object.hasOwn(own, name) && !parts.has(name)) {
        throw unknownParam(this.class.name, key, [...Object.keys(own), ...parts.keys()]);
      }
      if (cut < 0) direct.push([name, value]);
      else nested.set(name, { ...nested.get(name), [key.slice(cut + 2)]: value });
    }
    for (const [name, value] of direct) {
      if (Object.hasOwn(own, name)) own[name] = value;
      else this.replacePart(name, value);
    }
    const now = new Map(this.namedParts());
    for (const [name, values] of nested) {
      const part = Object.hasOwn(own, name) ? own[name] : now.get(name);
      if (!isEstimator(part)) {
        throw new ParameterError(
          `${this.class.name}: '${name}' is no estimator, so it has no parameter ${Object.keys(values).join(', ')}.`,
        );
      }
      part.setParams(values);
    }
    return this;
  }

  /** Whether it has a method, as it stands. What wraps other estimators asks them. */
  provides(method: string): boolean {
    return typeof (this as unknown as Record<string, unknown>)[method] === 'function';
  }

  /** What was learned, by field. Empty before `fit`. */
  fitted(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this).filter(([key]) => key.endsWith('_')));
  }

  /** Whether `fit` has come to its end. */
  get isFitted(): boolean {
    return this.tags.stateless || Object.keys(this.fitted()).length > 0;
  }

  /**
   * The estimator as plain data: type, version, parameters and what it learned. Arrays of numbers stay what they are.
   * `fromState` makes an estimator of it without running any code from it.
   * @throws StateError where a parameter is what data cannot hold, an unregistered function for example
   */
  toState(): EstimatorState {
    return stateOf(this);
  }

  /** @throws NotFittedError before `fit` */
  protected checkFitted(): void {
    if (!this.isFitted) throw new NotFittedError(this.class.name);
  }

  /** @throws ParameterError for the first parameter that does not keep to the constraints of the class */
  protected checkParams(): void {
    checkConstraints(this.class.name, this.params, this.class.constraints);
  }

  /** Forgets what was learned, as `fit` does before it learns again. */
  protected forget(): void {
    for (const key of Object.keys(this.fitted())) delete (this as Record<string, unknown>)[key];
  }

  /** Estimators within that are no parameters themselves, by name: steps of a pipeline. */
  protected namedParts(): readonly (readonly [string, unknown])[] {
    return [];
  }

  /** Puts another estimator in the place of a named part. */
  protected replacePart(name: string, _value: unknown): void {
    throw unknownParam(this.class.name, name, Object.keys(this.params));
  }

  /** The class, as what it says about its instances. */
  get class(): EstimatorClass {
    return this.constructor as unknown as EstimatorClass;
  }
}

/** Whether a value is an estimator: of ours, of another copy of the package, or one with the same methods. */
export function isEstimator(value: unknown): value is AnyEstimator {
  const like = value as Partial<AnyEstimator> | null | undefined;
  return (
    typeof like === 'object' &&
    like !== null &&
    typeof like.getParams === 'function' &&
    typeof like.setParams === 'function' &&
    typeof like.fit === 'function'
  );
}

function unknownParam(owner: string, name: string, known: readonly string[]): ParameterError {
  const list = known.length > 0 ? known.join(', ') : 'none';
  return new ParameterError(`Invalid parameter '${name}' for estimator ${owner}. Valid parameters are: ${list}.`);
}
