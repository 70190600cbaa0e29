// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources of programs
/** A function's text with what it takes from outside, written by hand, in the form of `describeFree`. */
export interface NastyFunction {
  readonly title: string;
  readonly text: string;
  readonly free: string;
  /** Read as part of a module, or of a sloppy script. */
  readonly strict: boolean;
  /** Why eslint-scope finds other names, where it does. */
  readonly deviation?: string;
}

const strict = (title: string, text: string, free: string, more: Partial<NastyFunction> = {}): NastyFunction => ({
  title,
  text,
  free,
  strict: true,
  ...more,
});
const sloppy = (title: string, text: string, free: string, more: Partial<NastyFunction> = {}): NastyFunction => ({
  ...strict(title, text, free, more),
  strict: false,
});
const ANNEX_B = { deviation: 'eslint-scope does not hoist functions out of blocks, as sloppy code does' };
const NEWER = { deviation: 'eslint-scope does not know this syntax' };

const parameters = [
  strict(
    'defaults of destructuring',
    '({ a = b, c: { d = e } = f, ...g }, [h = i, , ...j] = k) => [a, d, g, h, j]',
    'b e f i k',
  ),
  strict('a default sees parameters, also later ones', '(a = b, b = a, c = () => d, d) => c', ''),
  strict(
    'a default does not see the body',
    'function f(a = x, b = () => y) { var x; let z = y; var y; return [a, b, x, z]; }',
    'x y',
  ),
  strict('a default that writes', 'function f(a = (b = 1), { [c++]: d } = {}) {}', 'b= c='),
  strict('a parameter hides its function', 'function f(f) { return f; }', ''),
  sloppy('two parameters of one name', 'function f(a, a) { return a + b; }', 'b'),
  sloppy('arguments as a parameter', 'function f(arguments) { return arguments; }', ''),
  sloppy('arguments as a variable', 'function f() { var arguments = g; return arguments; }', 'g'),
  strict('computed key of a pattern', '({ [key]: value, [`${other}`]: [x] }) => value', 'key other'),
  strict('arguments of its own, and of arrows inside', 'function f() { return () => arguments[0] + a; }', 'a'),
  strict('arguments of the function around', '() => arguments[0]', '^arguments'),
];

const names = [
  strict('a named function expression', 'function f(n) { return n ? f(n - 1) : g; }', 'g'),
  strict('a named function inside', '() => { const h = function f() { return f; }; return f + h; }', 'f'),
  sloppy('its own name, assigned: nothing happens', 'function f() { f = 1; return f; }', ''),
  strict('a class by its own name', 'class A extends B { static x = A; y = C; }', 'B C'),
  strict('a class before its declaration', '() => { new A(); class A {} return B; }', 'B'),
  strict('undefined and NaN are names', '() => [undefined, NaN, Infinity]', 'Infinity NaN undefined'),
  strict('undefined and NaN in shadow', '(undefined, NaN) => [undefined, NaN]', ''),
  strict(
    'reserved words as property names',
    '() => a.class + b.if.new + { default: c, while: d }.default',
    'a{class} b{if} c d',
  ),
  strict('object shorthand', '() => ({ a, b: c, d() { return e; }, [f]: 1, ...g })', 'a c e f g'),
  sloppy('unicode escapes in identifiers', '() => \\u0061bc + \\u{64}ef', 'abc def'),
  strict('escaped and plain are one name', '(\\u0061) => a + \\u0062', 'b'),
  sloppy(
    'let, yield, await, async, of, get, static as names',
    '() => [yield, await, async, of, get, static, let]',
    'async await get let of static yield',
  ),
  strict('names beyond ASCII', '() => π + 变量 + $ + _', '$ _ π 变量'),
  strict('__proto__ is no name', '() => ({ __proto__: a, __proto__() {} }).__proto__', 'a'),
  strict('labels are no names', '() => { a: for (;;) { b: { if (c) break b; continue a; } } }', 'c'),
  sloppy('a label with the name of a variable', 'function f() { x: while (x) break x; }', 'x'),
  strict('typeof of what may not be', '() => typeof maybe', 'maybe'),
  sloppy('delete of a name', 'function f() { return delete gone; }', 'gone'),
];

