#include "core/model/predictor.h"
#include "tests/model/engine.h"
#include "tests/model/scene.h"

#include "core/tensor/kernels.h"

#include <math.h>
#include <stdbool.h>

// The running path against the training path, and against itself.  Both work
// in floats; sums in another order move a result by some 1e-6 of its size.
#define TOLERANCE 1e-5

// Longer than the ring of remembered tokens, which holds context + 64
enum { T = 120, C = 5, SIDE = 3, H_MOST = 8, SIZE = H_MOST * C };

static const df_backbone backbones[] = {DF_BACKBONE_TRANSFORMER,
                                        DF_BACKBONE_GRU};

static df_model_config
config_of(const df_backbone backbone)
{
  df_model_config c = scene_config(backbone);
  c.horizon         = H_MOST;
  c.layers          = 3;
  return c;
}

// Call a test for both backbones, with random weights
static void
each(void (*const test)(scene* s))
{
  for (int b = 0; b < 2; ++b) {
    scene s;
    scene_make(&s, config_of(backbones[b]), 1, T, H_MOST, NULL, 3U);
    test(&s);
    scene_free(&s);
  }
}

static void
push(engine* const e, const scene* const s, const int t)
{
  df_history_push(e->history,
                  s->context + t * C,
                  s->context_side + t * SIDE,
                  s->context_level[t]);
}

static void
push_to(engine* const e, const scene* const s, const int end)
{
  for (int t = (int)df_history_count(e->history); t < end; ++t) {
    push(e, s, t);
  }
}

static void
push_from(engine* const e, const scene* const s, const int begin, const int end)
{
  for (int t = begin; t < end; ++t) {
    push(e, s, t);
  }
}

// Estimate the window of tokens 8 .. 15 of the scene
static void
ask_for(engine* const      e,
        const scene* const s,
        const int          memory,
        float* const       x0)
{
  df_history_predict(e->history,
                     H_MOST,
                     memory,
                     s->window + SIZE,
                     s->window_side + H_MOST * SIDE,
                     s->window_level + H_MOST,
                     s->recall + SIZE,
                     s->confidence + H_MOST,
                     x0);
}

static void
ask(engine* const e, const scene* const s, float* const x0)
{
  ask_for(e, s, s->model->config.context, x0);
}

static bool
same(const float* const a, const float* const b)
{
  return !memcmp(a, b, SIZE * sizeof(float));
}

static void
near(const float* const got, const float* const want, const int count)
{
  for (int i = 0; i < count; ++i) {
    CHECK_NEAR(got[i], want[i], TOLERANCE * (1.0 + fabs((double)want[i])));
  }
}

static void
check_stream(const df_model_config config, const int H, const bool recall)
{
  scene s;
  scene_make(&s, config, 1, T, H, NULL, 5U);
  s.in.recall     = recall ? s.recall : NULL;
  s.in.confidence = recall ? s.confidence : NULL;
  scene_forward(&s);
  engine e;
  engine_make(&e, s.model, df_kernels_best());
  for (int b = 0; b < T; b += H) {
    float x0[SIZE];
    df_history_predict(e.history,
                       H,
                       config.context,
                       s.window + b * C,
                       s.window_side + b * SIDE,
                       s.window_level + b,
                       recall ? s.recall + b * C : NULL,
                       recall ? s.confidence + b : NULL,
                       x0);
    near(x0, s.x0 + b * C, H * C);
    push_to(&e, &s, b + H);
  }
  engine_free(&e);
  scene_free(&s);
}

/// Invariants 21 and 22: token by token, with a GRU's running state or a
/// transformer's cached keys and values, an estimate is that of the training
/// path, which has no cache, over whole clips: for any window, with and without
/// recall.
static void
test_stream_equals_batch(void)
{
  static const int H[] = {1, 3, 8};
  for (int b = 0; b < 2; ++b) {
    df_model_config config = config_of(backbones[b]);
    for (int h = 0; h < 3; ++h) {
      check_stream(config, H[h], false);
      check_stream(config, H[h], true);
    }
    config.conv    = 1;
    config.layers  = 1;
    config.context = 1;
    check_stream(config, 4, true);
    config.conv    = 8;
    config.context = T;
    check_stream(config, 4, true);
    config.recall = false;
    check_stream(config, 4, true); // the input is there, and not looked at
  }
}

/// Many tokens at once leave the same bits as one after the other.
static void
test_push_many(scene* const s)
{
  engine a;
  engine b;
  engine_make(&a, s->model, df_kernels_best());
  engine_make(&b, s->model, df_kernels_best());
  push_to(&a, s, T);
  push_to(&b, s, 7);
  df_history_push_many(b.history,
                       T - 7,
                       s->context + 7 * C,
                       s->context_side + 7 * SIDE,
                       s->context_level + 7);
  CHECK(df_history_count(b.history) == T);
  CHECK(df_history_undo(b.history) == 64);
  float x[SIZE];
  float y[SIZE];
  ask(&a, s, x);
  ask(&b, s, y);
  CHECK(same(x, y));
  engine_free(&a);
  engine_free(&b);
}

