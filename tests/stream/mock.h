#ifndef DF_TESTS_STREAM_MOCK_H
#define DF_TESTS_STREAM_MOCK_H

#include "core/base/arena.h"
#include "core/diffusion/schedule.h"
#include "core/model/predictor.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// A predictor that is exact for a stationary AR(1) of variance 1, and counts.
///
/// It stands in for core/model/predictor.c by defining the same symbols.  Its
/// window sees the newest MOCK_SEEN remembered tokens, as noisy as they are.
/// With recall it answers a mix of its own estimate and the recalled token.

#define MOCK_SEEN 6
#define MOCK_MOST 32 // context and window together
#define MOCK_PAST 4096
#define MOCK_LOG 512

struct df_predictor {
  df_model_config    config;
  const df_schedule* schedule;
  double             phi;
  float              variance[64];
  float              spread[65][64]; // 0 until a test says otherwise
  float              low[64];
  float              high[64];
};

struct df_history {
  const df_predictor* predictor;
  int                 count;
  int                 undo;
  float*              z;     // [MOCK_PAST,C]
  int*                level; // [MOCK_PAST]
};

/// What was asked of all histories since mock_forget.
typedef struct {
  int   predicts;
  int   rows;
  int   pushes;
  int   resets;
  int   levels[MOCK_LOG][MOCK_MOST]; // window labels of each prediction
  float first[MOCK_LOG][MOCK_MOST];  // dimension 0 of its tokens
  int   push_level[MOCK_LOG];        // of each push
  float push_first[MOCK_LOG];
  int   memory;
} mock_log;

static mock_log mock;

static inline void
mock_forget(void)
{
  mock = (mock_log){0};
}

static inline df_predictor
mock_predictor(df_arena* const arena,
               const int       C,
               const int       H,
               const double    phi)
{
  df_predictor p = {.phi = phi};
  p.config       = (df_model_config){.token   = C,
                                     .context = 64,
                                     .horizon = H,
                                     .levels  = 64,
                                     .shift   = 0.5f,
                                     .recall  = true};
  for (int c = 0; c < 64; ++c) {
    p.variance[c] = 1.0f;
    p.low[c]      = -8.0f;
    p.high[c]     = 8.0f;
  }
  const df_schedule_config angle = {DF_SCHEDULE_ANGLE, 64, 0.5, true};
  CHECK(df_schedule_make(arena, &angle, &p.schedule) == DF_OK);
  return p;
}

const df_model_config*
df_predictor_config(const df_predictor* const predictor)
{
  return &predictor->config;
}

const float*
df_predictor_variance(const df_predictor* const predictor)
{
  return predictor->variance;
}

const float*
df_predictor_spread(const df_predictor* const predictor, const int level)
{
  return predictor->spread[level];
}

const float*
df_predictor_low(const df_predictor* const predictor)
{
  return predictor->low;
}

const float*
df_predictor_high(const df_predictor* const predictor)
{
  return predictor->high;
}

df_status
df_history_make(df_arena* const           arena,
                const df_predictor* const predictor,
                df_history** const        out)
{
  const size_t      C    = (size_t)predictor->config.token;
  df_history* const self = DF_TAKE(arena, 1U, df_history);
  df_history        made = {.predictor = predictor};
  made.z                 = DF_TAKE(arena, MOCK_PAST * C, float);
  made.level             = DF_TAKE(arena, MOCK_PAST, int);
  if (!self || !made.level) {
    return df_arena_status(arena);
  }
  *self = made;
  *out  = self;
  return DF_OK;
}

void
df_history_reset(df_history* const history)
{
  history->count = 0;
  history->undo  = 0;
  ++mock.resets;
}

void
df_history_push(df_history* const  history,
                const float* const z,
                const float* const side,
                const int          level)
{
  (void)side;
  const size_t C = (size_t)history->predictor->config.token;
  CHECK(history->count < MOCK_PAST);
  CHECK(level >= 0 && level <= history->predictor->config.levels);
  memcpy(history->z + (size_t)history->count * C, z, C * sizeof(float));
  history->level[history->count++] = level;
  history->undo += history->undo < 64 ? 1 : 0;
  if (mock.pushes < MOCK_LOG) {
    mock.push_level[mock.pushes] = level;
    mock.push_first[mock.pushes] = z[0];
  }
  ++mock.pushes;
}

