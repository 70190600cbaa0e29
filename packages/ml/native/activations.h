// Functions of each element, from x to y (which may be the same), and d times their derivative where they gave y.
void KERNEL(exp)(int n, const T *x, T *y) { EACH(n, WRITE(y, exp_v(READ(x)));) }
void KERNEL(log)(int n, const T *x, T *y) {
  for (int i = 0; i < n; i++) y[i] = log_s(x[i]);
}
void KERNEL(relu)(int n, const T *x, T *y) { EACH(n, V v = READ(x); WRITE(y, (V)((VB)v & ~(VB)(v <= splat(0))));) }
void KERNEL(tanh)(int n, const T *x, T *y) { EACH(n, WRITE(y, tanh_v(READ(x)));) }
void KERNEL(sigmoid)(int n, const T *x, T *y) { EACH(n, WRITE(y, sigmoid_v(READ(x)));) }

void KERNEL(reluBack)(int n, const T *y, T *d) { EACH(n, WRITE(d, choose(READ(y) > splat(0), READ(d), splat(0)));) }
void KERNEL(tanhBack)(int n, const T *y, T *d) {
  EACH(n, V v = READ(y); WRITE(d, READ(d) * (splat(1) - v * v));)
}
void KERNEL(sigmoidBack)(int n, const T *y, T *d) {
  EACH(n, V v = READ(y); WRITE(d, READ(d) * (v * (splat(1) - v)));)
}