const blocks = [
  strict(
    'var is hoisted from everywhere',
    '() => { a; b; c; d; e; g; if (1) { var a; } for (var b of []) { var c; } try { var d; } catch { var e; } switch (1) { case 1: var g; } }',
    '',
  ),
  strict('let stays in its block', '() => { { let a = 1; } return a; }', 'a'),
  strict('temporal dead zone is still its own', '() => { { f(a); let a; } function f() {} }', ''),
  strict('let in a loop head', '() => { for (let i = a, n = i; i < n; i++) b(() => i); return i; }', 'a b i'),
  strict('the iterated value is outside of the head', '() => { for (const x of x.list) y(x); }', 'y'),
  sloppy(
    'a catch parameter',
    '() => { try { a(); } catch ({ message: b = c }) { var d = b; } return b + d; }',
    'a b c',
  ),
  strict('catch without binding', '() => { try { a(); } catch { b(); } finally { c(); } }', 'a b c'),
  sloppy('var over a catch parameter', '() => { try { } catch (e) { var e = 1; } return e; }', ''),
  strict('switch has one scope', '(x) => { switch (x) { case a: let b; break; default: return b; } return b; }', 'a b'),
  sloppy('a function in a block, sloppy', 'function f() { if (a) { function g() {} } return g; }', 'a', ANNEX_B),
  strict('a function in a block, strict', 'function f() { if (a) { function g() {} } return g; }', 'a g'),
  sloppy('a function in a block of strict code', "function f() { 'use strict'; { function g() {} } return g; }", 'g'),
  sloppy('a function as the body of if', 'function f() { if (a) function g() {} return g; }', 'a'),
  sloppy('a generator in a block', 'function f() { { function* g() {} async function h() {} } return g + h; }', 'g h'),
  sloppy('a labelled function', 'function f() { a: function g() {} return g; }', ''),
  sloppy('with', 'function f(o) { with (o) { a = b; var c = d; } return c; }', 'a= b d'),
  sloppy('HTML-like comments', 'function f() { a; <!-- b\n--> c\nreturn d; }', 'a d'),
  strict('a block directive is none', "() => { 'use asm'; ('use strict'); return a; }", 'a'),
];

const writes = [
  strict('assignment', '() => { a = 1; b += c; d ||= e; f &&= g; h ??= i; j **= 2; }', 'a= b= c d= e f= g h= i j='),
  strict('update', '() => [a++, --b, (c)++]', 'a= b= c='),
  strict(
    'destructuring',
    '() => { [a, b.c, ...d] = e; ({ f, g: h = i, [j]: k[l], ...m } = n); }',
    'a= b{c} d= e f= h= i j k l m= n',
  ),
  strict(
    'loop targets',
    '() => { for (a of b) c; for (d.e in f); for ([g] of h); for ({ i = j } of k); }',
    'a= b c d{e} f g= h i= j k',
  ),
  strict('members are not the name', '() => { a.b = 1; c[0] += 1; delete d.e; f.g++; }', 'a{b} c d{e} f{g}'),
  strict('an inner function writes', '() => () => { a = 1; }', 'a='),
  strict('a shadow is written', '() => { let a; a = 1; b = a; }', 'b='),
  strict('async iteration', 'async () => { for await (a of b()) await c; }', 'a= b c'),
];

const members = [
  strict('members only', '() => a.b + a.c.d + a["e"]()', 'a{b,c,e}'),
  strict('the whole too', '() => a.b + a', 'a'),
  strict('computed members are the whole', '() => a[b]', 'a b'),
  strict('optional chains', '() => a?.b?.[c]?.(d) + e?.[0] + f?.()', 'a{b} c d e f'),
  strict('a template is no string', '() => a[`b`]', 'a'),
  strict('parentheses', '() => (a).b', 'a{b}'),
  strict('a tagged template', '() => a`x${b}${c.d}`', 'a b c{d}'),
  strict('a tag that is a member', '() => a.raw`x`', 'a{raw}'),
  strict('spread and call', '() => a.b(...c, ...d.e)', 'a{b} c d{e}'),
  strict('new', '() => new a.B(new C().d)', 'C a{B}'),
];

