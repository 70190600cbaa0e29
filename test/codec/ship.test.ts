import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyInstalled, type Folders, makeFolders, makePackage } from './ship-folders.ts';

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
  /** Times that the sender was asked for something. */
  readonly asked: number;
}

const LARGE_FILES = 300;
let folders: Folders;
let frames: string;

/** Packages that nobody published. */
function makePackages(home: string): void {
  const at = (name: string): string => join(home, 'node_modules', name);
  const versioned = (version: string, directory: string) =>
    makePackage(
      directory,
      { name: 'dep', version, type: 'commonjs' },
      { 'index.js': `exports.version = '${version}';` },
    );
  versioned('1.0.0', at('dep'));
  versioned('2.0.0', join(at('uses-newer'), 'node_modules', 'dep'));
  for (const [name, range] of [
    ['uses-older', '^1.0.0'],
    ['uses-newer', '^2.0.0'],
  ] as const) {
    const text = `import dep from 'dep'; export const version = () => dep.version;`;
    makePackage(at(name), { name, dependencies: { dep: range }, exports: './index.js' }, { 'index.js': text });
  }
  const around = `import { next } from 'back'; export const ring = (n) => (n === 0 ? 'around' : next(n - 1));`;
  const back = `import { ring } from 'around'; export const next = (n) => (n === 0 ? 'back' : ring(n - 1));`;
  makePackage(
    at('around'),
    { name: 'around', dependencies: { back: '1' }, exports: './index.js' },
    { 'index.js': around },
  );
  makePackage(at('back'), { name: 'back', dependencies: { around: '1' }, exports: './index.js' }, { 'index.js': back });
  const stateful = `let n = 0; export const count = () => (n += 1); export class Counter { constructor(value) { this.value = value; } }`;
  makePackage(at('stateful'), { name: 'stateful', exports: './index.js' }, { 'index.js': stateful });
  const withData = `exports.data = require('./data.json').n + require('fs').readFileSync(require('path').join(__dirname, 'raw.bin')).length;`;
  makePackage(
    at('with-data'),
    { name: 'with-data', type: 'commonjs' },
    { 'index.js': withData, 'data.json': '{"n":40}', 'raw.bin': '\0\x01', 'index.d.ts': 'x', 'index.js.map': '{}' },
  );
  const many = Object.fromEntries(
    Array.from({ length: LARGE_FILES }, (_, n) => [`parts/${n}.js`, `export default ${n};`]),
  );
  const large = `import last from './parts/${LARGE_FILES - 1}.js'; export const large = () => last;`;
  makePackage(at('large'), { name: 'large', exports: './index.js' }, { ...many, 'index.js': large });
  const native = { 'index.js': `export const native = () => 'native';`, 'build/Release/thing.node': 'ELF' };
  makePackage(at('native-thing'), { name: 'native-thing', exports: './index.js' }, native);
  const wraps = { name: 'wraps-native', dependencies: { 'native-thing': '1' }, exports: './index.js' };
  makePackage(at('wraps-native'), wraps, { 'index.js': `export { native } from 'native-thing';` });
}

/** What the frames of these names give, in a process that has no packages but ours. */
async function receive(names: string, cache = folders.cache, ...more: string[]): Promise<Record<string, Answer>> {
  const { stdout, stderr } = await folders.run(folders.worker, ['receiver.mjs', frames, names, ...more], {
    JOBLOOM_PACKAGE_CACHE: cache,
  });
  try {
    return JSON.parse(stdout) as Record<string, Answer>;
  } catch {
    throw new Error(`the receiver printed ${stdout}${stderr}`);
  }
}

function newCache(name: string): string {
  const folder = join(folders.cache, '..', name);
  mkdirSync(folder);
  return folder;
}

beforeAll(async () => {
  folders = makeFolders();
  const { home, worker } = folders;
  for (const name of ['zod', 'lodash', 'dayjs', 'immutable']) copyInstalled(name, home);
  copyInstalled('mathjs', home, true);
  makePackages(home);
  const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  copyFileSync(fixture('ship-sender.mjs'), join(home, 'sender.mjs'));
  copyFileSync(fixture('ship-receiver.mjs'), join(worker, 'receiver.mjs'));
  frames = join(home, '..', 'frames');
  mkdirSync(join(frames, 'by-reference'), { recursive: true });
  for (const args of [[frames], [join(frames, 'by-reference'), 'reference']]) {
    const { stderr, code } = await folders.run(home, ['sender.mjs', ...args]);
    expect({ stderr, code }).toEqual({ stderr: '', code: null });
  }
  renameSync(home, `${home}-elsewhere`); // receivers find nothing of it
}, 120_000);
afterAll(() => folders.remove());

const EXPECTED = {
  zod: [{ a: 1 }, false, true],
  lodash: [[1, 2], [3]],
  dayjs: ['2020-01-03T03:04:05.000Z', '2020'],
  immutable: [[1, 2, 3], true, true],
  mathjs: 6,
  required: [3, true, 42, { n: 40 }],
  two: ['1.0.0', '2.0.0'],
  cycle: 'back',
};

