#ifndef DF_TESTS_DIFFUSION_ORACLE_H
#define DF_TESTS_DIFFUSION_ORACLE_H

#include "core/base/arena.h"
#include "core/diffusion/guidance.h"
#include "core/diffusion/schedule.h"
#include "tests/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/// The exact denoiser of a Gaussian window: what a perfect network would say.
///
/// Tokens have zero mean and covariance cov[T,T] over time; the C dimensions
/// are independent of each other, so one run gives C samples.
///
///     E[x0 | z] = cov A (A cov A + S^2)^-1 z,   A, S diagonal by level

#define ORACLE_MOST 16

typedef struct {
  const df_schedule* schedule;
  int                T;
  double             cov[ORACLE_MOST][ORACLE_MOST];
  int                calls;
  int                label_least; ///< Lowest level shown so far
  int                label_most;
  double             jacobian[ORACLE_MOST][ORACLE_MOST];
} oracle;

/// Memory enough for any test here; the caller frees it.
static inline df_arena
oracle_arena(void)
{
  df_arena arena = {NULL, 0U, (size_t)64U << 20U, false};
  CHECK(df_arena_allocate(&arena) == DF_OK);
  return arena;
}

static inline const df_schedule*
oracle_schedule(df_arena* const arena, const df_schedule_kind kind, const int K)
{
  const df_schedule_config config = {kind, K, 0.5, false};
  const df_schedule*       out    = NULL;
  CHECK(df_schedule_make(arena, &config, &out) == DF_OK);
  return out;
}

/// Stationary AR(1) with variance 1 and correlation phi.
static inline oracle
oracle_ar1(const df_schedule* const schedule, const int T, const double phi)
{
  oracle o = {.schedule = schedule, .T = T, .label_least = 1 << 20};
  for (int i = 0; i < T; ++i) {
    for (int j = 0; j < T; ++j) {
      o.cov[i][j] = pow(phi, abs(i - j));
    }
  }
  return o;
}

/// Solve G X = B for symmetric positive G, in place, by elimination.
static inline void
oracle_solve(const int T,
             double    G[ORACLE_MOST][ORACLE_MOST],
             double    B[ORACLE_MOST][ORACLE_MOST])
{
  for (int p = 0; p < T; ++p) {
    for (int i = 0; i < T; ++i) {
      if (i == p) {
        continue;
      }
      const double f = G[i][p] / G[p][p];
      for (int j = 0; j < T; ++j) {
        G[i][j] -= f * G[p][j];
        B[i][j] -= f * B[p][j];
      }
    }
  }
  for (int i = 0; i < T; ++i) {
    for (int j = 0; j < T; ++j) {
      B[i][j] /= G[i][i];
    }
  }
}

/// Fill jacobian = d x0 / d z = cov A (A cov A + S^2)^-1.
static inline void
oracle_jacobian(oracle* const o, const int* const level)
{
  const int T = o->T;
  double    G[ORACLE_MOST][ORACLE_MOST];
  double    B[ORACLE_MOST][ORACLE_MOST];
  for (int i = 0; i < T; ++i) {
    const double ai = df_schedule_signal(o->schedule, level[i]);
    const double si = df_schedule_noise(o->schedule, level[i]);
    for (int j = 0; j < T; ++j) {
      const double aj = df_schedule_signal(o->schedule, level[j]);
      G[i][j]         = ai * o->cov[i][j] * aj + (i == j ? si * si : 0.0);
      B[i][j]         = ai * o->cov[i][j]; // transpose of cov A
    }
  }
  oracle_solve(T, G, B);
  for (int i = 0; i < T; ++i) {
    for (int j = 0; j < T; ++j) {
      o->jacobian[i][j] = B[j][i];
    }
  }
}

static inline void
oracle_predict(void* const        self,
               const int          T,
               const int          C,
               const float* const z,
               const int* const   level,
               float* const       x0)
{
  oracle* const o = (oracle*)self;
  CHECK(T == o->T);
  ++o->calls;
  for (int t = 0; t < T; ++t) {
    o->label_least = level[t] < o->label_least ? level[t] : o->label_least;
    o->label_most  = level[t] > o->label_most ? level[t] : o->label_most;
  }
  oracle_jacobian(o, level);
  for (int t = 0; t < T; ++t) {
    for (int c = 0; c < C; ++c) {
      double sum = 0.0;
      for (int j = 0; j < T; ++j) {
        sum += o->jacobian[t][j] * (double)z[j * C + c];
      }
      x0[t * C + c] = (float)sum;
    }
  }
}

static inline void
oracle_vjp(void* const        self,
           const int          T,
           const int          C,
           const float* const z,
           const int* const   level,
           const float* const dx0,
           float* const       dz)
{
  oracle* const o = (oracle*)self;
  (void)z;
  oracle_jacobian(o, level);
  for (int j = 0; j < T; ++j) {
    for (int c = 0; c < C; ++c) {
      double sum = 0.0;
      for (int t = 0; t < T; ++t) {
        sum += o->jacobian[t][j] * (double)dx0[t * C + c];
      }
      dz[j * C + c] = (float)sum;
    }
  }
}

static inline df_denoiser
oracle_denoiser(oracle* const o)
{
  return (df_denoiser){o, oracle_predict, oracle_vjp};
}

#endif // DF_TESTS_DIFFUSION_ORACLE_H
