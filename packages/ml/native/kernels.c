// The kernels, for doubles and for floats. `node native/build.mjs` makes src/numerics/kernels-bytes.ts of these files.
// Each has its twin in src/numerics/plain-*.ts, which does the same operations in the same order: results are equal bit for bit.
// A name here is NAME_f64 or NAME_f32. Matrices are row-major. Nothing is allocated.

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))
typedef long long i64;

enum { KIND_ROWS, KIND_COLS };
// The memory: the stack, then SCRATCH_BYTES of scratch space; from HEAP on it is the caller's. There are no static data.
enum { SCRATCH = 32 * 1024, SCRATCH_BYTES = 256 * 1024, HEAP = 512 * 1024, DEPTH = 256, ROWS = 4, FEW_ROWS = 16, ROW_BLOCK = 64 };


#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(name) PASTE(name, TYPE)
#define EXPORTED_(name) EXPORT(name)
#define EXPORTED(name) EXPORTED_(name)
#define KERNEL(name) EXPORTED(NAME(name)) NAME(name)

#define TYPE f64
#define T double
#define B i64
#define LANES 2
#include "vector.h"
#include "constants-f64.h"
#include "elementary.h"
#include "gemm.h"
#include "vectors.h"
#include "activations.h"
#include "losses.h"
#include "steps.h"
#include "sparse.h"
#include "end.h"

#define TYPE f32
#define T float
#define B int
#define LANES 4
#include "vector.h"
#include "constants-f32.h"
#include "elementary.h"
#include "gemm.h"
#include "vectors.h"
#include "activations.h"
#include "losses.h"
#include "steps.h"
#include "sparse.h"
#include "end.h"

#include "designs.h"
