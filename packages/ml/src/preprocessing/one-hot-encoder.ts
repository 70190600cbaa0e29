import { type Constraints, NULL, oneOf } from '../base/constraints.ts';
import { toDense } from '../data/convert.ts';
import type { Cell, CsrMatrix, Features, Matrix } from '../data/features.ts';
import { CategoryEncoder, type CategoryEncoderParams } from './category-encoder.ts';

export interface OneHotEncoderParams extends CategoryEncoderParams {
  /** A category of each column that gets no column: the first, or the first of two. */
  readonly drop: 'first' | 'if_binary' | null;
}

/**
 * A column of 0 and 1 for each category of each column. X: rows of cells, by position or name, or a dense matrix.
 * Missing cells are a category, the last.
 */
export class OneHotEncoder extends CategoryEncoder<OneHotEncoderParams> {
  static override readonly defaults: OneHotEncoderParams = { ...CategoryEncoder.defaults, drop: null };
  static override readonly constraints: Constraints = {
    ...CategoryEncoder.constraints,
    drop: [oneOf('first', 'if_binary'), NULL],
  };

  /** Rows x categories. @throws InputError for cells of no category, unless they are ignored */
  async transform(X: Features): Promise<Matrix> {
    const { rows, codes } = this.codes(X);
    const [dropped, starts] = [this.dropped(), this.starts()];
    const indices: number[] = [];
    const indptr = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row += 1) {
      for (const [c, own] of codes.entries()) {
        const code = (own[row] as number) - (dropped[c] as number);
        if (code >= 0) indices.push((starts[c] as number) + code);
      }
      indptr[row + 1] = indices.length;
    }
    const hot: CsrMatrix = {
      data: new Float64Array(indices.length).fill(1),
      indices: Int32Array.from(indices),
      indptr,
      rows,
      cols: starts.at(-1) as number,
    };
    return this.params.sparseOutput ? hot : toDense(hot);
  }

  /** Cells that X stands for; null where a row has no 1 for a column. */
  async inverseTransform(X: Features): Promise<Cell[][]> {
    this.checkFitted();
    const { data, rows, cols } = toDense(X);
    const [dropped, starts] = [this.dropped(), this.starts()];
    return Array.from({ length: rows }, (_, row) =>
      this.categories_.map((categories, c) => {
        const own = data.subarray(row * cols + (starts[c] as number), row * cols + (starts[c + 1] as number));
        const hot = own.findIndex((each) => each !== 0);
        if (hot < 0) return dropped[c] === 1 ? categories[0] : null;
        return categories[hot + (dropped[c] as number)];
      }),
    );
  }

  /** `name_category`, in the order of the columns; `x0`, `x1`… where columns have no names. */
  getFeatureNamesOut(): string[] {
    this.checkFitted();
    const dropped = this.dropped();
    return this.categories_.flatMap((categories, c) =>
      categories.slice(dropped[c]).map((category) => `${this.nameOf(c)}_${category}`),
    );
  }

  /** How many categories of each column, from the first, have no column. */
  private dropped(): number[] {
    const { drop } = this.params;
    return this.categories_.map(({ length }) => (drop === 'first' || (drop === 'if_binary' && length === 2) ? 1 : 0));
  }

  /** The first column of each column's categories, and the number of all. */
  private starts(): number[] {
    const dropped = this.dropped();
    const starts = [0];
    for (const [c, { length }] of this.categories_.entries()) {
      starts.push((starts[c] as number) + length - (dropped[c] as number));
    }
    return starts;
  }
}
