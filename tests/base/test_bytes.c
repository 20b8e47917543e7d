#include "core/base/bytes.h"

#include "tests/check.h"

#include <string.h>

/// Every half but the NaNs survives the way through binary32.
static void
test_half_round_trip(void)
{
  for (uint32_t h = 0U; h < 0x10000U; ++h) {
    const float f = df_bytes_half((uint16_t)h);
    if (!isnan(f)) {
      CHECK(df_bytes_to_half(f) == h);
    }
  }
}

/// Rounding is to the nearest even; too large becomes infinite.
static void
test_half_rounds(void)
{
  CHECK(df_bytes_half(0x3C00U) == 1.0f);
  CHECK(df_bytes_half(0x0001U) == 0x1p-24f);
  CHECK(df_bytes_to_half(1.0f + 0x1p-11f) == 0x3C00U);
  CHECK(df_bytes_to_half(1.0f + 3.0f * 0x1p-11f) == 0x3C02U);
  CHECK(df_bytes_to_half(65519.0f) == 0x7BFFU);
  CHECK(df_bytes_to_half(65520.0f) == 0x7C00U);
  CHECK(df_bytes_to_half(-0.0f) == 0x8000U);
  CHECK(isnan(df_bytes_half(df_bytes_to_half(NAN))));
}

/// Bytes are little-endian and need no alignment.
static void
test_little_endian(void)
{
  unsigned char b[13] = {0};
  df_bytes_put_u64(b + 1, UINT64_C(0x0102030405060708));
  CHECK(b[1] == 8U && b[8] == 1U);
  CHECK(df_bytes_u64(b + 1) == UINT64_C(0x0102030405060708));
  const float in[3] = {1.5f, -2.0f, 0.0f};
  float       out[3];
  df_bytes_write_float(b + 1, in, 3U);
  CHECK(b[4] == 0x3FU && b[3] == 0xC0U);
  df_bytes_read_float(out, b + 1, 3U);
  CHECK(!memcmp(in, out, sizeof(in)));
  df_bytes_write_half(b + 1, in, 3U);
  df_bytes_read_half(out, b + 1, 3U);
  CHECK(!memcmp(in, out, sizeof(in)));
}

int
main(void)
{
  test_half_round_trip();
  test_half_rounds();
  test_little_endian();
  return 0;
}
