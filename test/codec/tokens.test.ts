// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of code
import { expect, test } from 'vitest';
import { normalText } from '../../packages/codec/src/fingerprint/tokens.ts';
import { functionTokens, parseFunction } from '../../packages/codec/src/source.ts';

/** Function texts with all that is awkward: literals that look like others, places where a line end means something. */
const TEXTS: readonly string[] = [
  'function f(a, b = 1, { c, ...d } = {}, [e] = []) {\n  return a\n  b\n  ++c\n  d--\n  ;[e].map(x => x)\n}',
  'async (x) => { await x; for await (const y of x) { if (y) continue; else break } return { async *g() { yield x\n yield* x } } }',
  'x => x / 2 / 3 + /[/\\]]+/giu.test(`a${ `${x}` + /}/.source }b`) ? "//" : \'/* */\'',
  'class A extends (B, C) { static #p = 1; q\n [r] = 2\n get\n s() { return this.#p } static { this.t = 1\n this.u } async v() {} static async *w() {} }',
  'function* g() { const x = yield\n a: for (;;) { if (x) break a\n continue\n } do x; while (x) x\n throw x }',
  'method(a) { return a?.[0]?.b ?? a ** 2 }',
  'async *["computed" + 1]() { let async = 1\n async\n function q() {} }',
  'get x() { var a = 1, b = a\n /b/g.exec(a)\n return a }',
  '() => { if (a) return; else return\n { b: 1 } }',
  '() => { let i = 1\n i\n ++\n j\n const { a } = { a: 0x1F, b: 1_000n, c: .5e-3 }\n return (a, i) }',
  'x => `line one\nline two ${ x /* in */ } \\` ${`nested ${x}`}`',
  'function f() { "use strict"; debugger; var let_ = 1; switch (x) { case 1: default: } try { } catch { } finally { } }',
  'x => ({ x, "y": 1, [z]: 2, w() { return super.w }, get v() { return 1 }, ...x })',
  'new_ => new new_.target(...new_) instanceof new_ && typeof new_ !== "undefined" && void 0 in new_',
];

/** A generator that gives the same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Syntax without places; undefined for text that is none. */
function syntaxOf(text: string, strict: boolean): string | undefined {
  try {
    const { form, node } = parseFunction(text, strict);
    return form + JSON.stringify(node, (key, value) => (/^(?:start|end|range|loc)$/.test(key) ? undefined : value));
  } catch {
    return undefined;
  }
}

/** Places between tokens, the ends included. */
function gapsOf(text: string, strict: boolean): readonly number[] {
  const tokens = functionTokens(text, strict).filter(({ start, end }) => end > start);
  const inTemplate = tokens.map(({ start, end }) => /^[`}]/.test(text.slice(start, end)));
  return tokens.slice(1).flatMap(({ start }, at) => (inTemplate[at] && text[start - 1] === undefined ? [] : [start]));
}

const FILLERS = [' ', '\t', ' /* ; */', ' /* `${ */ ', ' /**/ '];
const LINES = ['\n', '\r\n', ' // ; comment\n', ' /* a\nb */', '\u2028'];
const strictOf = (text: string): boolean => !text.includes('let_');

test('the parser gives every token of a text', () => {
  for (const text of TEXTS) expect(normalText(text, strictOf(text)).text).not.toMatch(/^text /);
});

test('comments and white space between tokens change nothing; line ends only where they change the syntax', () => {
  const next = numbers(1);
  const counts = { same: 0, different: 0 };
  for (const text of TEXTS) {
    const strict = strictOf(text);
    const gaps = gapsOf(text, strict);
    const { text: normal } = normalText(text, strict);
    const syntax = syntaxOf(text, strict);
    for (let round = 0; round < 60; round += 1) {
      let changed = text;
      const fillers = round % 2 === 0 ? FILLERS : LINES;
      for (const gap of [...gaps].reverse())
        if (next(round % 3 === 0 ? 12 : 3) === 0)
          changed = changed.slice(0, gap) + fillers[next(fillers.length)] + changed.slice(gap);
      const other = syntaxOf(changed, strict);
      if (other === undefined) continue; // a line end where none may be
      const isSame = other === syntax;
      if (round % 2 === 0) expect(isSame, changed).toBe(true);
      counts[isSame ? 'same' : 'different'] += 1;
      expect(normalText(changed, strict).text === normal, changed).toBe(isSame);
    }
  }
  expect(counts.same).toBeGreaterThan(400);
  expect(counts.different).toBeGreaterThan(20);
});

test('any other token is another text', () => {
  const next = numbers(2);
  const others = ['y1', '7', '"s"', '-', '*', '(', ')', ';', ',', '/r/', '`t`', 'await', 'this', '??', '?.', '=', '=>'];
  let count = 0;
  for (const text of TEXTS) {
    const strict = strictOf(text);
    const { text: normal } = normalText(text, strict);
    const tokens = functionTokens(text, strict).filter(({ start, end }) => end > start);
    for (let round = 0; round < 300; round += 1) {
      const { start, end } = tokens[next(tokens.length)] as { start: number; end: number };
      const by = round % 5 === 0 ? '' : ` ${others[next(others.length)]} `;
      const changed = text.slice(0, start) + by + text.slice(end);
      const isSemicolon = text.slice(start, end) === ';' || by.trim() === ';';
      if (by.trim() === text.slice(start, end) || isSemicolon || syntaxOf(changed, strict) === undefined) continue;
      if (by === '' && syntaxOf(changed, strict) === syntaxOf(text, strict) && !/[,()]/.test(text.slice(start, end)))
        continue;
      count += 1;
      expect(normalText(changed, strict).text === normal, changed).toBe(false);
    }
  }
  expect(count).toBeGreaterThan(300);
});

test('literals count to the letter', () => {
  const differ = (one: string, other: string): void =>
    expect(normalText(one, true).text, `${one} | ${other}`).not.toBe(normalText(other, true).text);
  const same = (one: string, other: string): void =>
    expect(normalText(one, true).text).toBe(normalText(other, true).text);
  differ('() => `a b`', '() => `a  b`');
  differ('() => `a\nb`', '() => `a\n\nb`');
  differ('() => `${a}`', '() => `${ a }b`');
  same('() => `${a}`', '() => `${ a /* b */ }`');
  same('() => `a\r\nb`', '() => `a\nb`');
  differ('() => "a"', "() => 'a'");
  differ('() => / /', '() => /  /');
  differ('() => "/* a */"', '() => "/* b */"');
  differ('() => { return\n x }', '() => { return x }');
  same('() => { return x }', '() => { return x; }');
  same('() => { a()\n b() }', '() => { a(); b() }');
  same('() => { a\n (b) }', '() => { a (b) }');
  differ('() => { a\n ++b }', '() => { a++\n b }');
  differ('ab => a', 'a => ab');
  differ('class { a\n b }', 'class { a = b }');
});

test('text that the parser cannot read counts as it is', () => {
  expect(normalText('() => { not code', true).text).toBe('text () => { not code');
});

test('what vitest numbers by the file counts by the function', () => {
  const text = (one: number, two: number): string => `() => __vite_ssr_import_${one}__.a(__vite_ssr_import_${two}__.b)`;
  expect(normalText(text(3, 7), true).text).toBe(normalText(text(0, 1), true).text);
  expect(normalText(text(3, 3), true).text).not.toBe(normalText(text(0, 1), true).text);
});
