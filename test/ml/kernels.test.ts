import { execFileSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
// @ts-expect-error: a script, without types
import * as build from '../../packages/ml/native/build.mjs';
import type { Kernels, Numbers } from '../../packages/ml/src/numerics/kernels.ts';
import { BYTES, COMPILER, SOURCE_HASH } from '../../packages/ml/src/numerics/kernels-bytes.ts';
import { numericsStatus, openWorkspace, type Workspace } from '../../packages/ml/src/numerics/workspace.ts';
import { close } from './close.ts';

const { compile, compiler, sourceHash } = build as {
  compile(): Uint8Array;
  compiler(): string | undefined;
  sourceHash(): string;
};

test('the committed bytes are those of the sources', (context) => {
  expect(SOURCE_HASH).toBe(sourceHash());
  const here = compiler();
  if (here !== COMPILER) context.skip(`the bytes were made by ${COMPILER}, and here is ${here ?? 'no clang'}`);
  expect(Buffer.compare(inflateRawSync(Buffer.from(BYTES, 'base64')), compile())).toBe(0);
});

/** Numbers of all kinds, the same at each call. */
function numbers(count: number, salt: number, special: boolean): number[] {
  const specials = [
    0,
    -0,
    1,
    -1,
    1e-310,
    -1e-40,
    1e30,
    -1e30,
    1e308,
    Number.NaN,
    Infinity,
    -Infinity,
    709.8,
    -745,
    88.8,
  ];
  let state = salt + 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (special && state % 5 === 0) return specials[(state >>> 8) % specials.length] as number;
    return ((state / 2 ** 32) * 2 - 1) * (special ? 30 : 3);
  });
}

type Side<A extends Numbers> = {
  readonly kernels: Kernels<A>;
  array(values: readonly number[]): A;
  ints(values: readonly number[]): Int32Array;
};
/** A run of one kernel: what it gave, and what it wrote. */
type Run = <A extends Numbers>(side: Side<A>, fill: (count: number) => A) => readonly (A | Int32Array | number)[];

const spaces = [openWorkspace({ plain: false }), openWorkspace({ plain: true })] as const;

function sideOf(space: Workspace, precision: 'f64' | 'f32'): Side<Numbers> {
  const make = precision === 'f64' ? space.float64 : space.float32;
  return {
    kernels: space[precision] as Kernels<Numbers>,
    array(values) {
      const array = make(values.length);
      array.set(values);
      return array;
    },
    ints(values) {
      const array = space.int32(values.length);
      array.set(values);
      return array;
    },
  };
}

/** Both kinds of kernels give the same bits. */
function expectSame(precision: 'f64' | 'f32', special: boolean, run: Run): void {
  const [first, second] = spaces.map((space) => {
    const side = sideOf(space, precision);
    let salt = 0;
    const results = run(side, (count) => {
      salt += 7;
      return side.array(numbers(count, salt, special));
    });
    return results.map((result) => (typeof result === 'number' ? [result] : Array.from(result)));
  }) as [number[][], number[][]];
  const isSame = first.every((each, k) => each.every((value, i) => Object.is(value, second[k]?.[i])));
  if (!isSame) expect(first).toEqual(second);
}

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33];
const cases = (['f64', 'f32'] as const).flatMap((precision) =>
  [false, true].map((special) => [precision, special] as const),
);

test.each(cases)('products: %s, special numbers %s', (precision, special) => {
  const shapes = [
    ...[0, 1, 2, 3, 17].flatMap((m) => [0, 1, 3, 10, 13].flatMap((n) => [0, 1, 7].map((k) => [m, n, k]))),
    [66, 11, 258],
    [3, 270, 3],
  ] as [number, number, number][];
  for (const [m, n, k] of shapes) {
    for (const kernel of ['gemmNN', 'gemmTN', 'gemmNT'] as const) {
      for (const add of [false, true]) {
        expectSame(precision, special, ({ kernels }, fill) => {
          const [a, b, out] = [fill(m * k), fill(k * n), fill(m * n + 1)];
          kernels[kernel](m, n, k, a, b, out, add);
          return [out];
        });
      }
    }
  }
});

