import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { FrameError, Session } from '@jobloom/codec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packArchive, readArchive } from '../../packages/codec/src/ship/archive.ts';
import { packageFiles } from '../../packages/codec/src/ship/package-files.ts';
import {
  closureOf,
  type GraphPackage,
  graphText,
  identities,
  readGraph,
} from '../../packages/codec/src/ship/package-graph.ts';
import { type FileEntry, headText } from '../../packages/codec/src/ship/package-head.ts';
import { impurity } from '../../packages/codec/src/ship/purity.ts';
import { sha256 } from '../../packages/codec/src/ship/sha256.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An archive with any paths, and the hash that goes with it. */
function archiveOf(files: Readonly<Record<string, string>>, name = 'pkg'): { bytes: Uint8Array; content: string } {
  const entries = Object.entries(files).map(([path, text]): FileEntry => [path, text.length, sha256(text)]);
  const head = { name, version: '1.0.0', files: entries };
  return { bytes: packArchive(head, (path) => encode(files[path] as string)), content: sha256(headText(head)) };
}

describe('archives', () => {
  test('give back what was put in, under a hash that no order changes', () => {
    const { bytes, content } = archiveOf({ 'a/b.js': 'one', 'a.js': '', 'ä.js': 'two' });
    const { contents } = readArchive(bytes, content);
    expect([...contents].map(([path, part]) => [path, new TextDecoder().decode(part)])).toEqual([
      ['a.js', ''],
      ['a/b.js', 'one'],
      ['ä.js', 'two'],
    ]);
    expect(archiveOf({ 'ä.js': 'two', 'a.js': '', 'a/b.js': 'one' }).content).toBe(content);
    expect(archiveOf({ 'ä.js': 'two', 'a.js': ' ', 'a/b.js': 'one' }).content).not.toBe(content);
  });

  test.each([
    '../evil.js',
    'a/../../evil.js',
    '/etc/evil',
    'a\\..\\evil.js',
    'C:evil.js',
    'a//b.js',
    './a.js',
    'a/.',
    '',
  ])('with a path that could lead elsewhere, %j, are refused', (path) => {
    const { bytes, content } = archiveOf({ [path]: 'x' });
    expect(() => readArchive(bytes, content)).toThrow(`package pkg has a file with the path ${JSON.stringify(path)}`);
  });

  test.each(['..', '../evil', '@/x', '.hidden', 'a/b', '@a/b/c', 'a\\b', ''])(
    'of a package called %j are refused',
    (name) => {
      const { bytes, content } = archiveOf({ 'a.js': 'x' }, name);
      expect(() => readArchive(bytes, content)).toThrow(FrameError);
    },
  );

  test('of another hash are refused', () => {
    const { bytes } = archiveOf({ 'a.js': 'x' });
    const { content } = archiveOf({ 'a.js': 'y' });
    expect(() => readArchive(bytes, content)).toThrow(`the package that came for ${content} is another one`);
  });

  test('with other bytes in a file are refused', () => {
    const { bytes, content } = archiveOf({ 'a.js': 'good' });
    const start = 9 + new DataView(bytes.buffer).getUint32(5, true);
    const other = (text: string) => Buffer.concat([bytes.subarray(0, start), deflateRawSync(encode(text))]);
    expect(() => readArchive(other('evil'), content)).toThrow('a.js of package pkg was changed on the way');
    expect(() => readArchive(other('longer than it says'), content)).toThrow('package pkg was damaged on the way');
    expect(() => readArchive(other('so'), content)).toThrow('it holds other files than it says');
    expect(() => readArchive(bytes.subarray(0, start + 1), content)).toThrow('package pkg was damaged on the way');
    expect(() => readArchive(bytes.subarray(1), content)).toThrow('is no package in a layout that this jobloom reads');
  });

  test('that say they hold more than any package may are refused before anything is inflated', () => {
    const head = { name: 'pkg', version: '1', files: [['a.js', 2 ** 40, sha256('')] as const] };
    const bytes = packArchive(head, () => encode(''));
    expect(() => readArchive(bytes, sha256(headText(head)))).toThrow('1048576.0 MB in 1 files, which is too large');
  });
});

describe('lists of packages', () => {
  const node = (name: string, dependencies: Record<string, number>, version = '1.0.0'): GraphPackage => ({
    name,
    version,
    content: sha256(name + version),
    dependencies: new Map(Object.entries(dependencies)),
  });

  test('have one text, in whatever order packages and dependencies were found', () => {
    const one = [node('a', { b: 1, c: 2 }), node('b', { c: 2, a: 0 }), node('c', {})];
    const other = [node('c', {}), node('b', { a: 2, c: 0 }), node('a', { c: 0, b: 1 })];
    expect(graphText(closureOf(one, 0))).toBe(graphText(closureOf(other, 2)));
    expect(identities(one)).toEqual([...identities(other)].reverse());
  });

  test('tell apart packages that depend on different versions', () => {
    const [first, , second] = identities([
      node('a', { dep: 1 }),
      node('dep', {}),
      node('a', { dep: 3 }),
      node('dep', {}, '2.0.0'),
    ]);
    expect(first).not.toBe(second);
  });

  test('are read as they were written, and refused when they are not', () => {
    const text = graphText([node('a', { b: 1 }), node('b', {})]);
    expect(graphText(readGraph(text, sha256(text)))).toBe(text);
    expect(() => readGraph(text.replace('"b"', '"x"'), sha256(text))).toThrow('is another one');
    const forged = (value: unknown): (() => unknown) => {
      const json = JSON.stringify(value);
      return () => readGraph(json, sha256(json));
    };
    expect(forged([])).toThrow('a list of packages that is none');
    expect(forged([['../x', '1', '', []]])).toThrow('a list of packages with something else in it');
    expect(forged([['a', '1', '../../etc', []]])).toThrow('a list of packages with something else in it');
    expect(forged([['a', '1', '', [['b', 1]]]])).toThrow('package a depends on what is not there');
    expect(forged([['a', '1', '', [['../b', 0]]]])).toThrow('package a depends on what is not there');
  });
});

