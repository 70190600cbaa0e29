import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import * as immutable from 'immutable';
import { Map as ImmutableMap, List } from 'immutable';
import lodash from 'lodash';
import { bignumber, compile, complex, evaluate, fraction, matrix, unit } from 'mathjs';
import * as zod from 'zod';
import { z } from 'zod';
import { type Exceptions, type Section, section, story, task, WEAK_MAP_INSIDE } from './case.ts';
import { helper } from './lib.ts';

dayjs.extend(utc);

const REASON = 'it takes 10 s and more, for mathjs as ES modules hides hundreds of functions: tried in CommonJS only';
const SLOW: Exceptions['notIn'] = Object.fromEntries(
  [
    'esm',
    'tsc-esm',
    'tsx',
    'strip',
    'vitest-threads',
    'vitest-forks',
    'vitest-vm',
    'bundle',
    'bundle-cjs',
    'minified',
  ].map((origin) => [origin, REASON]),
);
/** What a package hides is found through Node's modules; in vmThreads vitest loads packages itself. */
const HIDDEN_BY_VITEST =
  'task -> both -> funcs -> [1] -> createRecurry -> isLaziable -> getData -> metaMap: a WeakMap cannot be sent: its entries cannot be listed. Use a Map';
const CHAIN_IN_VITEST =
  'task 0 -> result -> .__actions__ -> [0] -> .func: function thru is not one that the caller sent; only functions and classes that the caller sent can come back. Return data';

const User = z.object({ a: z.number().min(1), b: z.array(z.string()).optional() });
const Refined = z
  .string()
  .transform((text) => helper(text.length))
  .refine((n) => n > 2, 'too short');
interface Tree {
  readonly v: number;
  readonly kids: readonly Tree[];
}
const TreeSchema: z.ZodType<Tree> = z.lazy(() => z.object({ v: z.number(), kids: z.array(TreeSchema) }));
const Kind = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('a'), n: z.number() }),
  z.object({ kind: z.literal('b') }),
]);
const list = List([1, 2, 3]);
const map = ImmutableMap({ a: 1 });
const PointRecord = immutable.Record({ x: 1, y: 2 });
const point = new PointRecord({ x: 5 });
const day = dayjs('2020-01-02T03:04:05Z');
const inUtc = dayjs.utc('2020-01-02T03:04:05Z');
const numbers = matrix([
  [1, 2],
  [3, 4],
]);
const chained = lodash([1, 2, 3]).map(helper);
const formula = compile('x ^ 2 + 1');

