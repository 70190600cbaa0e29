import type { Tags } from '../base/tags.ts';
import type { DenseMatrix } from '../data/features.ts';
import type { Label } from '../data/labels.ts';
import { makeClassification } from '../datasets/make-classification.ts';
import type { Sample } from './subject.ts';

const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch'];

/** Rows that an estimator with these tags can be fitted on: 60 of them, classes told apart by them. */
export function sampleFor(tags: Tags, seed = 1): Sample {
  const numbers = numbersFor(tags, seed);
  const codes = classCodes(tags, seed);
  const y = tags.kind === 'regressor' ? targetsOf(numbers) : codes;
  switch (tags.input) {
    case 'numbers':
      return { X: numbers, y };
    case 'documents':
      return { X: Array.from(codes, (code, i) => `${WORDS[code]} ${WORDS[(i * seed) % 7]} ${WORDS[3]}`), y };
    case 'labels':
      return { X: Array.from(codes), y: undefined };
    case 'cells':
      return { X: Array.from(codes, (code, i) => [code, (i * seed) % 2, i % 5]), y };
  }
}

/** 60 rows of 5 numbers that floats hold exactly. */
export function numbersFor(tags: Tags, seed = 1): DenseMatrix {
  const { X } = problem(tags, seed);
  const data = Float64Array.from(X.data, (each) => Math.fround(tags.requiresPositive ? Math.abs(each) + 1 : each));
  return { ...X, data };
}

/** Labels in the place of codes. */
export function labelled<L extends Label>(y: ArrayLike<unknown>, labels: readonly L[]): L[] {
  return Array.from(y as ArrayLike<number>, (code) => labels[code] as L);
}

function classCodes(tags: Tags, seed: number): Int32Array {
  return problem(tags, seed).y;
}

function problem(tags: Tags, seed: number): ReturnType<typeof makeClassification> {
  return makeClassification({
    nSamples: 60,
    nFeatures: 5,
    nInformative: 3,
    nRedundant: 0,
    nClasses: tags.binaryOnly ? 2 : 3,
    nClustersPerClass: 1,
    classSep: 2,
    flipY: 0,
    randomState: seed,
  });
}

function targetsOf(X: DenseMatrix): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, row) => {
    const own = X.data.subarray(row * X.cols, (row + 1) * X.cols);
    return Array.from(own).reduce((sum, each, column) => sum + (column + 1) * each, 0.5);
  });
}
