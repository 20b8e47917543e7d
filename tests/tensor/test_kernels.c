#include "core/base/rng.h"
#include "core/tensor/kernels.h"
#include "core/tensor/pack.h"
#include "tests/check.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// Every table is held to plain loops in double.  1e-5 relative is some 80 units
// in the last place: room for sums of a few hundred terms in any order.
#define TOLERANCE 1e-5

static const char* const sets[] = {"plain", "avx2", "avx512"};

#define SETS (sizeof(sets) / sizeof(sets[0]))

// Call a test for each table that this processor has
static void
each(void (*const test)(const df_kernels* ks))
{
  CHECK(df_kernels_named("plain"));
  for (size_t i = 0U; i < SETS; ++i) {
    const df_kernels* const ks = df_kernels_named(sets[i]);
    if (ks) {
      CHECK(!strcmp(ks->name, sets[i]));
      test(ks);
    }
  }
}

static void
draw(float* const x, const size_t n, const float scale, const uint64_t stream)
{
  df_rng rng = df_rng_make(1U, stream, n);
  df_rng_normal(&rng, x, n);
  for (size_t i = 0U; i < n; ++i) {
    x[i] *= scale;
  }
}

static void
near(const float got, const double want, const double size)
{
  CHECK_NEAR(got, want, TOLERANCE * size);
}

/// The best table exists, and an unknown name has none.
static void
test_names(void)
{
  CHECK(df_kernels_best());
  CHECK(df_kernels_best() == df_kernels_named(df_kernels_best()->name));
  CHECK(!df_kernels_named("abacus"));
}

/// Sums over a row are those of the plain loop at every length.
static void
test_row_sums(const df_kernels* const ks)
{
  for (size_t n = 1U; n <= 130U; ++n) {
    float x[130];
    float y[130];
    float z[131];
    draw(x, n, 1.0f, 2U);
    draw(y, n, 1.0f, 3U);
    double want = 0.0;
    for (size_t i = 0U; i < n; ++i) {
      want += (double)x[i] * (double)y[i];
    }
    near(ks->dot(x, y, n), want, 1.0 + sqrt((double)n));

    memcpy(z, y, sizeof(y));
    z[n] = 7.0f;
    ks->axpy(z, 0.3f, x, n);
    for (size_t i = 0U; i < n; ++i) {
      near(z[i], (double)y[i] + (double)0.3f * (double)x[i], 1.0);
    }
    CHECK(z[n] == 7.0f);

    double mean = 0.0;
    double var  = 0.0;
    for (size_t i = 0U; i < n; ++i) {
      mean += (double)x[i] / (double)n;
    }
    for (size_t i = 0U; i < n; ++i) {
      var += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
    }
    const double rstd = 1.0 / sqrt(var + 1e-5);
    z[n]              = 7.0f;
    near(ks->normalize(z, x, n), rstd, rstd);
    for (size_t i = 0U; i < n; ++i) {
      // x - mean loses digits in proportion to rstd
      near(z[i], ((double)x[i] - mean) * rstd, 1.0 + rstd);
    }
    CHECK(z[n] == 7.0f);
  }
}

/// Softmax sums to 1, is that of the plain loop, and gives -INFINITY nothing.
static void
test_softmax(const df_kernels* const ks)
{
  for (size_t n = 1U; n <= 130U; ++n) {
    float x[131];
    float y[131];
    draw(x, n, 6.0f, 4U);
    for (size_t i = 1U; i < n; i += 3U) {
      x[i] = -INFINITY;
    }
    x[n] = 7.0f;
    memcpy(y, x, sizeof(x));
    ks->softmax(y, n);
    double most = -1e9;
    double sum  = 0.0;
    double all  = 0.0;
    for (size_t i = 0U; i < n; ++i) {
      most = fmax(most, (double)x[i]);
    }
    for (size_t i = 0U; i < n; ++i) {
      sum += exp((double)x[i] - most);
    }
    for (size_t i = 0U; i < n; ++i) {
      const double want = exp((double)x[i] - most) / sum;
      near(y[i], want, want + 1e-30);
      CHECK(!(x[i] == -INFINITY) || y[i] == 0.0f);
      all += (double)y[i];
    }
    near((float)all, 1.0, 1.0);
    CHECK(y[n] == 7.0f);
  }
  float wide[3] = {3e4f, -3e4f, 3e4f};
  ks->softmax(wide, 3U);
  CHECK(wide[0] == 0.5f && wide[1] == 0.0f && wide[2] == 0.5f);
}

static double
gelu_of(const double x)
{
  const double u = sqrt(2.0 / acos(-1.0)) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + tanh(u));
}

