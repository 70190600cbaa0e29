/** Variables by which native libraries learn how many threads they may use; those that loky sets, and Node's and TensorFlow's. */
const NAMES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMBA_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'TF_NUM_INTRAOP_THREADS',
  'TF_NUM_INTEROP_THREADS',
  'UV_THREADPOOL_SIZE',
] as const;

/** The environment of a worker whose libraries may use so many threads. */
export function threadLimits(threads: number): Record<string, string> {
  return Object.fromEntries(NAMES.map((name) => [name, String(threads)]));
}
