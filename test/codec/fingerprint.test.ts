import { afterAll, describe, expect, test } from 'vitest';
import { type Program, Programs } from './programs.ts';

const programs = new Programs();
afterAll(() => programs.remove());

const LIB = {
  'lib.mjs': `
    export const RATE = 0.2;
    export let level = 1;
    export function raise() { level += 1; }
    export const helper = (x) => x * 2;
    export const other = (x) => x * 3;
    export class Base { run(x) { return x + 1; } }
    export default function fallback(x) { return x; }
  `,
};
const MAIN: Program = {
  ...LIB,
  'main.mjs': `
    import fallback, { RATE, helper, Base, level } from './lib.mjs';
    import * as lib from './lib.mjs';
    const LIMIT = 10;
    let step = 3;
    let mode = 'a';
    export const setMode = (to) => { mode = to; };
    const tools = { add: (a, b) => a + b, sub: (a, b) => a - b, size: 3 };
    class Thing extends Base {
      static make() { return new Thing(); }
      #hidden = 1;
      get hidden() { return this.#hidden; }
    }
    const inner = (x) => helper(x) + RATE;
    function unused(x) { return x; }
    export default function main(x) {
      return inner(x) + LIMIT + step + tools.add(x, 1) + Thing.make().hidden + fallback(lib.other(x)) + level;
    }
  `,
};

function edited(program: Program, file: string, from: string | RegExp, to: string): Program {
  const text = program[file] as string;
  const next = text.replace(from, to);
  if (next === text) throw new Error(`${file} has no ${String(from)}`);
  return { ...program, [file]: next };
}

/** What was changed, the program with the change; whether that changes the fingerprint. */
type Case = readonly [name: string, program: Program, changes: boolean];

const CASES: readonly Case[] = [
  ['nothing', MAIN, false],
  ['a comment', edited(MAIN, 'main.mjs', 'return inner', '/* why */ return /* so */ inner'), false],
  ['a comment in a helper', edited(MAIN, 'lib.mjs', '(x) => x * 2', '(x) => /* twice */ x * 2'), false],
  ['a blank line', edited(MAIN, 'main.mjs', '+ LIMIT', '\n\n   + LIMIT'), false],
  ['moved lines', edited(MAIN, 'main.mjs', 'const LIMIT', '\n\n\nfunction before() {}\n\nconst LIMIT'), false],
  ['a semicolon that is not needed', edited(MAIN, 'main.mjs', '+ level;', '+ level'), false],
  ['another function', edited(MAIN, 'main.mjs', 'unused(x) { return x; }', 'unused(x) { return -x; }'), false],
  ['a member that is not used', edited(MAIN, 'main.mjs', 'a - b', 'b - a'), false],
  ['data in an object', edited(MAIN, 'main.mjs', 'size: 3', 'size: 4'), false],
  [
    'the order of declarations',
    edited(
      edited(MAIN, 'main.mjs', 'const LIMIT = 10;', ''),
      'main.mjs',
      "let mode = 'a';",
      "let mode = 'a'; const LIMIT = 10;",
    ),
    false,
  ],
  ['a variable that is written', edited(MAIN, 'lib.mjs', 'level = 1', 'level = 2'), false],
  [
    'moved files',
    {
      'deep/er/lib.mjs': LIB['lib.mjs'],
      'deep/main.mjs': (MAIN['main.mjs'] as string).replaceAll('./lib.mjs', './er/lib.mjs'),
    },
    false,
  ],
  [
    'a re-export in between',
    {
      ...edited(
        MAIN,
        'main.mjs',
        "{ RATE, helper, Base, level } from './lib.mjs'",
        "{ RATE, helper, Base, level } from './hub.mjs'",
      ),
      'hub.mjs': "export * from './lib.mjs'; export { default } from './lib.mjs';",
    },
    false,
  ],
  [
    'a re-export by name',
    {
      ...edited(
        MAIN,
        'main.mjs',
        "{ RATE, helper, Base, level } from './lib.mjs'",
        "{ RATE, helper, Base, level } from './hub.mjs'",
      ),
      'hub.mjs': "export { RATE, helper, Base, level, default } from './lib.mjs';",
    },
    false,
  ],
  ['the function itself', edited(MAIN, 'main.mjs', 'inner(x) +', 'inner(x) -'), true],
  ['a helper', edited(MAIN, 'lib.mjs', '(x) => x * 2', '(x) => x * 4'), true],
  ['a helper of a namespace', edited(MAIN, 'lib.mjs', '(x) => x * 3', '(x) => x * 4'), true],
  ['a default export', edited(MAIN, 'lib.mjs', 'fallback(x) { return x; }', 'fallback(x) { return x + 1; }'), true],
  ['a constant', edited(MAIN, 'main.mjs', 'LIMIT = 10', 'LIMIT = 11'), true],
  ['a `let` that nothing writes', edited(MAIN, 'main.mjs', 'step = 3', 'step = 4'), true],
  ['an imported constant', edited(MAIN, 'lib.mjs', 'RATE = 0.2', 'RATE = 0.3'), true],
  ['the sign of a zero', edited(MAIN, 'main.mjs', 'LIMIT = 10', 'LIMIT = -0'), true],
  ['the type of a constant', edited(MAIN, 'main.mjs', 'LIMIT = 10', "LIMIT = '10'"), true],
  ['a member that is used', edited(MAIN, 'main.mjs', 'a + b', 'b + a'), true],
  ['a static method', edited(MAIN, 'main.mjs', 'return new Thing()', 'return new this()'), true],
  ['a getter', edited(MAIN, 'main.mjs', 'return this.#hidden', 'return -this.#hidden'), true],
  ['a private field', edited(MAIN, 'main.mjs', '#hidden = 1', '#hidden = 2'), true],
  ['the parent class', edited(MAIN, 'lib.mjs', 'return x + 1', 'return x + 2'), true],
  [
    'a constant that becomes written',
    edited(MAIN, 'main.mjs', 'let mode', 'const write = () => { step = 9; };\nlet mode'),
    true,
  ],
  [
    'an export that becomes written',
    edited(
      MAIN,
      'lib.mjs',
      'export const RATE = 0.2;',
      'export let RATE = 0.2; export const set = (to) => { RATE = to; };',
    ),
    true,
  ],
];

