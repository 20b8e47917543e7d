#include "core/stream/past.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/guidance.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define UNDO_MOST 64
#define TERMS_MOST DF_HISTORY_TERMS(2)

/// Stream number of the draws: apart from those of the window (stream.c).
#define DRAWS UINT64_C(0x70617374)

/// The past at a higher level than it is remembered at.
typedef struct {
  df_history* history;
  int         level;
  bool        live; // equal to the true history, else to be rebuilt
} branch;

enum { PART, NONE, BRANCHES };

struct df_past {
  const df_schedule* schedule;
  df_history*        history; // the true one
  branch             branches[BRANCHES];
  int                K;
  int                C;
  int                size;   // of the ring: context + UNDO_MOST
  int                stored; // newest tokens that the ring still holds
  float*             ring;   // [size,C] clean
  int*               levels; // [size] as remembered
  float*             z;      // [C]
  float*             x0;     // [terms,horizon,C]
  size_t             window; // horizon C
  uint64_t           seed;
  df_history_term    terms[TERMS_MOST];
  int                term_count;
};

df_status
df_past_make(df_arena* const           arena,
             const df_predictor* const predictor,
             const df_schedule* const  schedule,
             df_past** const           out)
{
  const df_model_config* const config = df_predictor_config(predictor);

  df_past* const self = DF_TAKE(arena, 1U, df_past);
  df_past        made = {.schedule   = schedule,
                         .K          = config->levels,
                         .C          = config->token,
                         .size       = config->context + UNDO_MOST,
                         .terms      = {{0, 1.0}},
                         .term_count = 1};

  const size_t C = (size_t)made.C;
  made.window    = (size_t)config->horizon * C;
  made.ring      = DF_TAKE(arena, (size_t)made.size * C, float);
  made.levels    = DF_TAKE(arena, (size_t)made.size, int);
  made.z         = DF_TAKE(arena, C, float);
  made.x0        = DF_TAKE(arena, 3U * made.window, float);
  df_status st   = df_history_make(arena, predictor, &made.history);
  for (int i = 0; i < BRANCHES && !st; ++i) {
    st = df_history_make(arena, predictor, &made.branches[i].history);
  }
  if (st || !self || df_arena_status(arena)) {
    return st ? st : df_arena_status(arena);
  }
  *self = made;
  *out  = self;
  return DF_OK;
}

void
df_past_reset(df_past* const past)
{
  df_history_reset(past->history);
  past->stored = 0;
  for (int i = 0; i < BRANCHES; ++i) {
    past->branches[i].live = false;
  }
}

void
df_past_seed(df_past* const past, const uint64_t seed)
{
  past->seed = seed;
}

/// The branch that shows a term, or NULL where the true history does.
static branch*
branch_of(df_past* const past, const df_history_term* const term)
{
  return term->level == 0
           ? NULL
           : &past->branches[term->level < past->K ? PART : NONE];
}

void
df_past_guide(df_past* const past, const double weight, const int level)
{
  past->term_count =
    level < past->K ? df_history_fractional(past->K, weight, level, past->terms)
                    : df_history_vanilla(past->K, weight, past->terms);

  bool wanted[BRANCHES] = {false, false};
  for (int i = 0; i < past->term_count; ++i) {
    branch* const b = branch_of(past, &past->terms[i]);
    if (b) {
      wanted[b - past->branches] = true;
      b->live                    = b->live && b->level == past->terms[i].level;
      b->level                   = past->terms[i].level;
    }
  }
  for (int i = 0; i < BRANCHES; ++i) {
    past->branches[i].live = past->branches[i].live && wanted[i];
  }
}

/// Push the token of that number, held in the ring, at `level` or above.
static void
remember(df_past* const    past,
         df_history* const history,
         const int64_t     number,
         const int         least)
{
  const size_t at    = (size_t)(number % past->size);
  const int    own   = past->levels[at];
  const int    level = own > least ? own : least;
  df_rng       rng   = df_rng_make(past->seed, DRAWS, (uint64_t)number);
  df_rng_normal(&rng, past->z, (size_t)past->C);
  df_forcing_noise(past->schedule,
                   past->z,
                   past->ring + at * (size_t)past->C,
                   past->z,
                   &level,
                   1,
                   1,
                   past->C);
  df_history_push(history, past->z, NULL, level);
}

void
df_past_push(df_past* const past, const float* const x0, const int level)
{
  const int64_t number = df_past_count(past);
  const size_t  at     = (size_t)(number % past->size);
  memcpy(
    past->ring + at * (size_t)past->C, x0, (size_t)past->C * sizeof(float));
  past->levels[at] = level;
  past->stored += past->stored < past->size ? 1 : 0;
  remember(past, past->history, number, 0);
  for (int i = 0; i < BRANCHES; ++i) {
    if (past->branches[i].live) {
      remember(
        past, past->branches[i].history, number, past->branches[i].level);
    }
  }
}

void
df_past_relevel(df_past* const past,
                const int      from,
                const int      to,
                const int      most)
{
  const int64_t count = df_past_count(past);
  int           n     = 0;
  while (n < most && n < past->stored && n < df_past_undo(past) &&
         past->levels[(count - 1 - n) % past->size] == from) {
    ++n;
  }
  df_history_drop(past->history, n);
  for (int64_t number = count - n; number < count; ++number) {
    past->levels[number % past->size] = to;
    remember(past, past->history, number, 0);
  }
  for (int i = 0; i < BRANCHES; ++i) {
    past->branches[i].live = past->branches[i].live && n == 0; // built anew
  }
}

void
df_past_drop(df_past* const past, const int n)
{
  df_history_drop(past->history, n);
  past->stored = past->stored > n ? past->stored - n : 0;
  for (int i = 0; i < BRANCHES; ++i) {
    branch* const b = &past->branches[i];
    b->live         = b->live && df_history_undo(b->history) >= n;
    if (b->live) {
      df_history_drop(b->history, n);
    }
  }
}

int
df_past_undo(const df_past* const past)
{
  return df_history_undo(past->history);
}

int64_t
df_past_count(const df_past* const past)
{
  return df_history_count(past->history);
}

/// Build a branch from all that the ring holds: the context, and what a drop
/// may yet uncover of it.
static void
rebuild(df_past* const past, branch* const b)
{
  const int64_t count = df_past_count(past);
  df_history_reset(b->history);
  for (int64_t number = count - past->stored; number < count; ++number) {
    remember(past, b->history, number, b->level);
  }
  b->live = true;
}

void
df_past_predict(df_past* const     past,
                const int          H,
                const int          memory,
                const float* const z,
                const int* const   level,
                const float* const recall,
                const float* const confidence,
                float* const       x0)
{
  // Nothing to compare where there is no past at all
  const df_history_term        plain = {0, 1.0};
  const bool                   none  = df_past_count(past) == 0;
  const df_history_term* const terms = none ? &plain : past->terms;
  const int                    count = none ? 1 : past->term_count;

  const float* estimates[TERMS_MOST] = {NULL};
  for (int i = 0; i < count; ++i) {
    branch* const b = branch_of(past, &terms[i]);
    if (b && !b->live) {
      rebuild(past, b);
    }
    float* const to = i ? past->x0 + (size_t)(i - 1) * past->window : x0;
    estimates[i]    = to;
    df_history_predict(b ? b->history : past->history,
                       H,
                       memory,
                       z,
                       NULL,
                       level,
                       recall,
                       confidence,
                       to);
  }
  df_history_compose(count, terms, estimates, x0, (size_t)H * (size_t)past->C);
}
