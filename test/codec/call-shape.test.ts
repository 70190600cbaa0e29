import { callShape, fingerprint, STANDS_FOR } from '@jobloom/codec';
import { describe, expect, test } from 'vitest';

describe('callShape', () => {
  test('names, defaults, patterns, rest', () => {
    const f = (a: number, b = 2, c = a, { d, e = 'x' }: { d?: number; e?: string } = {}, ...rest: number[]) =>
      [a, b, c, d, e, rest].length;
    expect(callShape(f)).toEqual({
      parameters: [
        { name: 'a', rest: false },
        { name: 'b', rest: false, default: { literal: 2 } },
        { name: 'c', rest: false, default: 'computed' },
        {
          rest: false,
          default: { literal: {} },
          properties: [{ name: 'd' }, { name: 'e', default: { literal: 'x' } }],
        },
        { name: 'rest', rest: true },
      ],
      usesArguments: false,
      usesThis: false,
    });
  });

  test.each([
    ['-1', -1],
    ['null', null],
    ['undefined', undefined],
    ['[]', []],
    ['5n', 5n],
    ['true', true],
  ])('the default %s is a literal', (text, literal) => {
    const f = new Function(`return (x = ${text}) => x`)() as object;
    expect(callShape(f)?.parameters).toEqual([{ name: 'x', rest: false, default: { literal } }]);
  });

  test('methods, async functions, what looks at this and arguments', () => {
    const object = {
      method(x: number) {
        return [this, x];
      },
      async later(x: number) {
        return x;
      },
    };
    expect(callShape(object.method)).toMatchObject({
      parameters: [{ name: 'x' }],
      usesThis: true,
      usesArguments: false,
    });
    expect(callShape(object.later)).toMatchObject({ usesThis: false });
    const counts = function () {
      // biome-ignore lint/complexity/noArguments: what is tested
      return arguments.length; // of this call
    };
    expect(callShape(counts)).toEqual({ parameters: [], usesArguments: true, usesThis: false });
  });

  test('native functions and classes say nothing', () => {
    expect([callShape(Math.max), callShape(class {})]).toEqual([undefined, undefined]);
  });
});

test('what stands for a function counts as that function', () => {
  const inner = (x: number) => x + 1;
  const other = (x: number) => x + 2;
  const wrap = (fn: (x: number) => number) =>
    Object.defineProperty((x: number) => Reflect.apply(fn, undefined, [x]), STANDS_FOR, { value: fn });
  const use = (helper: (x: number) => number) => (x: number) => helper(x);
  expect(fingerprint(wrap(inner)).id).toBe(fingerprint(inner).id);
  expect(fingerprint(use(wrap(inner))).id).toBe(fingerprint(use(inner)).id);
  expect(fingerprint(use(wrap(inner))).id).not.toBe(fingerprint(use(wrap(other))).id);
  const endless = (x: number) => x;
  Object.defineProperty(endless, STANDS_FOR, { value: endless });
  expect(fingerprint(endless).parts.length).toBe(1);
});

test('a name whose declaration has not run yet is looked at again', () => {
  const use = (x: number) => later(x);
  const before = fingerprint(use);
  const later = (x: number) => x + 1;
  const after = fingerprint(use);
  expect(after.id).not.toBe(before.id);
  expect(after.parts.map(({ name }) => name)).toEqual(['use', 'later']);
});
