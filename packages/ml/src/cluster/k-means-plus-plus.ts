import type { DenseMatrix } from '../data/features.ts';
import { take } from '../data/take.ts';
import type { RandomState } from '../random/random-state.ts';
import { type Points, squaredDistances, squaredLengths } from './nearest-centers.ts';

/**
 * Points to start from, far from each other: each is drawn by its squared distance to those before, the best of
 * 2 + log(count) draws. The same numbers as scikit-learn's `kmeans_plusplus` for the same seed.
 * Source: Arthur and Vassilvitskii, k-means++: the advantages of careful seeding, 2007.
 * @returns positions of rows
 */
export function kMeansPlusPlus(points: Points, weights: Float64Array, count: number, random: RandomState): Int32Array {
  const { rows } = points;
  const trials = 2 + Math.floor(Math.log(count));
  const isWeighted = weights.some((weight) => weight !== weights[0]);
  const total = weights.reduce((sum, each) => sum + each, 0);
  const chosen = new Int32Array(count);
  const first = isWeighted
    ? (random.choice(rows, 1, { p: weights.map((weight) => weight / total) })[0] as number)
    : random.randint(rows);
  chosen[0] = first;
  const lengths = squaredLengths(points);
  const distancesTo = (picked: ArrayLike<number>): Float64Array =>
    squaredDistances(points, take<DenseMatrix>(points, picked) as Points, lengths);
  const nearest = distancesTo([first]);
  let potential = sumOf(nearest, weights);
  for (let k = 1; k < count; k += 1) {
    const draws = Array.from(random.rand(trials), (draw) => draw * potential);
    const candidates = searched(nearest, weights, draws);
    const distances = distancesTo(candidates);
    const sums = new Float64Array(trials);
    for (let row = 0; row < rows; row += 1) {
      const near = nearest[row] as number;
      const weight = weights[row] as number;
      for (let t = 0; t < trials; t += 1)
        sums[t] = (sums[t] as number) + weight * Math.min(near, distances[row * trials + t] as number);
    }
    const best = sums.indexOf(Math.min(...sums));
    chosen[k] = candidates[best] as number;
    potential = sums[best] as number;
    for (let row = 0; row < rows; row += 1)
      nearest[row] = Math.min(nearest[row] as number, distances[row * trials + best] as number);
  }
  return chosen;
}

function sumOf(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += (values[i] as number) * (weights[i] as number);
  return sum;
}

/** For each draw the first row up to which the sum is not below it. */
function searched(values: Float64Array, weights: Float64Array, draws: readonly number[]): number[] {
  const order = draws.map((_, i) => i).sort((a, b) => (draws[a] as number) - (draws[b] as number));
  const found = new Array<number>(draws.length).fill(values.length - 1);
  let sum = 0;
  let at = 0;
  for (let row = 0; row < values.length && at < order.length; row += 1) {
    sum += (values[row] as number) * (weights[row] as number);
    while (at < order.length && (draws[order[at] as number] as number) <= sum) {
      found[order[at] as number] = row;
      at += 1;
    }
  }
  return found;
}
