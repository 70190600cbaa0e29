// exp, log, sigmoid and tanh, to a few units in the last place. exp is 0 below EXP_LEAST: no result is subnormal.
#define reduced NAME(reduced)
#define exp_v NAME(exp_v)
#define tanh_v NAME(tanh_v)
#define sigmoid_v NAME(sigmoid_v)
#define log_s NAME(log_s)
#define log1p_s NAME(log1p_s)
#define minus_abs NAME(minus_abs)

/** x = n ln 2 + r: gives exp(r) - 1, and n as an integer in each lane. */
INLINE V reduced(V x, VB *n) {
  V shifted = x * splat(LOG2_E) + splat(MAGIC);
  V whole = shifted - splat(MAGIC);
  V r = (x - whole * splat(LN2_HIGH)) - whole * splat(LN2_LOW);
  *n = (VB)shifted - (VB)splat(MAGIC);
  return r + (r * r) * EXP_POLY(r);
}

INLINE V exp_v(V x) {
  VB n;
  V more = reduced(least_of(x, splat(EXP_MOST)), &n);
  V half = (splat(1) + more) * (V)((n + (BIAS - 1)) << MANTISSA);
  return (V)((VB)(half + half) & ~(VB)(x < splat(EXP_LEAST)));
}

INLINE V minus_abs(V x) { return (V)((VB)x | (VB)splat(-0.0)); }

INLINE V tanh_v(V x) {
  V twice = splat(-2) * minus_abs(x);
  VB n;
  V more = reduced(least_of(twice, splat(TANH_ONE)), &n);
  V scale = (V)((n + BIAS) << MANTISSA);
  V grown = scale * more + (scale - splat(1));
  return (V)((VB)(grown / (grown + splat(2))) | ((VB)x & (VB)splat(-0.0)));
}

INLINE V sigmoid_v(V x) {
  V e = exp_v(minus_abs(x));
  return choose(x < splat(0), e, splat(1)) / (splat(1) + e);
}

INLINE T log_s(T x) {
  if (!(x > 0)) return x == 0 ? -__builtin_inf() : __builtin_nan("");
  if (x == (T)__builtin_inf()) return x;
  B lowered = 0;
  if (x < LEAST_NORMAL) {
    x = x * RAISE;
    lowered = RAISED;
  }
  B bits = ((VB)splat(x))[0];
  B exponent = (bits - ROOT_HALF_BITS) >> MANTISSA;
  T f = ((V)((VB){} + (bits - (exponent << MANTISSA))))[0] - 1;
  T s = f / (2 + f);
  T z = s * s;
  T e = (T)(exponent - lowered);
  return e * (T)LN2_HIGH + (2 * s + ((s * z) * LOG_POLY(z) + e * (T)LN2_LOW));
}

/** log(1 + u) for u from 0. */
INLINE T log1p_s(T u) {
  T y = 1 + u;
  return log_s(y) - ((y - 1) - u) / y;
}
