import type { AnyEstimator } from '../base/estimator.ts';
import type { FitOptions, Transformer } from '../base/interfaces.ts';
import type { Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';

/** Fits a transformer and transforms what it was fitted on, in one where it can. */
export async function fitTransform(
  transformer: AnyEstimator,
  X: Features,
  y?: Labels,
  options?: FitOptions,
): Promise<Features> {
  const each = transformer as unknown as Transformer;
  if (each.fitTransform !== undefined) return each.fitTransform(X, y, options);
  await each.fit(X, y, options);
  return each.transform(X);
}
