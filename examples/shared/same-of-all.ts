import { isDeepStrictEqual } from 'node:util';

/** @throws Error that names those whose value is another than the first one's */
export function sameOfAll(values: ReadonlyMap<string, unknown>): void {
  const [[first, expected] = ['', undefined], ...others] = values;
  const different = others.filter(([, value]) => !isDeepStrictEqual(value, expected)).map(([name]) => name);
  if (different.length > 0) throw new Error(`not the scores of ${first}: ${different.join('; ')}`);
}
