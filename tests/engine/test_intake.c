#include "core/engine/intake.h"

#include "core/engine/mend.h"
#include "tests/check.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { RATE = 48000, SIZE = 32768, N = 20000 };

static float x[N];
static float lane[N];

typedef struct {
  df_arena  arena;
  df_intake in;
} setup;

static setup
make(const int channels)
{
  setup s;
  memset(&s, 0, sizeof(s));
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_intake_make(&s.arena, RATE, channels, SIZE, &s.in) == DF_OK);
    CHECK(pass || df_arena_allocate(&s.arena) == DF_OK);
  }
  df_intake_begin(&s.in, 0U);
  return s;
}

static void
hear(df_intake* const in, const int to)
{
  while (in->t < to) {
    const float both[2] = {x[in->t], -0.5f * x[in->t]};
    df_intake_take(in, both, lane[in->t]);
  }
}

static void
lose(const int from, const int to, const float level)
{
  for (int t = from; t < to; ++t) {
    lane[t] = level;
  }
}

static void
tone(void)
{
  memset(lane, 0, sizeof(lane));
  for (int t = 0; t < N; ++t) {
    x[t] = 0.3f * sinf(0.05f * (float)t);
  }
}

/// Trusted samples stand in the lines as they came, lost ones are carried on
/// and the input returns over a short fade.
static void
test_lines(void)
{
  tone();
  lose(9000, 9300, 1.0f);
  setup     s    = make(2);
  const int ease = (int)(DF_JOIN * RATE);
  int       own  = 0;
  hear(&s.in, N);
  for (int t = 0; t < N; ++t) {
    CHECK(df_intake_dry(&s.in, 0, t) == x[t]);
    CHECK(df_intake_dry(&s.in, 1, t) == -0.5f * x[t]);
    CHECK(df_intake_noise(&s.in, t) == lane[t]);
    const bool same = df_intake_line(&s.in, 0, t) == x[t];
    CHECK(same || (t >= 9000 && t < 9300 + ease));
    own += same;
  }
  CHECK(own < N - 500); // of 300 + 240
  float out[400];
  df_intake_copy(&s.in, 0, 9200, 400, out);
  CHECK(out[99] == df_intake_line(&s.in, 0, 9299));
  CHECK(!memcmp(out + 100, x + 9300, 300U * sizeof(float)));
  df_arena_free(&s.arena);
}

// The farthest that a sample of the line is from the middle of its neighbours
static float
sharpest(const df_intake* const in, const int from, const int to)
{
  float most = 0.0f;
  for (int t = from; t < to; ++t) {
    const float middle =
      0.5f * (df_intake_line(in, 0, t - 1) + df_intake_line(in, 0, t + 1));
    most = fmaxf(most, fabsf(df_intake_line(in, 0, t) - middle));
  }
  return most;
}

/// Where a tone that no long predictor knows comes back the line is as smooth
/// as the tone: what is carried on under it does not follow what comes back.
static void
test_return(void)
{
  for (int length = 50; length < 800; length += 170) {
    tone();
    lose(9000, 9000 + length, 1.0f);
    setup s = make(1);
    hear(&s.in, 10240);
    CHECK(!df_carry_good(s.in.carry));
    CHECK(sharpest(&s.in, 9000 + length, 10239) <
          4.0f * sharpest(&s.in, 8000, 8999));
    df_arena_free(&s.arena);
  }
}

/// The last stretch that was heard of a hop, whatever happened in it.
static void
test_heard(void)
{
  static const struct {
    int lost[2][2];
    int from;
    int to;
  } cases[] = {
    {{{0, 0}, {0, 0}}, 0, 512},
    {{{9000, 9100}, {0, 0}}, 0, 512},     // before it
    {{{9000, 10100}, {0, 0}}, 100, 512},  // until within
    {{{10100, 12000}, {0, 0}}, 0, 100},   // from within
    {{{9000, 12000}, {0, 0}}, 0, 0},      // all of it
    {{{10100, 10200}, {0, 0}}, 200, 512}, // within
    {{{9000, 10100}, {10200, 12000}}, 100, 200},
    {{{10050, 10100}, {10200, 12000}}, 100, 200},
  };
  for (size_t k = 0U; k < sizeof(cases) / sizeof(cases[0]); ++k) {
    tone();
    lose(cases[k].lost[0][0], cases[k].lost[0][1], 1.0f);
    lose(cases[k].lost[1][0], cases[k].lost[1][1], 1.0f);
    setup s    = make(1);
    int   from = -1;
    int   to   = -1;
    hear(&s.in, 10512);
    df_intake_heard(&s.in, 10000, 512, &from, &to);
    CHECK(from == cases[k].from && to == cases[k].to);
    df_arena_free(&s.arena);
  }
}

