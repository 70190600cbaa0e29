import type { Kernels, Numbers } from './kernels.ts';
import type { Precision } from './plain-elementary.ts';

type Names = 'csrTimes' | 'csrTransposedTimes' | 'csrByColumn' | 'cscTimes';

/** Products of sparse matrices: twin of native/sparse.h. */
export function plainSparse<A extends Numbers>({ round: r }: Precision): Pick<Kernels<A>, Names> {
  return {
    csrTimes(rows, n, starts, indices, data, b, out, add) {
      if (!add) out.fill(0, 0, rows * n);
      for (let row = 0; row < rows; row += 1) {
        for (let k = starts[row] as number; k < (starts[row + 1] as number); k += 1) {
          const from = (indices[k] as number) * n;
          for (let j = 0; j < n; j += 1) {
            out[row * n + j] = (out[row * n + j] as number) + r((data[k] as number) * (b[from + j] as number));
          }
        }
      }
    },
    csrTransposedTimes(rows, n, starts, indices, data, b, out) {
      for (let row = 0; row < rows; row += 1) {
        for (let k = starts[row] as number; k < (starts[row + 1] as number); k += 1) {
          const to = (indices[k] as number) * n;
          for (let j = 0; j < n; j += 1) {
            out[to + j] = (out[to + j] as number) + r((data[k] as number) * (b[row * n + j] as number));
          }
        }
      }
    },
    csrByColumn(rows, columns, starts, indices, data, marks, index, begins, rowOf, values) {
      for (let k = 0; k < (starts[rows] as number); k += 1) {
        marks[indices[k] as number] = (marks[indices[k] as number] as number) + 1;
      }
      let [count, place] = [0, 0];
      for (let column = 0; column < columns; column += 1) {
        const own = marks[column] as number;
        if (own === 0) continue;
        marks[column] = place;
        index[count] = column;
        begins[count] = place;
        count += 1;
        place += own;
      }
      begins[count] = place;
      for (let row = 0; row < rows; row += 1) {
        for (let k = starts[row] as number; k < (starts[row + 1] as number); k += 1) {
          const column = indices[k] as number;
          const to = marks[column] as number;
          marks[column] = to + 1;
          rowOf[to] = row;
          values[to] = data[k] as number;
        }
      }
      for (let c = 0; c < count; c += 1) marks[index[c] as number] = 0;
      return count;
    },
    cscTimes(count, n, index, begins, rowOf, values, w, out) {
      for (let c = 0; c < count; c += 1) {
        const from = (index[c] as number) * n;
        for (let k = begins[c] as number; k < (begins[c + 1] as number); k += 1) {
          const to = (rowOf[k] as number) * n;
          for (let j = 0; j < n; j += 1) {
            out[to + j] = (out[to + j] as number) + r((values[k] as number) * (w[from + j] as number));
          }
        }
      }
    },
  };
}
