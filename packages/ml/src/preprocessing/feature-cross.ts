import { toDense } from '../data/convert.ts';
import type { Cell, CsrMatrix, Features, Matrix } from '../data/features.ts';
import { CategoryEncoder, type CategoryEncoderParams } from './category-encoder.ts';

export type FeatureCrossParams = CategoryEncoderParams;

/**
 * A column of 0 and 1 for each combination of the columns' categories, seen or not: of weekday and hour the 168 hours
 * of the week, so that a linear model has a weight for each. The last column's categories vary fastest.
 * X: rows of cells, by position or name, or a dense matrix. Missing cells are a category, the last.
 *
 * @example
 * new ColumnTransformer([['hourOfWeek', new FeatureCross(), ['weekday', 'hour']]], { remainder: 'passthrough' });
 */
export class FeatureCross extends CategoryEncoder<FeatureCrossParams> {
  /** Rows x combinations. @throws InputError for cells of no category, unless they are ignored */
  async transform(X: Features): Promise<Matrix> {
    const { rows, codes } = this.codes(X);
    const crossed = new Int32Array(rows);
    for (const [c, own] of codes.entries()) {
      const { length } = this.categories_[c] as Cell[];
      for (let row = 0; row < rows; row += 1) {
        const [before, code] = [crossed[row] as number, own[row] as number];
        crossed[row] = before < 0 || code < 0 ? -1 : before * length + code;
      }
    }
    const indptr = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row += 1)
      indptr[row + 1] = (indptr[row] as number) + ((crossed[row] as number) < 0 ? 0 : 1);
    const indices = crossed.filter((each) => each >= 0);
    const cols = this.categories_.reduce((product, { length }) => product * length, 1);
    const hot: CsrMatrix = { data: new Float64Array(indices.length).fill(1), indices, indptr, rows, cols };
    return this.params.sparseOutput ? hot : toDense(hot);
  }

  /** `weekday=0 hour=13`, in the order of the columns; `x0`, `x1`… where columns have no names. */
  getFeatureNamesOut(): string[] {
    this.checkFitted();
    let names = [''];
    for (const [c, categories] of this.categories_.entries()) {
      const own = categories.map((category) => `${this.nameOf(c)}=${category}`);
      names = names.flatMap((before) => own.map((each) => (before === '' ? each : `${before} ${each}`)));
    }
    return names;
  }
}