void
df_history_drop(df_history* const history, const int n)
{
  CHECK(n >= 0 && n <= history->undo);
  history->count -= n;
  history->undo -= n;
}

int
df_history_undo(const df_history* const history)
{
  return history->undo;
}

int64_t
df_history_count(const df_history* const history)
{
  return history->count;
}

/// Weights of E[x0 | z] of the last H of n tokens: W[H,n].
static inline void
mock_weights(const df_predictor* const p,
             const int                 n,
             const int                 H,
             const int* const          level,
             double                    W[MOCK_MOST][MOCK_MOST])
{
  double G[MOCK_MOST][MOCK_MOST];
  double B[MOCK_MOST][MOCK_MOST]; // [n,H]: A cov of the window
  for (int i = 0; i < n; ++i) {
    const double a = df_schedule_signal(p->schedule, level[i]);
    const double s = df_schedule_noise(p->schedule, level[i]);
    for (int j = 0; j < n; ++j) {
      const double b = df_schedule_signal(p->schedule, level[j]);
      G[i][j]        = a * pow(p->phi, abs(i - j)) * b + (i == j ? s * s : 0.0);
    }
    for (int h = 0; h < H; ++h) {
      B[i][h] = a * pow(p->phi, abs(n - H + h - i));
    }
  }
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < n; ++i) {
      const double f = i == k ? 0.0 : G[i][k] / G[k][k];
      for (int j = k; f != 0.0 && j < n; ++j) {
        G[i][j] -= f * G[k][j];
      }
      for (int h = 0; f != 0.0 && h < H; ++h) {
        B[i][h] -= f * B[k][h];
      }
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int h = 0; h < H; ++h) {
      W[h][i] = B[i][h] / G[i][i];
    }
  }
}

void
df_history_predict(df_history* const  history,
                   const int          H,
                   const int          memory,
                   const float* const z,
                   const float* const side,
                   const int* const   level,
                   const float* const recall,
                   const float* const confidence,
                   float* const       x0)
{
  (void)side;
  const df_predictor* const p    = history->predictor;
  const int                 C    = p->config.token;
  const int                 most = memory < MOCK_SEEN ? memory : MOCK_SEEN;
  const int past = history->count < most ? history->count : most;
  const int n    = past + H;
  CHECK(H >= 1 && H <= p->config.horizon && n <= MOCK_MOST);
  CHECK(memory >= 0 && memory <= p->config.context);

  const float* rows[MOCK_MOST];
  int          all[MOCK_MOST];
  for (int i = 0; i < past; ++i) {
    const int at = history->count - past + i;
    rows[i]      = history->z + (size_t)at * (size_t)C;
    all[i]       = history->level[at];
  }
  for (int h = 0; h < H; ++h) {
    rows[past + h] = z + (size_t)h * (size_t)C;
    all[past + h]  = level[h];
  }
  double W[MOCK_MOST][MOCK_MOST];
  mock_weights(p, n, H, all, W);
  for (int h = 0; h < H; ++h) {
    const double sure =
      recall ? (double)confidence[h] : 0.0; // 0 where there is none
    for (int c = 0; c < C; ++c) {
      double sum = 0.0;
      for (int i = 0; i < n; ++i) {
        sum += W[h][i] * (double)rows[i][c];
      }
      const size_t at = (size_t)h * (size_t)C + (size_t)c;
      x0[at]          = (float)sum;
      if (sure > 0.0) {
        x0[at] = (float)((1.0 - sure) * sum + sure * (double)recall[at]);
      }
    }
  }

  if (mock.predicts < MOCK_LOG) {
    for (int h = 0; h < H; ++h) {
      mock.levels[mock.predicts][h] = level[h];
      mock.first[mock.predicts][h]  = z[h * C];
    }
  }
  ++mock.predicts;
  mock.rows += H;
  mock.memory = memory;
}

#endif // DF_TESTS_STREAM_MOCK_H
