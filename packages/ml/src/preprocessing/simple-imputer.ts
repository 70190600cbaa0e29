import { type Constraints, oneOf, show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { cellColumns, isMissing } from '../data/cells.ts';
import type { Cell, DenseMatrix, Features } from '../data/features.ts';
import { compareLabels, type Label } from '../data/labels.ts';

export interface SimpleImputerParams {
  /** What a cell is missing by: this value; NaN stands for null and undefined too. */
  readonly missingValues: Cell;
  readonly strategy: 'mean' | 'median' | 'most_frequent' | 'constant';
  /** For `'constant'`: what is put in; null: 0 for numbers, 'missing_value' for text. */
  readonly fillValue: Cell;
}

/**
 * Puts a column's mean, median, most frequent value or a constant where cells are missing. Columns without any value
 * are left out, unless a constant fills them. X: a dense matrix or rows of cells; text with `'most_frequent'` and
 * `'constant'` only. Gives a dense matrix of numbers, or rows of cells where there is text.
 */
export class SimpleImputer extends Estimator<SimpleImputerParams> {
  static override readonly defaults: SimpleImputerParams = {
    missingValues: Number.NaN,
    strategy: 'mean',
    fillValue: null,
  };
  static override readonly constraints: Constraints = {
    strategy: [oneOf('mean', 'median', 'most_frequent', 'constant')],
  };
  /** What is put in, for each column; undefined for those that are left out. */
  declare statistics_: Cell[];
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** Names of the columns of X, where they have names. */
  declare featureNamesIn_: string[] | undefined;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', allowsNaN: true };
  }

  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const { columns, names } = cellColumns(X, 'SimpleImputer');
    const statistics = columns.map((cells, c) => this.statisticOf(this.present(cells, c), c));
    this.forget();
    this.statistics_ = statistics;
    this.nFeaturesIn_ = columns.length;
    if (names !== undefined) this.featureNamesIn_ = [...names];
    return this;
  }

  async transform(X: Features): Promise<DenseMatrix | Cell[][]> {
    this.checkFitted();
    const { rows, columns } = cellColumns(X, 'SimpleImputer', { cols: this.nFeaturesIn_, names: this.featureNamesIn_ });
    const filled: Cell[][] = [];
    for (const [c, cells] of columns.entries()) {
      const statistic = this.statistics_[c];
      if (statistic === undefined) continue;
      this.present(cells, c);
      filled.push(cells.map((cell) => (this.isMissing(cell) ? statistic : cell)));
    }
    if (filled.length === 0) throw new InputError('SimpleImputer leaves out all columns, for none had a value at fit.');
    const isNumeric = filled.every((cells) => cells.every((cell) => typeof cell === 'number'));
    if (!isNumeric) return Array.from({ length: rows }, (_, row) => filled.map((cells) => cells[row]));
    const data = new Float64Array(rows * filled.length);
    for (const [c, cells] of filled.entries()) {
      for (let row = 0; row < rows; row += 1) data[row * filled.length + c] = cells[row] as number;
    }
    return { data, rows, cols: filled.length };
  }

  private isMissing(cell: Cell): boolean {
    const { missingValues } = this.params;
    return isMissing(missingValues) ? isMissing(cell) : cell === missingValues;
  }

  /** Cells that are there. @throws InputError for text that has no mean, infinity, and what is missing in another way */
  private present(cells: readonly Cell[], column: number): Label[] {
    const { strategy } = this.params;
    const present = cells.filter((cell) => !this.isMissing(cell)) as Label[];
    for (const cell of present) {
      if (isMissing(cell))
        throw new InputError(
          `Input X contains ${show(cell)} in column ${column}, and missingValues of SimpleImputer is ${show(this.params.missingValues)}.`,
        );
      if (typeof cell === 'number' && !Number.isFinite(cell))
        throw new InputError('Input X contains infinity. SimpleImputer takes finite numbers.');
      if (typeof cell === 'number' || strategy === 'most_frequent' || strategy === 'constant') continue;
      throw new InputError(
        `Cannot use ${strategy} strategy with non-numeric data: ${show(cell)} in column ${column}. Use most_frequent or constant.`,
      );
    }
    return present;
  }

  private statisticOf(present: readonly Label[], column: number): Cell {
    const { strategy, fillValue } = this.params;
    const isText = present.some((cell) => typeof cell !== 'number');
    if (strategy === 'constant') {
      const filler = isMissing(fillValue) ? (isText ? 'missing_value' : 0) : fillValue;
      if (isText || typeof filler === 'number' || present.length === 0) return filler;
      throw new ParameterError(
        `SimpleImputer: column ${column} is of numbers, so fillValue must be a number. Got ${show(filler)}.`,
      );
    }
    if (present.length === 0) return undefined;
    if (strategy === 'mean') return (present as number[]).reduce((sum, each) => sum + each, 0) / present.length;
    const sorted = [...present].sort(compareLabels);
    if (strategy === 'median') {
      const middle = sorted.length >> 1;
      const upper = sorted[middle] as number;
      return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
    }
    return mostFrequent(sorted);
  }
}

/** The value that comes most often in a sorted list; of several the first. */
function mostFrequent(sorted: readonly Label[]): Label {
  let [best, most, run] = [sorted[0] as Label, 0, 0];
  for (const [i, each] of sorted.entries()) {
    run = each === sorted[i - 1] ? run + 1 : 1;
    if (run > most) [best, most] = [each, run];
  }
  return best;
}
