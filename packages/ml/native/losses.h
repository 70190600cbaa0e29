// Softmax and losses. Sums of rows are running sums.
#define shift_of NAME(shift_of)
#define shifted NAME(shifted)
#define exp_all NAME(exp_all)
#define total NAME(total)

/** What is taken from a row before exp: its largest, if that is finite. With a NaN in the row anything, for its sum is NaN. */
INLINE T shift_of(int n, const T *x) {
  V most = splat(x[0]);
  int i = 0;
  for (; i + LANES <= n; i += LANES) most = most_of(most, load(x + i));
  T top = most[0];
  for (int lane = 1; lane < LANES; lane++) top = most[lane] > top ? most[lane] : top;
  for (; i < n; i++) top = x[i] > top ? x[i] : top;
  return top - top == 0 ? top : 0;
}

/** y becomes x - shift, with the shift of each row; no more than ROW_BLOCK rows. */
INLINE void shifted(int rows, int columns, const T *x, T *y, T *shifts) {
  for (int row = 0; row < rows; row++) {
    shifts[row] = shift_of(columns, x + row * columns);
    for (int i = row * columns; i < (row + 1) * columns; i++) y[i] = x[i] - shifts[row];
  }
}

INLINE void exp_all(int n, T *y) { EACH(n, WRITE(y, exp_v(READ(y)));) }

INLINE T total(int n, const T *x) {
  T sum = 0;
  for (int i = 0; i < n; i++) sum += x[i];
  return sum;
}

/** For blocks of `some` rows. */
#define BLOCKS for (int some; some = rows < ROW_BLOCK ? rows : ROW_BLOCK, rows > 0; rows -= some)

/** Each row of x as shares of 1. */
void KERNEL(softmax)(int rows, int columns, const T *x, T *y) {
  T shifts[ROW_BLOCK];
  BLOCKS {
    shifted(some, columns, x, y, shifts);
    exp_all(some * columns, y);
    x += some * columns;
    for (int row = 0; row < some; row++, y += columns) {
      T share = 1 / total(columns, y);
      for (int i = 0; i < columns; i++) y[i] *= share;
    }
  }
}

/** log(sum(exp(row))) of each row; x is overwritten. */
void KERNEL(logSumExp)(int rows, int columns, T *x, T *out) {
  T shifts[ROW_BLOCK];
  BLOCKS {
    shifted(some, columns, x, x, shifts);
    exp_all(some * columns, x);
    for (int row = 0; row < some; row++, x += columns) *out++ = shifts[row] + log_s(total(columns, x));
  }
}

/** Scores become the gradient of the loss, the sum of weight * cross-entropy of softmax and targets, which is given. */
double KERNEL(softmaxLoss)(int rows, int columns, T *scores, const T *targets, const T *weights) {
  T shifts[ROW_BLOCK];
  T right[ROW_BLOCK];
  double loss = 0;
  BLOCKS {
    shifted(some, columns, scores, scores, shifts);
    for (int row = 0; row < some; row++) {
      const T *own = targets + row * columns;
      right[row] = 0;
      for (int i = 0; i < columns; i++) right[row] += own[i] * scores[row * columns + i];
    }
    exp_all(some * columns, scores);
    for (int row = 0; row < some; row++, scores += columns, targets += columns) {
      T sum = total(columns, scores);
      T weight = *weights++;
      T whole = total(columns, targets);
      loss += (double)(weight * (whole * log_s(sum) - right[row]));
      T share = 1 / sum;
      for (int i = 0; i < columns; i++) scores[i] = weight * (scores[i] * share - targets[i]);
    }
  }
  return loss;
}

/** The same for cross-entropies of sigmoids. */
double KERNEL(sigmoidLoss)(int rows, int columns, T *scores, const T *targets, const T *weights) {
  double loss = 0;
  for (int row = 0; row < rows; row++, scores += columns, targets += columns) {
    for (int j = 0; j < columns; j++) {
      T score = scores[j];
      T e = exp_v(minus_abs(splat(score)))[0];
      T chance = (score < 0 ? e : 1) / (1 + e);
      T soft = (score < 0 ? 0 : score) + log1p_s(e);
      loss += (double)(weights[row] * (soft - targets[j] * score));
      scores[j] = weights[row] * (chance - targets[j]);
    }
  }
  return loss;
}

/** The same for squares. */
double KERNEL(squaredLoss)(int rows, int columns, T *scores, const T *targets, const T *weights) {
  double loss = 0;
  for (int row = 0; row < rows; row++, scores += columns, targets += columns) {
    for (int j = 0; j < columns; j++) {
      T off = scores[j] - targets[j];
      T pull = weights[row] * off;
      loss += (double)(pull * off);
      scores[j] = 2 * pull;
    }
  }
  return loss;
}
