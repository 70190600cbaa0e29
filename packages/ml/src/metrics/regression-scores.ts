import type { Weighted } from './accuracy-score.ts';
import { checkSameLength, weightsOf } from './checks.ts';

/**
 * The mean of squared differences; its root with `squared: false`. Follows scikit-learn's `mean_squared_error`, for one output.
 * @throws InputError for different lengths, no sample or values that are no finite numbers
 * @example meanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]); // 0.375
 */
export function meanSquaredError(
  yTrue: ArrayLike<number>,
  yPred: ArrayLike<number>,
  { sampleWeight, squared = true }: Weighted & { readonly squared?: boolean | undefined } = {},
): number {
  const mean = meanOver(yTrue, yPred, sampleWeight, (difference) => difference ** 2);
  return squared ? mean : Math.sqrt(mean);
}

/**
 * The mean of differences without their sign. Follows scikit-learn's `mean_absolute_error`, for one output.
 * @throws InputError for different lengths, no sample or values that are no finite numbers
 * @example meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8]); // 0.5
 */
export function meanAbsoluteError(
  yTrue: ArrayLike<number>,
  yPred: ArrayLike<number>,
  { sampleWeight }: Weighted = {},
): number {
  return meanOver(yTrue, yPred, sampleWeight, Math.abs);
}

/**
 * The share of the variance that is explained: 1 at best, 0 for the mean of `yTrue`, below for worse. Where `yTrue` does
 * not vary, 1 if all is predicted exactly, else 0. NaN for a single sample. Follows scikit-learn's `r2_score`, for one output.
 * @throws InputError for different lengths, no sample or values that are no finite numbers
 * @example r2Score([3, -0.5, 2, 7], [2.5, 0, 2, 8]); // 0.9486081370449679
 */
export function r2Score(yTrue: ArrayLike<number>, yPred: ArrayLike<number>, { sampleWeight }: Weighted = {}): number {
  const length = checkSameLength({ yTrue, yPred }, { numbers: true });
  if (length < 2) return Number.NaN;
  const weights = weightsOf(sampleWeight, length);
  const weightAt = (at: number): number => weights?.[at] ?? 1;
  let [sum, all] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    sum += weightAt(at) * (yTrue[at] as number);
    all += weightAt(at);
  }
  const mean = sum / all;
  let [left, total] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    left += weightAt(at) * ((yTrue[at] as number) - (yPred[at] as number)) ** 2;
    total += weightAt(at) * ((yTrue[at] as number) - mean) ** 2;
  }
  if (total === 0) return left === 0 ? 1 : 0;
  return 1 - left / total;
}

function meanOver(
  yTrue: ArrayLike<number>,
  yPred: ArrayLike<number>,
  sampleWeight: ArrayLike<number> | undefined,
  cost: (difference: number) => number,
): number {
  const length = checkSameLength({ yTrue, yPred }, { numbers: true });
  const weights = weightsOf(sampleWeight, length);
  let [sum, all] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    const weight = weights?.[at] ?? 1;
    sum += weight * cost((yTrue[at] as number) - (yPred[at] as number));
    all += weight;
  }
  return sum / all;
}
