import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { hash, Memory } from '@jobloom/memory';
import type { Subject } from './subject.ts';

const run = promisify(execFile);
const config = { C: 0.1, penalty: 'l2', n: [1, 2, 3], deep: { a: 1, b: 'x' } };
const LENGTH = 8 * 1024 * 1024;

async function timed(work: (at: number) => unknown, count: number): Promise<number> {
  const start = performance.now();
  for (let at = 0; at < count; at += 1) await work(at);
  return ((performance.now() - start) / count) * 1e3;
}

/** Memory of this project, in a folder. */
export function ourMemory(base: string): Subject {
  const folder = mkdtempSync(join(base, 'jobloom-bench-'));
  const memory = new Memory({ location: join(folder, 'small') });
  const small = (x: number, { C }: { C: number }) => C * 2 + x;
  const cached = memory.cache(small);
  const plain = new Memory({ location: join(folder, 'large') });
  const safe = new Memory({ location: `${pathToFileURL(join(folder, 'safe')).href}?fsync=true` });
  const large = (x: number) => new Float64Array(LENGTH).fill(x);
  const big = plain.cache(large);
  const bigSafe = safe.cache(large);
  const into = new Uint8Array(LENGTH * 8 + 4096).fill(1); // its pages are there
  const bigInto = plain.cache(large, { into });
  let asked = 0;
  return {
    name: 'jobloom Memory',
    async calls(count) {
      const first = asked;
      asked += count;
      const call = (at: number) => cached(first + at, config);
      return [await timed(call, count), await timed(call, count)];
    },
    async hashes(count) {
      const array = new Float64Array(LENGTH).map((_, at) => at);
      hash(array);
      return [await timed((at) => hash([at, config]), count), await timed(() => hash(array), 1)];
    },
    async arrays(round) {
      const make = await timed(() => large(round), 1);
      const store = (await timed(() => big(round), 1)) - make;
      const withSync = (await timed(() => bigSafe(round), 1)) - make;
      let value = 0;
      const hit = async (f: typeof big) => {
        value = (await f(round))[5] as number;
      };
      await hit(big);
      const fresh = await timed(() => hit(big), 3);
      await hit(bigInto);
      return [store, fresh, value, await timed(() => hit(bigInto), 3), withSync];
    },
    async reduce(entries) {
      const place = join(folder, 'reduce');
      const tiny = new Memory({ location: place });
      const f = tiny.cache(small);
      for (let at = 0; at < entries; at += 1) await f(at, config);
      const time = await timed(() => tiny.reduceSize({ items: entries * 2 }), 1);
      await tiny.close();
      const used = Number(execFileSync('du', ['-s', '--block-size=1', place], { encoding: 'utf8' }).split('\t')[0]);
      rmSync(place, { recursive: true });
      return [time / entries, used / entries];
    },
    async counts() {
      const cold = await program(folder, 'cold', { ms: 1_000 }, 4);
      const branches = [];
      for (const body of ['x + 1', 'x + 2', 'x + 1', 'x + 2', 'x + 1'])
        branches.push(await program(folder, 'branches', { body }));
      const helper = [await program(folder, 'helper', { by: 2 }), await program(folder, 'helper', { by: 3 })];
      return [
        cold.runs,
        branches.at(-1)?.runs ?? 0,
        helper.map(({ value }) => value).join() === '20,30',
        await noticesFlip(folder, large),
      ];
    },
    async close() {
      await memory.close();
      await plain.close();
      await safe.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Runs one version of a program, so many at once, on one folder. */
async function program(
  folder: string,
  name: string,
  { by = 2, body = 'helper(x)', ms = 0 },
  times = 1,
): Promise<{ runs: number; value: number }> {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const file = join(place, 'main.mjs');
  const log = JSON.stringify(join(place, 'log'));
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { Memory } from '${import.meta.resolve('@jobloom/memory')}';
    const helper = (x) => x * ${by};
    async function f(x) { appendFileSync(${log}, 'run\\n'); await setTimeout(${ms}); return ${body}; }
    await using_(new Memory({ location: ${JSON.stringify(join(place, 'cache'))} }));
    async function using_(memory) { console.log(await memory.cache(f)(10)); await memory.close(); }`,
  );
  const all = await Promise.all(Array.from({ length: times }, () => run(process.execPath, [file])));
  return { runs: readFileSync(join(place, 'log'), 'utf8').split('\n').length - 1, value: Number(all[0]?.stdout) };
}

async function noticesFlip(folder: string, large: (x: number) => Float64Array): Promise<boolean> {
  const place = join(folder, 'flipped');
  for (const pass of ['store', 'read']) {
    const memory = new Memory({ location: place });
    const value = await memory.cache(large)(1);
    await memory.close();
    if (pass === 'read') return value.every((each) => each === 1);
    const name = readdirSync(place, { recursive: true, encoding: 'utf8' }).find((each) =>
      /entries\/v1\/.*\.e$/.test(each),
    );
    writeSync(openSync(join(place, name as string), 'r+'), Buffer.from([1]), 0, 1, 40_000_000);
  }
  return false;
}
