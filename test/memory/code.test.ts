import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CacheOptions, Explanation } from '@jobloom/memory';
import { describe, expect, test } from 'vitest';
import { A, B, type Fn, versionOf } from './module-versions.ts';
import { scratchFolders } from './scratch.ts';

const run = promisify(execFile);
const scratch = scratchFolders();
const version = (text: string) => versionOf(scratch.folder, text);

/** Runs programs one after the other on one store. Gives what `f(1)` was in each, and how often it ran in all. */
async function programs(texts: readonly string[], options: CacheOptions<[number], number> = {}) {
  const results: number[] = [];
  let runs = 0;
  for (const text of texts) {
    await using memory = scratch.open();
    const module = await version(text);
    const before = module.runs.count;
    results.push(await memory.cache(module.f, options)(1));
    runs += module.runs.count - before;
  }
  return { results, runs };
}

describe('code is part of the key', () => {
  test('a helper that changed is noticed', async () => {
    expect(await programs([A, B])).toEqual({ results: [1, 2], runs: 2 });
  });

  test('A, B, A, B, A: two runs', async () => {
    expect(await programs([A, B, A, B, A])).toEqual({ results: [1, 2, 1, 2, 1], runs: 2 });
  });

  test('comments, lines and other functions do not count', async () => {
    const commented = `// new\n\nexport const other = () => 1;\n${A.replace('return', '/* here */ return').replaceAll(';', ' ;')}`;
    expect(await programs([A, commented, commented.replace('() => 1', '() => 2')])).toMatchObject({ runs: 1 });
  });

  test('a constant of the module counts', async () => {
    const rated = A.replace('export', 'const RATE = 1.4;\nexport').replace('1.4)', 'RATE)');
    expect(await programs([rated, rated.replace('= 1.4', '= 2.4')])).toEqual({ results: [1, 2], runs: 2 });
  });

  test('memoized helpers count as the functions that they are', async () => {
    const nested = (by: number) => `
      import { Memory } from '@jobloom/memory';
      const memory = new Memory({ location: null });
      const add = memory.cache((x) => x + ${by});
      export async function f(x) { runs.count += 1; return await add(x); }`;
    const folder = scratch.folder;
    mkdirSync(join(folder, 'source'), { recursive: true });
    const import_ = (text: string) =>
      text.replace("'@jobloom/memory'", JSON.stringify(import.meta.resolve('@jobloom/memory')));
    expect(await programs([import_(nested(1)), import_(nested(2)), import_(nested(1))])).toEqual({
      results: [2, 3, 2],
      runs: 2,
    });
  });

  test("'source': its own text alone", async () => {
    const changed = B.replace('runs.count', ' runs.count /* x */');
    expect(await programs([A, changed], { code: 'source' })).toEqual({ results: [1, 1], runs: 1 });
    const own = A.replace('1.4', '2.4');
    expect(await programs([own], { code: 'source' })).toEqual({ results: [2], runs: 1 });
  });

  test("'none': only version", async () => {
    expect(await programs([A, B.replace('1.4', '7')], { code: 'none', version: 1 })).toEqual({
      results: [1, 1],
      runs: 1,
    });
    expect(await programs([B], { code: 'none', version: 2 })).toEqual({ results: [2], runs: 1 });
  });

  test("'closure': values of captured variables too", async () => {
    const table = A.replace('export', 'const table = { by: 1.4 };\nexport').replace('1.4)', 'table.by)');
    const other = table.replace('by: 1.4', 'by: 2.4');
    expect(await programs([table, other])).toEqual({ results: [1, 1], runs: 1 }); // listed by explain
    expect(await programs([table, other], { code: 'closure', untracked: ['runs'] })).toEqual({
      results: [1, 2],
      runs: 2,
    });
  });

  test('helpers declared below are seen', async () => {
    const below = (by: number) => `
      import { Memory } from '${import.meta.resolve('@jobloom/memory')}';
      export const memory = new Memory({ location: ${JSON.stringify(join(scratch.folder, 'store'))} });
      const cached = memory.cache((x) => { runs.count += 1; return below(x); });
      const below = (x) => x + ${by};
      export const f = cached;`;
    const one = await version(below(1));
    const two = await version(below(2));
    expect([await one.f(1), await two.f(1), await one.f(1)]).toEqual([2, 3, 2]);
    const { untracked } = await (one.f as Fn & { explain(x: number): Promise<{ untracked: string[] }> }).explain(1);
    expect(untracked).toEqual(['runs.count']);
  });
});

describe('explain', () => {
  test('names the helper that changed, where it is, and what is not tracked', async () => {
    await using memory = scratch.open();
    await memory.cache((await version(A)).f)(1);
    const f = memory.cache((await version(B)).f);
    const explanation = await f.explain(1);
    expect(explanation).toMatchObject({
      hit: false,
      reason: 'code-changed',
      changed: [{ name: 'round', kind: 'changed', file: expect.stringContaining('lib.mjs') }],
      untracked: ['runs.count'],
    });
    expect(explanation.text).toBe('lib.mjs: f: computed by other code (round changed). Not tracked: runs.count');
    expect(await f.explain(2)).toMatchObject({ reason: 'not-computed', changed: [{ name: 'round' }] });
    await f(1);
    expect(await f.explain(1)).toMatchObject({ hit: true, reason: 'hit', changed: [] });
  });

  test('names the package that changed, with its versions', async () => {
    const library = join(scratch.folder, 'source', 'node_modules', 'rounding');
    const install = (number: string) => {
      mkdirSync(library, { recursive: true });
      const manifest = { name: 'rounding', version: number, type: 'module', exports: `./${number}.js` };
      writeFileSync(join(library, 'package.json'), JSON.stringify(manifest));
      writeFileSync(join(library, `${number}.js`), 'export const round = (x) => Math.round(x);\n');
    };
    const file = join(scratch.folder, 'source', 'main.mjs');
    const program = async () => {
      const { stdout } = await run(process.execPath, [file]);
      return JSON.parse(stdout) as { value: number; explanation: Explanation };
    };
    install('1.0.0');
    writeFileSync(
      file,
      `import { Memory } from '${import.meta.resolve('@jobloom/memory')}';
      import { round } from 'rounding';
      const memory = new Memory({ location: ${JSON.stringify(scratch.folder)} });
      const f = memory.cache((x) => round(x), { name: 'f' });
      const explanation = await f.explain(1.4);
      console.log(JSON.stringify({ value: await f(1.4), explanation }));
      await memory.close();`,
    );
    expect((await program()).explanation.reason).toBe('not-computed');
    expect((await program()).explanation.reason).toBe('hit');
    install('1.1.0');
    const { value, explanation } = await program();
    expect(value).toBe(1);
    expect(explanation).toMatchObject({
      reason: 'code-changed',
      changed: [{ name: 'rounding', kind: 'changed', before: '1.0.0', after: '1.1.0' }],
    });
    expect(explanation.text).toBe('f: computed by other code (rounding changed from 1.0.0 to 1.1.0)');
  });

  test('options that are part of the key', async () => {
    await using memory = scratch.open();
    const { f } = await version(A);
    await memory.cache(f, { version: 1 })(1);
    const { reason, changed } = await memory.cache(f, { version: 2 }).explain(1);
    expect({ reason, changed }).toEqual({
      reason: 'code-changed',
      changed: [{ name: 'version', kind: 'changed', before: '1', after: '2' }],
    });
  });
});