/// Tokens that were dropped leave no trace, bit for bit, wherever the rings
/// stand; not more than 64 can be.
static void
test_drop(scene* const s)
{
  engine a;
  engine b;
  engine_make(&a, s->model, df_kernels_best());
  engine_make(&b, s->model, df_kernels_best());
  for (int begin = 0; begin < T - 1; begin += 17) {
    const int more = begin < 64 ? begin : 64;
    float     x[SIZE];
    float     y[SIZE];
    push_to(&a, s, begin);
    push_to(&b, s, begin);
    for (int n = 0; n < 64; ++n) {
      push(&b, s, T - 1 - n);
    }
    CHECK(df_history_undo(b.history) == 64);
    df_history_drop(b.history, 64);
    CHECK(df_history_undo(b.history) == 0);
    CHECK(df_history_count(b.history) == begin);
    ask(&a, s, x);
    ask(&b, s, y);
    CHECK(same(x, y));

    // Dropped piecemeal, and grown again
    push_from(&b, s, 0, more);
    df_history_drop(b.history, more / 2);
    df_history_drop(b.history, more - more / 2);
    push(&a, s, begin);
    push(&b, s, begin);
    ask(&a, s, x);
    ask(&b, s, y);
    CHECK(same(x, y));
  }
  engine_free(&a);
  engine_free(&b);
}

/// After a reset everything is as just made.
static void
test_reset(scene* const s)
{
  engine a;
  engine b;
  float  x[SIZE];
  float  y[SIZE];
  engine_make(&a, s->model, df_kernels_best());
  engine_make(&b, s->model, df_kernels_best());
  push_to(&b, s, 100);
  df_history_reset(b.history);
  CHECK(df_history_count(b.history) == 0 && df_history_undo(b.history) == 0);
  for (int t = 0; t < 10; ++t) {
    ask(&a, s, x);
    ask(&b, s, y);
    CHECK(same(x, y));
    push(&a, s, t);
    push(&b, s, t);
  }
  engine_free(&a);
  engine_free(&b);
}

/// Asking changes nothing: not the next answer, not what comes later.
static void
test_predict_changes_nothing(scene* const s)
{
  engine a;
  engine b;
  float  x[SIZE];
  float  y[SIZE];
  engine_make(&a, s->model, df_kernels_best());
  engine_make(&b, s->model, df_kernels_best());
  for (int t = 0; t < 80; ++t) {
    ask(&b, s, y);
    ask_for(&b, s, t % 7, y);
    push(&a, s, t);
    push(&b, s, t);
  }
  ask(&a, s, x);
  ask(&b, s, y);
  CHECK(same(x, y));
  ask(&b, s, y);
  CHECK(same(x, y));
  engine_free(&a);
  engine_free(&b);
}

/// Without memory an answer is that of an empty past.
static void
test_no_memory(scene* const s)
{
  engine a;
  engine b;
  float  x[SIZE];
  float  y[SIZE];
  engine_make(&a, s->model, df_kernels_best());
  engine_make(&b, s->model, df_kernels_best());
  push_to(&b, s, 90);
  ask_for(&a, s, 0, x);
  ask_for(&b, s, 0, y);
  near(y, x, SIZE);
  ask_for(&b, s, s->model->config.context, y);
  CHECK(!same(x, y)); // the past does matter
  engine_free(&a);
  engine_free(&b);
}

/// With m tokens of memory an answer is that of a past cut to m tokens, where
/// one layer without convolution sees to it that the rest reaches no farther.
static void
test_memory(void)
{
  df_model_config config = config_of(DF_BACKBONE_TRANSFORMER);
  config.layers          = 1;
  config.conv            = 1;
  scene s;
  scene_make(&s, config, 1, T, H_MOST, NULL, 3U);
  engine whole;
  engine cut;
  engine_make(&whole, s.model, df_kernels_best());
  engine_make(&cut, s.model, df_kernels_best());
  push_to(&whole, &s, 90);
  for (int m = 0; m <= config.context; ++m) {
    float x[SIZE];
    float y[SIZE];
    df_history_reset(cut.history);
    push_from(&cut, &s, 90 - m, 90);
    ask_for(&whole, &s, m, x);
    ask(&cut, &s, y);
    near(x, y, SIZE);
  }
  engine_free(&whole);
  engine_free(&cut);
  scene_free(&s);
}

/// Days into a stream an answer is what it was near its start, when the newest
/// tokens are the same.
static void
test_late(void)
{
  const df_model_config config = config_of(DF_BACKBONE_TRANSFORMER);
  scene                 s;
  scene_make(&s, config, 1, T, H_MOST, NULL, 3U);
  engine e;
  engine_make(&e, s.model, df_kernels_best());
  float x[SIZE];
  float y[SIZE];
  push_to(&e, &s, T);
  ask(&e, &s, x);
  for (int round = 1; round < 1500; ++round) {
    df_history_push_many(
      e.history, T, s.context, s.context_side, s.context_level);
  }
  CHECK(df_history_count(e.history) == 1500 * T);
  ask(&e, &s, y);
  near(y, x, SIZE);
  engine_free(&e);
  scene_free(&s);
}

