import { afterEach, expect, test, vi } from 'vitest';
import { multiplyCompiled } from '../../packages/ml/src/algebra/compiled-product.ts';
import { gram, gramOfRows, multiply, type ProductSizes } from '../../packages/ml/src/algebra/matrix-products.ts';
import { randomizedSvd } from '../../packages/ml/src/algebra/randomized-svd.ts';
import { RandomState } from '../../packages/ml/src/random/random-state.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const random = new RandomState(0);

/** The same by WebAssembly and by TypeScript. */
function byBoth<T>(compute: () => T): readonly [T, T] {
  vi.stubEnv('JOBLOOM_NUMERICS', 'wasm');
  const compiled = compute();
  vi.stubEnv('JOBLOOM_NUMERICS', 'plain');
  return [compiled, compute()];
}

function product(a: Float64Array, b: Float64Array, sizes: ProductSizes): Float64Array {
  const out = new Float64Array(sizes.rows * sizes.cols).fill(Number.NaN);
  multiply(a, b, out, sizes);
  return out;
}

/** One running sum for each element. */
function bySums(a: Float64Array, b: Float64Array, { rows, inner, cols, turnA, turnB }: ProductSizes): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, at) => {
    const [i, j] = [Math.floor(at / cols), at % cols];
    let sum = 0;
    for (let k = 0; k < inner; k += 1)
      sum += (a[turnA ? k * rows + i : i * inner + k] as number) * (b[turnB ? j * inner + k : k * cols + j] as number);
    return sum;
  });
}

test.each([
  [37, 1100, 11],
  [601, 300, 5], // two blocks of rows
  [6, 5, 7], // too small for WebAssembly
])(
  'a product of %d x %d x %d has the same bits by WebAssembly and without, however it is stored',
  (rows, inner, cols) => {
    const [a, b] = [random.randn(rows * inner), random.randn(inner * cols)];
    for (const [turnA, turnB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const sizes = { rows, inner, cols, turnA, turnB };
      const [compiled, plain] = byBoth(() => product(a, b, sizes));
      expect(compiled).toEqual(plain);
      expect(plain).toEqual(bySums(a, b, sizes));
    }
  },
);

test('large products are computed by WebAssembly, small ones and vectors are not', () => {
  vi.stubEnv('JOBLOOM_NUMERICS', 'wasm');
  const isCompiled = (rows: number, inner: number, cols: number): boolean =>
    multiplyCompiled(new Float64Array(rows * inner), new Float64Array(inner * cols), new Float64Array(rows * cols), {
      rows,
      inner,
      cols,
    });
  expect(isCompiled(16, 32, 32)).toBe(true);
  expect(isCompiled(15, 32, 32)).toBe(false);
  expect(isCompiled(1000, 1000, 1)).toBe(false);
  vi.stubEnv('JOBLOOM_NUMERICS', 'plain');
  expect(isCompiled(32, 32, 32)).toBe(false);
});

test('products of columns and of rows with each other: over several blocks, symmetric, the same without WebAssembly', () => {
  const [rows, cols] = [5000, 30];
  const data = random.randn(rows * cols);
  const [compiled, plain] = byBoth(() => [gram(data, rows, cols), gramOfRows(data, cols, rows)] as const);
  expect(compiled).toEqual(plain);
  expect(plain[0]).toEqual(bySums(data, data, { rows: cols, inner: rows, cols, turnA: true }));
  expect(plain[1]).toEqual(bySums(data, data, { rows: cols, inner: rows, cols, turnB: true }));
});

test("a row's product does not depend on other rows, nor on whether there are enough of them for WebAssembly", () => {
  const [rows, inner, cols] = [300, 40, 10];
  const [a, b] = [random.randn(rows * inner), random.randn(inner * cols)];
  const whole = product(a, b, { rows, inner, cols, turnB: true });
  for (let row = 0; row < rows; row += 1) {
    const own = product(a.subarray(row * inner, (row + 1) * inner), b, { rows: 1, inner, cols, turnB: true });
    expect(own).toEqual(whole.subarray(row * cols, (row + 1) * cols));
  }
});

test.each([
  [200, 90],
  [90, 200],
])('the largest singular values of %d x %d have the same bits without WebAssembly', (rows, cols) => {
  const X = { data: random.randn(rows * cols), rows, cols };
  const [compiled, plain] = byBoth(() =>
    randomizedSvd(X, { components: 4, oversamples: 6, iterations: 2, random: new RandomState(1) }),
  );
  expect(compiled).toEqual(plain);
});