static double
silu_of(const double x)
{
  return x / (1.0 + exp(-x));
}

// (f(x + h) - f(x - h)) / 2h, good to 1e-9 in double
static double
slope(double (*const f)(double x), const double x)
{
  return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
}

/// Functions and their gradients are right over all that a network may meet,
/// and at every length of row.
static void
test_functions(const df_kernels* const ks)
{
  enum { N = 4001 };
  static const float scale[] = {0.01f, 1.0f, 20.0f};
  for (size_t part = 0U; part < 3U; ++part) {
    float x[N];
    float dy[N];
    float y[5][N];
    float g[2][N];
    for (int i = 0; i < N; ++i) {
      x[i] = scale[part] * (float)(i - N / 2) / (float)(N / 2);
    }
    draw(dy, N, 1.0f, 5U);
    ks->gelu(y[0], x, N);
    ks->silu(y[1], x, N);
    ks->sigmoid(y[2], x, N);
    ks->tanh(y[3], x, N);
    memcpy(y[4], x, sizeof(x));
    ks->gelu(y[4], y[4], N); // in place
    ks->gelu_grad(g[0], dy, x, N);
    memcpy(g[1], dy, sizeof(dy));
    ks->silu_grad(g[1], g[1], x, N); // in place
    for (int i = 0; i < N; ++i) {
      const double v       = (double)x[i];
      const double sigmoid = 1.0 / (1.0 + exp(-v));
      near(y[0][i], gelu_of(v), fabs(gelu_of(v)) + 1e-6);
      near(y[1][i], silu_of(v), fabs(silu_of(v)));
      near(y[2][i], sigmoid, sigmoid);
      near(y[3][i], tanh(v), fabs(tanh(v)));
      near(g[0][i], (double)dy[i] * slope(gelu_of, v), 1.0 + fabs(dy[i]));
      near(g[1][i], (double)dy[i] * slope(silu_of, v), 1.0 + fabs(dy[i]));
      CHECK(y[4][i] == y[0][i]);
    }
    for (size_t n = 1U; n < 40U; ++n) {
      float short_y[41];
      short_y[n] = 7.0f;
      ks->gelu(short_y, x, n);
      CHECK(!memcmp(short_y, y[0], n * sizeof(float)) && short_y[n] == 7.0f);
      ks->gelu_grad(short_y, dy, x, n);
      CHECK(!memcmp(short_y, g[0], n * sizeof(float)) && short_y[n] == 7.0f);
    }
  }
  float ends[2] = {-1e4f, 1e4f};
  ks->sigmoid(ends, ends, 2U);
  CHECK(ends[0] < 1e-30f && ends[1] == 1.0f);
}

enum { M_MOST = 64, N_MOST = 140, K_MOST = 530 };

typedef struct {
  float a[M_MOST * K_MOST];
  float b[N_MOST * K_MOST];
  float c[M_MOST * N_MOST];
  float got[M_MOST * N_MOST];
  float pack[(N_MOST + 64) * K_MOST];
  float bias[N_MOST];
} arrays;

static double
product(const arrays* const s,
        const bool          ta,
        const bool          tb,
        const int           lda,
        const int           ldb,
        const int           K,
        const int           m,
        const int           n)
{
  double sum = 0.0;
  for (int k = 0; k < K; ++k) {
    sum += (double)s->a[ta ? k * lda + m : m * lda + k] *
           (double)s->b[tb ? n * ldb + k : k * ldb + n];
  }
  return sum;
}

/// Small products are those of the plain loop, in every arrangement, and write
/// nothing beside the result.
static void
test_mm(const df_kernels* const ks)
{
  static const int shapes[][3] = {
    {1, 1, 1},
    {3, 5, 7},
    {16, 48, 64},
    {13, 33, 300},
    {16, 140, 48},
    {64, 32, 513},
    {7, 16, 32},
    {25, 31, 17},
    {2, 64, 530},
    {12, 128, 256},
  };
  static arrays s;
  draw(s.a, M_MOST * K_MOST, 1.0f, 6U);
  draw(s.b, N_MOST * K_MOST, 1.0f, 7U);
  draw(s.c, M_MOST * N_MOST, 1.0f, 8U);
  for (size_t i = 0U; i < sizeof(shapes) / sizeof(shapes[0]); ++i) {
    const int M = shapes[i][0];
    const int N = shapes[i][1];
    const int K = shapes[i][2];
    for (int form = 0; form < 8; ++form) {
      const bool ta  = form & 1;
      const bool tb  = form & 2;
      const int  lda = ta ? M_MOST : K_MOST;
      const int  ldb = tb ? K_MOST : N_MOST;
      memcpy(s.got, s.c, sizeof(s.c));
      ks->mm(ta,
             tb,
             M,
             N,
             K,
             s.a,
             lda,
             s.b,
             ldb,
             form & 4 ? 1.0f : 0.0f,
             s.got,
             N_MOST);
      for (int at = 0; at < M_MOST * N_MOST; ++at) {
        const int m = at / N_MOST;
        const int n = at % N_MOST;
        if (m < M && n < N) {
          const double from = form & 4 ? (double)s.c[at] : 0.0;
          near(s.got[at],
               from + product(&s, ta, tb, lda, ldb, K, m, n),
               1.0 + sqrt((double)K));
        } else {
          CHECK(s.got[at] == s.c[at]);
        }
      }
    }
  }
}

