#include "core/base/rng.h"
#include "core/tensor/eigen.h"
#include "tests/check.h"

#include <math.h>
#include <string.h>

enum { N = 60 };

/// Pairs solve A v = lambda v, are largest first, of unit length and at right
/// angles, with the largest entry positive; as many as were asked for.
static void
test_pairs(void)
{
  float  noise[N * N];
  float  A[N * N];
  float  spent[N * N];
  df_rng rng = df_rng_make(1U, 2U, 3U);
  df_rng_normal(&rng, noise, N * N);
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      A[i * N + j] = noise[i * N + j] + noise[j * N + i];
    }
  }
  static const int counts[] = {1, 7, N};
  for (int c = 0; c < 3; ++c) {
    const int count = counts[c];
    float     values[N];
    float     vectors[N * N];
    memcpy(spent, A, sizeof(A));
    CHECK(df_eigen_symmetric(N, count, spent, values, vectors) == DF_OK);
    for (int p = 0; p < count; ++p) {
      const float* const v    = vectors + p * N;
      float              most = 0.0f;
      CHECK(p == 0 || values[p] <= values[p - 1]);
      for (int i = 0; i < N; ++i) {
        double Av = 0.0;
        for (int j = 0; j < N; ++j) {
          Av += (double)A[i * N + j] * (double)v[j];
        }
        // float, values up to 30
        CHECK_NEAR(Av, (double)values[p] * (double)v[i], 1e-4);
        most = fabsf(v[i]) > fabsf(most) ? v[i] : most;
      }
      CHECK(most > 0.0f);
      for (int q = 0; q <= p; ++q) {
        double dot = 0.0;
        for (int i = 0; i < N; ++i) {
          dot += (double)v[i] * (double)vectors[q * N + i];
        }
        // what ssyevr promises, in float, of values this close together
        CHECK_NEAR(dot, q == p ? 1.0 : 0.0, 1e-4);
      }
    }
  }
}

/// The first value is the largest of the whole spectrum, not of a part.
static void
test_largest(void)
{
  float A[9]      = {2.0f, 0.0f, 0.0f, 0.0f, -5.0f, 0.0f, 0.0f, 0.0f, 3.0f};
  float value     = 0.0f;
  float vector[3] = {0.0f};
  CHECK(df_eigen_symmetric(3, 1, A, &value, vector) == DF_OK);
  CHECK_NEAR(value, 3.0, 1e-6);
  CHECK_NEAR(vector[2], 1.0, 1e-6);
}

static void
test_arguments(void)
{
  float x[4] = {1.0f, 0.0f, 0.0f, 1.0f};
  CHECK(df_eigen_symmetric(0, 1, x, x, x) == DF_E_ARG);
  CHECK(df_eigen_symmetric(2, 0, x, x, x) == DF_E_ARG);
  CHECK(df_eigen_symmetric(2, 3, x, x, x) == DF_E_ARG);
}

/// What is not a number is refused.
static void
test_not_finite(void)
{
  float A[4]       = {1.0f, NAN, NAN, 1.0f};
  float values[2]  = {0.0f};
  float vectors[4] = {0.0f};
  CHECK(df_eigen_symmetric(2, 2, A, values, vectors) == DF_E_FINITE);
}

int
main(void)
{
  test_pairs();
  test_largest();
  test_arguments();
  test_not_finite();
  return 0;
}
