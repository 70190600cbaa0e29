import { InputError } from '../base/errors.ts';
import type { Label } from '../data/labels.ts';
import { accuracyScore } from './accuracy-score.ts';
import { labelsOf } from './checks.ts';
import { type LabelScoreOptions, precisionRecallFscore } from './precision-recall-fscore.ts';

/** A row of a report. */
export interface ReportRow {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** What `classificationReport` tells. */
export interface ClassificationReport {
  /** By name of the label. */
  readonly labels: { readonly [label: string]: ReportRow };
  /** Where `labels` leaves none out that occurs. */
  readonly accuracy?: number;
  /** Where it leaves some out. */
  readonly microAverage?: ReportRow;
  readonly macroAverage: ReportRow;
  readonly weightedAverage: ReportRow;
  /** The table that scikit-learn's `classification_report` prints. */
  toString(): string;
}

export interface ReportOptions extends LabelScoreOptions {
  /** Names of the labels, in their order. */
  readonly targetNames?: readonly string[] | undefined;
  /** Digits behind the point; 2 by default. */
  readonly digits?: number | undefined;
}

/**
 * Precision, recall, F1 and support of each label, and their averages: as numbers, and as the text of scikit-learn's
 * `classification_report` with `String(report)`.
 * @throws InputError as `precisionRecallFscore`, and for more or fewer names than labels
 * @example console.log(`${classificationReport(yTest, await search.predict(XTest))}`);
 */
export function classificationReport(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { targetNames, digits = 2, ...options }: ReportOptions = {},
): ClassificationReport {
  const present = labelsOf(yTrue, yPred);
  const labels = Array.from(options.labels ?? present);
  const names = targetNames ?? labels.map(String);
  if (names.length !== labels.length)
    throw new InputError(`targetNames must have one name a label, ${labels.length}. Got ${names.length}.`);
  const scoring = { ...options, labels };
  const each = precisionRecallFscore(yTrue, yPred, scoring);
  const support = each.support.reduce((sum, count) => sum + count, 0);
  const averaged = (average: 'micro' | 'macro' | 'weighted'): ReportRow => {
    const { precision, recall, fscore } = precisionRecallFscore(yTrue, yPred, { ...scoring, average });
    return { precision, recall, f1: fscore, support };
  };
  const row = (at: number): ReportRow => ({
    precision: each.precision[at] as number,
    recall: each.recall[at] as number,
    f1: each.fscore[at] as number,
    support: each.support[at] as number,
  });
  const isWhole = present.every((label) => labels.includes(label));
  const report = {
    labels: Object.fromEntries(names.map((name, at) => [name, row(at)])),
    ...(isWhole
      ? { accuracy: accuracyScore(yTrue, yPred, { sampleWeight: options.sampleWeight }) }
      : { microAverage: averaged('micro') }),
    macroAverage: averaged('macro'),
    weightedAverage: averaged('weighted'),
  };
  const text = (): string =>
    tableOf(
      names.map((name, at) => [name, row(at)]),
      report,
      support,
      digits,
    );
  return Object.defineProperty(report, 'toString', { value: text, enumerable: false });
}

const HEADS = ['precision', 'recall', 'f1-score', 'support'];

function tableOf(
  rows: readonly (readonly [string, ReportRow])[],
  { accuracy, microAverage, macroAverage, weightedAverage }: Omit<ClassificationReport, 'labels' | 'toString'>,
  support: number,
  digits: number,
): string {
  const width = Math.max(...rows.map(([name]) => name.length), 'weighted avg'.length, digits);
  const cell = (text: string | number): string => ` ${String(text).padStart(9)}`;
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padStart(width)} ${cells.map(cell).join('')}`;
  const ofRow = (name: string, { precision, recall, f1, support: count }: ReportRow): string =>
    line(name, [...[precision, recall, f1].map((score) => score.toFixed(digits)), count]);
  return [
    line('', HEADS),
    '',
    ...rows.map(([name, row]) => ofRow(name, row)),
    '',
    accuracy === undefined
      ? ofRow('micro avg', microAverage as ReportRow)
      : line('accuracy', ['', '', accuracy.toFixed(digits), support]),
    ofRow('macro avg', macroAverage),
    ofRow('weighted avg', weightedAverage),
    '',
  ].join('\n');
}
