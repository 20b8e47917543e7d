#ifndef DF_BASE_ATTR_H
#define DF_BASE_ATTR_H

/// Marks of the whole house: what audio may call, what must not be ignored.

/// The audio thread may call this: no lock, allocation, file, log, FFT
/// planning or BLAS inside.
#define DF_RT

#if defined(__GNUC__)
#define DF_NODISCARD __attribute__((warn_unused_result))
#define DF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define DF_NODISCARD
#define DF_PRINTF(fmt, args)
#endif

#endif // DF_BASE_ATTR_H
