// Products of compressed sparse rows with a dense matrix. Each element of a result is one running sum in the order in
// which values are stored.
#define gathered NAME(gathered)

/** Some columns of one row: `vectors` registers of running sums over the stored values. */
INLINE void gathered(int vectors, int n, int from, int to, const int *indices, const T *data, const T *b, T *out) {
  V sums[8];
#pragma clang loop unroll(full)
  for (int v = 0; v < 8; v++)
    if (v < vectors) sums[v] = load(out + v * LANES);
  for (int k = from; k < to; k++) {
    const T *row = b + indices[k] * n;
    V value = splat(data[k]);
#pragma clang loop unroll(full)
    for (int v = 0; v < 8; v++)
      if (v < vectors) sums[v] += value * load(row + v * LANES);
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < 8; v++)
    if (v < vectors) store(out + v * LANES, sums[v]);
}

/** out (rows x n) becomes, or is raised by, the sparse matrix times b. */
void KERNEL(csrTimes)(int rows, int n, const int *starts, const int *indices, const T *data, const T *b, T *out, int add) {
  if (!add)
    for (int i = 0; i < rows * n; i++) out[i] = 0;
  int j = 0;
  for (; j + 8 * LANES <= n; j += 8 * LANES)
    for (int row = 0; row < rows; row++) gathered(8, n, starts[row], starts[row + 1], indices, data, b + j, out + row * n + j);
  for (; j + LANES <= n; j += LANES)
    for (int row = 0; row < rows; row++) gathered(1, n, starts[row], starts[row + 1], indices, data, b + j, out + row * n + j);
  for (; j < n; j++)
    for (int row = 0; row < rows; row++) {
      T sum = out[row * n + j];
      for (int k = starts[row]; k < starts[row + 1]; k++) sum += data[k] * b[indices[k] * n + j];
      out[row * n + j] = sum;
    }
}

/** out (columns x n) is raised by the transposed sparse matrix times b (rows x n). */
void KERNEL(csrTransposedTimes)(int rows, int n, const int *starts, const int *indices, const T *data, const T *b, T *out) {
  for (int row = 0; row < rows; row++, b += n)
    for (int k = starts[row]; k < starts[row + 1]; k++) {
      T *to = out + indices[k] * n;
      const T value = data[k];
      EACH(n, WRITE(to, READ(to) + splat(value) * READ(b));)
    }
}
