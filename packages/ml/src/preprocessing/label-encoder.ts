import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { codesOf, encodeLabels, type Label, type Labels, uniqueLabels } from '../data/labels.ts';

/** Labels to numbers from 0, in the order of the sorted labels; and back. It takes y, not X. */
export class LabelEncoder<L extends Label = Label> extends Estimator {
  static override readonly defaults: object = {};
  /** Labels, sorted. */
  declare classes_: L[];

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', input: 'labels' };
  }

  async fit(y: Labels<L>): Promise<this> {
    this.classes_ = uniqueLabels(checked(y, 'LabelEncoder'));
    return this;
  }

  async fitTransform(y: Labels<L>): Promise<Int32Array> {
    const { classes, codes } = encodeLabels(checked(y, 'LabelEncoder'), { fractions: true });
    this.classes_ = classes;
    return codes;
  }

  /** @throws InputError for labels that `fit` did not see */
  async transform(y: Labels<L>): Promise<Int32Array> {
    this.checkFitted();
    return codesOf(y, this.classes_);
  }

  /** @throws InputError for numbers that stand for no label */
  async inverseTransform(codes: ArrayLike<number>): Promise<L[]> {
    this.checkFitted();
    return Array.from(codes, (code) => {
      const label = this.classes_[code];
      if (label === undefined)
        throw new InputError(`y contains previously unseen labels: ${code}. Known: 0 to ${this.classes_.length - 1}.`);
      return label;
    });
  }
}

/** @throws InputError where there are no labels */
export function checked<L extends Label>(y: Labels<L>, owner: string): Labels<L> {
  if (y === undefined || y === null || y.length === 0)
    throw new InputError(`y of ${owner} must have at least one label.`);
  return y;
}
