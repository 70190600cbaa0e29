import type { Shared } from '@jobloom/parallel';
import { RandomState } from '../random/random-state.ts';
import { ClassCriterion } from '../tree/class-criterion.ts';
import { treeSeed } from '../tree/decision-tree.ts';
import type { FeatureColumns } from '../tree/feature-columns.ts';
import { SquaredError } from '../tree/squared-error.ts';
import type { Tree } from '../tree/tree.ts';
import { TreeGrower, type TreeLimits } from '../tree/tree-grower.ts';

/** What trees of a forest are grown for. */
export type ForestTarget =
  | {
      readonly kind: 'classes';
      readonly codes: Int32Array;
      readonly classes: number;
      readonly criterion: 'gini' | 'entropy';
      /** Classes count alike in each tree's own rows. */
      readonly isBalanced: boolean;
    }
  | { readonly kind: 'numbers'; readonly targets: Float64Array };

/** What all trees of a forest look at; workers have it once. */
export interface ForestData {
  readonly columns: FeatureColumns;
  readonly target: ForestTarget;
  readonly weights: Float64Array;
  /** Rows whose weight is above zero. */
  readonly rows: Int32Array;
  /** How many of them each tree draws, with replacement; null for each of them once. */
  readonly draws: number | null;
  readonly limits: TreeLimits;
}

/** @internal Grows trees of a forest, in a worker, which finds it by its export. A seed a tree. */
export function growTrees({ value }: Shared<ForestData>, seeds: readonly number[]): Tree[] {
  const { columns, target, limits } = value;
  const criterion =
    target.kind === 'classes'
      ? new ClassCriterion(target.codes, target.classes, target.criterion)
      : new SquaredError(target.targets);
  const grower = new TreeGrower(columns, criterion, limits);
  return seeds.map((seed) => grower.grow(treeWeights(value, seed), treeSeed(seed)));
}

/** How often a tree has drawn each row. */
export function drawnRows(
  { weights, rows, draws }: Omit<ForestData, 'columns' | 'target' | 'limits'>,
  seed: number,
): Float64Array {
  const counts = new Float64Array(weights.length);
  if (draws === null) {
    for (const row of rows) counts[row] = 1;
    return counts;
  }
  const drawn = new RandomState(seed).randint(0, rows.length, draws);
  for (let i = 0; i < draws; i += 1) {
    const row = rows[drawn[i] as number] as number;
    counts[row] = (counts[row] as number) + 1;
  }
  return counts;
}

function treeWeights(data: ForestData, seed: number): Float64Array {
  const { weights, target } = data;
  const counts = drawnRows(data, seed);
  if (target.kind === 'numbers' || !target.isBalanced)
    return counts.map((count, row) => count * (weights[row] as number));
  const ofClass = new Float64Array(target.classes);
  for (const [row, k] of target.codes.entries()) ofClass[k] = (ofClass[k] as number) + (counts[row] as number);
  const present = ofClass.reduce((all, each) => all + (each > 0 ? 1 : 0), 0);
  const drawn = counts.reduce((all, each) => all + each, 0);
  return counts.map((count, row) => {
    if (count === 0) return 0;
    return (count * (weights[row] as number) * drawn) / (present * (ofClass[target.codes[row] as number] as number));
  });
}