test.each(cases)('vectors: %s, special numbers %s', (precision, special) => {
  for (const n of [...SIZES, 1000]) {
    expectSame(precision, special, ({ kernels }, fill) => {
      const [a, b, c] = [fill(n + 1), fill(n), fill(n)];
      const dot = kernels.dot(n, a, b);
      kernels.axpy(n, 0.3, a, b);
      kernels.scale(n, -1.7, c);
      return [dot, b, c];
    });
    for (const rows of [0, 1, 3]) {
      expectSame(precision, special, ({ kernels }, fill) => {
        const [a, x, row, out, sums] = [fill(rows * n), fill(n), fill(n), fill(rows), fill(n)];
        kernels.gemv(rows, n, a, x, out);
        kernels.addRow(rows, n, row, a);
        kernels.columnSums(rows, n, a, sums, rows === 3);
        return [out, a, sums];
      });
    }
  }
});

const FUNCTIONS = ['exp', 'log', 'relu', 'tanh', 'sigmoid'] as const;

test.each(cases)('functions of elements: %s, special numbers %s', (precision, special) => {
  for (const n of [...SIZES, 3000]) {
    for (const name of FUNCTIONS) {
      expectSame(precision, special, ({ kernels }, fill) => {
        const [x, y] = [fill(n), fill(n)];
        kernels[name](n, x, y);
        return [y];
      });
    }
    for (const name of ['reluBack', 'tanhBack', 'sigmoidBack'] as const) {
      expectSame(precision, special, ({ kernels }, fill) => {
        const [y, d] = [fill(n), fill(n)];
        kernels[name](n, y, d);
        return [d];
      });
    }
  }
});

test.each(['f64', 'f32'] as const)('any number has the same function values: %s', (precision) => {
  const any = precision === 'f64' ? fc.double() : fc.float();
  fc.assert(
    fc.property(fc.constantFrom(...FUNCTIONS), fc.array(any, { minLength: 1, maxLength: 20 }), (name, values) => {
      const [first, second] = spaces.map((space) => {
        const { kernels, array } = sideOf(space, precision);
        const x = array(values);
        kernels[name](values.length, x, x);
        return Array.from(x);
      });
      expect(first).toEqual(second);
    }),
    { numRuns: 500 },
  );
});

test.each([['f64', 2 ** -52] as const, ['f32', 2 ** -23] as const])(
  'functions are those of Math to three units in the last place: %s',
  (precision, unit) => {
    const { kernels, array } = sideOf(spaces[0], precision);
    const most = precision === 'f64' ? 700 : 86;
    const x = array([
      ...numbers(2000, 1, false).map((each) => (each / 3) * most),
      ...numbers(2000, 2, false),
      0,
      1e-8,
      -1e-5,
    ]);
    const y = array(Array.from(x));
    const expectClose = (expected: (x: number) => number, least = 2 ** -120): void => {
      const wrong = Array.from(x).filter((each, i) => {
        const [right, got] = [expected(each), y[i] as number];
        return !(Object.is(got, right) || Math.abs(got - right) <= 3 * unit * Math.max(Math.abs(right), least));
      });
      expect(wrong).toEqual([]);
    };
    kernels.exp(x.length, x, y);
    expectClose(Math.exp);
    kernels.tanh(x.length, x, y);
    expectClose(Math.tanh);
    kernels.sigmoid(x.length, x, y);
    expectClose((each) => (each < 0 ? Math.exp(each) / (1 + Math.exp(each)) : 1 / (1 + Math.exp(-each))));
    kernels.log(x.length, x, y);
    expectClose(Math.log, 1);
  },
);

test.each(cases)('softmax and losses: %s, special numbers %s', (precision, special) => {
  for (const rows of [0, 1, 5, 64, 65, 130]) {
    for (const columns of [1, 2, 3, 4, 5, 9, 10]) {
      expectSame(precision, special, ({ kernels }, fill) => {
        const [x, y, sums, weights] = [fill(rows * columns), fill(rows * columns), fill(rows), fill(rows)];
        const all = [fill(rows * columns), fill(rows * columns), fill(rows * columns)] as const;
        kernels.softmax(rows, columns, x, y);
        kernels.logSumExp(rows, columns, x, sums);
        const losses = [
          kernels.softmaxLoss(rows, columns, all[0], y, weights),
          kernels.sigmoidLoss(rows, columns, all[1], y, weights),
          kernels.squaredLoss(rows, columns, all[2], y, weights),
        ];
        return [y, sums, ...all, ...losses];
      });
    }
  }
});

