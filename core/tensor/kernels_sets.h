#ifndef DF_TENSOR_KERNELS_SETS_H
#define DF_TENSOR_KERNELS_SETS_H

#include "core/tensor/kernels.h"

/// The tables that a build may hold; on x86-64 all, elsewhere and in doubles
/// only the plain one.  Private to the room.

extern const df_kernels df_kernels_avx512;
extern const df_kernels df_kernels_avx2;
extern const df_kernels df_kernels_plain;

#endif // DF_TENSOR_KERNELS_SETS_H
