// Steps of optimizers, for rows of parameters. Row r of the gradient g belongs to row index[r] of the parameters, and
// last[index[r]] is the step that row had last: steps in between are made up for, with gradients of zero, so that rows
// which have a gradient now and then end where they would had they had each step. Without index: row r; without
// last: no row was left out. Without g: rows are brought to `step`. Moments next to zero become zero, for subnormal numbers
// are slow.
#define flushed NAME(flushed)
INLINE V flushed(V v, T least) { return choose((V)((VB)v & ~(VB)splat(-0.0)) < splat(least), splat(0), v); }

#define ROWS_DO(statement)                                        \
  for (int r = 0; r < count; r++) {                               \
    const int row = index ? index[r] : r;                         \
    const int from = last ? last[row] + 1 : step;                 \
    const int until = g ? step : step + 1;                        \
    if (from >= until && !g) continue;                            \
    if (last) last[row] = step;                                   \
    const int at = row * n;                                       \
    const T *const gradient = g + r * n;                          \
    (void)from; (void)until; (void)gradient;                      \
    EACH(n, statement)                                            \
  }

/** w -= rate * g. */
void KERNEL(sgd)(int count, int n, const int *index, T *w, const T *g, T rate) {
  int *const last = 0;
  const int step = 0;
  ROWS_DO(WRITE(w + at, READ(w + at) - splat(rate) * READ(gradient));)
}

/** a = momentum * a + g; w -= rate * a, or rate * (g + momentum * a) as Nesterov has it. */
void KERNEL(momentum)(int count, int n, const int *index, int *last, int step, T *w, T *a, const T *g, T rate,
                      T momentum, int is_nesterov) {
  ROWS_DO(
      V weight = READ(w + at); V sum = READ(a + at);
      for (int s = from; s < until; s++) {
        sum = flushed(splat(momentum) * sum, TINY);
        weight -= splat(rate) * (is_nesterov ? splat(momentum) * sum : sum);
      }
      if (g) {
        V now = READ(gradient);
        sum = flushed(splat(momentum) * sum + now, TINY);
        weight -= splat(rate) * (is_nesterov ? now + splat(momentum) * sum : sum);
      }
      WRITE(w + at, weight); WRITE(a + at, sum);)
}

/** a += g * g; w -= rate * g / (sqrt(a) + epsilon). */
void KERNEL(adagrad)(int count, int n, const int *index, T *w, T *a, const T *g, T rate, T epsilon) {
  int *const last = 0;
  const int step = 0;
  ROWS_DO(V now = READ(gradient); V sum = READ(a + at) + now * now;
          WRITE(w + at, READ(w + at) - splat(rate) * (now / (root_v(sum) + splat(epsilon)))); WRITE(a + at, sum);)
}

/** a = decay * a + (1 - decay) * g * g; w -= rate * g / (sqrt(a) + epsilon). */
void KERNEL(rmsprop)(int count, int n, const int *index, int *last, int step, T *w, T *a, const T *g, T rate, T decay,
                     T epsilon) {
  ROWS_DO(
      V square = READ(a + at);
      for (int s = from; s < until; s++) square = flushed(splat(decay) * square, LEAST_NORMAL);
      if (g) {
        V now = READ(gradient);
        square = flushed(splat(decay) * square + splat(1 - decay) * (now * now), LEAST_NORMAL);
        WRITE(w + at, READ(w + at) - splat(rate) * (now / (root_v(square) + splat(epsilon))));
      }
      WRITE(a + at, square);)
}

/** m and v are the running means of g and its square; w -= rates[step & mask] * m / (sqrt(v) + epsilon). */
void KERNEL(adam)(int count, int n, const int *index, int *last, int step, T *w, T *m, T *v, const T *g,
                  const T *rates, int mask, T beta1, T beta2, T epsilon) {
  ROWS_DO(
      V weight = READ(w + at); V mean = READ(m + at); V square = READ(v + at);
      for (int s = from; s < until; s++) {
        mean = flushed(splat(beta1) * mean, TINY);
        square = flushed(splat(beta2) * square, LEAST_NORMAL);
        weight -= (splat(rates[s & mask]) * mean) / (root_v(square) + splat(epsilon));
      }
      if (g) {
        V now = READ(gradient);
        mean = flushed(splat(beta1) * mean + splat(1 - beta1) * now, TINY);
        square = flushed(splat(beta2) * square + splat(1 - beta2) * (now * now), LEAST_NORMAL);
        weight -= (splat(rates[step & mask]) * mean) / (root_v(square) + splat(epsilon));
      }
      WRITE(w + at, weight); WRITE(m + at, mean); WRITE(v + at, square);)
}
