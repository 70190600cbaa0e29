import type { Params } from './parameter-grid.ts';

/**
 * For each candidate a key of each step: candidates whose keys of a step are equal give that step equal parameters.
 * Objects among values are equal where they are the same, or lists of equal values.
 */
export function stepKeysOf(candidates: readonly Params[], steps: readonly string[]): string[][] {
  const ids = new Map<unknown, number>();
  const idOf = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(idOf).join()}]`;
    if (typeof value === 'string') return JSON.stringify(value);
    if (value === 0) return Object.is(value, -0) ? '-0' : '0';
    if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
      return `${typeof value} ${String(value)}`;
    const id = ids.get(value) ?? ids.size;
    ids.set(value, id);
    return `#${id}`;
  };
  return candidates.map((params) => {
    const own = steps.map((): string[] => []);
    const ofAll: string[] = [];
    for (const name of Object.keys(params).sort()) {
      const step = steps.indexOf(name.split('__', 1)[0] as string);
      (own[step] ?? ofAll).push(`${name}=${idOf(params[name])}`);
    }
    return own.map((each) => [...ofAll, ...each].join(';'));
  });
}
