/**
 * A part of a search on one split: steps `from` up to `to` of a candidate's pipeline. A prefix fits transformers and
 * hands on what they make of X; a leaf fits the rest and scores.
 */
export interface Unit {
  readonly index: number;
  readonly kind: 'prefix' | 'leaf';
  readonly split: number;
  /** Whose parameters; of a prefix, those of the first candidate that shares it. */
  readonly candidate: number;
  readonly from: number;
  readonly to: number;
  /** The prefix whose output it takes, by index; undefined for X itself. */
  readonly parent: number | undefined;
  /** The same for the same work on other splits. */
  readonly work: number;
}

/** A leaf that has to be computed. */
export interface Wanted {
  readonly candidate: number;
  readonly split: number;
}

/**
 * Cuts a search into units such that each distinct pipeline prefix that several candidates share is fitted once a split.
 * Prefixes that only one candidate has stay with its leaf.
 * @param stepKeys for each candidate a key for each step; equal keys, equal steps. All have equally many.
 */
export function planUnits(stepKeys: readonly (readonly string[])[], wanted: readonly Wanted[]): Unit[] {
  const units: Unit[] = [];
  const works = new Map<string, number>();
  const add = (unit: Omit<Unit, 'index' | 'work'>): number => {
    const { kind, candidate, from, to } = unit;
    const name = [kind, from, to, kind === 'leaf' ? candidate : stepKeys[candidate]?.slice(0, to)].join('\u0000');
    const work = works.get(name) ?? works.size;
    works.set(name, work);
    return units.push({ ...unit, index: units.length, work }) - 1;
  };
  const expand = (split: number, candidates: readonly number[], from: number, parent: number | undefined): void => {
    const [candidate = 0] = candidates;
    const last = (stepKeys[candidate]?.length ?? 1) - 1;
    if (candidates.length === 1) {
      add({ kind: 'leaf', split, candidate, from, to: last + 1, parent });
      return;
    }
    const keyAt = (each: number, step: number): string => stepKeys[each]?.[step] as string;
    let to = from;
    while (to < last && candidates.every((each) => keyAt(each, to) === keyAt(candidate, to))) to += 1;
    const base = to > from ? add({ kind: 'prefix', split, candidate, from, to, parent }) : parent;
    if (to === last) for (const each of candidates) expand(split, [each], to, base);
    else for (const group of groupBy(candidates, (each) => keyAt(each, to))) expand(split, group, to, base);
  };
  for (const group of groupBy(wanted, ({ split }) => split)) {
    const [{ split } = { split: 0 }] = group;
    expand(
      split,
      group.map(({ candidate }) => candidate),
      0,
      undefined,
    );
  }
  return units;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): T[][] {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
