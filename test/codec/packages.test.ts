import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JobloomError, UnserializableError } from '@jobloom/codec';
import dayjs, { type Dayjs } from 'dayjs';
import { List } from 'immutable';
import lodash from 'lodash';
import { addDependencies, create, multiplyDependencies } from 'mathjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PEERS, type Peer } from './peers.ts';

const schema = z.object({ a: z.number().min(1), b: z.array(z.string()).optional() });
const start = dayjs('2020-01-02T03:04:05Z');

/** Runs a program in a process of its own and gives the lines that it prints. */
function run(program: string, flags: readonly string[] = []): string[] {
  const args = [...flags, '--input-type=module', '-e', program];
  const env = { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' };
  return execFileSync(process.execPath, args, { cwd: process.cwd(), encoding: 'utf8', env }).trim().split('\n');
}

describe.each(PEERS)('packages over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('instances of their classes come back as such', async () => {
    const results = await peer.call(() => ({ day: start.add(1, 'day'), list: List([1, 2]).push(3) }));
    expect(dayjs.isDayjs(results.day)).toBe(true);
    expect(results.day.toISOString()).toBe('2020-01-03T03:04:05.000Z');
    expect([List.isList(results.list), results.list instanceof List, results.list.toArray()]).toEqual([
      true,
      true,
      [1, 2, 3],
    ]);
    const twice = await peer.call((day: Dayjs) => day.add(1, 'hour'), start);
    expect(twice.hour() - start.hour()).toBe(1);
  });

  test('schemas travel, and their failures come back', async () => {
    expect(await peer.call(() => schema.parse({ a: 1, b: ['x'] }))).toEqual({ a: 1, b: ['x'] });
    const error = (await peer.call(() => schema.parse({ a: 0 })).catch((thrown: unknown) => thrown)) as z.ZodError;
    expect(error.issues[0]?.path).toEqual(['a']);
  });

  test('functions of a package are the package’s own at the other end', async () => {
    const { sum, template } = lodash;
    expect(
      await peer.call(() => [sum([1, 2]), lodash.sum === sum, template('hi <%= name %>')({ name: 'you' })]),
    ).toEqual([3, true, 'hi you']);
  });

  test('an instance made of hundreds of closures', { timeout: 120_000 }, async () => {
    const math = create(
      { addDependencies, multiplyDependencies } as ConstructorParameters<typeof Object>[0] as never,
      {},
    );
    expect(await peer.call(() => math.multiply(math.add(1, 1), 3))).toBe(6);
  });

  test('jobloom’s own errors, with their class', async () => {
    const fail = () => {
      throw new UnserializableError(['a', 'b'], 'problem', 'Advice');
    };
    const error = (await peer.call(fail).catch((thrown: unknown) => thrown)) as UnserializableError;
    expect([
      error instanceof UnserializableError,
      error instanceof JobloomError,
      error.code,
      error.message,
      error.trail,
    ]).toEqual([true, true, 'ERR_UNSERIALIZABLE', 'a -> b: problem. Advice', ['a', 'b']]);
  });
});

describe('what is by reference', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jobloom-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a registered prefix, and a missing or other version of a package is named', () => {
    const home = join(folder, 'home', 'node_modules', 'pkg');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ name: 'pkg', version: '1.2.3', type: 'module', exports: './index.js' }),
    );
    writeFileSync(join(home, 'index.js'), 'export const twice = (x) => 2 * x;');
    const user = join(folder, 'home', 'user.mjs');
    writeFileSync(user, `import { twice } from 'pkg'; export const task = (x) => twice(x) + 1;`);
    const printed = run(`
      import { registerByReference, Session } from '@jobloom/codec';
      const user = ${JSON.stringify(pathToFileURL(user).href)};
      const { task } = await import(user);
      const [module] = new Session().encode(task).modules;
      console.log(module.specifier, module.name, module.version, module.file, module.from === user);
      const lost = { ...module, url: 'file:///nowhere/index.js' };
      const say = (error) => console.log(error.message);
      await new Session({ functions: true }).load([{ ...lost, from: 'file:///nowhere/user.mjs' }]).catch(say);
      await new Session({ functions: true }).load([{ ...lost, version: '2.0.0' }]).catch(say);
      registerByReference(new URL('.', user).href);
      const frame = new Session().encode(task);
      console.log(frame.codes.length, frame.modules.length, frame.modules[0].url === user);
      const worker = new Session();
      await worker.load(frame.modules);
      console.log(worker.decode(frame) === task);
    `);
    expect(printed).toEqual([
      'pkg pkg 1.2.3 index.js true',
      `package pkg 1.2.3, which the caller uses, is not installed where this worker runs (${process.cwd()}). Install it there: npm install pkg@1.2.3`,
      `the caller uses pkg 2.0.0, this worker has pkg 1.2.3 (${home}). Install the same version at both ends`,
      '0 1 true',
      'true',
    ]);
  });

  test('CommonJS code of the user’s: require, __filename, exports, hidden functions', async () => {
    const file = join(folder, 'user.cjs');
    writeFileSync(join(folder, 'data.cjs'), 'module.exports = { n: 7 };');
    writeFileSync(
      file,
      `'use strict'; const { basename } = require('path'); const hidden = (x) => x + 1; exports.helper = (x) => hidden(x) * 10;
       exports.task = () => [require('./data.cjs').n, basename(__filename), exports.helper(1), typeof module.id, require.resolve('./data.cjs') !== ''];`,
    );
    const { task } = createRequire(import.meta.url)(file) as { task: () => unknown };
    const [[, openThread]] = PEERS as [(typeof PEERS)[0]];
    await using peer = openThread();
    expect(await peer.call(task)).toEqual([7, 'user.cjs', 20, 'string', true]);
  });

  test('without an inspector, declared variables travel, others are named', () => {
    const program = `
      import { Session, addCode, withEnvironment } from '@jobloom/codec';
      const factor = 3;
      const pure = (x) => x * 2;
      const scale = withEnvironment((x) => pure(x) * factor, { factor, pure });
      const out = new Session();
      const frame = out.encode(scale);
      for (const hash of frame.codes) addCode(hash, out.code(hash));
      console.log(new Session({ functions: true }).decode(frame)(5));
      try { out.encode((x) => x * factor, ['task']); } catch (error) { console.log(error.message); }
      try { withEnvironment(withEnvironment, {}); out.encode(withEnvironment((x) => x * factor, {}), ['task']); } catch (error) { console.log(error.message); }
    `;
    const flags = process.version.startsWith('v20') ? ['--experimental-permission'] : ['--permission'];
    const printed = run(program, [...flags, '--allow-fs-read=*', '--allow-fs-write=*']);
    expect(printed).toEqual([
      '30',
      'task: it uses factor, but this process has no inspector to read variables with. Declare them: withEnvironment(fn, { factor })',
      'task: it uses factor, but its environment lacks them. Declare them: withEnvironment(fn, { factor })',
    ]);
  });
});
