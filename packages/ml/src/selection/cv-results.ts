import type { Params } from './parameter-grid.ts';

/** Scores by name, of one fit on one split. */
export type ScoreSet = Readonly<Record<string, number>>;

/** What became of one candidate on one split. */
export interface FitOutcome {
  /** Milliseconds. */
  readonly fitMs: number;
  readonly scoreMs: number;
  readonly test: ScoreSet;
  /** Where train scores were asked for. */
  readonly train?: ScoreSet | undefined;
  /** Why scores are `errorScore`. */
  readonly error?: unknown;
}

type ScoreColumn = `${'mean' | 'std' | `split${number}`}_${'test' | 'train'}_${string}`;

/**
 * A search as columns, one row a candidate, named as in scikit-learn. Times are in seconds. `param_<name>` is undefined
 * for candidates that don't set it.
 */
export interface CvResults {
  readonly params: readonly Params[];
  readonly mean_fit_time: Float64Array;
  readonly std_fit_time: Float64Array;
  readonly mean_score_time: Float64Array;
  readonly std_score_time: Float64Array;
  readonly [scores: ScoreColumn]: Float64Array;
  readonly [ranks: `rank_test_${string}`]: Int32Array;
  readonly [values: `param_${string}`]: readonly unknown[];
}

/**
 * The table of a search.
 * @param outcomes candidates x splits
 */
export function cvResultsOf(
  candidates: readonly Params[],
  outcomes: readonly (readonly FitOutcome[])[],
  { scores, hasTrain }: { readonly scores: readonly string[]; readonly hasTrain: boolean },
): CvResults {
  const columns: Record<string, unknown> = {};
  const spread = (name: string, rows: readonly (readonly number[])[]): Float64Array => {
    const means = Float64Array.from(rows, mean);
    columns[`mean_${name}`] = means;
    columns[`std_${name}`] = Float64Array.from(rows, (row, at) => deviation(row, means[at] as number));
    return means;
  };
  spread(
    'fit_time',
    outcomes.map((row) => row.map(({ fitMs }) => fitMs / 1000)),
  );
  spread(
    'score_time',
    outcomes.map((row) => row.map(({ scoreMs }) => scoreMs / 1000)),
  );
  for (const name of new Set(candidates.flatMap((params) => Object.keys(params))))
    columns[`param_${name}`] = candidates.map((params) => params[name]);
  columns.params = candidates;
  for (const part of hasTrain ? (['test', 'train'] as const) : (['test'] as const))
    for (const score of scores) {
      const rows = outcomes.map((row) => row.map((outcome) => outcome[part]?.[score] as number));
      (rows[0] ?? []).forEach((_, split) => {
        columns[`split${split}_${part}_${score}`] = Float64Array.from(rows, (row) => row[split] as number);
      });
      const means = spread(`${part}_${score}`, rows);
      if (part === 'test') columns[`rank_test_${score}`] = ranksOf(means);
    }
  return columns as unknown as CvResults;
}

/** 1 for the greatest; equal ones share the best rank that they would have; NaN comes last, equal to NaN. */
export function ranksOf(means: ArrayLike<number>): Int32Array {
  const values = Float64Array.from(means, (value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  return Int32Array.from(values, (value) => 1 + values.filter((other) => other > value).length);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of all, not of a sample: divided by their number. */
export function deviation(values: readonly number[], average: number = mean(values)): number {
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}
