// Products of a CSR matrix with vectors. `node packages/ml/native/build-csr.mjs` makes src/linear/csr-kernel-bytes.ts of it.
// The same operations in the same order as in src/linear/csr-design.ts, so that results are equal bit for bit.

#define EXPORT(name) __attribute__((export_name(#name)))

#define PRODUCT(sum, n, left, right)                                                  \
  double sum = 0, sum##1 = 0, sum##2 = 0, sum##3 = 0;                                 \
  {                                                                                   \
    int i = 0;                                                                        \
    for (; i + 4 <= (n); i += 4) {                                                    \
      sum += (left)[i] * (right)[at[i]];                                              \
      sum##1 += (left)[i + 1] * (right)[at[i + 1]];                                   \
      sum##2 += (left)[i + 2] * (right)[at[i + 2]];                                   \
      sum##3 += (left)[i + 3] * (right)[at[i + 3]];                                   \
    }                                                                                 \
    for (; i < (n); i += 1) sum += (left)[i] * (right)[at[i]];                        \
    sum += sum##1 + (sum##2 + sum##3);                                                \
  }

#define KERNELS(T, kind)                                                                                              \
  EXPORT(times_##kind)                                                                                                \
  void times_##kind(const T *data, const int *indices, const int *indptr, int rows, const double *weights, int count, \
                    int stride, double *out) {                                                                        \
    for (int row = 0; row < rows; row += 1) {                                                                         \
      const int *at = indices + indptr[row];                                                                          \
      const T *own = data + indptr[row];                                                                              \
      const int n = indptr[row + 1] - indptr[row];                                                                    \
      for (int k = 0; k < count; k += 1) {                                                                            \
        PRODUCT(sum, n, own, weights + k * stride)                                                                    \
        out[row * count + k] = sum;                                                                                   \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
  EXPORT(add_transposed_##kind)                                                                                       \
  void add_transposed_##kind(const T *data, const int *indices, const int *indptr, int rows, const double *factors,   \
                             int count, int stride, double *out) {                                                    \
    for (int row = 0; row < rows; row += 1) {                                                                         \
      for (int k = 0; k < count; k += 1) {                                                                            \
        const double factor = factors[row * count + k];                                                               \
        double *to = out + k * stride;                                                                                \
        for (int i = indptr[row]; i < indptr[row + 1]; i += 1) to[indices[i]] += factor * data[i];                    \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
  EXPORT(add_gram_##kind)                                                                                             \
  void add_gram_##kind(const T *data, const int *indices, const int *indptr, int rows, const double *v,               \
                       const double *factors, double bias, int cols, double *out) {                                   \
    for (int row = 0; row < rows; row += 1) {                                                                         \
      const int *at = indices + indptr[row];                                                                          \
      const T *own = data + indptr[row];                                                                              \
      const int n = indptr[row + 1] - indptr[row];                                                                    \
      PRODUCT(sum, n, own, v)                                                                                         \
      if (bias != 0) sum += bias * v[cols];                                                                           \
      const double factor = sum * factors[row];                                                                       \
      for (int i = 0; i < n; i += 1) out[at[i]] += factor * own[i];                                                   \
      if (bias != 0) out[cols] += factor * bias;                                                                      \
    }                                                                                                                 \
  }

KERNELS(float, f32)
KERNELS(double, f64)
