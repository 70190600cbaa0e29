/** Ranges of this size and below are sorted by insertion. */
const SMALL = 15;

/**
 * Positions in ascending order of their values, equal ones in the order that numpy's argsort (quicksort of 64-bit
 * integers) leaves them in. It is no stable order, but scikit-learn takes features by it, and so results to the last
 * digit depend on it. Source: Sedgewick, Implementing quicksort programs, 1978: median of three, Hoare's partition.
 */
export function numpyArgsort(values: Float64Array): Int32Array {
  const order = Int32Array.from(values, (_, i) => i);
  const valueAt = (place: number): number => values[order[place] as number] as number;
  const swap = (a: number, b: number): void => {
    const kept = order[a] as number;
    order[a] = order[b] as number;
    order[b] = kept;
  };
  const ranges: number[] = [0, values.length - 1];
  while (ranges.length > 0) {
    let to = ranges.pop() as number;
    let from = ranges.pop() as number;
    while (to - from > SMALL) {
      const middle = from + ((to - from) >> 1);
      if (valueAt(middle) < valueAt(from)) swap(middle, from);
      if (valueAt(to) < valueAt(middle)) swap(to, middle);
      if (valueAt(middle) < valueAt(from)) swap(middle, from);
      const pivot = valueAt(middle);
      let left = from;
      let right = to - 1;
      swap(middle, right);
      for (;;) {
        do left += 1;
        while (valueAt(left) < pivot);
        do right -= 1;
        while (pivot < valueAt(right));
        if (left >= right) break;
        swap(left, right);
      }
      swap(left, to - 1);
      if (left - from < to - left) {
        ranges.push(left + 1, to);
        to = left - 1;
      } else {
        ranges.push(from, left - 1);
        from = left + 1;
      }
    }
    for (let i = from + 1; i <= to; i += 1) {
      const each = order[i] as number;
      const value = values[each] as number;
      let place = i;
      for (; place > from && value < valueAt(place - 1); place -= 1) order[place] = order[place - 1] as number;
      order[place] = each;
    }
  }
  return order;
}
