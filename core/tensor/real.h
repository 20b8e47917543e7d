#ifndef DF_TENSOR_REAL_H
#define DF_TENSOR_REAL_H

/// The number that networks are made of: float, or double in the copy of the
/// rooms tensor, nn and model that gradient checks build.

#ifdef DF_REAL_DOUBLE
typedef double df_real;
#else
typedef float df_real;
#endif

#endif // DF_TENSOR_REAL_H
