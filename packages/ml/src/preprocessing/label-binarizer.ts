import { BOOLEAN, type Constraints, integer } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { toCsr, toDense } from '../data/convert.ts';
import type { Features, Matrix } from '../data/features.ts';
import { type Label, type Labels, uniqueLabels } from '../data/labels.ts';
import { checked } from './label-encoder.ts';

export interface LabelBinarizerParams {
  readonly negLabel: number;
  readonly posLabel: number;
  /** CSR, or dense. CSR needs `negLabel` 0. */
  readonly sparseOutput: boolean;
}

/** A column for each label, of two labels one for the second: `posLabel` where a row has it. Unknown labels have none. */
export class LabelBinarizer<L extends Label = Label> extends Estimator<LabelBinarizerParams> {
  static override readonly defaults: LabelBinarizerParams = { negLabel: 0, posLabel: 1, sparseOutput: false };
  static override readonly constraints: Constraints = {
    negLabel: [integer('(-inf, inf)')],
    posLabel: [integer('(-inf, inf)')],
    sparseOutput: [BOOLEAN],
  };
  /** Labels, sorted. */
  declare classes_: L[];

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', input: 'labels' };
  }

  async fit(y: Labels<L>): Promise<this> {
    this.checkParams();
    const { negLabel, posLabel, sparseOutput } = this.params;
    if (negLabel >= posLabel) {
      throw new ParameterError(`LabelBinarizer: negLabel must be below posLabel. Got ${negLabel} and ${posLabel}.`);
    }
    if (sparseOutput && negLabel !== 0) {
      throw new ParameterError(`LabelBinarizer: sparseOutput needs negLabel 0. Got ${negLabel}.`);
    }
    this.classes_ = uniqueLabels(checked(y, 'LabelBinarizer'));
    return this;
  }

  async fitTransform(y: Labels<L>): Promise<Matrix> {
    return (await this.fit(y)).transform(y);
  }

  async transform(y: Labels<L>): Promise<Matrix> {
    this.checkFitted();
    const { negLabel, posLabel, sparseOutput } = this.params;
    const columns = this.columns();
    const data = new Float64Array(y.length * columns.length).fill(negLabel);
    for (let row = 0; row < y.length; row += 1) {
      const column = columns.indexOf(y[row] as L);
      if (column >= 0) data[row * columns.length + column] = posLabel;
    }
    const matrix = { data, rows: y.length, cols: columns.length };
    return sparseOutput ? toCsr(matrix) : matrix;
  }

  /** The label of the largest value in each row; of two labels by whether it is above the middle. */
  async inverseTransform(X: Features): Promise<L[]> {
    this.checkFitted();
    const { data, rows, cols } = toDense(X);
    const middle = (this.params.negLabel + this.params.posLabel) / 2;
    return Array.from({ length: rows }, (_, row) => {
      const own = data.subarray(row * cols, (row + 1) * cols);
      if (this.classes_.length <= 2)
        return (this.classes_[(own[0] as number) > middle ? 1 : 0] ?? this.classes_[0]) as L;
      return this.classes_[own.indexOf(Math.max(...own))] as L;
    });
  }

  private columns(): L[] {
    if (this.classes_.length === 2) return this.classes_.slice(1);
    return this.classes_;
  }
}
