import { type Constraints, oneOf, real, show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { type AnyEstimator, Estimator, isEstimator } from '../base/estimator.ts';
import type { FitOptions, Transformer } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures, namesOf } from '../data/check-features.ts';
import { columnCount, type Features, isMatrix, type Matrix, rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { type Columns, takeColumns } from '../data/take-columns.ts';
import { fitTransform } from './fit-transform.ts';
import { hStack } from './h-stack.ts';
import { checkNames } from './named-list.ts';

/** A transformer by name, and the columns that it gets: a single column, not in a list, as a list of cells. */
export type ColumnPart = readonly [
  name: string,
  transformer: AnyEstimator | 'passthrough' | 'drop',
  columns: Columns | ((X: Features) => Columns),
];

export interface ColumnTransformerParams {
  readonly transformers: readonly ColumnPart[];
  /** What becomes of columns that no transformer gets. */
  readonly remainder: 'drop' | 'passthrough';
  /** Below this share of stored cells the result is sparse, where one of the parts is. */
  readonly sparseThreshold: number;
}

/**
 * Transformers for different columns, what they make of them side by side.
 *
 * @example
 * new ColumnTransformer([['hour', new OneHotEncoder(), ['hour']], ['text', new CountVectorizer(), 'title']]);
 */
export class ColumnTransformer extends Estimator<ColumnTransformerParams> {
  static override readonly defaults: ColumnTransformerParams = {
    transformers: [],
    remainder: 'drop',
    sparseThreshold: 0.3,
  };
  static override readonly constraints: Constraints = {
    remainder: [oneOf('drop', 'passthrough')],
    sparseThreshold: [real('[0, 1]')],
  };
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** Names of the columns of X, where they have names. */
  declare featureNamesIn_: string[] | undefined;
  /** Columns of each part; the remainder last. */
  declare columns_: Columns[];

  constructor(
    transformers: readonly ColumnPart[],
    options: Partial<Omit<ColumnTransformerParams, 'transformers'>> = {},
  ) {
    super({ ...options, transformers });
  }

  static override fromParams({ transformers, ...options }: ColumnTransformerParams): ColumnTransformer {
    return new ColumnTransformer(transformers, options);
  }

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', input: 'cells', allowsNaN: true };
  }

  async fit(X: Features, y?: Labels, options?: FitOptions): Promise<this> {
    await this.fitTransform(X, y, options);
    return this;
  }

  async fitTransform(X: Features, y?: Labels, options?: FitOptions): Promise<Matrix> {
    this.check(X);
    this.forget();
    const columns = this.params.transformers.map(([, , each]) => (typeof each === 'function' ? each(X) : each));
    const names = isMatrix(X) ? undefined : namesOf(X[0]);
    columns.push(remainderOf(columns, columnCount(X), names));
    const made = await this.stacked(X, columns, (each, part) => fitTransform(each, part, y, options));
    this.columns_ = columns;
    this.nFeaturesIn_ = columnCount(X);
    if (names !== undefined) this.featureNamesIn_ = names;
    return made;
  }

  async transform(X: Features): Promise<Matrix> {
    this.checkFitted();
    const names = isMatrix(X) ? undefined : namesOf(X[0]);
    if (names === undefined && columnCount(X) !== this.nFeaturesIn_) {
      throw new InputError(
        `X has ${columnCount(X)} features, but ColumnTransformer is expecting ${this.nFeaturesIn_} features as input.`,
      );
    }
    return this.stacked(X, this.columns_, async (each, part) => (each as unknown as Transformer).transform(part));
  }

  protected override namedParts(): readonly (readonly [string, unknown])[] {
    const { transformers } = this.params;
    return Array.isArray(transformers) ? transformers.map(([name, each]) => [name, each]) : [];
  }

  protected override replacePart(name: string, value: unknown): void {
    this.setParams({
      transformers: this.params.transformers.map((part) => (part[0] === name ? [name, value, part[2]] : part)),
    });
  }

  private async stacked(
    X: Features,
    columns: readonly Columns[],
    made: (each: AnyEstimator, part: Features) => Promise<Features>,
  ): Promise<Matrix> {
    const parts: Matrix[] = [];
    const all = [...this.params.transformers.map(([, each]) => each), this.params.remainder];
    for (const [i, each] of all.entries()) {
      const own = columns[i] as Columns;
      if (each === 'drop' || (typeof own === 'object' && own.length === 0)) continue;
      const part = takeColumns(X, own);
      const result = each === 'passthrough' ? part : await made(each, part);
      parts.push(checkFeatures(result, { owner: 'ColumnTransformer', sparse: true, allowsNaN: true }));
    }
    return hStack(parts, rowCount(X), this.params.sparseThreshold);
  }

  private check(X: Features): void {
    this.checkParams();
    checkNames('ColumnTransformer', this.params.transformers, Object.keys(ColumnTransformer.defaults));
    for (const [name, each] of this.params.transformers) {
      if (each === 'drop' || each === 'passthrough' || isEstimator(each)) continue;
      throw new ParameterError(
        `ColumnTransformer: '${name}' must be a transformer, 'passthrough' or 'drop'. Got ${show(each)}.`,
      );
    }
    if (rowCount(X) === 0) {
      throw new InputError('Found array with 0 row(s) while a minimum of 1 is required by ColumnTransformer.');
    }
  }
}

/** Positions of the columns that are in no part. */
function remainderOf(columns: readonly Columns[], width: number, names: readonly string[] | undefined): Columns {
  const taken = new Set(
    columns.flat().map((each) => {
      if (typeof each === 'string') return names?.indexOf(each) ?? -1;
      return (each as number) < 0 ? (each as number) + width : (each as number);
    }),
  );
  const rest = Array.from({ length: width }, (_, i) => i).filter((i) => !taken.has(i));
  return names === undefined ? rest : rest.map((i) => names[i] as string);
}