/// Gaps of up to 50 ms between trusted parts wait to be filled, with what is
/// trusted after them, until that is enough or they can wait no more; others do
/// not.
static void
test_gaps(void)
{
  tone();
  lose(5000, 5480, 1.0f);
  lose(6000, 8400, 1.0f);
  lose(9000, 9100, 0.5f);
  lose(10000, 12401, 1.0f); // too long
  lose(13000, 13100, 0.5f); // doubt before it
  lose(13100, 13200, 1.0f);
  lose(14000, 14100, 1.0f); // doubt after it
  lose(14100, 14200, 0.5f);
  setup s = make(1);
  hear(&s.in, N);
  CHECK(s.in.gap_count == 2);
  CHECK(s.in.gaps[0].from == 5000 && s.in.gaps[0].to == 5480);
  CHECK(s.in.gaps[0].until == 6000);
  CHECK(s.in.gaps[1].from == 6000 && s.in.gaps[1].to == 8400);
  CHECK(s.in.gaps[1].until == 9000);
  df_gap gap = {0, 0, 0};
  CHECK(df_intake_ripe(&s.in, 5000, 5000, &gap)); // the oldest
  CHECK(gap.from == 5000 && gap.to == 5480 && gap.until == 6000);
  CHECK(s.in.gap_count == 1 && s.in.gaps[0].from == 6000);
  CHECK(!df_intake_ripe(&s.in, 6001, 6001, &gap)); // too late
  CHECK(s.in.gap_count == 0);
  CHECK(s.in.untrusted == 14199);
  df_arena_free(&s.arena);

  tone();
  for (int t = 1000; t < N - 200; t += 200) {
    lose(t, t + 64, 1.0f);
  }
  s = make(1);
  hear(&s.in, N);
  CHECK(s.in.gap_count == DF_INTAKE_GAPS);
  CHECK(s.in.gaps[0].from == 1000 && s.in.gaps[0].until == 1200);
  CHECK(!df_intake_ripe(&s.in, 0, 0, &gap)); // too little between them
  CHECK(s.in.gap_count == 0);
  df_arena_free(&s.arena);

  tone();
  lose(9000, 9100, 1.0f);
  s = make(1);
  hear(&s.in, 9100 + DF_MEND_LEAST);
  CHECK(!df_intake_ripe(&s.in, 8000, 9000, &gap)); // more is to come
  CHECK(s.in.gap_count == 1);
  CHECK(df_intake_ripe(&s.in, 8000, 9001, &gap)); // and would be too late
  CHECK(gap.until == 9100 + DF_MEND_LEAST && s.in.gap_count == 0);
  df_arena_free(&s.arena);
}

/// A filled gap is trusted, and the input follows on it with no fade, whether
/// that has begun or not.
static void
test_mend(void)
{
  const int heard[] = {9401, 9500, 12000};
  for (int k = 0; k < 3; ++k) {
    float        y[2][400];
    const float* filled[2] = {y[0], y[1]};
    tone();
    lose(9000, 9400, 1.0f);
    setup s = make(2);
    for (int i = 0; i < 400; ++i) {
      y[0][i] = (float)i;
      y[1][i] = (float)-i;
    }
    hear(&s.in, heard[k]);
    df_intake_mend(&s.in, 9000, 9400, filled);
    hear(&s.in, N);
    for (int t = 8000; t < N; ++t) {
      const bool  in   = t >= 9000 && t < 9400;
      const float want = in ? y[0][t - 9000] : x[t];
      CHECK(df_intake_line(&s.in, 0, t) == want);
      CHECK(df_intake_line(&s.in, 1, t) == (in ? -want : -0.5f * x[t]));
      CHECK(df_intake_noise(&s.in, t) == 0.0f);
    }
    df_arena_free(&s.arena);
  }
}

/// To begin anew keeps what is asked for of the dry sound, and nothing else.
static void
test_begin(void)
{
  tone();
  lose(15000, 15100, 1.0f);
  setup s = make(1);
  hear(&s.in, N);
  df_intake_begin(&s.in, 100U);
  for (int t = -200; t < 0; ++t) {
    CHECK(df_intake_dry(&s.in, 0, t) == (t < -100 ? 0.0f : x[N + t]));
    CHECK(df_intake_line(&s.in, 0, t) == 0.0f);
  }
  CHECK(s.in.t == 0 && s.in.gap_count == 0 && s.in.untrusted == -1);
  df_arena_free(&s.arena);
}

/// The lane on the scale of 64 levels.
static void
test_trust(void)
{
  CHECK(df_trust_of(0.0f) == DF_TRUSTED && df_trust_of(0.0078f) == DF_TRUSTED);
  CHECK(df_trust_of(0.0079f) == DF_NOISY && df_trust_of(0.992f) == DF_NOISY);
  CHECK(df_trust_of(0.993f) == DF_LOST && df_trust_of(1.0f) == DF_LOST);
}

int
main(void)
{
  test_lines();
  test_return();
  test_heard();
  test_gaps();
  test_mend();
  test_begin();
  test_trust();
  return 0;
}
