#include "core/train/batch.h"

#include "core/audio/bands.h"
#include "core/base/pool.h"
#include "core/base/rng.h"
#include "core/diffusion/weights.h"
#include "tests/check.h"

#include <stdbool.h>
#include <string.h>

#define B 4
#define T 64
#define C 6
#define ROWS 400
#define RATE 40.0

static float tokens[ROWS * C];
static float bands[ROWS * DF_BANDS];

static const df_take take = {ROWS, tokens, bands};

static const df_model_config model = {
  .backbone = DF_BACKBONE_TRANSFORMER,
  .token    = C,
  .width    = 8,
  .heads    = 2,
  .layers   = 1,
  .mlp      = 8,
  .conv     = 3,
  .context  = 32,
  .horizon  = 16,
  .levels   = 64,
  .shift    = 0.5f,
  .recall   = true,
};

typedef struct {
  df_arena           arena;
  const df_schedule* schedule;
  df_batch*          batch;
} bench;

/// A sound that repeats every 50 tokens, with a little noise on it.
static void
make_take(void)
{
  df_rng rng = df_rng_make(3U, 0U, 0U);
  df_rng_normal(&rng, tokens, ROWS * C);
  df_rng_normal(&rng, bands, ROWS * DF_BANDS);
  for (int t = 50; t < ROWS; ++t) {
    memcpy(tokens + t * C, tokens + (t - 50) * C, C * sizeof(float));
    for (int b = 0; b < DF_BANDS; ++b) {
      bands[t * DF_BANDS + b] = bands[(t - 50) * DF_BANDS + b];
    }
  }
}

static void
carve(bench* const self)
{
  const df_schedule_config levels = {DF_SCHEDULE_ANGLE, 64, 0.5, false};
  CHECK(df_schedule_make(&self->arena, &levels, &self->schedule) == DF_OK);
  CHECK(df_batch_make(&self->arena, &model, B, T, &self->batch) == DF_OK);
}

static bench
make_bench(void)
{
  bench self = {{NULL, 0U, 0U, false}, NULL, NULL};
  carve(&self);
  CHECK(df_arena_allocate(&self.arena) == DF_OK);
  carve(&self);
  return self;
}

static const df_clip clips[B] = {{&take, 0},
                                 {&take, 200},
                                 {&take, 336},
                                 {&take, 123}};

static df_batch_draw
draw_of(const int H, const uint64_t index)
{
  return (df_batch_draw){.H      = H,
                         .drop   = 0.15,
                         .rate   = RATE,
                         .seed   = 1U,
                         .stream = 2U,
                         .index  = index};
}

/// Level 0 is the clean token bit for bit, level K holds nothing of it.
static void
test_noised_by_level(void)
{
  bench  self    = make_bench();
  double product = 0.0;
  int    clean   = 0;
  int    noise   = 0;
  for (uint64_t i = 0U; i < 40U; ++i) {
    const df_batch_draw        draw = draw_of(16, i);
    const df_batch_view* const view =
      df_batch_fill(self.batch, self.schedule, &draw, clips, NULL);
    for (int t = 0; t < B * T; ++t) {
      const float* const x0 = view->clean + t * C;
      const int          k  = view->input.window_level[t];
      CHECK(k >= 0 && k <= 64);
      if (k == 0) {
        CHECK(!memcmp(view->input.window + t * C, x0, C * sizeof(float)));
        CHECK(view->weight[t] == 0.0f);
        ++clean;
      } else {
        const double s = df_schedule_noise(self.schedule, k);
        CHECK_NEAR(view->weight[t], df_weight_wiener(s, 60.0), 1e-6);
      }
      for (int c = 0; c < C && k == 64; ++c, ++noise) {
        product += (double)(view->input.window[t * C + c] * x0[c]);
      }
    }
  }
  CHECK(clean > 100 && noise > 1000);
  CHECK_NEAR(product / noise, 0.0, 5.0 / sqrt(noise)); // 5 deviations
  df_arena_free(&self.arena);
}

/// Clips are the tokens asked for; recall looks back and never into the block.
static void
test_recall_is_the_past(void)
{
  bench self = make_bench();
  int   with = 0;
  int   none = 0;
  for (uint64_t i = 0U; i < 20U; ++i) {
    const df_batch_draw        draw = draw_of(16, i);
    const df_batch_view* const view =
      df_batch_fill(self.batch, self.schedule, &draw, clips, NULL);
    for (int b = 0; b < B; ++b) {
      CHECK(!memcmp(view->clean + b * T * C,
                    tokens + clips[b].from * C,
                    T * C * sizeof(float)));
      for (int t = 0; t < T; t += 16) {
        const int   row  = b * T + t;
        const int   now  = clips[b].from + t;
        const float sure = view->input.confidence[row];
        CHECK(sure >= 0.0f && sure <= 1.0f + 1e-5f);
        for (int j = 0; j < 16; ++j) {
          CHECK(view->input.confidence[row + j] == sure);
        }
        if (sure > 0.9f) { // the sound repeats: the past is the future
          CHECK(now >= 50);
          CHECK(!memcmp(view->input.recall + row * C,
                        view->clean + row * C,
                        16U * C * sizeof(float)));
          ++with;
        } else if (now > 150) {
          CHECK(sure == 0.0f);
          ++none;
        }
      }
    }
  }
  // 3 of 4 clips have enough past everywhere, or nearly; 15 % are dropped
  CHECK(with > 100);
  const double share = (double)none / (none + with);
  CHECK_NEAR(share, 0.15, 0.08);
  df_arena_free(&self.arena);
}

