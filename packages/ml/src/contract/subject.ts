import assert from 'node:assert/strict';
import { clone } from '../base/clone.ts';
import type { Estimator } from '../base/estimator.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { toDense } from '../data/convert.ts';
import { type Features, isMatrix } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';

/** An estimator with all that it may have. */
export type Subject = Estimator & {
  classes_?: unknown;
  nFeaturesIn_?: number;
  fit(X: unknown, y?: unknown, options?: FitOptions): unknown;
  predict?(X: unknown): unknown;
  predictProba?(X: unknown): unknown;
  decisionFunction?(X: unknown): unknown;
  transform?(X: unknown): unknown;
  fitTransform?(X: unknown, y?: unknown, options?: FitOptions): unknown;
  score?(X: unknown, y?: unknown, options?: FitOptions): unknown;
  getFeatureNamesOut?(): string[];
};

/** Methods that answer for each row. */
export const ANSWERING = ['predict', 'predictProba', 'decisionFunction', 'transform'] as const;

/** An unfitted estimator of the same parameters, whose random numbers are always the same. */
export function fresh(make: () => Subject): Subject {
  const estimator = make();
  if (Object.hasOwn(estimator.params, 'randomState')) estimator.setParams({ randomState: 0 });
  return clone(estimator);
}

/** What an estimator answers to X by each of its methods. */
export async function answersOf(estimator: Subject, X: unknown): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const method of ANSWERING) {
    if (estimator.provides(method)) answers[method] = await estimator[method]?.(X);
  }
  return answers;
}

/** Answers that are equal but for the last digits of numbers. */
export function alike(actual: unknown, expected: unknown, tolerance: number): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const isClose = Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
    assert.ok(isClose || Object.is(actual, expected), `${actual} is not ${expected} within ${tolerance}`);
  } else if (isMatrix(expected)) {
    const [a, e] = [toDense(actual as Features), toDense(expected)];
    assert.deepEqual([a.rows, a.cols], [e.rows, e.cols]);
    alike([...a.data], [...e.data], tolerance);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.deepEqual(Object.keys(actual as object), Object.keys(expected));
    for (const [key, each] of Object.entries(expected))
      alike((actual as Record<string, unknown>)[key], each, tolerance);
  } else assert.equal(actual, expected);
}

/** The rows of an answer, each as a list. */
export function rowsOf(answer: unknown): unknown[] {
  if (!isMatrix(answer)) return Array.from(answer as ArrayLike<unknown>);
  const { data, rows, cols } = toDense(answer);
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * cols, (row + 1) * cols)]);
}

/** Fits on X and y, or on y alone where that is what it takes. */
export async function fitted(make: () => Subject, sample: Sample, options?: FitOptions): Promise<Subject> {
  const estimator = fresh(make);
  await estimator.fit(sample.X, sample.y, options);
  return estimator;
}

/** Rows, and what is known of them. */
export interface Sample {
  readonly X: Features | Labels;
  readonly y: Labels | undefined;
}
