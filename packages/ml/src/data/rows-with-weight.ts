/** Rows whose weight is above zero. */
export function rowsWithWeight(weights: Float64Array): Int32Array {
  const rows = new Int32Array(weights.length);
  let count = 0;
  for (let row = 0; row < weights.length; row += 1) if ((weights[row] as number) > 0) rows[count++] = row;
  return rows.slice(0, count);
}
