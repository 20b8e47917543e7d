#include "core/stream/past.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "tests/check.h"
#include "tests/stream/mock.h"

#include <string.h>

enum { C = 3, H = 4, K = 64 };

typedef struct {
  df_arena     arena;
  df_predictor predictor;
  df_past*     past;
  df_past*     other;
} scene;

static void
begin(scene* const s)
{
  s->arena = (df_arena){NULL, 0U, (size_t)16U << 20U, false};
  CHECK(df_arena_allocate(&s->arena) == DF_OK);
  s->predictor        = mock_predictor(&s->arena, C, H, 0.9);
  df_past** const p[] = {&s->past, &s->other};
  for (int i = 0; i < 2; ++i) {
    CHECK(df_past_make(&s->arena, &s->predictor, s->predictor.schedule, p[i]) ==
          DF_OK);
    df_past_seed(*p[i], 17U);
  }
  mock_forget();
}

static void
token(const int i, float* const x)
{
  df_rng rng = df_rng_make(1U, 2U, (uint64_t)i);
  df_rng_normal(&rng, x, C);
}

static void
feed(df_past* const past, const int from, const int to, const int level)
{
  for (int i = from; i < to; ++i) {
    float x[C];
    token(i, x);
    df_past_push(past, x, level);
  }
}

static const float window[H * C] =
  {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1.f, 1.f, 1.f};
static const int levels[H] = {16, 32, 48, 64};

static void
predict(df_past* const past, float* const x0)
{
  df_past_predict(past, H, 32, window, levels, NULL, NULL, x0);
}

/// Guidance of weight 1 costs one prediction, one push, and changes nothing.
static void
test_plain_costs_nothing(void)
{
  scene s;
  begin(&s);
  df_past_guide(s.other, 1.0, 20);
  feed(s.past, 0, 9, 2);
  CHECK(mock.pushes == 9);
  feed(s.other, 0, 9, 2);
  CHECK(mock.pushes == 18);
  float x[2][H * C];
  predict(s.past, x[0]);
  predict(s.other, x[1]);
  CHECK(mock.predicts == 2 && mock.pushes == 18);
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  df_arena_free(&s.arena);
}

/// Guided estimates are the sums that the papers write.
static void
test_sums(void)
{
  scene s;
  begin(&s);
  feed(s.past, 0, 9, 0);
  float clean[H * C];
  predict(s.past, clean);

  // The same past by hand at level 20 and as noise
  df_history* part = NULL;
  df_history* none = NULL;
  CHECK(df_history_make(&s.arena, &s.predictor, &part) == DF_OK);
  CHECK(df_history_make(&s.arena, &s.predictor, &none) == DF_OK);
  for (int i = 0; i < 9; ++i) {
    float     x[C];
    float     z[C];
    float     eps[C];
    const int at  = 20;
    df_rng    rng = df_rng_make(17U, UINT64_C(0x70617374), (uint64_t)i);
    token(i, x);
    df_rng_normal(&rng, eps, C);
    df_forcing_noise(s.predictor.schedule, z, x, eps, &at, 1, 1, C);
    df_history_push(part, z, NULL, at);
    df_history_push(none, eps, NULL, K);
  }
  float x_part[H * C];
  float x_none[H * C];
  df_history_predict(part, H, 32, window, NULL, levels, NULL, NULL, x_part);
  df_history_predict(none, H, 32, window, NULL, levels, NULL, NULL, x_none);

  float x[H * C];
  df_past_guide(s.past, 1.5, K);
  predict(s.past, x);
  for (int i = 0; i < H * C; ++i) {
    CHECK_NEAR(x[i], 1.5 * (double)clean[i] - 0.5 * (double)x_none[i], 1e-6);
  }
  df_past_guide(s.past, 3.0, 20);
  predict(s.past, x);
  for (int i = 0; i < H * C; ++i) {
    const double pull = (double)x_part[i] - (double)x_none[i];
    CHECK_NEAR(x[i], (double)clean[i] + 2.0 * pull, 1e-6);
  }
  df_past_guide(s.past, 0.0, K);
  predict(s.past, x);
  CHECK(!memcmp(x, x_none, sizeof(x)));
  df_arena_free(&s.arena);
}

