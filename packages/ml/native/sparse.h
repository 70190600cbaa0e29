// Products of compressed sparse rows with a dense matrix. Each element of a result is one running sum in the order in
// which values are stored.
#define gathered NAME(gathered)
#define scattered NAME(scattered)

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
      if (n == 1) {
        *to += value * *b;
        continue;
      }
      EACH(n, WRITE(to, READ(to) + splat(value) * READ(b));)
    }
}

/**
 * Compressed sparse rows by column: the columns that have values, in order, and for each the rows and values that it
 * has. Gives how many columns there are. `marks` has a zero for each column, and keeps them.
 */
int KERNEL(csrByColumn)(int rows, int columns, const int *starts, const int *indices, const T *data, int *marks,
                        int *index, int *begins, int *row_of, T *values) {
  for (int k = 0; k < starts[rows]; k++) marks[indices[k]]++;
  int count = 0;
  int place = 0;
  for (int column = 0; column < columns; column++) {
    int own = marks[column];
    if (own == 0) continue;
    marks[column] = place;
    index[count] = column;
    begins[count++] = place;
    place += own;
  }
  begins[count] = place;
  for (int row = 0; row < rows; row++)
    for (int k = starts[row]; k < starts[row + 1]; k++) {
      int to = marks[indices[k]]++;
      row_of[to] = row;
      values[to] = data[k];
    }
  for (int c = 0; c < count; c++) marks[index[c]] = 0;
  return count;
}

INLINE void scattered(int vectors, int n, int count, const int *index, const int *begins, const int *row_of,
                      const T *values, const T *w, T *out) {
  for (int c = 0; c < count; c++) {
    V own[8];
#pragma clang loop unroll(full)
    for (int v = 0; v < 8; v++)
      if (v < vectors) own[v] = load(w + index[c] * n + v * LANES);
    for (int k = begins[c]; k < begins[c + 1]; k++) {
      T *to = out + row_of[k] * n;
      V value = splat(values[k]);
#pragma clang loop unroll(full)
      for (int v = 0; v < 8; v++)
        if (v < vectors) store(to + v * LANES, load(to + v * LANES) + value * own[v]);
    }
  }
}

/** out (rows x n) is raised by a sparse matrix times w, given by column as csrByColumn has it: a row of w is read once. */
void KERNEL(cscTimes)(int count, int n, const int *index, const int *begins, const int *row_of, const T *values,
                      const T *w, T *out) {
  int j = 0;
  for (; j + 8 * LANES <= n; j += 8 * LANES) scattered(8, n, count, index, begins, row_of, values, w + j, out + j);
  for (; j + LANES <= n; j += LANES) scattered(1, n, count, index, begins, row_of, values, w + j, out + j);
  for (; j < n; j++)
    for (int c = 0; c < count; c++)
      for (int k = begins[c]; k < begins[c + 1]; k++) out[row_of[k] * n + j] += values[k] * w[index[c] * n + j];
}
