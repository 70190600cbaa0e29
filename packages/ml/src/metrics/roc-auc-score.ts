import { InputError } from '../base/errors.ts';
import { toDense } from '../data/convert.ts';
import { isMatrix, type Matrix } from '../data/features.ts';
import { encodeLabels, type Label } from '../data/labels.ts';
import type { Weighted } from './accuracy-score.ts';
import { checkFinite, checkSameLength, weightsOf } from './checks.ts';

/** Scores of samples: one each for two labels, or rows x labels. */
export type Scores = ArrayLike<number> | Matrix | readonly (readonly number[])[];

export interface RocAucOptions extends Weighted {
  /** For more than two labels: each against the rest (`'ovr'`), or each pair (`'ovo'`). */
  readonly multiClass?: 'raise' | 'ovr' | 'ovo' | undefined;
  /** How the areas of labels become one: all alike, or by how frequent labels are. */
  readonly average?: 'macro' | 'weighted' | undefined;
  /** The labels that the columns of scores are for, sorted; all that occur where it is left out. */
  readonly labels?: ArrayLike<Label> | undefined;
}

/**
 * The area under the ROC curve: how likely a sample of the second label (in sorted order) scores higher than one of the
 * first, ties as half. Follows scikit-learn's `roc_auc_score`.
 * @param yScore of the second label, for two; rows x labels that sum to 1 for more, with `multiClass`
 * @throws InputError for different lengths, no sample, scores that are not finite, or a single label
 * @example rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.75
 */
export function rocAucScore(
  yTrue: ArrayLike<Label>,
  yScore: Scores,
  { multiClass = 'raise', average = 'macro', labels, sampleWeight }: RocAucOptions = {},
): number {
  const columns = scoreColumns(yScore);
  const [first = []] = columns;
  const length = checkSameLength({ yTrue, yScore: first });
  columns.forEach((column) => void checkFinite('yScore', column));
  const weights = weightsOf(sampleWeight, length);
  const { classes, codes } = encodeLabels(yTrue);
  if (columns.length === 1) {
    if (classes.length === 2) return areaOf(codes, first, weights);
    throw new InputError(
      `One score a sample is for two labels. Got ${classes.length} in yTrue${classes.length === 1 ? ', for which the area is not defined' : ''}.`,
    );
  }
  if (multiClass === 'raise')
    throw new InputError(
      "Scores of several labels need multiClass: 'ovr' (each against the rest) or 'ovo' (each pair).",
    );
  const all = Array.from(labels ?? classes);
  if (all.length !== columns.length)
    throw new InputError(`yScore must have one column a label, ${all.length}. Got ${columns.length}.`);
  checkShares(columns);
  const places = Int32Array.from(yTrue as ArrayLike<never>, (label) => all.indexOf(label));
  if (places.includes(-1)) throw new InputError('yTrue has labels that are not among labels.');
  if (multiClass === 'ovr') return overRest(places, columns, weights, average);
  if (weights !== undefined) throw new InputError("sampleWeight is not supported with multiClass: 'ovo'.");
  return overPairs(places, columns, average);
}

function overRest(
  places: Int32Array,
  columns: readonly ArrayLike<number>[],
  weights: ArrayLike<number> | undefined,
  average: 'macro' | 'weighted',
): number {
  let [sum, all] = [0, 0];
  columns.forEach((column, label) => {
    const binary = places.map((place) => Number(place === label));
    let there = 0;
    binary.forEach((is, at) => {
      there += is * (weights?.[at] ?? 1);
    });
    const weight = average === 'weighted' ? there : 1;
    sum += weight * areaOf(binary, column, weights);
    all += weight;
  });
  return sum / all;
}

function overPairs(places: Int32Array, columns: readonly ArrayLike<number>[], average: 'macro' | 'weighted'): number {
  let [sum, all] = [0, 0];
  for (let a = 0; a < columns.length; a += 1)
    for (let b = a + 1; b < columns.length; b += 1) {
      const rows = Array.from(places.keys()).filter((at) => places[at] === a || places[at] === b);
      const area = (label: number): number =>
        areaOf(
          rows.map((at) => Number(places[at] === label)),
          rows.map((at) => columns[label]?.[at] as number),
        );
      const weight = average === 'weighted' ? rows.length : 1;
      sum += (weight * (area(a) + area(b))) / 2;
      all += weight;
    }
  return sum / all;
}

/** The area for samples that are (1) or are not (0), by trapezoids between distinct scores. */
function areaOf(is: ArrayLike<number>, scores: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const order = Float64Array.from({ length: is.length }, (_, at) => at).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
  let [yes, no, area, yesBefore, noBefore] = [0, 0, 0, 0, 0];
  for (let rank = 0; rank < order.length; rank += 1) {
    const at = order[rank] as number;
    const weight = weights?.[at] ?? 1;
    if (is[at] === 1) yes += weight;
    else no += weight;
    if (rank + 1 < order.length && scores[order[rank + 1] as number] === scores[at]) continue;
    area += ((no - noBefore) * (yes + yesBefore)) / 2;
    [yesBefore, noBefore] = [yes, no];
  }
  if (yes === 0 || no === 0)
    throw new InputError('Only one of two labels occurs in yTrue: the area under the ROC curve is not defined.');
  return area / yes / no;
}

/** Scores by label. */
export function scoreColumns(scores: Scores): ArrayLike<number>[] {
  const isList = !isMatrix(scores) && (scores.length === 0 || typeof (scores as ArrayLike<unknown>)[0] === 'number');
  if (isList) return [scores as ArrayLike<number>];
  const { data, rows, cols } = toDense(scores as Matrix);
  return Array.from({ length: cols }, (_, column) =>
    Float64Array.from({ length: rows }, (_, row) => data[row * cols + column] as number),
  );
}

function checkShares(columns: readonly ArrayLike<number>[]): void {
  const rows = columns[0]?.length ?? 0;
  for (let at = 0; at < rows; at += 1) {
    const sum = columns.reduce((all, column) => all + (column[at] as number), 0);
    if (Math.abs(sum - 1) > 1e-5)
      throw new InputError(`Scores of several labels must be probabilities, which sum to 1. Got ${sum} in row ${at}.`);
  }
}