const STEPS: readonly ((
  side: Side<Numbers>,
  n: number,
  step: number,
  arrays: readonly Numbers[],
  g: Numbers | null,
  rows: readonly [number, Int32Array | null, Int32Array | null],
) => void)[] = [
  ({ kernels }, n, _step, [w], g, [count, index]) => {
    if (g !== null) kernels.sgd(count, n, index, w as Numbers, g, 0.01);
  },
  ({ kernels }, n, step, [w, a], g, [count, index, last]) =>
    kernels.momentum(count, n, index, last, step, w as Numbers, a as Numbers, g, 0.01, 0.9, false),
  ({ kernels }, n, step, [w, a], g, [count, index, last]) =>
    kernels.momentum(count, n, index, last, step, w as Numbers, a as Numbers, g, 0.01, 0.9, true),
  ({ kernels }, n, _step, [w, a], g, [count, index]) => {
    if (g !== null) kernels.adagrad(count, n, index, w as Numbers, a as Numbers, g, 0.01, 1e-7);
  },
  ({ kernels }, n, step, [w, a], g, [count, index, last]) =>
    kernels.rmsprop(count, n, index, last, step, w as Numbers, a as Numbers, g, 0.01, 0.9, 1e-7),
  ({ kernels, array }, n, step, [w, m, v], g, [count, index, last]) => {
    const rates = array(Array.from({ length: 8 }, (_, s) => 0.01 / (1 - 0.9 ** (s + 1))));
    kernels.adam(count, n, index, last, step, w as Numbers, m as Numbers, v as Numbers, g, rates, 7, 0.9, 0.999, 1e-7);
  },
];
const solvers = STEPS.flatMap((take, which) =>
  (['f64', 'f32'] as const).map((precision) => [which, precision, take] as const),
);

test.each(solvers)('steps of solver %i: %s', (_, precision, take) => {
  for (const special of [false, true]) {
    for (const n of SIZES) {
      expectSame(precision, special, (side, fill) => {
        const arrays = [fill(3 * n), fill(3 * n), fill(3 * n)];
        for (const array of arrays.slice(1))
          for (let i = 0; i < array.length; i += 1) array[i] = Math.abs(array[i] as number);
        const last = side.ints([0, 0, 0]);
        take(side, n, 1, arrays, fill(3 * n), [3, null, last]);
        take(side, n, 4, arrays, fill(2 * n), [2, side.ints([2, 0]), last]);
        take(side, n, 6, arrays, null, [3, null, last]);
        return [...arrays, ...last];
      });
    }
  }
});

test.each(solvers)(
  'rows that are left out of steps, and made up for, end where they would: %i, %s',
  (_, precision, take) => {
    const side = sideOf(spaces[0], precision);
    const n = 13;
    const gradients = Array.from({ length: 20 }, (_each, step) => numbers(3 * n, step, false));
    const start = Array.from({ length: 3 }, (_each, which) => numbers(3 * n, 99 + which, false).map(Math.abs));
    const [dense, lazy] = [start.map(side.array), start.map(side.array)];
    const last = side.ints([0, 0, 0]);
    for (const [s, gradient] of gradients.entries()) {
      const touched = [0, 1, 2].filter((row) => (s * 5 + row * 3) % 4 === 0);
      const all = gradient.map((each, i) => (touched.includes(Math.floor(i / n)) ? each : 0));
      take(side, n, s + 1, dense, side.array(all), [3, null, null]);
      const some = touched.flatMap((row) => gradient.slice(row * n, (row + 1) * n));
      take(side, n, s + 1, lazy, side.array(some), [touched.length, side.ints(touched), last]);
    }
    take(side, n, gradients.length, lazy, null, [3, null, last]);
    expect(lazy.map((each) => Array.from(each))).toEqual(dense.map((each) => Array.from(each)));
    expect(Array.from(dense[0] as Numbers)).not.toEqual(start[0]);
  },
);

