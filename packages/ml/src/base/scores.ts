import { checkLength } from '../data/check-targets.ts';
import type { Label, Labels } from '../data/labels.ts';
import { InputError } from './errors.ts';

/** The share of labels that are equal, by weight. */
export function accuracyOf(y: Labels, predicted: Labels, sampleWeight?: ArrayLike<number>): number {
  checkLength('y', y, predicted.length, 'score');
  let right = 0;
  let all = 0;
  for (let i = 0; i < y.length; i += 1) {
    const weight = sampleWeight?.[i] ?? 1;
    all += weight;
    if ((y[i] as Label) === predicted[i]) right += weight;
  }
  if (all === 0) throw new InputError('score needs rows with a weight. Got none.');
  return right / all;
}

/** The coefficient of determination: 1 for perfect predictions, 0 for the mean's. Constant targets: 1 if met, else 0. */
export function r2Of(y: ArrayLike<number>, predicted: ArrayLike<number>, sampleWeight?: ArrayLike<number>): number {
  checkLength('y', y, predicted.length, 'score');
  let weights = 0;
  let mean = 0;
  for (let i = 0; i < y.length; i += 1) {
    const weight = sampleWeight?.[i] ?? 1;
    weights += weight;
    mean += weight * (y[i] as number);
  }
  mean /= weights;
  let residual = 0;
  let total = 0;
  for (let i = 0; i < y.length; i += 1) {
    const weight = sampleWeight?.[i] ?? 1;
    residual += weight * ((y[i] as number) - (predicted[i] as number)) ** 2;
    total += weight * ((y[i] as number) - mean) ** 2;
  }
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}
