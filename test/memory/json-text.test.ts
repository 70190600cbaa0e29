import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../packages/memory/src/json-text.ts';

test('whatever is said to be JSON is the same again', () => {
  const twice = {};
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
      const text = jsonText(value);
      if (text !== undefined) expect(JSON.parse(text)).toStrictEqual(value);
    }),
    { numRuns: 2_000 },
  );
  expect(jsonText({ a: [1, 'x', null, true, {}, []], '': '\ud800' })).toBe(
    '{"a":[1,"x",null,true,{},[]],"":"\\ud800"}',
  );
  for (const value of [
    undefined,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    [twice, twice],
    Array(2),
    Object.assign([1], { more: 1 }),
    Object.freeze({ a: 1 }),
    { toJSON: 1 },
    JSON.parse('{"__proto__":1}'),
    { [Symbol.iterator]: 1 },
    Object.defineProperty({}, 'a', { get: () => 1, enumerable: true, configurable: true }),
    Object.create(null),
    new Date(),
    new (class extends Array {})(),
    'x'.repeat(1_001),
    Array(1_001).fill(0),
  ])
    expect(jsonText(value)).toBeUndefined();
});