test.each(cases)('sparse products: %s, special numbers %s', (precision, special) => {
  for (const n of [...SIZES, 70]) {
    for (const rows of [0, 1, 6]) {
      expectSame(precision, special, ({ kernels, ints }, fill) => {
        const starts = ints(Array.from({ length: rows + 1 }, (_, row) => Math.floor((row * row) / 2)));
        const stored = Math.floor((rows * rows) / 2);
        const indices = ints(Array.from({ length: stored }, (_, k) => (k * 5) % 9));
        const [data, b, out, to] = [fill(stored), fill(9 * n), fill(rows * n), fill(9 * n)];
        const before = rows === 6 ? out.slice() : out.slice().fill(0);
        kernels.csrTimes(rows, n, starts, indices, data, b, out, rows === 6);
        kernels.csrTransposedTimes(rows, n, starts, indices, data, out, to);
        const [marks, index, begins, rowOf] = [9, 9, 10, stored].map((length) => ints(Array(length).fill(0)));
        const [values, times] = [fill(stored), fill(rows * n)];
        const parts = [index, begins, rowOf, values] as [Int32Array, Int32Array, Int32Array, typeof values];
        const count = kernels.csrByColumn(rows, 9, starts, indices, data, marks as Int32Array, ...parts);
        times.set(before);
        kernels.cscTimes(count, n, ...parts, b, times);
        if (!special) close(times, out, precision === 'f64' ? 1e-13 : 1e-5);
        return [out, to, count, marks as Int32Array, ...parts, times];
      });
    }
  }
});

test('arrays stay valid when the memory grows, and are zeros however often it was used', () => {
  for (let round = 0; round < 3; round += 1) {
    const space = openWorkspace({ plain: false });
    const small = space.float64(3);
    expect(Array.from(small)).toEqual([0, 0, 0]);
    small.set([1, 2, 3]);
    const large = space.float64(3_000_000);
    large[2_999_999] = 5;
    space.f64.axpy(3, 2, small, large);
    expect(Array.from(large.subarray(0, 3))).toEqual([2, 4, 6]);
    expect(space.f64.dot(1, large.subarray(2_999_999), small)).toBe(5);
    expect(Array.from(small)).toEqual([1, 2, 3]);
    space.close();
    space.close();
  }
});

test('memory of workspaces that were closed comes back', async () => {
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let round = 0; round < 10; round += 1) {
    const space = openWorkspace({ plain: false });
    const array = space.float64(12_000_000);
    for (let i = 0; i < array.length; i += 500) array[i] = 1;
    space.close();
    await setImmediate();
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  expect(most).toBeLessThan(10 * 96e6 * 0.7);
});

test('what kernels cannot take is refused', () => {
  const [wasm, plain] = spaces;
  for (const space of spaces) {
    expect(() => space.f64.dot(4, space.float64(4), space.float64(3))).toThrow(
      'dot: array 2 must have 4 elements. Got 3.',
    );
    expect(() => space.f32.gemmNN(2, 2, 2, space.float32(4), space.float32(4), space.float32(3), false)).toThrow(
      'gemmNN: array 3 must have 4 elements. Got 3.',
    );
  }
  expect(() => wasm.f64.dot(1, plain.float64(1), wasm.float64(1))).toThrow(
    'kernels take arrays of their own workspace. Copy this one into it: space.float64(n).set(array).',
  );
  expect(() => wasm.float64(2 ** 30)).toThrow('It holds 4 GB at most.');
});

test('JOBLOOM_NUMERICS chooses the kernels, and where there is no WebAssembly they are plain', () => {
  expect(numericsStatus()).toEqual({ kernels: 'wasm' });
  vi.stubEnv('JOBLOOM_NUMERICS', 'plain');
  expect(numericsStatus()).toEqual({ kernels: 'plain', reason: 'JOBLOOM_NUMERICS is plain' });
  vi.stubEnv('JOBLOOM_NUMERICS', 'fast');
  expect(() => openWorkspace()).toThrow('JOBLOOM_NUMERICS must be plain or wasm. Got fast.');
  vi.unstubAllEnvs();
  const script = `import('@jobloom/ml').then(({ numericsStatus }) => console.log(JSON.stringify(numericsStatus())))`;
  const said = execFileSync(process.execPath, ['--jitless', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(JSON.parse(said)).toEqual({ kernels: 'plain', reason: 'this Node has no WebAssembly' });
});
