import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { delayed, OptionError, parallel } from '@jobloom/parallel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyInstalled, type Folders, makeFolders, makePackage } from '../codec/ship-folders.ts';

let folders: Folders;

beforeAll(() => {
  folders = makeFolders();
  const { home } = folders;
  for (const name of ['zod', 'dayjs']) copyInstalled(name, home);
}, 60_000);
afterAll(() => folders.remove());

/** A package with a class that it does not export, and state. */
function makeTaken(): void {
  const index = `import { Inner } from './inner.js';
    let n = 0;
    export const count = () => (n += 1);
    export class Box { constructor(value) { this.value = value; } }
    export const inner = (value) => new Inner(value);
    export const isInner = (value) => value instanceof Inner;`;
  const inner = 'export class Inner { constructor(value) { this.value = value; } }';
  const manifest = { name: 'taken', exports: './index.js' };
  makePackage(join(folders.home, 'node_modules', 'taken'), manifest, { 'index.js': index, 'inner.js': inner });
}

/** Runs a program at home and gives what it prints. */
async function atHome(name: string, program: string): Promise<unknown> {
  writeFileSync(join(folders.home, `${name}.mjs`), program);
  const { stdout, stderr, code } = await folders.run(folders.home, [`${name}.mjs`]);
  expect({ stderr, code }).toEqual({ stderr: '', code: null });
  return JSON.parse(stdout) as unknown;
}

test('an encoded batch brings its packages to where there are none', { timeout: 60_000 }, async () => {
  const out = join(folders.home, '..', 'batches');
  mkdirSync(out);
  const answers = await atHome(
    'batch',
    `
    import { execFileSync } from 'node:child_process';
    import { readFileSync, renameSync, writeFileSync } from 'node:fs';
    import { Batch, CallScope } from '@jobloom/backends';
    import dayjs from 'dayjs';
    import { z } from 'zod';
    const schema = z.object({ a: z.number() });
    const task = (day) => [schema.parse({ a: day.year() }), schema.safeParse(1).success, day.add(1, 'day')];
    const encode = async (packages) => {
      const batch = new Batch(new CallScope({ packages }), [{ fn: task, args: [dayjs('2020-01-02')] }]);
      return [batch, await batch.encode()];
    };
    const [ship, plain] = [await encode('ship'), await encode('reference')];
    renameSync('node_modules', 'away');
    const run = ([, bytes], at) => {
      writeFileSync('${out}/in' + at, bytes);
      execFileSync(process.execPath, ['node_modules/@jobloom/parallel/dist/cli/main.js', 'run', '${out}/in' + at, '${out}/out' + at], { cwd: '${folders.worker}' });
    };
    run(ship, 1);
    run(plain, 2);
    renameSync('away', 'node_modules');
    const [shipped, missing] = [ship, plain].map(([batch], at) => batch.decode(readFileSync('${out}/out' + (at + 1))));
    const [[data, success, day]] = shipped.values;
    console.log(JSON.stringify([data, success, day instanceof dayjs, day.format('YYYY-MM-DD'), missing.each.map(({ error }) => error.message)]));
  `,
  );
  const [data, success, isDay, day, errors] = answers as [unknown, boolean, boolean, string, string[]];
  expect([data, success, isDay, day]).toEqual([{ a: 2020 }, false, true, '2020-01-03']);
  expect(errors[0]).toMatch(/^package \w+ [\d.]+, which the caller uses, is not installed where this worker runs/);
});

test.each(['threads', 'processes'])(
  'workers of %s that lack a package ask for it',
  { timeout: 60_000 },
  async (backend) => {
    makeTaken();
    const answers = await atHome(
      'pool',
      `
    import { renameSync } from 'node:fs';
    import { parcelBytes, parcelsOf, Session } from '@jobloom/codec';
    import { delayed, Parallel } from '@jobloom/parallel';
    import { Box, count, inner, isInner } from 'taken';
    const task = async () => {
      const { Box: again } = await import('taken');
      return [count(), Box === again];
    };
    const make = (x) => ({ n: count(), box: new Box(x), inner: inner(x) });
    const here = new URL('./node_modules/taken', import.meta.url);
    const away = new URL('./away', import.meta.url);
    for (const hash of parcelsOf(new Session({ packages: 'ship' }).encode(task).modules)) parcelBytes(hash); // what workers ask for
    renameSync(here, away);
    const runner = new Parallel({ nJobs: 1, backend: '${backend}', packages: 'ship' });
    const first = await runner.run([delayed(task)(), delayed(task)()]);
    const missing = await new Parallel({ nJobs: 1, backend: '${backend}' }).run([delayed(() => count() + 1)()]).catch(({ message }) => message);
    renameSync(away, here);
    const [made] = await runner.run([delayed(make)(5)]);
    await runner.close();
    console.log(JSON.stringify([first, missing, made.n, made.box instanceof Box, made.box.value, isInner(made.inner)]));
  `,
    );
    expect(answers).toEqual([
      [
        [1, true],
        [2, true],
      ],
      `package taken 1.0.0, which the caller uses, is not installed where this worker runs (${folders.home}). Install it there: npm install taken@1.0.0`,
      3,
      true,
      5,
      true,
    ]);
  },
);

test('other values of the option are refused', async () => {
  const wrong = parallel([delayed(() => 1)()], { packages: 'all' as never });
  await expect(wrong).rejects.toThrow(
    new OptionError(`The packages option of Parallel must be 'reference' or 'ship'. Got the string "all".`),
  );
});