/// The same draw gives the same batch on any number of threads.
static void
test_same_on_threads(void)
{
  bench    a    = make_bench();
  bench    b    = make_bench();
  df_pool* pool = NULL;
  CHECK(df_pool_make(3, &pool) == DF_OK);
  const df_batch_draw        draw = draw_of(8, 5U);
  const df_batch_view* const x =
    df_batch_fill(a.batch, a.schedule, &draw, clips, NULL);
  const df_batch_view* const y =
    df_batch_fill(b.batch, b.schedule, &draw, clips, pool);
  CHECK(x->counted == y->counted && x->counted > 0);
  CHECK(!memcmp(
    x->input.window, y->input.window, (size_t)B * T * C * sizeof(float)));
  CHECK(!memcmp(
    x->input.context, y->input.context, (size_t)B * T * C * sizeof(float)));
  CHECK(!memcmp(
    x->input.recall, y->input.recall, (size_t)B * T * C * sizeof(float)));
  CHECK(!memcmp(x->weight, y->weight, (size_t)B * T * sizeof(float)));
  df_pool_free(pool);
  df_arena_free(&a.arena);
  df_arena_free(&b.arena);
}

/// The gradient of the loss is its central difference; known tokens have none.
static void
test_loss_gradient(void)
{
  static float               x0[B * T * C];
  static float               dx0[B * T * C];
  bench                      self = make_bench();
  const df_batch_draw        draw = draw_of(16, 2U);
  const df_batch_view* const view =
    df_batch_fill(self.batch, self.schedule, &draw, clips, NULL);
  df_rng rng = df_rng_make(9U, 0U, 0U);
  df_rng_normal(&rng, x0, B * T * C);
  const double loss = df_batch_loss(view, x0, dx0);
  CHECK(loss > 0.0);
  for (int t = 0; t < B * T; t += 7) {
    const int   i     = t * C + t % C;
    const float keep  = x0[i];
    const float slope = dx0[i];
    CHECK(view->weight[t] > 0.0f || slope == 0.0f);
    x0[i]             = keep + 0.05f;
    const double high = df_batch_loss(view, x0, NULL);
    x0[i]             = keep - 0.05f;
    const double low  = df_batch_loss(view, x0, NULL);
    x0[i]             = keep;
    // Quadratic: exact but for rounding of the sum
    CHECK_NEAR((high - low) / 0.1, slope, 1e-5 + 1e-3 * fabs((double)slope));
  }

  // A perfect estimate costs nothing
  memcpy(x0, view->clean, sizeof(x0));
  CHECK(df_batch_loss(view, x0, NULL) == 0.0);
  df_arena_free(&self.arena);
}

/// Invariant 23: a token without weight costs nothing and has no gradient,
/// whatever is estimated for it.
static void
test_known_tokens_do_not_count(void)
{
  static float               x0[B * T * C];
  static float               dx0[B * T * C];
  bench                      self = make_bench();
  const df_batch_draw        draw = draw_of(16, 4U);
  const df_batch_view* const view =
    df_batch_fill(self.batch, self.schedule, &draw, clips, NULL);
  df_rng rng   = df_rng_make(9U, 1U, 0U);
  int    known = 0;
  df_rng_normal(&rng, x0, B * T * C);
  const double loss = df_batch_loss(view, x0, NULL);
  for (int t = 0; t < B * T; ++t) {
    known += view->weight[t] > 0.0f ? 0 : 1;
    for (int c = 0; c < C && view->weight[t] == 0.0f; ++c) {
      x0[t * C + c] = 1e6f;
    }
  }
  CHECK(known > 10 && known + view->counted == B * T);
  CHECK(df_batch_loss(view, x0, dx0) == loss);
  for (int i = 0; i < B * T * C; ++i) {
    CHECK((dx0[i] == 0.0f) == (view->weight[i / C] == 0.0f));
  }
  df_arena_free(&self.arena);
}

int
main(void)
{
  make_take();
  test_noised_by_level();
  test_recall_is_the_past();
  test_same_on_threads();
  test_loss_gradient();
  test_known_tokens_do_not_count();
  return 0;
}