/// Guidance switched on late equals guidance from the start, and both survive
/// drops, bit for bit.
static void
test_rebuilt_equals_live(void)
{
  scene s;
  begin(&s);
  df_past_guide(s.past, 2.0, 24);
  float x[2][H * C];
  feed(s.past, 0, 5, 3);
  predict(s.past, x[0]); // builds the branches
  feed(s.past, 5, 200, 3);
  feed(s.other, 0, 200, 3);
  df_past_guide(s.other, 2.0, 24);
  const int pushes = mock.pushes;
  predict(s.past, x[0]);
  CHECK(mock.pushes == pushes);
  predict(s.other, x[1]);
  CHECK(mock.pushes == pushes + 2 * 128); // context and undo, twice
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));

  // Drop and remember others
  df_past_drop(s.past, 30);
  df_past_drop(s.other, 30);
  feed(s.past, 500, 503, 3);
  feed(s.other, 500, 503, 3);
  predict(s.past, x[0]);
  predict(s.other, x[1]);
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  CHECK(df_past_count(s.past) == 173);

  // Another level builds one branch anew
  df_past_guide(s.past, 2.0, 25);
  df_past_guide(s.other, 2.0, 25);
  const int before = mock.pushes;
  predict(s.past, x[0]);
  CHECK(mock.pushes == before + 128 - 30 + 3);
  df_arena_free(&s.arena);
}

/// What was dropped is not built from again, and a branch with a shorter memory
/// than the drop is built anew.
static void
test_drop_before_rebuild(void)
{
  scene s;
  begin(&s);
  float x[2][H * C];
  feed(s.past, 0, 10, 3);
  df_past_drop(s.past, 8);
  feed(s.other, 0, 2, 3);
  df_past_guide(s.past, 2.0, 24);
  df_past_guide(s.other, 2.0, 24);
  predict(s.past, x[0]);
  predict(s.other, x[1]);
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));

  df_past_guide(s.past, 1.0, 24); // off: the branches fall behind
  const int before = mock.pushes;
  feed(s.past, 2, 9, 3);
  CHECK(mock.pushes == before + 7);
  feed(s.other, 2, 9, 3);
  df_past_guide(s.past, 2.0, 24); // on again
  predict(s.past, x[0]);
  predict(s.other, x[1]);
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  df_arena_free(&s.arena);
}

/// Reset forgets, and an empty past has nothing to guide by.
static void
test_reset(void)
{
  scene s;
  begin(&s);
  df_past_guide(s.past, 3.0, K);
  feed(s.past, 0, 5, 0);
  float x[2][H * C];
  predict(s.past, x[0]);
  df_past_reset(s.past);
  CHECK(df_past_count(s.past) == 0 && df_past_undo(s.past) == 0);
  const int predicts = mock.predicts;
  predict(s.past, x[0]);
  CHECK(mock.predicts == predicts + 1);
  predict(s.other, x[1]);
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  df_arena_free(&s.arena);
}

/// Tokens remembered at another level after all are as if so from the start,
/// and the guided past with them; those before another level stay.
static void
test_relevel(void)
{
  scene s;
  begin(&s);
  float x[2][H * C];
  for (int guided = 0; guided < 2; ++guided) {
    df_past_reset(s.past);
    df_past_reset(s.other);
    df_past_guide(s.past, guided ? 3.0 : 1.0, 20);
    df_past_guide(s.other, guided ? 3.0 : 1.0, 20);
    feed(s.past, 0, 4, 2);
    feed(s.past, 4, 6, 0);
    feed(s.past, 6, 9, 2);
    predict(s.past, x[0]);
    df_past_relevel(s.past, 2, 30, 8);
    feed(s.other, 0, 4, 2);
    feed(s.other, 4, 6, 0);
    feed(s.other, 6, 9, 30);
    predict(s.other, x[1]);
    CHECK(memcmp(x[0], x[1], sizeof(x[0])));
    predict(s.past, x[0]);
    CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  }
  df_arena_free(&s.arena);
}

int
main(void)
{
  test_plain_costs_nothing();
  test_sums();
  test_rebuilt_equals_live();
  test_drop_before_rebuild();
  test_reset();
  test_relevel();
  return 0;
}
