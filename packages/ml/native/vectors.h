// Vectors, and rows of a matrix with a vector. A sum of products has four vectors of running sums.
#define dot_s NAME(dot_s)
#define part NAME(part)
#define put NAME(put)

INLINE T dot_s(int n, const T *a, const T *b) {
  V sums[4] = {splat(0), splat(0), splat(0), splat(0)};
  int i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES)
    for (int v = 0; v < 4; v++) sums[v] += load(a + i + v * LANES) * load(b + i + v * LANES);
  for (; i + LANES <= n; i += LANES) sums[0] += load(a + i) * load(b + i);
  T sum = across((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

T KERNEL(dot)(int n, const T *a, const T *b) { return dot_s(n, a, b); }

/** out[row] becomes the product of row and x. */
void KERNEL(gemv)(int rows, int columns, const T *a, const T *x, T *out) {
  for (int row = 0; row < rows; row++) out[row] = dot_s(columns, a + row * columns, x);
}

/** The first n lanes from memory, the others `rest`. */
INLINE V part(const T *p, int n, T rest) {
  V v = splat(rest);
  for (int i = 0; i < LANES; i++)
    if (i < n) v[i] = p[i];
  return v;
}
INLINE void put(T *p, int n, V v) {
  for (int i = 0; i < LANES; i++)
    if (i < n) p[i] = v[i];
}

/** `statement` for each vector of n elements from i on, by READ(array) and WRITE(array, vector). */
#define EACH(n, statement)                                         \
  for (int i = 0; i < (n); i += LANES) {                           \
    const int left = (n) - i < LANES ? (n) - i : LANES;            \
    statement                                                      \
  }
#define READ(p) (left == LANES ? load((p) + i) : part((p) + i, left, 0))
#define WRITE(p, v)                          \
  if (left == LANES) store((p) + i, v);      \
  else put((p) + i, left, v)

void KERNEL(axpy)(int n, T factor, const T *x, T *y) { EACH(n, WRITE(y, READ(y) + splat(factor) * READ(x));) }
void KERNEL(scale)(int n, T factor, T *x) { EACH(n, WRITE(x, splat(factor) * READ(x));) }

/** Adds a vector to each row. */
void KERNEL(addRow)(int rows, int columns, const T *row, T *x) {
  for (; rows > 0; rows--, x += columns) EACH(columns, WRITE(x, READ(x) + READ(row));)
}

/** out[column] becomes, or is raised by, the sum of the column. */
void KERNEL(columnSums)(int rows, int columns, const T *x, T *out, int add) {
  if (!add)
    for (int j = 0; j < columns; j++) out[j] = 0;
  for (; rows > 0; rows--, x += columns) EACH(columns, WRITE(out, READ(out) + READ(x));)
}
