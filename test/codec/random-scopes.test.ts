import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareFile } from './scopes/compare.ts';
import { randomPrograms } from './scopes/random-programs.ts';

const RUNS = Number(process.env.JOBLOOM_RUNS ?? 300);
/** The same programs each time; JOBLOOM_SEED gives others. */
const SEED = Number(process.env.JOBLOOM_SEED ?? 1);

test.each([
  ['modules', true],
  ['sloppy scripts', false],
])('free variables agree with eslint-scope on random %s', (_name, isModule) => {
  let functions = 0;
  let names = 0;
  let writes = 0;
  fc.assert(
    fc.property(randomPrograms(isModule), (source) => {
      const found = compareFile('random', source, isModule);
      expect(found.differences).toEqual([]);
      expect([...found.apart.keys()].filter((reason) => reason.startsWith('not parsed'))).toEqual([]);
      functions += found.compared;
      names += found.names;
      writes += found.writes;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(functions).toBeGreaterThan(RUNS);
  expect(names).toBeGreaterThan(RUNS);
  expect(writes).toBeGreaterThan(RUNS / 4);
});
