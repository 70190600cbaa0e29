/** Means of columns. */
export function columnMeans(data: Float64Array, rows: number, cols: number): Float64Array {
  const means = new Float64Array(cols);
  for (let row = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1) means[col] = (means[col] as number) + (data[row * cols + col] as number);
  }
  return means.map((sum) => sum / rows);
}

/** Rows without the means. */
export function centred(data: Float64Array, means: Float64Array): Float64Array {
  const cols = means.length;
  const out = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col += 1) out[start + col] = (data[start + col] as number) - (means[col] as number);
  }
  return out;
}