test('packages that the receiver lacks come along once, and are kept', { timeout: 120_000 }, async () => {
  const names = Object.keys(EXPECTED).join();
  const first = await receive(names);
  expect(Object.fromEntries(Object.entries(first).map(([name, { value, error }]) => [name, error ?? value]))).toEqual(
    EXPECTED,
  );
  expect(first.lodash?.asked).toBe(2); // the list, then the files
  expect(first.mathjs?.asked).toBe(11); // the list, mathjs and the nine that it depends on
  expect(first.two?.asked).toBe(6); // two lists, two packages, two versions of one
  const again = await receive(names);
  expect(Object.values(again).map(({ asked }) => asked)).toEqual(Object.values(EXPECTED).map(() => 0));
  expect(Object.fromEntries(Object.entries(again).map(([name, { value }]) => [name, value]))).toEqual(EXPECTED);
});

test('without it, the package that is missing is named', async () => {
  const [name] = ['by-reference/lodash'];
  const version = JSON.parse(
    readFileSync(join(`${folders.home}-elsewhere`, 'node_modules', 'lodash', 'package.json'), 'utf8'),
  ).version;
  expect((await receive(name as string))[name as string]).toEqual({
    error: `package lodash ${version}, which the caller uses, is not installed where this worker runs (${folders.worker}). Install it there: npm install lodash@${version}`,
    asked: 0,
  });
});

test('a package is loaded once: state and classes are the same for all functions', async () => {
  const { first, second } = await receive('first,second');
  expect([first, second]).toEqual([
    { value: [1, true], asked: 2 },
    { value: [2, 7, true], asked: 0 },
  ]);
});

test('packages with native code are refused by name where they are missing', async () => {
  const missing = (name: string, why: string): string =>
    `package ${name} 1.0.0, which the caller uses, is not installed where this worker runs (${folders.worker}). It cannot be shipped: ${why}. Install it there: npm install ${name}@1.0.0`;
  const { native, wrapped } = await receive('native,wrapped');
  expect(native?.error).toBe(missing('native-thing', 'it has native code (build/Release/thing.node)'));
  const its =
    'it depends on native-thing 1.0.0, which cannot be shipped: it has native code (build/Release/thing.node)';
  expect([wrapped?.error, wrapped?.asked]).toEqual([missing('wraps-native', its), 0]);
});

test('what the receiver has itself, at the same version, is used', async () => {
  const own = join(folders.worker, 'node_modules', 'stateful');
  const text = `let n = 100; export const count = () => (n += 1); export class Counter {}`;
  makePackage(own, { name: 'stateful', exports: './index.js' }, { 'index.js': text });
  const { first } = await receive('first', newCache('own'));
  expect(first).toEqual({ value: [101, true], asked: 0 });
  makePackage(own, { name: 'stateful', version: '1.0.1', exports: './index.js' }, { 'index.js': text });
  const { first: other } = await receive('first', newCache('other'));
  expect(other).toEqual({ value: [1, true], asked: 2 });
});

test('two receivers unpack at once', async () => {
  const cache = newCache('race');
  const answers = await Promise.all([
    receive('zod,large', cache),
    receive('large,zod', cache),
    receive('zod,large', cache),
  ]);
  for (const { zod, large } of answers) expect([zod?.value, large?.value]).toEqual([EXPECTED.zod, LARGE_FILES - 1]);
  expect(readdirSync(join(cache, 'v1')).filter((name) => !/^[0-9a-f]{64}(?:\.json)?$/.test(name))).toEqual([]);
});

test('a receiver that is killed while it unpacks leaves nothing that another one would use', async () => {
  const cache = newCache('killed');
  const ended = await folders.run(folders.worker, ['receiver.mjs', frames, 'large', '100'], {
    JOBLOOM_PACKAGE_CACHE: cache,
  });
  expect(ended.signal).toBe('SIGKILL');
  expect(readdirSync(join(cache, 'v1')).some((name) => /^[0-9a-f]{64}$/.test(name))).toBe(false);
  expect((await receive('large', cache)).large).toEqual({ value: LARGE_FILES - 1, asked: 1 }); // the list was there
});

test('files that were changed in the folder are noticed, and come again', async () => {
  const cache = newCache('changed');
  expect((await receive('first', cache)).first?.asked).toBe(2);
  const [place] = readdirSync(join(cache, 'v1')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const file = join(cache, 'v1', place as string, 'node_modules', 'stateful', 'index.js');
  writeFileSync(file, `export const count = () => 'changed'; export class Counter {}`);
  expect((await receive('first', cache)).first).toEqual({ value: [1, true], asked: 1 });
  expect((await receive('first', cache)).first).toEqual({ value: [1, true], asked: 0 });
});

test('the folder is for its user alone, and another one is refused', async () => {
  const cache = newCache('mode');
  await receive('first', cache);
  expect(statSync(join(cache, 'v1')).mode & 0o777).toBe(0o700);
  chmodSync(join(cache, 'v1'), 0o755);
  expect((await receive('first', cache)).first?.error).toBe(
    `${join(cache, 'v1')} is no folder that only this user can use, so packages cannot be kept there. Remove it, or set JOBLOOM_PACKAGE_CACHE to another one`,
  );
});

test('declarations and source maps stay behind, all else is there', () => {
  const places = readdirSync(join(folders.cache, 'v1')).map((place) =>
    join(folders.cache, 'v1', place, 'node_modules', 'with-data'),
  );
  const found = places.filter((place) => existsSync(place));
  expect(found.map((place) => readdirSync(place))).toEqual([['data.json', 'index.js', 'package.json', 'raw.bin']]);
});
