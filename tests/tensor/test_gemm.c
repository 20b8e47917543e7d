#include "core/base/rng.h"
#include "core/tensor/gemm.h"
#include "tests/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { M = 5, N = 7, K = 9, LD = 11 };

/// The product is that of the plain loop in every arrangement, alpha and beta
/// in their places, and leaves what lies beside the result.
static void
test_product(void)
{
  float  a[LD * LD];
  float  b[LD * LD];
  float  c[LD * LD];
  df_rng rng = df_rng_make(1U, 2U, 3U);
  df_rng_normal(&rng, a, LD * LD);
  df_rng_normal(&rng, b, LD * LD);
  df_rng_normal(&rng, c, LD * LD);
  for (int form = 0; form < 4; ++form) {
    const bool ta = form & 1;
    const bool tb = form & 2;
    float      got[LD * LD];
    memcpy(got, c, sizeof(c));
    df_gemm(ta, tb, M, N, K, 0.5f, a, LD, b, LD, 2.0f, got, LD);
    for (int m = 0; m < LD; ++m) {
      for (int n = 0; n < LD; ++n) {
        double want = (double)c[m * LD + n];
        if (m < M && n < N) {
          want *= 2.0;
          for (int k = 0; k < K; ++k) {
            want += 0.5 * (double)a[ta ? k * LD + m : m * LD + k] *
                    (double)b[tb ? n * LD + k : k * LD + n];
          }
        }
        CHECK_NEAR(got[m * LD + n], want, 1e-5);
      }
    }
  }
}

int
main(void)
{
  test_product();
  return 0;
}
