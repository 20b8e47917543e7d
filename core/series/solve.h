#ifndef DF_SERIES_SOLVE_H
#define DF_SERIES_SOLVE_H

#include "core/base/attr.h"

#include <stdbool.h>

/// Solve A X = B for a symmetric positive definite A by Cholesky, in place.
///
/// @param n      Order, 1..
/// @param A      [n,n] row-major; destroyed
/// @param count  Columns of B
/// @param B      [n,count] becomes X
/// @return false where A is not positive definite to rounding.
DF_NODISCARD
bool
df_solve(int n, double* A, int count, double* B);

#endif // DF_SERIES_SOLVE_H
