#ifndef DF_TENSOR_EIGEN_H
#define DF_TENSOR_EIGEN_H

#include "core/base/attr.h"
#include "core/base/status.h"

/// The largest eigenpairs of a symmetric matrix; the only file naming LAPACK.
///
/// Allocates; not for audio.
///
/// @param n        Order, 1..8192
/// @param count    Pairs wanted, 1..n
/// @param A        [n,n] upper triangle read, destroyed
/// @param values   [count] largest first
/// @param vectors  [count,n] rows of unit length, largest entry positive
/// @return DF_OK, DF_E_ARG, DF_E_NOMEM, or DF_E_FINITE (did not converge).
DF_NODISCARD
df_status
df_eigen_symmetric(int n, int count, float* A, float* values, float* vectors);

#endif // DF_TENSOR_EIGEN_H
