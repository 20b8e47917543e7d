#include "core/base/bytes.h"

#include <math.h>
#include <string.h>

uint64_t
df_bytes_u64(const void* const bytes)
{
  const uint8_t* const b = (const uint8_t*)bytes;
  uint64_t             v = 0U;
  for (int i = 7; i >= 0; --i) {
    v = (v << 8U) | b[i];
  }
  return v;
}

void
df_bytes_put_u64(void* const bytes, const uint64_t value)
{
  uint8_t* const b = (uint8_t*)bytes;
  for (unsigned i = 0; i < 8U; ++i) {
    b[i] = (uint8_t)(value >> (8U * i));
  }
}

static float
from_bits(const uint32_t bits)
{
  float f = 0.0f;
  memcpy(&f, &bits, sizeof(f));
  return f;
}

static uint32_t
to_bits(const float f)
{
  uint32_t bits = 0U;
  memcpy(&bits, &f, sizeof(bits));
  return bits;
}

float
df_bytes_half(const uint16_t half)
{
  const uint32_t sign = (uint32_t)(half & 0x8000U) << 16U;
  const uint32_t expo = (half >> 10U) & 0x1FU;
  const uint32_t frac = half & 0x3FFU;
  if (expo == 0U) { // zero or subnormal: frac * 2^-24 is exact in binary32
    const float value = (float)frac * 0x1p-24f;
    return from_bits(sign | to_bits(value));
  }
  if (expo == 31U) {
    return from_bits(sign | 0x7F800000U | (frac << 13U));
  }
  return from_bits(sign | ((expo + 112U) << 23U) | (frac << 13U));
}

uint16_t
df_bytes_to_half(const float value)
{
  const uint32_t bits = to_bits(value);
  const uint32_t sign = (bits >> 16U) & 0x8000U;
  const uint32_t rest = bits & 0x7FFFFFFFU;
  if (rest > 0x7F800000U) {
    return (uint16_t)(sign | 0x7E00U); // NaN
  }
  if (rest >= 0x477FF000U) {
    return (uint16_t)(sign | 0x7C00U); // rounds to 2^16 or more, or infinite
  }
  if (rest < 0x38800000U) { // below 2^-14: subnormal, in units of 2^-24
    const float scaled = from_bits(rest) * 0x1p24f;
    return (uint16_t)(sign | (uint32_t)lrintf(scaled));
  }
  const uint32_t odd = (rest >> 13U) & 1U;
  return (uint16_t)(sign | ((rest - 0x38000000U + 0xFFFU + odd) >> 13U));
}

void
df_bytes_read_half(float* const out, const void* const bytes, const size_t n)
{
  const uint8_t* const b = (const uint8_t*)bytes;
  for (size_t i = 0; i < n; ++i) {
    const unsigned bits =
      (unsigned)b[2U * i] | ((unsigned)b[2U * i + 1U] << 8U);
    out[i] = df_bytes_half((uint16_t)bits);
  }
}

void
df_bytes_read_float(float* const out, const void* const bytes, const size_t n)
{
  const uint8_t* const b = (const uint8_t*)bytes;
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* const at = b + 4U * i;
    out[i] = from_bits((uint32_t)at[0] | ((uint32_t)at[1] << 8U) |
                       ((uint32_t)at[2] << 16U) | ((uint32_t)at[3] << 24U));
  }
}

void
df_bytes_write_half(void* const        bytes,
                    const float* const values,
                    const size_t       n)
{
  uint8_t* const b = (uint8_t*)bytes;
  for (size_t i = 0; i < n; ++i) {
    const uint16_t half = df_bytes_to_half(values[i]);
    b[2U * i]           = (uint8_t)half;
    b[2U * i + 1U]      = (uint8_t)(half >> 8U);
  }
}

void
df_bytes_write_float(void* const        bytes,
                     const float* const values,
                     const size_t       n)
{
  uint8_t* const b = (uint8_t*)bytes;
  for (size_t i = 0; i < n; ++i) {
    const uint32_t bits = to_bits(values[i]);
    for (unsigned j = 0; j < 4U; ++j) {
      b[4U * i + j] = (uint8_t)(bits >> (8U * j));
    }
  }
}
