import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEERS, type Peer } from './peers.ts';

/** What tells strict code from sloppy: `this`, undeclared names, `arguments`, octal literals, blocks. */
const BODY = `
  const self = (function () { return this === undefined ? 'none' : 'global'; })();
  let undeclared = 'kept';
  try { jobloomUndeclared = 1; undeclared = delete globalThis.jobloomUndeclared ? 'made' : 'stuck'; } catch ({ name }) { undeclared = name; }
  const aliased = (function (a) { a = 2; return arguments[0]; })(1);
  let frozen = 'silent';
  try { Object.freeze([])[0] = 1; } catch ({ name }) { frozen = name; }
  { function inner() {} }
  return [self, undeclared, aliased, frozen, typeof inner];
`;
const SLOPPY = ['global', 'made', 2, 'silent', 'function'];
const STRICT = ['none', 'ReferenceError', 1, 'TypeError', 'undefined'];

type Probe = () => unknown;
const made = (body: string): Probe => new Function(body) as Probe;
const run = (source: string): Probe => new Script(`(${source})`).runInThisContext() as Probe;

const folder = mkdtempSync(join(tmpdir(), 'jobloom-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a CommonJS module with this text exports. */
function load(name: string, text: string): Readonly<Record<string, Probe>> {
  const file = join(folder, name);
  writeFileSync(file, text);
  return createRequire(file)(file) as Readonly<Record<string, Probe>>;
}

const EXPORTS = `
  exports.declared = declared; function declared() {${BODY}}
  exports.arrow = () => {${BODY}};
  exports.method = { method() {${BODY}} }.method;
`;
const sloppy = load('sloppy.cjs', EXPORTS);
const strict = load('strict.cjs', `'use strict';${EXPORTS}`);
const mixed = load(
  'mixed.cjs',
  `${EXPORTS}
  exports.strict = function () { 'use strict';${BODY}};
  (function () { 'use strict'; exports.inner = function () {${BODY}}; exports.innerArrow = () => {${BODY}}; })();
  exports.ofClass = new (class { method() {${BODY}} })().method;`,
);

describe.each(PEERS)('code stays strict or sloppy over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test.each<[string, Probe | undefined, unknown[]]>([
    ['new Function', made(BODY), SLOPPY],
    ['new Function with a directive', made(`'use strict';${BODY}`), STRICT],
    ['new Function with a directive after comments', made(`/* a */ // b\n"use strict"\n${BODY}`), STRICT],
    ['new Function with what only looks like a directive', made(`('use strict');${BODY}`), SLOPPY],
    ['a function of new Function', made(`return function () {${BODY}}`)() as Probe, SLOPPY],
    ['an arrow of new Function', made(`return () => {${BODY}}`)() as Probe, SLOPPY],
    ['a function of strict new Function', made(`'use strict'; return function () {${BODY}}`)() as Probe, STRICT],
    ['an arrow of strict new Function', made(`'use strict'; return () => {${BODY}}`)() as Probe, STRICT],
    ['a script', run(`function () {${BODY}}`), SLOPPY],
    ['a strict function of a script', run(`function () {'use strict';${BODY}}`), STRICT],
    ['a sloppy CommonJS module', sloppy.declared, SLOPPY],
    ['an arrow of a sloppy CommonJS module', sloppy.arrow, SLOPPY],
    ['a method of a sloppy CommonJS module', sloppy.method, SLOPPY],
    ['a strict CommonJS module', strict.declared, STRICT],
    ['an arrow of a strict CommonJS module', strict.arrow, STRICT],
    ['a method of a strict CommonJS module', strict.method, STRICT],
    ['a sloppy function beside strict ones', mixed.declared, SLOPPY],
    ['a sloppy arrow beside strict ones', mixed.arrow, SLOPPY],
    ['a sloppy method beside strict ones', mixed.method, SLOPPY],
    ['a strict function beside sloppy ones', mixed.strict, STRICT],
    ['a function inside a strict function', mixed.inner, STRICT],
    ['an arrow inside a strict function', mixed.innerArrow, STRICT],
    ['a method of a class beside sloppy functions', mixed.ofClass, STRICT],
  ])('%s', async (_title, found, expected) => {
    const probe = found as () => string[];
    expect(probe()).toEqual(expected);
    expect(await peer.call(probe)).toEqual(expected);
    expect(await peer.call(() => [probe(), { probe }.probe()])).toEqual([expected, expected]);
  });

  test('parameters, names and captured values of new Function', async () => {
    const scale = new Function(
      'a',
      'b = 2',
      '{ c } = { c: 3 }',
      '...rest',
      'return [a, b, c, rest, this === globalThis]',
    );
    expect(await peer.call(scale as (...all: number[]) => never, 1)).toEqual([1, 2, 3, [], true]);
    expect(await peer.call((() => [scale.name, scale.length, String(scale)]) as () => never)).toEqual([
      'anonymous',
      1,
      String(scale),
    ]);
    const counter = new Function('let n = 0; return () => ++n')() as () => number;
    counter();
    expect(await peer.call(() => [counter(), counter()])).toEqual([2, 3]);
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const later = new AsyncFunction('a', 'return (await a) + 1');
    expect(await peer.call(later as (a: number) => number, 1)).toBe(2);
    const GeneratorFunction = function* () {}.constructor as FunctionConstructor;
    const each = new GeneratorFunction('yield* [1, 2]') as () => Iterable<number>;
    expect(await peer.call(() => [...each()])).toEqual([1, 2]);
  });

  test('a function of a function that travelled', async () => {
    const nested = async () => {
      const { Session, addCode } = await import('@jobloom/codec');
      const out = new Session();
      const frame = out.encode([sloppy.declared, strict.declared, sloppy.arrow, strict.arrow, made(BODY)]);
      for (const hash of frame.codes) addCode(hash, out.code(hash));
      return (new Session({ functions: true }).decode(frame) as Probe[]).map((each) => each());
    };
    expect(await peer.call(nested)).toEqual([SLOPPY, STRICT, SLOPPY, STRICT, SLOPPY]);
  });

  test('below long comments, which are looked through once', async () => {
    const banner = `${'/'.repeat(10_000)}\n//${' //'.repeat(5000)}\n/*${'/* '.repeat(5000)}*/ `;
    const text = 'exports.strict = function () { return this === undefined; };';
    const below = load('below.cjs', `${banner}'use strict';\n${text}`);
    const without = load('without.cjs', `${banner}${text}`);
    expect(await peer.call(below.strict as Probe)).toBe(true);
    expect(await peer.call(without.strict as Probe)).toBe(false);
  });
});
