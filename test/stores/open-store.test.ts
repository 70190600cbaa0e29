import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JobloomError } from '@jobloom/codec';
import { checkKey, memoryStore, openStore, registerStore, StoreError, type StoreLocation } from '@jobloom/stores';
import { afterAll, expect, test } from 'vitest';
import { program } from '../workspace/program.ts';
import { payloadOf, textOf } from './entries.ts';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-open-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder, relative or not, with any characters, and its URL are the same store', async () => {
  const path = join(folder, 'ä b?c#d%20');
  await using store = openStore(path);
  await store.put('a', payloadOf('x'));
  expect(store.name).toBe(`disk ${path}`);
  for (const location of [store.location ?? '', pathToFileURL(path), pathToFileURL(path).href]) {
    await using same = openStore(location);
    expect(textOf(await same.get('a'))).toBe('x 100');
  }
  expect(openStore('./some/cache').name).toBe(`disk ${resolve('some/cache')}`);
  expect(existsSync('some')).toBe(false);
});

test('URLs carry options, and locations bring them to other processes', () => {
  const disk = openStore(`${pathToFileURL(folder)}?fsync=true&verify=always`);
  expect(disk.location).toBe(`${pathToFileURL(folder)}?fsync=true&verify=always`);
  const redis = openStore('redis://user:secret@host:6380/2?prefix=mine&maxValueBytes=1000');
  expect([redis.name, redis.capabilities.maxValueBytes]).toEqual(['redis host:6380/2 mine', 1000]);
  expect(redis.location).toBe('redis://user:secret@host:6380/2?prefix=mine&timeoutMs=5000&maxValueBytes=1000');
  const s3 = openStore('s3://bucket/some/prefix/?region=eu-west-1&endpoint=http://localhost:7480');
  expect(s3.name).toBe('s3 bucket/some/prefix');
  expect(openStore(s3.location ?? '').location).toBe(s3.location);
  expect(openStore('memory:?maxBytes=10').capabilities.maxValueBytes).toBe(10);
});

test('a list is tiers, a store is itself', () => {
  const memory = memoryStore();
  expect(openStore(memory)).toBe(memory);
  expect(openStore([memory, folder]).name).toBe(`tiered(memory, disk ${folder})`);
});

test('a scheme that was registered; the last registration counts, the built-in ones can be replaced', () => {
  const opened: string[] = [];
  const remember = (url: URL) => {
    opened.push(url.href);
    return memoryStore();
  };
  registerStore('mine', () => memoryStore({ maxBytes: 1 }));
  registerStore('mine', remember);
  openStore('mine://place/x?y=z');
  expect(opened).toEqual(['mine://place/x?y=z']);
  expect(() => registerStore('not a scheme', remember)).toThrow(StoreError);
});

test.each([
  ['', /location is empty/],
  ['ftp://host/x', /no store is known for ftp:\. Known: file, memory, redis, rediss, s3/],
  ['redis://host/0?prefx=a', /redis: takes no parameter prefx\. Known: prefix, timeoutMs, maxValueBytes/],
  ['redis://host/0?timeoutMs=soon', /timeoutMs of redis: is "soon"\. It must be a whole number/],
  ['file:///tmp?fsync=yes', /fsync of file: is "yes"\. It must be true or false/],
  ['file:///tmp?verify=never', /verify is "never"\. It must be 'always' or 'changed'/],
  ['redis://host/0?prefix={a}', /must have no braces/],
  ['redis://host/0?timeoutMs=0', /must be above 0/],
  ['s3://', /bucket is ""|is not a URL/],
  [undefined, /undefined is no location/],
  [null, /null is no location/],
  [7, /number is no location/],
])('%s: refused, told why', (location, message) => {
  const open = () => openStore(location as StoreLocation);
  expect(open).toThrow(message);
  expect(open).toThrow(expect.objectContaining({ name: 'StoreError', code: 'ERR_STORE_LOCATION' }));
});

test('errors are of the one family, whoever made them', () => {
  const error: Error & { code?: string; store?: string } = new StoreError('ERR_STORE_FULL', 'here', 'no room');
  for (const type of [JobloomError, StoreError, Error]) expect(error).toBeInstanceOf(type);
  const other: unknown = new TypeError('x');
  expect(other instanceof StoreError).toBe(false);
  expect([error.name, error.code, error.store, error.message]).toEqual([
    'StoreError',
    'ERR_STORE_FULL',
    'here',
    'here: no room',
  ]);
  expect(() => checkKey('a//b', 'here')).toThrow(/here: "a\/\/b" is not a key/);
});

test('importing the package loads no optional one, and opening stores none either', async () => {
  const code = `
    import { register } from 'node:module';
    const hooks =
      "export const resolve = (name, context, next) => /ioredis|client-s3/.test(name) ? Promise.reject(new Error(name + ' is loaded')) : next(name, context)";
    register('data:text/javascript,' + encodeURIComponent(hooks));
    const { openStore } = await import('@jobloom/stores');
    for (const location of ['s3://b/p', 'redis://h', 'memory:']) await openStore(location).close();
    console.log('done');
  `;
  const { stdout } = await program('node', ['--input-type=module', '-e', code]);
  expect(stdout).toBe('done\n');
});

test('an optional package that is not there: the error names the command', async () => {
  const code = `
    import { register } from 'node:module';
    const hooks = "export const resolve = (name, context, next) => /ioredis|client-s3/.test(name)" +
      " ? Promise.reject(Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' })) : next(name, context);";
    register('data:text/javascript,' + encodeURIComponent(hooks));
    const { openStore } = await import('@jobloom/stores');
    for (const location of ['s3://b/p', 'redis://h'])
      await openStore(location).get('a').catch((error) => console.log(error.code, error.message));
  `;
  const { stdout } = await program('node', ['--input-type=module', '-e', code]);
  expect(stdout).toMatch(
    /^ERR_STORE_DEPENDENCY s3 b\/p: .*npm install @aws-sdk\/client-s3\nERR_STORE_DEPENDENCY redis h jobloom: .*npm install ioredis\n$/,
  );
});
