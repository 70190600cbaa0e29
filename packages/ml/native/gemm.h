// Matrix products. Each element of the result is one running sum, in the order of the inner index: tiles and blocks
// change nothing of it, so that plain loops give the same bits.
#define WIDTH (2 * LANES)
#define tile NAME(tile)
#define all_tiles NAME(all_tiles)
#define tiles NAME(tiles)
#define pack NAME(pack)
#define panel NAME(panel)
#define product NAME(product)

/** Rows x (vectors * LANES) of the result, in registers. */
INLINE void tile(int rows, int vectors, int depth, const T *a, int row_step, int depth_step, const T *b, int b_step,
                 T *c, int c_step, int add) {
  V sums[ROWS][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < ROWS; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++)
      if (i < rows && v < vectors) sums[i][v] = add ? load(c + i * c_step + v * LANES) : splat(0);
  for (int p = 0; p < depth; p++) {
    V right[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++)
      if (v < vectors) right[v] = load(b + v * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < ROWS; i++)
      if (i < rows) {
        V left = splat(a[i * row_step]);
#pragma clang loop unroll(full)
        for (int v = 0; v < 2; v++)
          if (v < vectors) sums[i][v] += left * right[v];
      }
    a += depth_step;
    b += b_step;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < ROWS; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++)
      if (i < rows && v < vectors) store(c + i * c_step + v * LANES, sums[i][v]);
}

/** All rows of a panel of the result. */
INLINE void all_tiles(int kind, int vectors, int rows, int depth, const T *a, int a_step, const T *b, int b_step, T *c,
                  int c_step, int add) {
  int row_step = kind == KIND_ROWS ? a_step : 1;
  int depth_step = kind == KIND_ROWS ? 1 : a_step;
  int i = 0;
  for (; i + 4 <= rows; i += 4) tile(4, vectors, depth, a + i * row_step, row_step, depth_step, b, b_step, c + i * c_step, c_step, add);
  for (; i + 2 <= rows; i += 2) tile(2, vectors, depth, a + i * row_step, row_step, depth_step, b, b_step, c + i * c_step, c_step, add);
  if (i < rows) tile(1, vectors, depth, a + i * row_step, row_step, depth_step, b, b_step, c + i * c_step, c_step, add);
}

#define TILES(name, kind, vectors)                                                                                   \
  static __attribute__((noinline)) void NAME(name)(int rows, int depth, const T *a, int a_step, const T *b, int b_step, \
                                                   T *c, int c_step, int add) {                                        \
    all_tiles(kind, vectors, rows, depth, a, a_step, b, b_step, c, c_step, add);                                       \
  }
TILES(tiles_rows_1, KIND_ROWS, 1)
TILES(tiles_rows_2, KIND_ROWS, 2)
TILES(tiles_cols_1, KIND_COLS, 1)
TILES(tiles_cols_2, KIND_COLS, 2)

/** The same, for as many columns as `vectors` hold. */
static void tiles(int kind, int vectors, int rows, int depth, const T *a, int a_step, const T *b, int b_step, T *c,
                  int c_step, int add) {
  if (kind == KIND_ROWS && vectors == 1) NAME(tiles_rows_1)(rows, depth, a, a_step, b, b_step, c, c_step, add);
  else if (kind == KIND_ROWS) NAME(tiles_rows_2)(rows, depth, a, a_step, b, b_step, c, c_step, add);
  else if (vectors == 1) NAME(tiles_cols_1)(rows, depth, a, a_step, b, b_step, c, c_step, add);
  else NAME(tiles_cols_2)(rows, depth, a, a_step, b, b_step, c, c_step, add);
}

/** WIDTH columns of b, or fewer and zeros, as depth x step numbers. */
INLINE void pack(int transposed, int depth, int columns, int step, const T *b, int b_step, T *to) {
  for (int p = 0; p < depth; p++) {
    const T *from = transposed ? b + p : b + p * b_step;
    int next = transposed ? b_step : 1;
    for (int j = 0; j < step; j++) to[p * step + j] = j < columns ? from[j * next] : 0;
  }
}

