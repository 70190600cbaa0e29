import { byColumn } from '../data/by-column.ts';
import type { CsrMatrix } from '../data/features.ts';
import type { CentredColumns } from './centred-columns.ts';

/** Stored values by column. Centring is done in thought: what is left of row i is `left[i] + shift`. */
export class SparseColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #starts: Int32Array;
  readonly #rows: Int32Array;
  readonly #values: Float64Array;
  readonly #weights: Float64Array;
  readonly #targets: Float64Array;
  readonly #left: Float64Array;
  /** All weight where columns are centred, else 0. */
  readonly #total: number;
  #shift = 0;

  /** @param total all weight; 0 where nothing is centred */
  constructor(X: CsrMatrix, y: Float64Array, sampleWeight: Float64Array, total: number, mean: number) {
    const { cols } = X;
    this.cols = cols;
    this.mean = mean;
    this.#total = total;
    this.#weights = sampleWeight;
    const { starts, rows, values } = byColumn(X);
    this.#starts = starts;
    this.#rows = rows;
    this.#values = values;
    this.means = new Float64Array(cols);
    this.norms = new Float64Array(cols);
    for (let j = 0; j < cols; j += 1) {
      let sum = 0;
      let squares = 0;
      for (let k = this.#starts[j] as number; k < (this.#starts[j + 1] as number); k += 1) {
        const weighted = (sampleWeight[this.#rows[k] as number] as number) * (this.#values[k] as number);
        sum += weighted;
        squares += weighted * (this.#values[k] as number);
      }
      const centre = total > 0 ? sum / total : 0;
      this.means[j] = centre;
      this.norms[j] = Math.max(squares - total * centre * centre, 0);
    }
    this.#targets = y.map((each) => each - mean);
    this.#left = this.#targets.slice();
    this.targetSquares = this.#targets.reduce((sum, each, i) => sum + (sampleWeight[i] as number) * each * each, 0);
  }

  product(column: number): number {
    const rows = this.#rows;
    const end = this.#starts[column + 1] as number;
    let sum = 0;
    for (let k = this.#starts[column] as number; k < end; k += 1) {
      const row = rows[k] as number;
      sum += (this.#values[k] as number) * (this.#weights[row] as number) * (this.#left[row] as number);
    }
    // What is left has the weighted mean zero, so that the column's own centring does not show.
    return sum + this.#shift * this.#total * (this.means[column] as number);
  }

  take(column: number, change: number): void {
    const left = this.#left;
    const end = this.#starts[column + 1] as number;
    for (let k = this.#starts[column] as number; k < end; k += 1) {
      const row = this.#rows[k] as number;
      left[row] = (left[row] as number) - change * (this.#values[k] as number);
    }
    this.#shift += change * (this.means[column] as number);
  }

  left(): { squares: number; withTargets: number } {
    let squares = 0;
    let withTargets = 0;
    for (const [row, each] of this.#left.entries()) {
      const left = each + this.#shift;
      const weighted = (this.#weights[row] as number) * left;
      squares += weighted * left;
      withTargets += weighted * (this.#targets[row] as number);
    }
    return { squares, withTargets };
  }
}
