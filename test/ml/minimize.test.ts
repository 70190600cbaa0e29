import { RandomState } from '@jobloom/ml';
import {
  add,
  type Differentiable,
  log,
  minimize,
  mul,
  pow,
  sub,
  sum,
  trace,
  type Value,
  valueAndGrad,
} from '@jobloom/ml/autodiff';
import { describe, expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Found {
  readonly x: number[];
  readonly fun: number;
  readonly nit: number;
  readonly nfev: number;
  readonly njev: number | null;
  readonly hessInv: number[] | null;
}
const figures =
  reference<Record<'bfgs' | 'l-bfgs' | 'nelder-mead' | 'bfgs without' | 'l-bfgs without', Found>>('minimize');

/** Rosenbrock's valley, of five numbers. */
const valley: Differentiable = (x) => {
  let total: Value = mul(0, x.at(0));
  for (let i = 0; i < 4; i += 1) {
    const [a, b] = [x.at(i), x.at(i + 1)];
    total = total.add(mul(100, pow(sub(b, mul(a, a)), 2))).add(pow(sub(1, a), 2));
  }
  return total;
};
const start = [1.3, 0.7, 0.8, 1.9, 1.2];

describe('on the valley of Rosenbrock, as scipy', () => {
  test.each(['bfgs', 'l-bfgs'] as const)('%s, with a gradient', (method) => {
    const expected = figures[method];
    const found = minimize(trace(valueAndGrad(valley)), start, { method, gradient: true });
    close(found.x, expected.x, 1e-6);
    expect([found.nit, found.nfev, found.njev]).toEqual([expected.nit, expected.nfev, expected.njev]);
    expect([found.success, found.status]).toEqual([true, 0]);
    expect(found.fun).toBeLessThan(1e-8);
    expect(Math.max(...(found.jac as Float64Array).map(Math.abs))).toBeLessThan(1e-2);
    if (method === 'bfgs') close(found.hessInv?.data as Float64Array, expected.hessInv as number[], 0.05);
  });

  test.each(['bfgs', 'l-bfgs'] as const)('%s, by differences', (method) => {
    const expected = figures[`${method} without`];
    const found = minimize(trace(valley), start, { method });
    close(found.x, expected.x, 1e-4);
    expect(found.nfev).toBe(6 * (found.njev as number));
  });

  test('nelder-mead', () => {
    const expected = figures['nelder-mead'];
    const found = minimize(trace(valley), start, { method: 'nelder-mead' });
    close(found.x, expected.x, 1e-9);
    // scipy counts the first simplex as an iteration
    expect([found.nit + 1, found.nfev, found.fun]).toEqual([
      expected.nit,
      expected.nfev,
      expect.closeTo(expected.fun, 12),
    ]);
    expect(found.finalSimplex?.[0][0]).toEqual(found.x);
    expect([found.jac, found.njev]).toEqual([undefined, undefined]);
  });
});

test('a gradient as a function of its own, and the same as [value, gradient]', () => {
  const f = (x: Float64Array): number => (x[0] as number) ** 2 + 3 * (x[1] as number) ** 2;
  const gradient = (x: Float64Array): number[] => [2 * (x[0] as number), 6 * (x[1] as number)];
  const apart = minimize(f, [3, -2], { gradient });
  expect(minimize((x) => [f(x), gradient(x)], [3, -2], { gradient: true })).toEqual(apart);
  close(apart.x, [0, 0], 1e-5);
  const { hessInvTimes } = minimize(f, [3, -2], { gradient, method: 'l-bfgs', gtol: 1e-9, ftol: 0 });
  close(hessInvTimes?.(Float64Array.of(4, 6)) as Float64Array, [2, 1], 1e-2);
});

test('the fit of a normal: the maximum of its likelihood is mean and deviation', () => {
  const sample = new RandomState(42).normal(1, 2, 100_000);
  const nll: Differentiable = (p) => {
    const [mu, sigma] = [p.at(0), p.at(1)];
    const squares = sum(pow(sub(sample, mu).div(sigma), 2));
    return add(squares.div(2), mul(sample.length, add(log(sigma), Math.log(2 * Math.PI) / 2)));
  };
  const [value, gradient] = valueAndGrad(nll)([0.5, 0.5]);
  expect(value).toBeCloseTo(874408.8066, 4);
  close(gradient, [-200773.4945, -3207318.6855], 1e-9);
  const found = minimize(trace(valueAndGrad(nll)), [0.5, 1], { gradient: true });
  expect(found.x[0]).toBeCloseTo(1.00193, 5);
  expect(found.x[1]).toBeCloseTo(2.0018, 5);
  expect(found.fun).toBeCloseTo(211298.626, 3);
  expect(found.success).toBe(true);
});

test('limits end it, and it says so', () => {
  const f = trace(valueAndGrad(valley));
  const short = minimize(f, start, { maxIter: 2, gradient: true });
  expect([short.nit, short.success, short.status]).toEqual([2, false, 1]);
  expect(short.message).toBe('Maximum number of iterations has been exceeded.');
  expect(minimize(f, start, { method: 'l-bfgs', maxFun: 5, gradient: true })).toMatchObject({
    success: false,
    status: 1,
  });
  expect(minimize(trace(valley), start, { method: 'nelder-mead', maxFun: 20 }).message).toBe(
    'Maximum number of function evaluations has been exceeded.',
  );
  const wrong = minimize((x) => (x[0] as number) ** 2, [2], { gradient: () => [-1] }); // it is 4
  expect([wrong.status, wrong.success, wrong.x[0]]).toEqual([2, false, 2]);
});

test('what it cannot start from is refused', () => {
  expect(() => minimize(() => 0, [])).toThrow('minimize starts from one finite number or more. Got [].');
  expect(() => minimize(() => 0, [Number.NaN])).toThrow('Got [NaN].');
  expect(() => minimize(() => 0, [1], { method: 'newton' as never })).toThrow(
    "minimize: method is one of bfgs, l-bfgs, nelder-mead. Got 'newton'.",
  );
  expect(() => minimize(() => 0, [1], { gradient: () => [1, 2] })).toThrow(
    'the gradient of 1 numbers has as many. Got 2.',
  );
  expect(() => minimize(() => 0, [1], { gradient: true })).toThrow('takes a function that gives [value, gradient]');
});