const functions = [
  strict('a generator', 'function* f() { const x = yield* a; yield b(x); }', 'a b'),
  strict('an async arrow', 'async (x) => await a(x, async (y) => { await b; })', 'a b'),
  strict('an async generator method', 'async *m(x = a) { yield await b; }', 'a b'),
  strict('a getter', 'get value() { return this.x + a; }', 'a'),
  strict('a setter', 'set value(x) { a = x; }', 'a='),
  strict('methods with odd names', '"a b"() { return c; }', 'c'),
  strict('a number as name', '1() { return c; }', 'c'),
  strict('a computed name is part of the text', '[a.b + c]() { return d; }', 'a{b} c d'),
  strict('this of its own', 'function f() { return () => this.x; }', ''),
  strict('this of the function around', '() => () => this.x', '^this'),
  strict('this in a default of an arrow', '(x = this) => x', '^this'),
  strict('new.target of its own', 'function f() { return () => new.target; }', ''),
  strict('super in an object method, inside', '() => ({ m() { return super.m() + (() => super.x)(); } })', ''),
];

const classes = [
  strict(
    'computed keys and fields',
    'class A { [a] = b; static [c.d] = e; [f]() { return g; } get [h]() { return 1; } static [i + j] () {} }',
    'a b c{d} e f g h i j',
  ),
  strict('static blocks', 'class A { static { var x = a; let y = x; this.z = () => y + b; } static w = x; }', 'a b x'),
  strict('private names', 'class A { #x = a; static #y() {} get z() { return this.#x + (#x in b) + A.#y(); } }', 'a b'),
  strict('a private name of the class around', '(o) => o.#x', '#x'),
  strict(
    'private names of nested classes',
    '() => class A { #x; m() { return class { #y = (o) => o.#x + this.#y; }; } }',
    '',
  ),
  strict(
    'extends an expression',
    'class A extends (b, c.d(class B {})) { constructor() { super(e); super.f(); } }',
    'b c{d} e',
  ),
  strict('extends itself', 'class A extends A {}', ''),
  strict('this in a field is the instance', 'class A { x = () => this.y; static z = this; }', ''),
  strict('this in a computed key is that around', '() => class { [this.x] = 1 }', '^this'),
  strict('a field named like a variable', 'class A { a; b = a; "c" = 1; 2 = 3; static; get; set; async; }', 'a'),
  strict('a nameless class', 'class extends A {}', 'A'),
  strict('accessors and decorators', 'class A { @a accessor b = c; @d.e(f) m() {} }', 'a c d{e} f', NEWER),
];

const modules = [
  strict('import.meta', '() => import.meta.url', '@import.meta'),
  strict('import()', '() => import(a + b.c)', 'a b{c} @import'),
  strict('import() with attributes', '() => import("x", { with: { type: a } })', 'a @import', NEWER),
  strict('both, in their order', 'async () => [import.meta, await import("x")]', '@import.meta @import'),
  strict('direct eval', '() => eval("a")', 'eval !eval'),
  strict('direct eval, hidden', 'function f(x = () => { return { y: [eval(x)] }; }) {}', 'eval !eval'),
  strict(
    'indirect eval is a name',
    '() => (0, eval)("a") + globalThis.eval("b") + eval?.("c")',
    'eval globalThis{eval}',
  ),
  sloppy('an eval of its own', '(eval) => eval("a")', ''),
  strict(
    'using',
    'async () => { using a = b; await using c = d; { using b = e; } return a + c + using; }',
    'b d e using',
  ),
  strict('regular expressions with v', '() => /[\\p{L}--[a-z]]/v.test(a)', 'a'),
  strict('regular expressions are no names', '() => /a${b}[/]c/g.exec(d) / e / f', 'd e f'),
];

/** Functions of every corner of the syntax. */
export const NASTY: readonly NastyFunction[] = [
  ...parameters,
  ...names,
  ...blocks,
  ...writes,
  ...members,
  ...functions,
  ...classes,
  ...modules,
];