static void panel(int kind, int columns, int rows, int depth, const T *a, int a_step, const T *b, int b_step, T *c,
                  int c_step, int add) {
  if (columns == WIDTH) return tiles(kind, 2, rows, depth, a, a_step, b, b_step, c, c_step, add);
  if (columns == LANES) return tiles(kind, 1, rows, depth, a, a_step, b, b_step, c, c_step, add);
  T part[ROWS * WIDTH];
  for (int i = 0; i < rows; i += ROWS) {
    int some = rows - i < ROWS ? rows - i : ROWS;
    for (int r = 0; r < some; r++)
      for (int j = 0; j < columns; j++) part[r * WIDTH + j] = c[(i + r) * c_step + j];
    const T *from = kind == KIND_ROWS ? a + i * a_step : a + i;
    if (columns < LANES) tiles(kind, 1, some, depth, from, a_step, b, b_step, part, WIDTH, add);
    else tiles(kind, 2, some, depth, from, a_step, b, b_step, part, WIDTH, add);
    for (int r = 0; r < some; r++)
      for (int j = 0; j < columns; j++) c[(i + r) * c_step + j] = part[r * WIDTH + j];
  }
}

static __attribute__((noinline)) void product(int kind, int transposed, int rows, int columns, int depth, const T *a, int a_step, const T *b,
                    int b_step, T *c, int add) {
  T *const scratch = (T *)SCRATCH;
  const int most = SCRATCH_BYTES / (int)sizeof(T) / DEPTH;
  const int is_packed = transposed || rows > FEW_ROWS;
  if (depth == 0 && !add)
    for (int i = 0; i < rows * columns; i++) c[i] = 0;
  for (int j0 = 0; j0 < columns; j0 += most) {
    int some = columns - j0 < most ? columns - j0 : most;
    for (int p0 = 0; p0 < depth; p0 += DEPTH) {
      int deep = depth - p0 < DEPTH ? depth - p0 : DEPTH;
      for (int j = 0; j < some; j += WIDTH) {
        int wide = some - j < WIDTH ? some - j : WIDTH;
        const T *right = transposed ? b + (j0 + j) * b_step + p0 : b + p0 * b_step + j0 + j;
        if (wide == WIDTH && is_packed) pack(transposed, deep, WIDTH, WIDTH, right, b_step, scratch + j * deep);
        else if (wide < WIDTH) pack(transposed, deep, wide, wide <= LANES ? LANES : WIDTH, right, b_step, scratch + j * deep);
      }
      for (int i = 0; i < rows; i += ROW_BLOCK) {
        int block = rows - i < ROW_BLOCK ? rows - i : ROW_BLOCK;
        const T *left = kind == KIND_ROWS ? a + i * a_step + p0 : a + p0 * a_step + i;
        for (int j = 0; j < some; j += WIDTH) {
          int wide = some - j < WIDTH ? some - j : WIDTH;
          int is_direct = wide == WIDTH && !is_packed;
          const T *right = is_direct ? b + p0 * b_step + j0 + j : scratch + j * deep;
          int step = is_direct ? b_step : wide <= LANES ? LANES : WIDTH;
          panel(kind, wide, block, deep, left, a_step, right, step, c + i * columns + j0 + j, columns, add || p0 > 0);
        }
      }
    }
  }
}

/** c (m x n) becomes, or is raised by, a (m x k) times b (k x n). */
void KERNEL(gemmNN)(int m, int n, int k, const T *a, const T *b, T *c, int add) {
  product(KIND_ROWS, 0, m, n, k, a, k, b, n, c, add);
}
/** The same with a as k x m. */
void KERNEL(gemmTN)(int m, int n, int k, const T *a, const T *b, T *c, int add) {
  product(KIND_COLS, 0, m, n, k, a, m, b, n, c, add);
}
/** The same with b as n x k. */
void KERNEL(gemmNT)(int m, int n, int k, const T *a, const T *b, T *c, int add) {
  product(KIND_ROWS, 1, m, n, k, a, k, b, k, c, add);
}
