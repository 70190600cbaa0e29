import { BOOLEAN, type Constraints, oneOf } from '../base/constraints.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { cellColumns } from '../data/cells.ts';
import type { Cell, Features } from '../data/features.ts';
import { type Categories, categoriesOf, codesIn } from './categories.ts';

export interface CategoryEncoderParams {
  readonly categories: Categories;
  /** Cells of no category: an error, or no 1 in the row. */
  readonly handleUnknown: 'error' | 'ignore';
  /** CSR, or dense. */
  readonly sparseOutput: boolean;
}

/** What encoders of categories share: they learn the categories of each column, and number cells by them. */
export abstract class CategoryEncoder<P extends CategoryEncoderParams> extends Estimator<P> {
  static override readonly defaults: CategoryEncoderParams = {
    categories: 'auto',
    handleUnknown: 'error',
    sparseOutput: true,
  };
  static override readonly constraints: Constraints = {
    categories: [oneOf('auto'), { is: 'array' }],
    handleUnknown: [oneOf('error', 'ignore')],
    sparseOutput: [BOOLEAN],
  };
  /** Categories of each column. */
  declare categories_: Cell[][];
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** Names of the columns of X, where they have names. */
  declare featureNamesIn_: string[] | undefined;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', input: 'cells', allowsNaN: true };
  }

  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const { categories, handleUnknown } = this.params;
    const { columns, names } = cellColumns(X, this.class.name);
    const found = categoriesOf(columns, categories, handleUnknown === 'error', this.class.name);
    this.forget();
    this.categories_ = found;
    this.nFeaturesIn_ = columns.length;
    if (names !== undefined) this.featureNamesIn_ = [...names];
    return this;
  }

  /** A number for each cell, column by column; -1 for those of no category, where they are ignored. */
  protected codes(X: Features): { readonly rows: number; readonly codes: readonly Int32Array[] } {
    this.checkFitted();
    const owner = this.class.name;
    const { rows, columns } = cellColumns(X, owner, { cols: this.nFeaturesIn_, names: this.featureNamesIn_ });
    const codes = columns.map((cells, c) =>
      codesIn(cells, this.categories_[c] as Cell[], this.params.handleUnknown, owner, this.featureNamesIn_?.[c] ?? c),
    );
    return { rows, codes };
  }

  /** The name of a column of X. */
  protected nameOf(column: number): string {
    return this.featureNamesIn_?.[column] ?? `x${column}`;
  }
}
