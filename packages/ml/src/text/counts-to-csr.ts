import type { CsrMatrix } from '../data/features.ts';
import type { GramCounts } from './gram-table.ts';

/** Counts as a matrix, of the grams that have a column; columns of a row in order. */
export function countsToCsr(counted: GramCounts, columnOf: Int32Array, cols: number, binary: boolean): CsrMatrix {
  const { rows: starts, grams, counts } = counted;
  const rows = starts.length - 1;
  let stored = 0;
  for (let i = 0; i < grams.length; i += 1) if ((columnOf[grams[i] as number] as number) >= 0) stored += 1;
  const data = new Float32Array(stored);
  const indices = new Int32Array(stored);
  const indptr = new Int32Array(rows + 1);
  const countOf = new Int32Array(cols);
  const words = new Int32Array((cols >>> 5) + 1);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const start = at;
    const [from, to] = [starts[row] as number, starts[row + 1] as number];
    const isThin = (to - from) * 8 < words.length; // few: sorting them is less than looking through all words
    for (let i = from; i < to; i += 1) {
      const column = columnOf[grams[i] as number] as number;
      if (column < 0) continue;
      countOf[column] = binary ? 1 : (counts[i] as number);
      if (isThin) {
        indices[at] = column;
        at += 1;
      } else words[column >>> 5] = (words[column >>> 5] as number) | (1 << (column & 31));
    }
    if (isThin) indices.subarray(start, at).sort();
    else {
      for (let word = 0; word < words.length; word += 1) {
        let bits = words[word] as number;
        if (bits === 0) continue;
        words[word] = 0;
        while (bits !== 0) {
          const lowest = bits & -bits;
          indices[at] = word * 32 + 31 - Math.clz32(lowest);
          at += 1;
          bits ^= lowest;
        }
      }
    }
    for (let i = start; i < at; i += 1) data[i] = countOf[indices[i] as number] as number;
    indptr[row + 1] = at;
  }
  return { data, indices, indptr, rows, cols };
}
