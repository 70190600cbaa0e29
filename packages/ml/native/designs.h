// Products of linear models' designs: of float or double data with vectors of doubles. The same operations in the same
// order as in src/linear/design.ts and csr-design.ts, so that results are equal bit for bit.

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

typedef double pair __attribute__((vector_size(16), aligned(8)));

// `lanes` has the rows by fours, column by column, `data` row by row; rows that are missing to a multiple of four are zeros.
EXPORT(add_gram_dense)
void add_gram_dense(const double *data, const double *lanes, int rows, int cols, const double *v, const double *factors,
                    double bias, double *out) {
  const double shift = bias == 0 ? 0 : bias * v[cols];
  for (int row = 0; row < rows; row += 4) {
    const pair *by_column = (const pair *)(lanes + row * cols);
    pair ab = {shift, shift}, cd = {shift, shift};
    for (int j = 0; j < cols; j += 1) {
      const pair x = {v[j], v[j]};
      ab += by_column[2 * j] * x;
      cd += by_column[2 * j + 1] * x;
    }
    ab *= *(const pair *)(factors + row);
    cd *= *(const pair *)(factors + row + 2);
    const pair fa = {ab[0], ab[0]}, fb = {ab[1], ab[1]}, fc = {cd[0], cd[0]}, fd = {cd[1], cd[1]};
    const double *a = data + row * cols, *b = a + cols, *c = b + cols, *d = c + cols;
    int j = 0;
    for (; j + 2 <= cols; j += 2) {
      pair sum = *(const pair *)(out + j) + fa * *(const pair *)(a + j);
      sum += fb * *(const pair *)(b + j);
      sum += fc * *(const pair *)(c + j);
      *(pair *)(out + j) = sum + fd * *(const pair *)(d + j);
    }
    for (; j < cols; j += 1) out[j] = out[j] + ab[0] * a[j] + ab[1] * b[j] + cd[0] * c[j] + cd[1] * d[j];
    if (bias != 0) out[cols] = out[cols] + ab[0] * bias + ab[1] * bias + cd[0] * bias + cd[1] * bias;
  }
}
