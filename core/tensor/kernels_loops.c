// Compiled once for each instruction set; DF_KERNELS and DF_KERNELS_NAME say
// under which name its table goes.

#include "core/tensor/kernels_sets.h"
#include "core/tensor/products.h"
#include "core/tensor/vector.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static void
axpy(df_real* const y, const df_real a, const df_real* const x, const size_t n)
{
  size_t i = 0U;
  for (; i + W <= n; i += W) {
    store(y + i, load(y + i) + load(x + i) * a);
  }
  for (; i < n; ++i) {
    y[i] += a * x[i];
  }
}

static df_real
dot(const df_real* const x, const df_real* const y, const size_t n)
{
  vec    even = fill(0.0f);
  vec    odd  = fill(0.0f);
  size_t i    = 0U;
  for (; i + 2U * W <= n; i += 2U * W) {
    even += load(x + i) * load(y + i);
    odd += load(x + i + W) * load(y + i + W);
  }
  if (i + W <= n) {
    even += load(x + i) * load(y + i);
    i += W;
  }
  odd += load_part(x + i, n - i) * load_part(y + i, n - i);
  return sum(even + odd);
}

static void
softmax(df_real* const x, const size_t n)
{
  vec    most = fill(x[0]);
  size_t i    = 0U;
  for (; i + W <= n; i += W) {
    most = largest(load(x + i), most);
  }
  df_real top = x[0];
  for (size_t lane = 0U; lane < W; ++lane) {
    top = most[lane] > top ? most[lane] : top;
  }
  for (; i < n; ++i) {
    top = x[i] > top ? x[i] : top;
  }

  vec total = fill(0.0f);
  for (i = 0U; i + W <= n; i += W) {
    const vec e = exponential(load(x + i) - top);
    store(x + i, e);
    total += e;
  }
  if (i < n) {
    store_part(x + i, exponential(load_part(x + i, n - i) - top), n - i);
    total += load_part(x + i, n - i);
  }

  const df_real scale = 1 / sum(total);
  for (i = 0U; i + W <= n; i += W) {
    store(x + i, load(x + i) * scale);
  }
  for (; i < n; ++i) {
    x[i] *= scale;
  }
}

INLINE vec
sigmoid_of(const vec x)
{
  return 1.0f / (1.0f + exponential(-x));
}

// Twice sqrt(2/pi) (x + 0.044715 x^3): 0.5 (1 + tanh u) is sigmoid(2 u)
#define GELU_LINEAR ((df_real)1.5957691216057308)
#define GELU_CUBIC ((df_real)(1.5957691216057308 * 0.044715))

INLINE vec
gelu_of(const vec x)
{
  const vec u = x * (x * x * GELU_CUBIC + GELU_LINEAR);
  return x * sigmoid_of(u);
}

INLINE vec
gelu_grad_of(const vec dy, const vec x)
{
  const vec u = x * (x * x * GELU_CUBIC + GELU_LINEAR);
  const vec e = exponential(-u);
  const vec s = 1.0f / (1.0f + e);
  const vec v = x * (x * x * (3 * GELU_CUBIC) + GELU_LINEAR);
  return dy * (s + v * (e * s * s));
}

INLINE vec
silu_of(const vec x)
{
  return x * sigmoid_of(x);
}

INLINE vec
silu_grad_of(const vec dy, const vec x)
{
  const vec e = exponential(-x);
  const vec s = 1.0f / (1.0f + e);
  return dy * (s + x * (e * s * s));
}

INLINE vec
tanh_of(const vec x)
{
#ifdef DF_REAL_DOUBLE
  vec y;
  for (size_t i = 0U; i < W; ++i) {
    y[i] = tanh(x[i]);
  }
  return y;
#else
  // Near 0, where 1 - exp(-2 |x|) would lose digits, its series
  const vec size  = select(x < 0.0f, -x, x);
  const vec e     = exponential(size * -2.0f);
  const vec far   = (1.0f - e) / (1.0f + e);
  const vec x2    = x * x;
  vec       p     = x2 * (62.0f / 2835.0f) - 17.0f / 315.0f;
  p               = p * x2 + 2.0f / 15.0f;
  p               = p * x2 - 1.0f / 3.0f;
  const vec near  = size + size * (x2 * p);
  const vec value = select(size < 0.3f, near, far);
  return select(x < 0.0f, -value, value);
#endif
}

// A table entry of one argument, and one of two
#define MAP(name)                                                              \
  static void name##_row(                                                      \
    df_real* const y, const df_real* const x, const size_t n)                  \
  {                                                                            \
    size_t i = 0U;                                                             \
    for (; i + W <= n; i += W) {                                               \
      store(y + i, name##_of(load(x + i)));                                    \
    }                                                                          \
    store_part(y + i, name##_of(load_part(x + i, n - i)), n - i);              \
  }

#define MAP_GRAD(name)                                                         \
  static void name##_row(df_real* const       dx,                              \
                         const df_real* const dy,                              \
                         const df_real* const x,                               \
                         const size_t         n)                               \
  {                                                                            \
    size_t i = 0U;                                                             \
    for (; i + W <= n; i += W) {                                               \
      store(dx + i, name##_of(load(dy + i), load(x + i)));                     \
    }                                                                          \
    const size_t m = n - i;                                                    \
    const vec    y = name##_of(load_part(dy + i, m), load_part(x + i, m));     \
    store_part(dx + i, y, m);                                                  \
  }

MAP(gelu)
MAP_GRAD(gelu_grad)
MAP(silu)
MAP_GRAD(silu_grad)
MAP(sigmoid)
MAP(tanh)

static df_real
normalize(df_real* const y, const df_real* const x, const size_t n)
{
  vec    total = fill(0.0f);
  size_t i     = 0U;
  for (; i + W <= n; i += W) {
    total += load(x + i);
  }
  total += load_part(x + i, n - i);
  const df_real count = (df_real)n;
  const df_real mean  = sum(total) / count;

  vec square = fill(0.0f);
  for (i = 0U; i + W <= n; i += W) {
    const vec v = load(x + i) - mean;
    square += v * v;
  }
  df_real rest = 0;
  for (; i < n; ++i) {
    rest += (x[i] - mean) * (x[i] - mean);
  }
  const df_real rstd = 1 / root((sum(square) + rest) / count + (df_real)1e-5);

  for (i = 0U; i + W <= n; i += W) {
    store(y + i, (load(x + i) - mean) * rstd);
  }
  for (; i < n; ++i) {
    y[i] = (x[i] - mean) * rstd;
  }
  return rstd;
}

const df_kernels DF_KERNELS = {
  .name      = DF_KERNELS_NAME,
  .panel     = TILE_COLUMNS,
  .axpy      = axpy,
  .dot       = dot,
  .softmax   = softmax,
  .gelu      = gelu_row,
  .gelu_grad = gelu_grad_row,
  .silu      = silu_row,
  .silu_grad = silu_grad_row,
  .sigmoid   = sigmoid_row,
  .tanh      = tanh_row,
  .normalize = normalize,
  .mm        = mm,
  .packed    = packed,
};
