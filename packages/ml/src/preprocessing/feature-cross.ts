import { BOOLEAN, type Constraints, oneOf } from '../base/constraints.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { cellColumns } from '../data/cells.ts';
import { toDense } from '../data/convert.ts';
import type { Cell, CsrMatrix, Features, Matrix } from '../data/features.ts';
import { type Categories, categoriesOf, codesIn } from './categories.ts';

export interface FeatureCrossParams {
  readonly categories: Categories;
  /** Cells of no category: an error, or no 1 in the row. */
  readonly handleUnknown: 'error' | 'ignore';
  /** CSR, or dense. */
  readonly sparseOutput: boolean;
}

/**
 * A column of 0 and 1 for each combination of the columns' categories, seen or not: of weekday and hour the 168 hours
 * of the week, so that a linear model has a weight for each. The last column's categories vary fastest.
 * X: rows of cells, by position or name, or a dense matrix. Missing cells are a category, the last.
 *
 * @example
 * new ColumnTransformer([['hourOfWeek', new FeatureCross(), ['weekday', 'hour']]], { remainder: 'passthrough' });
 */
export class FeatureCross extends Estimator<FeatureCrossParams> {
  static override readonly defaults: FeatureCrossParams = {
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
    const { columns, names } = cellColumns(X, 'FeatureCross');
    const found = categoriesOf(columns, categories, handleUnknown === 'error', 'FeatureCross');
    this.forget();
    this.categories_ = found;
    this.nFeaturesIn_ = columns.length;
    if (names !== undefined) this.featureNamesIn_ = [...names];
    return this;
  }

  /** Rows x combinations. @throws InputError for cells of no category, unless they are ignored */
  async transform(X: Features): Promise<Matrix> {
    this.checkFitted();
    const { handleUnknown, sparseOutput } = this.params;
    const { rows, columns } = cellColumns(X, 'FeatureCross', { cols: this.nFeaturesIn_, names: this.featureNamesIn_ });
    const crossed = new Int32Array(rows);
    for (const [c, cells] of columns.entries()) {
      const categories = this.categories_[c] as Cell[];
      const codes = codesIn(cells, categories, handleUnknown, 'FeatureCross', this.featureNamesIn_?.[c] ?? c);
      for (let row = 0; row < rows; row += 1) {
        const [before, code] = [crossed[row] as number, codes[row] as number];
        crossed[row] = before < 0 || code < 0 ? -1 : before * categories.length + code;
      }
    }
    const indptr = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row += 1)
      indptr[row + 1] = (indptr[row] as number) + ((crossed[row] as number) < 0 ? 0 : 1);
    const indices = crossed.filter((each) => each >= 0);
    const cols = this.categories_.reduce((product, { length }) => product * length, 1);
    const hot: CsrMatrix = { data: new Float64Array(indices.length).fill(1), indices, indptr, rows, cols };
    return sparseOutput ? hot : toDense(hot);
  }

  /** `weekday=0 hour=13`, in the order of the columns; `x0`, `x1`… where columns have no names. */
  getFeatureNamesOut(): string[] {
    this.checkFitted();
    let names = [''];
    for (const [c, categories] of this.categories_.entries()) {
      const own = categories.map((category) => `${this.featureNamesIn_?.[c] ?? `x${c}`}=${category}`);
      names = names.flatMap((before) => own.map((each) => (before === '' ? each : `${before} ${each}`)));
    }
    return names;
  }
}