describe('a session that is brought something else', () => {
  const before = process.env.JOBLOOM_PACKAGE_CACHE;
  let cache: string;
  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), 'jobloom-tampered-'));
    process.env.JOBLOOM_PACKAGE_CACHE = cache;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.JOBLOOM_PACKAGE_CACHE;
    else process.env.JOBLOOM_PACKAGE_CACHE = before;
    rmSync(cache, { recursive: true });
  });

  const { bytes, content } = archiveOf({ 'index.js': 'export const fine = 1;', 'package.json': '{"type":"module"}' });
  const list = JSON.stringify([['pkg', '1.0.0', content, []]]);
  const id = sha256(list);
  /** Loads a module of the package from what the sender gives for hashes. */
  const load = (given: Readonly<Record<string, Uint8Array>>, path = 'index.js', load?: 'import'): Promise<void> =>
    new Session({
      role: 'worker',
      parcel: async (hash) => {
        if (given[hash] === undefined) throw new TypeError('it is gone');
        return given[hash];
      },
    }).load([{ specifier: 'pkg', name: 'pkg', version: '1.0.0', shipped: `${id}/${path}`, ...(load && { load }) }]);

  test('refuses it, and takes the right thing afterwards', async () => {
    await expect(load({ [id]: encode(`${list} `) })).rejects.toThrow(
      `the list of packages that came for ${id} is another one`,
    );
    const other = archiveOf({ 'index.js': 'evil' });
    await expect(load({ [id]: encode(list), [content]: other.bytes })).rejects.toThrow(FrameError);
    await expect(load({ [id]: encode(list) })).rejects.toThrow('it is gone');
    const places = readdirSync(join(cache, 'v1')).filter((name) => !name.endsWith('.json'));
    expect(places).toEqual([]);
    await load({ [id]: encode(list), [content]: bytes });
  });

  test.each([undefined, 'import'] as const)('refuses paths that lead out of the package (load: %s)', async (when) => {
    const all = { [id]: encode(list), [content]: bytes };
    for (const path of ['../../../evil.js', '/etc/evil.js', '']) {
      await expect(load(all, path, when)).rejects.toThrow(
        `a module of a package with the path ${JSON.stringify(path)}`,
      );
    }
    await expect(load(all, 'other.js', when)).rejects.toThrow(/has no file other\.js|Cannot find module/);
  });

  test('without anyone to ask, says so', async () => {
    const lost = { specifier: 'gone', name: 'gone', version: '1.0.0', shipped: `${sha256('gone')}/index.js` };
    await expect(new Session({ role: 'worker' }).load([lost])).rejects.toThrow(
      'nothing brings packages to this session',
    );
  });
});

test('what is more than JavaScript is told by its files and its manifest', () => {
  expect(impurity({}, ['index.js', 'x.wasm', 'data.json'])).toBe(undefined);
  expect(impurity({ scripts: { prepare: 'x', test: 'y' } }, [])).toBe(undefined);
  expect(impurity({}, ['build/x.node'])).toBe('it has native code (build/x.node)');
  expect(impurity({}, ['binding.gyp'])).toBe('native code is built when it is installed');
  expect(impurity({ gypfile: true }, [])).toBe('native code is built when it is installed');
  expect(impurity({ scripts: { postinstall: 'x' } }, [])).toBe('it runs a script when it is installed (postinstall)');
  expect(impurity({ os: ['linux'] }, [])).toBe('it is for certain systems only (os in its package.json)');
});

describe('files of a package', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jobloom-files-'));
    for (const name of ['a.js', 'a.d.ts', 'b.mjs', 'b.d.mts', 'lib.d.ts', 'a.js.map', 'LICENSE', 'x.wasm'])
      writeFileSync(join(folder, name), name);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are all but maps and the declarations of scripts that are there', () => {
    expect(packageFiles(folder)).toEqual(['LICENSE', 'a.js', 'b.mjs', 'lib.d.ts', 'x.wasm']);
  });

  test('may be links within it, and no others', () => {
    symlinkSync('a.js', join(folder, 'c.js'));
    expect(packageFiles(folder)).toContain('c.js');
    symlinkSync('/etc/hostname', join(folder, 'd.js'));
    expect(() => packageFiles(folder)).toThrow('d.js is a link that leads out of it');
  });
});
