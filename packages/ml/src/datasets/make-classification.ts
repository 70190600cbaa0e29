import { InputError } from '../base/errors.ts';
import type { DenseMatrix } from '../data/features.ts';
import { take } from '../data/take.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import type { Dataset } from './load-digits.ts';

export interface ClassificationOptions {
  readonly nSamples?: number;
  readonly nFeatures?: number;
  /** Features that tell classes apart. */
  readonly nInformative?: number;
  /** Random combinations of those. */
  readonly nRedundant?: number;
  /** Copies of features before them. */
  readonly nRepeated?: number;
  readonly nClasses?: number;
  readonly nClustersPerClass?: number;
  /** Shares of the classes. */
  readonly weights?: readonly number[] | null;
  /** Share of labels that are drawn anew. */
  readonly flipY?: number;
  /** Half the side of the hypercube whose corners the clusters are at. */
  readonly classSep?: number;
  readonly shuffle?: boolean;
  readonly randomState?: number | RandomState | null;
}

/**
 * A classification problem with normal clusters around corners of a hypercube; scikit-learn's for the same seed.
 * Source: Guyon, Design of experiments for the NIPS 2003 variable selection benchmark.
 *
 * @throws InputError for more features of some kind than there are, or more clusters than corners
 */
export function makeClassification(options: ClassificationOptions = {}): Dataset<DenseMatrix, Int32Array> {
  const { nSamples = 100, nFeatures = 20, nInformative = 2, nRedundant = 2, nRepeated = 0 } = options;
  const { nClasses = 2, nClustersPerClass = 2, flipY = 0.01, classSep = 1, shuffle = true } = options;
  const clusters = nClasses * nClustersPerClass;
  const known = nInformative + nRedundant + nRepeated;
  if (known > nFeatures) {
    throw new InputError(
      `makeClassification: ${known} informative, redundant and repeated features are more than ${nFeatures}.`,
    );
  }
  if (nInformative < Math.log2(clusters) || nInformative > 30) {
    throw new InputError(
      `makeClassification: ${clusters} clusters need ${Math.ceil(Math.log2(clusters))} to 30 informative features. Got ${nInformative}.`,
    );
  }
  const random = checkRandomState(options.randomState);
  const sizes = clusterSizes(nSamples, nClasses, nClustersPerClass, options.weights ?? null);
  const corners = sampleWithoutReplacement(2 ** nInformative, clusters, random);

  const data = new Float64Array(nSamples * nFeatures);
  const y = new Int32Array(nSamples);
  for (let row = 0; row < nSamples; row += 1) data.set(random.randn(nInformative), row * nFeatures);
  let start = 0;
  for (const [k, size] of sizes.entries()) {
    const mix = random.rand(nInformative * nInformative).map((each) => 2 * each - 1);
    for (let row = start; row < start + size; row += 1) {
      const own = data.subarray(row * nFeatures, row * nFeatures + nInformative);
      const mixed = product(own, mix, nInformative);
      for (let j = 0; j < nInformative; j += 1) {
        const bit = Math.floor((corners[k] as number) / 2 ** (nInformative - 1 - j)) % 2;
        own[j] = (mixed[j] as number) + (bit * 2 * classSep - classSep);
      }
      y[row] = k % nClasses;
    }
    start += size;
  }
  if (nRedundant > 0) {
    const mix = random.rand(nInformative * nRedundant).map((each) => 2 * each - 1);
    for (let row = 0; row < nSamples; row += 1) {
      const at = row * nFeatures;
      data.set(product(data.subarray(at, at + nInformative), mix, nRedundant), at + nInformative);
    }
  }
  if (nRepeated > 0) {
    const before = nInformative + nRedundant;
    const copied = random.rand(nRepeated).map((each) => Math.trunc((before - 1) * each + 0.5));
    for (let row = 0; row < nSamples; row += 1) {
      for (const [j, from] of copied.entries())
        data[row * nFeatures + before + j] = data[row * nFeatures + from] as number;
    }
  }
  for (let row = 0; known < nFeatures && row < nSamples; row += 1) {
    data.set(random.randn(nFeatures - known), row * nFeatures + known);
  }
  const flipped = [...random.rand(nSamples)].flatMap((each, row) => (each < flipY ? [row] : []));
  for (const row of flipped) y[row] = random.randint(nClasses);

  const X = { data, rows: nSamples, cols: nFeatures };
  if (!shuffle) return { X, y };
  const rows = random.permutation(nSamples);
  const columns = random.permutation(nFeatures);
  const shuffled = take(X, rows);
  const mixed = shuffled.data.map(
    (_, i) => shuffled.data[i - (i % nFeatures) + (columns[i % nFeatures] as number)] as number,
  );
  return { X: { ...shuffled, data: mixed }, y: take(y, rows) };
}

/** How many samples each cluster has; the rest goes to the first ones. */
function clusterSizes(samples: number, classes: number, perClass: number, weights: readonly number[] | null): number[] {
  const shares = [...(weights ?? Array.from({ length: classes }, () => 1 / classes))];
  if (shares.length === classes - 1) shares.push(1 - shares.reduce((sum, each) => sum + each, 0));
  if (shares.length !== classes)
    throw new InputError(`makeClassification: ${classes} classes have ${classes} weights. Got ${shares.length}.`);
  const sizes = Array.from({ length: classes * perClass }, (_, k) =>
    Math.trunc((samples * (shares[k % classes] as number)) / perClass),
  );
  const rest = samples - sizes.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < rest; i += 1) sizes[i % sizes.length] = (sizes[i % sizes.length] as number) + 1;
  return sizes;
}

/** Distinct integers below `population`, by the way that suits their share, as scikit-learn draws them. */
function sampleWithoutReplacement(population: number, size: number, random: RandomState): ArrayLike<number> {
  const share = size / population;
  if (share > 0.01 && share < 0.99) return random.permutation(population).subarray(0, size);
  if (share < 0.2) {
    const seen = new Set<number>();
    while (seen.size < size) seen.add(random.randint(population));
    return [...seen];
  }
  const reservoir = Array.from({ length: size }, (_, i) => i);
  for (let i = size; i < population; i += 1) {
    const place = random.randint(i + 1);
    if (place < size) reservoir[place] = i;
  }
  return reservoir;
}

/** A row times a matrix of `cols` columns. */
function product(row: Float64Array, matrix: Float64Array, cols: number): Float64Array {
  const result = new Float64Array(cols);
  for (const [i, each] of row.entries()) {
    for (let j = 0; j < cols; j += 1) result[j] = (result[j] as number) + each * (matrix[i * cols + j] as number);
  }
  return result;
}