describe('what changes a fingerprint', () => {
  const taken = programs.fingerprints([MAIN, ...CASES.map(([, program]) => program)]);
  test.each(CASES.map(([name, , changes], at) => [changes ? 'changes' : 'keeps', name, at + 1] as const))(
    'it %s: %s',
    async (verb, _name, at) => {
      const all = await taken;
      expect(all[at]?.id === all[0]?.id).toBe(verb === 'keeps');
      expect(all[at]?.id).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  test('what is not tracked is listed', async () => {
    const all = await taken;
    expect(all[0]?.untracked).toEqual(['level']);
    expect(all.at(-1)?.untracked).toEqual(['level', 'inner.RATE']);
  });

  test('the parts say what changed', async () => {
    const [before, ...after] = await taken;
    const changed = (name: string) => {
      const parts = after[CASES.findIndex(([each]) => each === name)]?.parts ?? [];
      return parts.filter(({ id }) => !before?.parts.some((part) => part.id === id)).map((part) => part.name);
    };
    expect(changed('a helper')).toEqual(['helper']);
    expect(changed('an imported constant')).toEqual(['RATE']);
    expect(changed('the parent class')).toEqual(['Base']);
    expect(changed('a comment in a helper')).toEqual([]);
    expect(before?.parts.map(({ name }) => name)).toEqual(
      ['main', '10', 'Thing', 'fallback', 'inner', 'other', 'step', 'add', 'Base', 'RATE', 'helper'].map((name) =>
        name === '10' ? 'LIMIT' : name,
      ),
    );
  });
});

test('it is the same in every run, and after going back to an old version', async () => {
  const changed = edited(MAIN, 'lib.mjs', '(x) => x * 2', '(x) => x * 4');
  const [a, b, again] = [
    await programs.fingerprint(MAIN),
    await programs.fingerprint(changed),
    await programs.fingerprint(MAIN),
  ];
  expect(again.id).toBe(a.id);
  expect(b.id).not.toBe(a.id);
});

describe('packages', () => {
  const withPackage = (version: string, body = 'x + 1', specifier = 'thing'): Program => ({
    'node_modules/thing/package.json': JSON.stringify({
      name: 'thing',
      version,
      exports: { '.': './index.js', './sub': './sub.js' },
      type: 'module',
    }),
    'node_modules/thing/index.js': `export const run = (x) => ${body}; export const more = (x) => x; export const NUMBER = 1;`,
    'node_modules/thing/sub.js': 'export const run = (x) => x - 1;',
    'main.mjs': `import { run } from '${specifier}'; export default (x) => run(x);`,
  });
  const CASES_OF_PACKAGES: readonly Case[] = [
    ['the same version', withPackage('1.0.0', 'x + 2'), false],
    ['another version', withPackage('1.0.1'), true],
    ['another path', withPackage('1.0.0', 'x + 1', 'thing/sub'), true],
    ['another export', edited(withPackage('1.0.0'), 'main.mjs', '{ run }', '{ more as run }'), true],
  ];
  const taken = programs.fingerprints([withPackage('1.0.0'), ...CASES_OF_PACKAGES.map(([, program]) => program)]);
  test.each(CASES_OF_PACKAGES.map(([name, , changes], at) => [name, changes, at + 1] as const))(
    'count by version and export: %s',
    async (_name, changes, at) => {
      const all = await taken;
      expect(all[at]?.id !== all[0]?.id).toBe(changes);
      expect(all[0]?.parts[1]?.name).toBe('thing@1.0.0 index.js run');
    },
  );
});

describe('options', () => {
  const program = (run: number, option = ''): Program => ({
    'main.mjs': `
      const RUN = ${run};
      const helper = (x) => x + RUN;
      export default (x) => helper(x);
      export const options = { ${option} };
    `,
  });
  test('untracked leaves a name out, wherever it is used', async () => {
    const [plain, other, left, leftOther, byWay] = await programs.fingerprints([
      program(1),
      program(2),
      program(1, "untracked: ['RUN']"),
      program(2, "untracked: ['RUN']"),
      program(3, "untracked: ['helper.RUN']"),
    ]);
    expect(plain?.id).not.toBe(other?.id);
    expect(left?.id).toBe(leftOther?.id);
    expect(byWay?.id).toBe(left?.id);
    expect(left?.id).not.toBe(plain?.id);
    expect(plain?.untracked).toEqual([]);
    expect(left?.untracked).toEqual(['helper.RUN']);
  });

  test('untracked leaves out helpers too', async () => {
    const helper = (body: string) => ({
      'main.mjs': `const log = (x) => ${body}; export default (x) => log(x); export const options = { untracked: ['log'] };`,
    });
    const [a, b] = await programs.fingerprints([helper('1'), helper('2')]);
    expect(a?.id).toBe(b?.id);
    expect(a?.untracked).toEqual(['log']);
  });
});

describe('CommonJS as compilers write it', () => {
  const program = (lib: string, main = 'config_1.RATE * (0, config_1.helper)(x)'): Program => ({
    'config.cjs': `"use strict"; Object.defineProperty(exports, "__esModule", { value: true });
      exports.helper = exports.RATE = void 0; exports.helper = helper; ${lib} function helper(x) { return x + 1; }`,
    'main.cjs': `"use strict"; const config_1 = require("./config.cjs"); module.exports = (x) => ${main};`,
  });
  test('constants and helpers of other modules count, what is written does not', async () => {
    const [a, b, written] = await programs.fingerprints([
      program('exports.RATE = 0.2;'),
      program('exports.RATE = 0.3;'),
      program('exports.RATE = 0.2; exports.set = (to) => { exports.RATE = to; };'),
    ]);
    expect(a?.untracked).toEqual([]);
    expect(a?.id).not.toBe(b?.id);
    expect(a?.parts.map(({ name }) => name)).toEqual(['anonymous', 'RATE', 'helper']);
    expect(written?.untracked).toEqual(['config_1.RATE']);
  });

  test('where the file lies does not count', async () => {
    const main = '__dirname + __filename + require("node:path").sep';
    const [a, b] = await programs.fingerprints([program('', main), program('', main)]);
    expect(a?.id).toBe(b?.id);
    expect(a?.untracked).toEqual([]);
  });
});

describe('without an inspector', () => {
  const allowed = Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission';
  test('the function itself counts, what cannot be seen is listed', async () => {
    const program = (body: string, rate: number): Program => ({
      'main.mjs': `const RATE = ${rate}; const helper = (x) => x; export default (x) => helper(x) * RATE * ${body};`,
    });
    const [a, b, c] = await programs.fingerprints(
      [program('2', 1), program('3', 1), program('2', 5)],
      [allowed, '--allow-fs-read=*'],
    );
    expect(a?.untracked).toEqual(['helper', 'RATE']);
    expect(a?.id).not.toBe(b?.id);
    expect(a?.id).toBe(c?.id);
  });

  test('declared variables count', async () => {
    const program = (rate: number): Program => ({
      'main.mjs': `
        import { withEnvironment } from '@jobloom/codec';
        const RATE = ${rate};
        export default withEnvironment((x) => x * RATE, { RATE });
      `,
    });
    const flags = [allowed, '--allow-fs-read=*'];
    const [a, b] = await programs.fingerprints([program(1), program(2)], flags);
    const [seen] = await programs.fingerprints([program(1)]);
    expect(a?.untracked).toEqual([]);
    expect(a?.id).not.toBe(b?.id);
    expect(seen?.id).toBe(a?.id);
  });
});
