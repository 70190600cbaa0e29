// Vectors of LANES elements of type T, and of their bits.
#define V NAME(vector)
#define VB NAME(vector_bits)
typedef T V __attribute__((vector_size(16)));
typedef B VB __attribute__((vector_size(16)));
typedef T NAME(loose) __attribute__((vector_size(16), aligned(sizeof(T))));

#define load NAME(load)
#define store NAME(store)
#define splat NAME(splat)
#define choose NAME(choose)
#define across NAME(across)
#define least_of NAME(least_of)
#define most_of NAME(most_of)
#define root_v NAME(root_v)

INLINE V load(const T *p) { return *(const NAME(loose) *)p; }
INLINE void store(T *p, V v) { *(NAME(loose) *)p = v; }
INLINE V splat(T x) {
#if LANES == 2
  return (V){x, x};
#else
  return (V){x, x, x, x};
#endif
}
INLINE V choose(VB mask, V yes, V no) { return (V)((mask & (VB)yes) | (~mask & (VB)no)); }

/** The sum of the lanes, in pairs of neighbours. */
INLINE T across(V v) {
#if LANES == 2
  return v[0] + v[1];
#else
  return (v[0] + v[1]) + (v[2] + v[3]);
#endif
}

/** bound where x is above it. */
INLINE V least_of(V x, V bound) {
#if LANES == 2
  return __builtin_wasm_pmin_f64x2(x, bound);
#else
  return __builtin_wasm_pmin_f32x4(x, bound);
#endif
}

/** The larger ones; of a NaN and a number, a. */
INLINE V most_of(V a, V b) {
#if LANES == 2
  return __builtin_wasm_pmax_f64x2(a, b);
#else
  return __builtin_wasm_pmax_f32x4(a, b);
#endif
}

INLINE V root_v(V v) {
#if LANES == 2
  return __builtin_wasm_sqrt_f64x2(v);
#else
  return __builtin_wasm_sqrt_f32x4(v);
#endif
}