export const packages: Section = section('packages', [
  task('zod: namespace', () => () => zod.z.string().parse('x'), 'x'),
  task('zod: made in the task', () => () => z.object({ a: z.number() }).safeParse({ a: 'x' }).success, false),
  task('zod: a schema of the module', () => () => User.parse({ a: 1, b: ['x'] }), { a: 1, b: ['x'] }),
  task(
    'zod: a schema of the scope',
    () => {
      const schema = z.string().email();
      return () => schema.safeParse('no').success;
    },
    false,
  ),
  task(
    'zod: a schema as an argument',
    () => (schema: typeof User) => schema.parse({ a: 2 }),
    { a: 2 },
    { args: [User] },
  ),
  task(
    'zod: transform and refine with captured functions',
    () => () => [Refined.parse('ab'), Refined.safeParse('a').success],
    [3, false],
  ),
  task('zod: a lazy recursive schema', () => () => TreeSchema.parse({ v: 1, kids: [{ v: 2, kids: [] }] }), {
    v: 1,
    kids: [{ v: 2, kids: [] }],
  }),
  task(
    'zod: a discriminated union',
    () => () => [Kind.parse({ kind: 'a', n: 1 }), Kind.safeParse({ kind: 'c' }).success],
    [{ kind: 'a', n: 1 }, false],
  ),
  story(
    'zod: a failure comes back with its issues',
    async (call) => {
      const error = (await call(() => User.parse({ a: 0 })).catch((thrown: unknown) => thrown)) as z.ZodError;
      return [error instanceof Error, error.name, error.issues[0]?.path, error.issues[0]?.code];
    },
    [true, 'ZodError', ['a'], 'too_small'],
  ),
  task('lodash: a chain', () => () => chained.value(), [2, 3, 4], {
    limits: { ...WEAK_MAP_INSIDE.limits, 'vitest-vm': CHAIN_IN_VITEST },
  }),
  task(
    'lodash: a chain made in the task',
    () => () =>
      lodash([1, 2, 3])
        .map(helper)
        .filter((n) => n > 2)
        .value(),
    [3, 4],
    WEAK_MAP_INSIDE,
  ),
  task(
    'lodash: template',
    () => {
      const hi = lodash.template('hi <%= name %>');
      return () => hi({ name: 'you' });
    },
    'hi you',
  ),
  task('lodash: memoize', () => {
    const twice = lodash.memoize((n: number) => n * 2);
    twice(4);
    return () => [twice(3), twice.cache.has(4)];
  }, [6, true]),
  task(
    'lodash: partial, curry, flow',
    () => {
      const add = lodash.curry((a: number, b: number) => a + b);
      const both = lodash.flow([lodash.partial((a: number, b: number) => a * b, 3), add(1)]);
      return () => both(5) as number;
    },
    16,
    { limits: { ...WEAK_MAP_INSIDE.limits, 'vitest-vm': HIDDEN_BY_VITEST } },
  ),
  task(
    'lodash: groupBy, orderBy, cloneDeep',
    () => () => [
      lodash.groupBy([1, 2, 3], (n) => n % 2),
      lodash.orderBy([{ a: 2 }, { a: 1 }], 'a'),
      lodash.cloneDeep({ a: [1] }),
    ],
    [{ 0: [2], 1: [1, 3] }, [{ a: 1 }, { a: 2 }], { a: [1] }],
    WEAK_MAP_INSIDE,
  ),
  task(
    'immutable: List, Map',
    () => () => [list.push(4).toArray(), map.set('b' as 'a', 2).toJS()],
    [[1, 2, 3, 4], { a: 1, b: 2 }],
    WEAK_MAP_INSIDE,
  ),
  task(
    'immutable: they are its own there',
    () => () => [List.isList(list), list instanceof List, map.equals(ImmutableMap({ a: 1 }))],
    [true, true, true],
    WEAK_MAP_INSIDE,
  ),
  task(
    'immutable: Record, its factory and an instance',
    () => () => [point.x, point.y, point.set('y', 9).toObject(), new PointRecord().x, point instanceof PointRecord],
    [5, 2, { x: 5, y: 9 }, 1, true],
    WEAK_MAP_INSIDE,
  ),
  task(
    'immutable: OrderedMap, Set, Stack, Range, nested',
    () => {
      const made = immutable.OrderedMap<string, unknown>([
        ['b', immutable.Set([1])],
        ['a', immutable.Stack([2])],
      ]);
      const range = immutable.Range(0, 3);
      return () => [made.keySeq().toArray(), JSON.stringify(made), range.toArray()];
    },
    [['b', 'a'], '{"b":[1],"a":[2]}', [0, 1, 2]],
    WEAK_MAP_INSIDE,
  ),
  task(
    'immutable: a lazy Seq',
    () => {
      const seq = immutable.Seq([1, 2, 3]).map(helper);
      return () => seq.toArray();
    },
    [2, 3, 4],
    WEAK_MAP_INSIDE,
  ),
  story(
    'immutable: comes back as such',
    async (call) => {
      const result = (await call(() => list.push(4))) as typeof list;
      return [List.isList(result), result instanceof List, result.equals(List([1, 2, 3, 4]))];
    },
    [true, true, true],
    WEAK_MAP_INSIDE,
  ),
  task('dayjs: an instance', () => () => day.add(1, 'day').toISOString(), '2020-01-03T03:04:05.000Z'),
  task(
    'dayjs: with a plugin',
    () => () => [inUtc.format(), dayjs.utc('2021-05-06').format('YYYY')],
    ['2020-01-02T03:04:05Z', '2021'],
    { limits: { 'vitest-vm': 'this.parse is not a function' } },
  ),
  story(
    'dayjs: comes back as such',
    async (call) => {
      const result = (await call((given: dayjs.Dayjs) => given.add(1, 'hour'), day)) as dayjs.Dayjs;
      return [dayjs.isDayjs(result), result.diff(day, 'minute')];
    },
    [true, 60],
  ),
  task('mathjs: evaluate', () => () => evaluate('1 + 2') as number, 3),
  task('mathjs: matrix', () => () => numbers.toArray(), [
    [1, 2],
    [3, 4],
  ]),
  task('mathjs: a matrix in use', () => () => [numbers.get([1, 0]), matrix([[1]]).toArray()], [3, [[1]]]),
  task(
    'mathjs: BigNumber',
    () => {
      const tenth = bignumber('0.1');
      return () => String(tenth.plus('0.2'));
    },
    '0.3',
  ),
  task('mathjs: fraction and complex', () => {
    const third = fraction(1, 3);
    const i = complex(0, 1);
    return () => [String(third.add(fraction(1, 6))), String((i as unknown as { mul(by: unknown): unknown }).mul(i))];
  }, ['0.5', '-1']),
  task(
    'mathjs: unit',
    () => {
      const length = unit('5 cm');
      return () => [length.toNumber('mm'), String(length.to('inch')).slice(0, 4)];
    },
    [50, '1.96'],
    { notIn: SLOW },
  ),
  task('mathjs: a compiled expression', () => () => formula.evaluate({ x: 3 }) as number, 10, { notIn: SLOW }),
]);
