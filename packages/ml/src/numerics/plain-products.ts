import type { Kernels, Numbers } from './kernels.ts';
import type { Precision } from './plain-elementary.ts';

type Names = 'gemmNN' | 'gemmTN' | 'gemmNT' | 'gemv' | 'dot' | 'axpy' | 'scale' | 'addRow' | 'columnSums';

/** Products and sums: twin of native/gemm.h and vectors.h. */
export function plainProducts<A extends Numbers>({ round: r, lanes }: Precision): Pick<Kernels<A>, Names> {
  type Places = (m: number, n: number, k: number) => { readonly row: number; readonly step: number };
  const gemm =
    (left: Places, right: Places) =>
    (m: number, n: number, k: number, a: A, b: A, out: A, add: boolean): void => {
      const [ofA, ofB] = [left(m, n, k), right(m, n, k)];
      for (let i = 0; i < m; i += 1) {
        for (let j = 0; j < n; j += 1) {
          let sum = add ? (out[i * n + j] as number) : 0;
          for (let p = 0; p < k; p += 1) {
            sum = r(sum + r((a[i * ofA.row + p * ofA.step] as number) * (b[j * ofB.row + p * ofB.step] as number)));
          }
          out[i * n + j] = sum;
        }
      }
    };
  /** The order of sums in which native/vectors.h has them: four vectors of lanes, then the rest. */
  const dot = (n: number, a: A, b: A, from = 0): number => {
    const sums = new Float64Array(4 * lanes);
    const times = (i: number): number => r((a[from + i] as number) * (b[i] as number));
    let i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
      for (let s = 0; s < 4 * lanes; s += 1) sums[s] = r((sums[s] as number) + times(i + s));
    }
    for (; i + lanes <= n; i += lanes) {
      for (let s = 0; s < lanes; s += 1) sums[s] = r((sums[s] as number) + times(i + s));
    }
    const lane = (s: number): number => {
      const [s0, s1, s2, s3] = [s, s + lanes, s + 2 * lanes, s + 3 * lanes].map((at) => sums[at] as number) as [
        number,
        number,
        number,
        number,
      ];
      return r(r(s0 + s1) + r(s2 + s3));
    };
    let sum = r(lane(0) + lane(1));
    if (lanes === 4) sum = r(sum + r(lane(2) + lane(3)));
    for (; i < n; i += 1) sum = r(sum + times(i));
    return sum;
  };
  return {
    gemmNN: gemm(
      (_m, _n, k) => ({ row: k, step: 1 }),
      (_m, n) => ({ row: 1, step: n }),
    ),
    gemmTN: gemm(
      (m) => ({ row: 1, step: m }),
      (_m, n) => ({ row: 1, step: n }),
    ),
    gemmNT: gemm(
      (_m, _n, k) => ({ row: k, step: 1 }),
      (_m, _n, k) => ({ row: k, step: 1 }),
    ),
    gemv(rows, columns, a, x, out) {
      for (let row = 0; row < rows; row += 1) out[row] = dot(columns, a, x, row * columns);
    },
    dot: (n, a, b) => dot(n, a, b),
    axpy(n, factor, x, y) {
      const f = r(factor);
      for (let i = 0; i < n; i += 1) y[i] = (y[i] as number) + r(f * (x[i] as number));
    },
    scale(n, factor, x) {
      const f = r(factor);
      for (let i = 0; i < n; i += 1) x[i] = f * (x[i] as number);
    },
    addRow(rows, columns, row, x) {
      for (let i = 0; i < rows * columns; i += 1) x[i] = (x[i] as number) + (row[i % columns] as number);
    },
    columnSums(rows, columns, x, out, add) {
      if (!add) out.fill(0, 0, columns);
      for (let i = 0; i < rows * columns; i += 1) {
        out[i % columns] = (out[i % columns] as number) + (x[i] as number);
      }
    },
  };
}
