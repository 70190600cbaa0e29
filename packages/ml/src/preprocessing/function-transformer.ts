import { BOOLEAN, type Constraints, FUNCTION, NULL } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Awaitable } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { type Features, rowCount } from '../data/features.ts';

export interface FunctionTransformerParams {
  /** What is done to X; null: nothing. */
  readonly func: ((X: Features) => Awaitable<Features>) | null;
  /** What undoes it. */
  readonly inverseFunc: ((X: Features) => Awaitable<Features>) | null;
  /** X becomes a matrix of finite numbers first. */
  readonly validate: boolean;
}

/** A function as a transformer. It travels with what it captures; states hold registered functions only. */
export class FunctionTransformer extends Estimator<FunctionTransformerParams> {
  static override readonly defaults: FunctionTransformerParams = { func: null, inverseFunc: null, validate: false };
  static override readonly constraints: Constraints = {
    func: [FUNCTION, NULL],
    inverseFunc: [FUNCTION, NULL],
    validate: [BOOLEAN],
  };

  override get tags(): Tags {
    const input = this.params.validate ? 'numbers' : 'cells';
    return {
      ...DEFAULT_TAGS,
      kind: 'transformer',
      input,
      sparse: true,
      stateless: true,
      allowsNaN: !this.params.validate,
    };
  }

  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    this.checked(X);
    return this;
  }

  async transform(X: Features): Promise<Features> {
    this.checkParams();
    return this.params.func === null ? this.checked(X) : this.params.func(this.checked(X));
  }

  async inverseTransform(X: Features): Promise<Features> {
    this.checkParams();
    return this.params.inverseFunc === null ? this.checked(X) : this.params.inverseFunc(this.checked(X));
  }

  private checked(X: Features): Features {
    if (rowCount(X) === 0)
      throw new InputError('Found array with 0 row(s) while a minimum of 1 is required by FunctionTransformer.');
    return this.params.validate ? checkFeatures(X, { owner: 'FunctionTransformer', sparse: true }) : X;
  }
}
