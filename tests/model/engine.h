#ifndef DF_TESTS_ENGINE_H
#define DF_TESTS_ENGINE_H

#include "tests/check.h"

#include "core/base/arena.h"
#include "core/model/model.h"
#include "core/model/predictor.h"
#include "core/tensor/kernels.h"

#include <string.h>

/// A packed model with one history.
typedef struct {
  df_arena            packed;
  df_arena            past;
  const df_predictor* predictor;
  df_history*         history;
} engine;

static inline void
engine_make(engine* const           e,
            const df_model* const   model,
            const df_kernels* const kernels)
{
  memset(e, 0, sizeof(*e));
  CHECK(!df_predictor_make_on(&e->packed, model, kernels, &e->predictor));
  CHECK(!e->predictor);
  CHECK(!df_arena_allocate(&e->packed));
  CHECK(!df_predictor_make_on(&e->packed, model, kernels, &e->predictor));

  CHECK(!df_history_make(&e->past, e->predictor, &e->history));
  CHECK(!e->history);
  CHECK(!df_arena_allocate(&e->past));
  CHECK(!df_history_make(&e->past, e->predictor, &e->history));
}

static inline void
engine_free(engine* const e)
{
  df_arena_free(&e->past);
  df_arena_free(&e->packed);
}

#endif // DF_TESTS_ENGINE_H
