#ifndef DF_TENSOR_KERNELS_H
#define DF_TENSOR_KERNELS_H

#include "core/base/attr.h"
#include "core/tensor/real.h"

#include <stdbool.h>
#include <stddef.h>

/// The inner loops, one table for each instruction set, chosen at run time.
///
/// All are single-threaded, allocate nothing and cannot fail; audio may call
/// them.  Rows are contiguous.  Sums may be taken in any fixed order, so tables
/// agree to rounding, and each table with itself bit for bit; in products, each
/// row also gets the same bits whatever M is.
typedef struct {
  const char* name;  ///< "avx512", "avx2" or "plain"
  int         panel; ///< Columns in a panel of packed weights

  /// y[n] += a x[n]
  void (*axpy)(df_real* y, df_real a, const df_real* x, size_t n);

  /// sum of x[n] y[n]
  df_real (*dot)(const df_real* x, const df_real* y, size_t n);

  /// x[n] = exp(x - max x) / sum; n >= 1; entries of -INFINITY become 0
  void (*softmax)(df_real* x, size_t n);

  /// y = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))); y may be x
  void (*gelu)(df_real* y, const df_real* x, size_t n);
  /// dx = dy gelu'(x); dx may be dy
  void (*gelu_grad)(df_real* dx, const df_real* dy, const df_real* x, size_t n);

  /// y = x / (1 + exp(-x)); y may be x
  void (*silu)(df_real* y, const df_real* x, size_t n);
  void (*silu_grad)(df_real* dx, const df_real* dy, const df_real* x, size_t n);

  /// y = 1 / (1 + exp(-x)), y = tanh(x); y may be x
  void (*sigmoid)(df_real* y, const df_real* x, size_t n);
  void (*tanh)(df_real* y, const df_real* x, size_t n);

  /// y = (x - mean) rstd over one row, eps 1e-5; returns rstd; y may be x
  df_real (*normalize)(df_real* y, const df_real* x, size_t n);

  /// C[M,N] = op(A) op(B) + beta C for small products (attention): row-major,
  /// strides as stored, beta 0 or 1, never threaded
  void (*mm)(bool           ta,
             bool           tb,
             int            M,
             int            N,
             int            K,
             const df_real* A,
             int            lda,
             const df_real* B,
             int            ldb,
             df_real        beta,
             df_real*       C,
             int            ldc);

  /// y[M,N] = x[M,K] W + bias with W packed by df_pack (see pack.h); M 1..64;
  /// ldx, ldy row strides; bias [N] or NULL; y does not overlap x
  void (*packed)(int            M,
                 int            N,
                 int            K,
                 const df_real* x,
                 int            ldx,
                 const df_real* packed,
                 const df_real* bias,
                 df_real*       y,
                 int            ldy);
} df_kernels;

/// The best table for this processor.  Cheap: no state, no file.
DF_RT
const df_kernels*
df_kernels_best(void);

/// A table by name, or NULL when this build or processor lacks it.
const df_kernels*
df_kernels_named(const char* name);

#endif // DF_TENSOR_KERNELS_H