/// All tables of kernels give the same estimates.
static void
test_tables_agree(scene* const s)
{
  static const char* const names[] = {"avx2", "avx512"};
  engine                   plain;
  float                    x[SIZE];
  float                    y[SIZE];
  engine_make(&plain, s->model, df_kernels_named("plain"));
  push_to(&plain, s, 90);
  ask(&plain, s, x);
  for (int i = 0; i < 2; ++i) {
    const df_kernels* const ks = df_kernels_named(names[i]);
    if (ks) {
      engine e;
      engine_make(&e, s->model, ks);
      push_to(&e, s, 90);
      ask(&e, s, y);
      near(y, x, SIZE);
      engine_free(&e);
    }
  }
  engine_free(&plain);
}

/// A clean token comes back as it is, and recall without confidence is not
/// looked at, whatever it holds.
static void
test_clean_and_distrusted(scene* const s)
{
  engine e;
  float  x[SIZE];
  float  y[SIZE];
  float  recall[SIZE];
  float  confidence[H_MOST] = {0.0f, 0.5f};
  int    level[H_MOST];
  engine_make(&e, s->model, df_kernels_best());
  push_to(&e, s, 20);
  memcpy(recall, s->recall, sizeof(recall));
  memcpy(level, s->window_level, sizeof(level));
  level[3] = 0;
  df_history_predict(e.history,
                     H_MOST,
                     6,
                     s->window,
                     s->window_side,
                     level,
                     recall,
                     confidence,
                     x);
  CHECK(!memcmp(x + 3 * C, s->window + 3 * C, C * sizeof(float)));
  for (int c = 0; c < C; ++c) {
    recall[c] = NAN;
  }
  df_history_predict(e.history,
                     H_MOST,
                     6,
                     s->window,
                     s->window_side,
                     level,
                     recall,
                     confidence,
                     y);
  CHECK(same(x, y));
  confidence[1] = 0.0f;
  df_history_predict(e.history,
                     H_MOST,
                     6,
                     s->window,
                     s->window_side,
                     level,
                     recall,
                     confidence,
                     x);
  CHECK(!same(x, y)); // trusted, it does matter
  df_history_predict(
    e.history, H_MOST, 6, s->window, s->window_side, level, NULL, NULL, y);
  CHECK(same(x, y));
  engine_free(&e);
}

/// The packed model says what the model said, and does not need it any more.
static void
test_knows_its_model(scene* const s)
{
  engine e;
  float  x[SIZE];
  float  y[SIZE];
  for (int c = 0; c < C; ++c) {
    s->model->low[c]  = -1.0f - (float)c;
    s->model->high[c] = 2.0f + (float)c;
  }
  engine_make(&e, s->model, df_kernels_best());
  CHECK(!memcmp(df_predictor_config(e.predictor),
                &s->model->config,
                sizeof(df_model_config)));
  for (int c = 0; c < C; ++c) {
    CHECK(df_predictor_variance(e.predictor)[c] == s->model->variance[c]);
    CHECK(df_predictor_low(e.predictor)[c] == -1.0f - (float)c);
    CHECK(df_predictor_high(e.predictor)[c] == 2.0f + (float)c);
  }
  push_to(&e, s, 20);
  ask(&e, s, x);
  memset(s->model->theta, 0, s->model->params.total * sizeof(float));
  df_history_reset(e.history);
  push_to(&e, s, 20);
  ask(&e, s, y);
  CHECK(same(x, y));
  engine_free(&e);
}

/// Memory that does not suffice is an answer, wherever it ends.
static void
test_short_memory(scene* const s)
{
  engine e;
  engine_make(&e, s->model, df_kernels_best());
  for (size_t size = 0U; size < e.packed.size; size += 4096U) {
    df_arena            arena = {e.packed.base, size, 0U, false};
    const df_predictor* none  = NULL;
    CHECK(df_predictor_make(&arena, s->model, &none) == DF_E_NOMEM && !none);
  }
  CHECK(!df_predictor_make(&(df_arena){e.packed.base, e.packed.size, 0U, false},
                           s->model,
                           &e.predictor));
  for (size_t size = 0U; size < e.past.size; size += 4096U) {
    df_arena    arena = {e.past.base, size, 0U, false};
    df_history* none  = NULL;
    CHECK(df_history_make(&arena, e.predictor, &none) == DF_E_NOMEM && !none);
  }
  engine_free(&e);
}

int
main(void)
{
  test_stream_equals_batch();
  each(test_push_many);
  each(test_drop);
  each(test_reset);
  each(test_predict_changes_nothing);
  each(test_no_memory);
  test_memory();
  test_late();
  each(test_tables_agree);
  each(test_clean_and_distrusted);
  each(test_knows_its_model);
  each(test_short_memory);
  return 0;
}
