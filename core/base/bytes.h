#ifndef DF_BASE_BYTES_H
#define DF_BASE_BYTES_H

#include "core/base/attr.h"

#include <stddef.h>
#include <stdint.h>

/// Numbers as bytes, little-endian on every machine.

/// Read 64 bits, least significant byte first, from any alignment.
uint64_t
df_bytes_u64(const void* bytes);

/// Write 64 bits, least significant byte first, to any alignment.
void
df_bytes_put_u64(void* bytes, uint64_t value);

/// IEEE 754 binary16 to binary32, exact.
float
df_bytes_half(uint16_t half);

/// Binary32 to binary16, round to nearest even; overflow becomes infinity.
uint16_t
df_bytes_to_half(float value);

/// Read n binary16 (or binary32) values, little-endian, any alignment.
void
df_bytes_read_half(float* out, const void* bytes, size_t n);
void
df_bytes_read_float(float* out, const void* bytes, size_t n);

/// Write n values as binary16 (or binary32), little-endian, any alignment.
void
df_bytes_write_half(void* bytes, const float* values, size_t n);
void
df_bytes_write_float(void* bytes, const float* values, size_t n);

#endif // DF_BASE_BYTES_H