/// A row of a small product has the same bits in any company.
static void
test_mm_rows(const df_kernels* const ks)
{
  static arrays s;
  static float  alone[M_MOST * N_MOST];
  enum { N = 77, K = 300 };
  draw(s.a, M_MOST * K_MOST, 1.0f, 6U);
  draw(s.b, N_MOST * K_MOST, 1.0f, 7U);
  for (int form = 0; form < 2; ++form) {
    const bool tb  = form & 1;
    const int  ldb = tb ? K_MOST : N_MOST;
    for (int m = 0; m < M_MOST; ++m) {
      const float* const a = s.a + m * K_MOST;
      float* const       c = alone + m * N;
      ks->mm(false, tb, 1, N, K, a, K_MOST, s.b, ldb, 0.0f, c, N);
    }
    for (int M = 1; M <= M_MOST; ++M) {
      ks->mm(false, tb, M, N, K, s.a, K_MOST, s.b, ldb, 0.0f, s.got, N);
      CHECK(!memcmp(s.got, alone, (size_t)(M * N) * sizeof(float)));
    }
  }
}

/// Packed products are x W^T + bias for every number of rows, each row has the
/// same bits in any company, and nothing beside the result is written.
static void
test_packed(const df_kernels* const ks)
{
  static const int shapes[][2] = {
    {1, 1}, {5, 7}, {96, 64}, {140, 19}, {128, 48}, {33, 300}};
  static arrays s;
  static float  alone[M_MOST * N_MOST];
  draw(s.a, M_MOST * K_MOST, 1.0f, 9U);
  draw(s.b, N_MOST * K_MOST, 1.0f, 10U);
  draw(s.c, M_MOST * N_MOST, 1.0f, 11U);
  draw(s.bias, N_MOST, 1.0f, 12U);
  for (size_t i = 0U; i < sizeof(shapes) / sizeof(shapes[0]); ++i) {
    const int N = shapes[i][0];
    const int K = shapes[i][1];
    CHECK(df_pack_size(ks, N, K) <= sizeof(s.pack) / sizeof(float));
    df_pack(ks, N, K, s.b, s.pack);
    for (int m = 0; m < M_MOST; ++m) {
      ks->packed(1,
                 N,
                 K,
                 s.a + m * K_MOST,
                 K_MOST,
                 s.pack,
                 s.bias,
                 alone + m * N_MOST,
                 N_MOST);
      for (int n = 0; n < N; ++n) {
        near(alone[m * N_MOST + n],
             (double)s.bias[n] + product(&s, false, true, K_MOST, K, K, m, n),
             1.0 + sqrt((double)K));
      }
    }
    for (int M = 1; M <= M_MOST; ++M) {
      memcpy(s.got, s.c, sizeof(s.c));
      ks->packed(M, N, K, s.a, K_MOST, s.pack, s.bias, s.got, N_MOST);
      for (int m = 0; m < M_MOST; ++m) {
        const int    at   = m * N_MOST;
        const int    n    = m < M ? N : 0;
        const size_t rest = (size_t)(N_MOST - n) * sizeof(float);
        CHECK(!memcmp(s.got + at, alone + at, (size_t)n * sizeof(float)));
        CHECK(!memcmp(s.got + at + n, s.c + at + n, rest));
      }
    }
    ks->packed(3, N, K, s.a, K_MOST, s.pack, NULL, s.got, N_MOST);
    near(s.got[0],
         product(&s, false, true, K_MOST, K, K, 0, 0),
         1.0 + sqrt((double)K));
  }
}

int
main(void)
{
  test_names();
  each(test_row_sums);
  each(test_softmax);
  each(test_functions);
  each(test_mm);
  each(test_mm_rows);
  each(test_packed);
  return 0;
}
