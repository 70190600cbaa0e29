import {
  abs,
  add,
  at,
  atan,
  cos,
  type Differentiable,
  div,
  exp,
  expm1,
  forwardSteps,
  grad,
  greater,
  jacobian,
  log,
  log1p,
  matmul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  type Operand,
  pow,
  reverseSteps,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  stack,
  sub,
  sum,
  tan,
  tanh,
  trace,
  transpose,
  type Value,
  valueAndGrad,
  where,
} from '@jobloom/ml/autodiff';
import { delayed, parallel } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';
import { close } from './close.ts';

const vector = [0.3, -1.2, 2.5, 0.7, -0.4, 1.1];
const positive = vector.map((each) => Math.abs(each) + 0.2);
const matrix = { data: Float64Array.from(vector), rows: 2, cols: 3 };
const wide = [
  [0.5, -0.1],
  [1.5, 2.2],
  [-0.7, 0.9],
];

/** The same function with all arguments in one vector, for differences. */
function differences(
  f: Differentiable,
  args: readonly (number[] | { data: Float64Array; rows: number; cols: number })[],
) {
  const numbersOf = (arg: (typeof args)[number]): Float64Array => Float64Array.from('data' in arg ? arg.data : arg);
  return args.map((arg, which) =>
    numbersOf(arg).map((each, position) => {
      const at = (step: number): number => {
        const moved = numbersOf(arg);
        moved[position] = each + step;
        const all = args.map((other, k) => (k !== which ? other : 'data' in arg ? { ...arg, data: moved } : moved));
        return Number(f(...all.map((every) => valueIn(every as Operand))).value);
      };
      const h = 1e-5;
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
}

function valueIn(operand: Operand): Value {
  let seen: Value | undefined;
  grad((x) => {
    seen = x;
    return sum(x);
  })(operand as number[]);
  return seen as Value;
}

const weights = [0.9, -0.3, 1.7, 0.2, -1.1, 0.6];
const weighted = (x: Value): Value =>
  sum(mul(x, x.shape.length === 2 ? { ...matrix, data: Float64Array.from(weights) } : weights));

const unary = { neg, exp, expm1, sin, cos, tan, atan, tanh, abs, sign, sigmoid, softplus };
const ofPositive = { log, log1p, sqrt };
const pairs = { add, sub, mul, div, maximum, minimum, pow, greater };
type Case = readonly [string, Differentiable, Parameters<typeof differences>[1]];
const cases: Case[] = [
  ...Object.entries(unary).map(([name, f]): Case => [name, (x) => weighted(f(x)), [vector]]),
  ...Object.entries(ofPositive).map(([name, f]): Case => [name, (x) => weighted(f(x)), [positive]]),
  ...Object.entries(pairs).map(
    ([name, f]): Case => [name, (a, b) => weighted(f(a, b)), [positive, [1.3, 0.4, 2, 1.9, 0.8, 0.5]]],
  ),
  ...Object.entries(pairs).map(
    ([name, f]): Case => [`${name} of a vector and a number`, (a, b) => weighted(f(a, at(b, 0))), [positive, [1.35]]],
  ),
  ...Object.entries(pairs).map(
    ([name, f]): Case => [`${name} of a number and a matrix`, (a, b) => weighted(f(at(a, 0), abs(b))), [[1.4], matrix]],
  ),
  ['add of a matrix and a row', (a, b) => weighted(mul(add(a, b), b)), [matrix, [1, 2, 3]]],
  ['sum of all', (x) => mul(sum(x), sum(x)), [matrix]],
  ['sum of columns', (x) => sum(mul(sum(x, 0), [1, 2, 3])), [matrix]],
  ['sum of rows', (x) => sum(mul(sum(x, 1), [1, -2])), [matrix]],
  ['mean', (x) => mul(mean(x), sum(mul(mean(x, 0), [1, 2, 3]))), [matrix]],
  ['transpose', (x) => sum(mul(transpose(x), wide)), [matrix]],
  ['at, of a vector and a matrix', (x, y) => mul(x.at(2), y.at(1, 2)), [vector, matrix]],
  ['stack', (x) => sum(mul(stack(x.at(1), mul(x.at(0), x.at(2)), 7), [1, 2, 3])), [vector]],
  [
    'matmul of matrices',
    (a) => sum(mul(matmul(matmul(a, wide), a), { data: Float64Array.from(weights), rows: 2, cols: 3 })),
    [matrix],
  ],
  ['matmul of a matrix and a vector', (a, v) => sum(mul(matmul(a, v), [2, -1])), [matrix, [1, 2, -0.5]]],
  ['matmul of a vector and a matrix', (v, a) => sum(mul(matmul(v, a), [2, -1, 3])), [[0.3, 0.8], matrix]],
  ['matmul of vectors', (v, w) => mul(matmul(v, w), matmul(v, v)), [vector, weights]],
  ['where', (x) => sum(where(greater(x, 0.5), mul(x, x), sin(x))), [vector]],
];

describe('derivatives are those of differences, in both modes', () => {
  test.each(cases)('%s', (_, f, args) => {
    const expected = differences(f, args);
    args.forEach((_arg, of) => {
      const found = grad(f, [of])(...args)[0] as Float64Array | { data: Float64Array };
      const byReverse = 'data' in found ? found.data : found;
      close(byReverse, expected[of] as Float64Array, 1e-8);
      close(jacobian(f, { of, mode: 'forward' })(...args).data, byReverse, 1e-13);
      // and a second time: the derivative of the derivative
      const slopes: Differentiable = (...values) => sum(sin(grad(f, of)(...values) as Value));
      if (f !== undefined)
        close(numbers(grad(slopes, [of])(...args)[0]), differences(slopes, args)[of] as Float64Array, 1e-5);
    });
  });
});

function numbers(each: unknown): Float64Array {
  return each instanceof Float64Array ? each : (each as { data: Float64Array }).data;
}

test('derivatives come out as the arguments went in', () => {
  expect(grad((x) => x.pow(3))(2)).toBe(12);
  expect(grad((x) => sum(mul(x, x)))([1, 2])).toEqual(new Float64Array([2, 4]));
  expect(grad((x) => sum(mul(x, x)))([[1, 2]])).toEqual({ data: new Float64Array([2, 4]), rows: 1, cols: 2 });
  expect(grad((x, y) => x.mul(y), 1)(3, 4)).toBe(3);
  expect(grad((x, y) => x.mul(y), [0, 1])(3, 4)).toEqual([4, 3]);
  expect(grad((x) => x.mul(0).add(1))(3)).toBe(0);
  expect(grad((_x, y) => y)(3, 4)).toBe(0);
  expect(valueAndGrad((x, y) => x.sub(y).div(2))(3, 4)).toEqual([-0.5, 0.5]);
});

test('derivatives of derivatives, and functions within that use what is outside', () => {
  expect(grad(grad(grad((x) => x.pow(4))))(2)).toBe(48);
  // d/dx of x * (d/dy of x + y) = d/dx of x = 1, and not 2
  expect(grad((x) => mul(x, grad((y) => add(x, y))(1) as never as Value))(1)).toBe(1);
  expect(grad((x) => grad((y) => mul(x, mul(y, y)))(x))(3)).toBe(12);
  expect(jacobian(grad((v) => v.at(0).pow(2).mul(v.at(1))))([2, 3])).toEqual({
    data: new Float64Array([6, 4, 4, 0]),
    rows: 2,
    cols: 2,
  });
});

test('jacobian: both modes, and by another argument', () => {
  const f: Differentiable = (x) => stack(x.at(0).mul(x.at(1)), sin(x.at(0)), x.at(2));
  const expected = [2, 1, 0, Math.cos(1), 0, 0, 0, 0, 1];
  close(jacobian(f, { mode: 'forward' })([1, 2, 5]).data, expected, 1e-15);
  close(jacobian(f, { mode: 'reverse' })([1, 2, 5]).data, expected, 1e-15);
  expect(jacobian((a, b) => a.mul(b), { of: 1 })(2, [1, 1]).data).toEqual(new Float64Array([2, 0, 0, 2]));
});

test('where two are equal, each has half of the derivative; a kink has 0', () => {
  expect(grad((a, b) => maximum(a, b), [0, 1])(2, 2)).toEqual([0.5, 0.5]);
  expect(grad((a, b) => minimum(a, b), [0, 1])(2, 2)).toEqual([0.5, 0.5]);
  expect(grad((x) => abs(x))(0)).toBe(0);
  expect(grad((x) => pow(x, 2))(0)).toBe(0);
  expect(grad((x) => softplus(x))(800)).toBe(1);
});

test('a long chain needs no stack', () => {
  const f: Differentiable = (x) => {
    let y = x;
    for (let i = 0; i < 20_000; i += 1) y = add(y, x);
    return y;
  };
  expect(grad(f)(1)).toBe(20_001);
});

describe('trace', () => {
  test('records once, and runs with other numbers', () => {
    let calls = 0;
    const line = trace((a, x, b) => {
      calls += 1;
      return a.mul(x).add(b).sub(div(1, x));
    });
    expect(line.toString()).toBe('not recorded yet');
    expect([line(2, 4, 1), line(5, 4, 1), line(5, 8, 0)]).toEqual([8.75, 20.75, 39.875]);
    expect([calls, line.recordings]).toEqual([1, 1]);
    expect(String(line)).toBe('v1 = mul(x1, x2)\nv2 = add(v1, x3)\nv3 = div(1, x2)\nv4 = sub(v2, v3)\nreturn v4');
    expect(trace<Float64Array>((x) => exp(x))([0, 0])).toEqual(new Float64Array([1, 1]));
    line([1, 2], 1, 0);
    expect([calls, line.recordings]).toEqual([2, 2]);
    expect(line(2, 4, 1)).toBe(8.75);
  });

  test('differentiates once', () => {
    let calls = 0;
    const f: Differentiable = (x, y) => {
      calls += 1;
      return sum(mul(tanh(x), y));
    };
    const both = trace(valueAndGrad(f));
    const slope = trace<Float64Array>(grad(f, 1));
    for (const y of [2, 3]) {
      const [value, gradient] = both([0, 1], y);
      expect([value, gradient[0]]).toEqual([y * Math.tanh(1), y]);
      expect(slope([0, 1], [y, y])).toEqual(Float64Array.of(0, Math.tanh(1)));
    }
    expect(calls).toBe(2);
    expect(both([0.1, 0.2], 1)[1]).toEqual(grad(f)([0.1, 0.2], 1));
  });

  test('outputs are copies, and a traced function can be part of another', () => {
    const square = trace<Float64Array>((x) => mul(x, x));
    const first = square([1, 2]);
    square([3, 4]);
    expect(first).toEqual(new Float64Array([1, 4]));
    expect(grad((x) => sum(square(x) as never as Value))([1, 2])).toEqual(new Float64Array([2, 4]));
  });

  test('what decides by numbers is refused, with what to do', () => {
    expect(() => trace((x) => (Number(x.value) > 0 ? x : x.neg()))(1)).toThrow(
      'a value is not known while a function is recorded',
    );
    expect(grad((x) => (Number(x.value) > 0 ? x : x.neg()))(-2)).toBe(-1);
  });
});

test('steps of z = x1 x2 + sin x1, forward and reverse', () => {
  const z: Differentiable = (x1, x2) => add(mul(x1, x2), sin(x1));
  const [x1, x2] = [2, 3];
  expect(forwardSteps(z, [x1, x2], [1, 0])).toEqual([
    { name: 'x1', formula: 'x1', value: 2, derivative: 1 },
    { name: 'x2', formula: 'x2', value: 3, derivative: 0 },
    { name: 'v1', formula: 'mul(x1, x2)', value: 6, derivative: 3 },
    { name: 'v2', formula: 'sin(x1)', value: Math.sin(2), derivative: Math.cos(2) },
    { name: 'v3', formula: 'add(v1, v2)', value: 6 + Math.sin(2), derivative: 3 + Math.cos(2) },
  ]);
  expect(reverseSteps(z, [x1, x2])).toEqual([
    { name: 'v3', formula: 'add(v1, v2)', value: 6 + Math.sin(2), derivative: 1 },
    { name: 'v2', formula: 'sin(x1)', value: Math.sin(2), derivative: 1 },
    { name: 'v1', formula: 'mul(x1, x2)', value: 6, derivative: 1 },
    { name: 'x2', formula: 'x2', value: 3, derivative: 2 },
    { name: 'x1', formula: 'x1', value: 2, derivative: 3 + Math.cos(2) },
  ]);
  expect(grad(z, [0, 1])(x1, x2)).toEqual([x2 + Math.cos(x1), x1]);
});

test('what does not fit is refused', () => {
  expect(() => add([1, 2], [1, 2, 3])).toThrow('operands of the shapes [2] and [3] do not go together.');
  expect(() => matmul(wide, wide)).toThrow('matmul: the columns of a must be the rows of b. Got [3, 2] and [3, 2].');
  expect(() => sum('x' as never)).toThrow(
    "an operand is a number, a list of numbers, rows of numbers, a dense matrix, or a value. Got 'x'.",
  );
  expect(() => grad((x) => cos(x))([1, 2])).toThrow(
    'grad takes a function whose output is one number. Got the shape [2].',
  );
  expect(() => grad((x) => x, 1)(1)).toThrow('grad: there is no argument 1 among 1.');
  expect(() => at([1, 2], 2)).toThrow('there is no element [2] in a value of shape [2].');
  expect(() => transpose([1])).toThrow('transpose takes a matrix. Got the shape [1].');
  expect(() => log(sub({} as never, 1))).toThrow('an operand is a number');
});

test.each(['threads', 'processes'] as const)('in tasks: %s', async (backend) => {
  const f: Differentiable = (x) => mul(sin(x), x);
  const slope = (x: number): number => trace(grad(f))(x);
  const tasks = [1, 2].map((x) => delayed(slope)(x));
  expect(await parallel(tasks, { backend, nJobs: 2 })).toEqual([slope(1), slope(2)]);
});
