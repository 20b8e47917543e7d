#include "core/engine/voice.h"

#include "tests/check.h"
#include "tests/engine/pretend.h"

#include <string.h>

/// At noise 0 the input passes bit for bit, `latency` samples later, in place.
static void
test_passes(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 0, 0, 0.0f);
  for (int lookahead = 0; lookahead <= 40; lookahead += 20) {
    setup                   s = make(lookahead, RATE, 1);
    const df_voice_controls c = offline();
    const int               d = df_voice_latency(s.voice);
    CHECK(d == lookahead * HOP);
    memcpy(y, x, sizeof(x));
    run(s.voice, &c, y, y, lane, TOTAL, 333);
    for (int i = 0; i < TOTAL; ++i) {
      CHECK(y[i] == (i < d ? 0.0f : x[i - d]));
    }
    CHECK(s.engine->active_jobs == 0);
    CHECK(s.engine->jobs == TOTAL / HOP);
    unmake(&s);
  }
}

/// The same samples come out at every block size, also when the rates differ.
static void
test_block_size(void)
{
  static float x[TOTAL];
  static float y[2][TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 10007, 30011, 1.0f);
  for (int i = 33000; i < 40000; ++i) {
    lane[i] = 0.4f;
  }
  const double rates[3] = {RATE, 44100.0, 96000.0};
  for (int k = 0; k < 3; ++k) {
    for (int lookahead = 0; lookahead < 8; lookahead += 3) {
      const df_voice_controls c         = offline();
      const int               blocks[4] = {512, 1, 64, 1024};
      for (int b = 0; b < 4; ++b) {
        setup s = make(lookahead, rates[k], 1);
        run(s.voice, &c, x, y[b > 0], lane, TOTAL, blocks[b]);
        CHECK(!b || !memcmp(y[0], y[1], sizeof(y[0])));
        CHECK(df_voice_read(s.voice).late == 0U);
        unmake(&s);
      }
    }
  }
}

/// In a gap the engine's audio plays from the hop after its beginning at the
/// latest, and the input again after the fade; nothing jumps at either end.
static void
test_gap(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 10007, 30011, 1.0f);
  setup                   s = make(0, RATE, 1);
  const df_voice_controls c = offline();
  run(s.voice, &c, x, y, lane, TOTAL, 100);
  CHECK(!memcmp(x, y, 10007U * sizeof(float)));
  CHECK_NEAR(y[10007 + HOP + 300], 0.5, 1e-6);
  CHECK_NEAR(y[30010], 0.5, 1e-6);
  CHECK(!memcmp(x + 31011, y + 31011, (TOTAL - 31011) * sizeof(float)));
  for (int i = 1; i < TOTAL; ++i) {
    CHECK(fabsf(y[i] - y[i - 1]) < 0.03f); // the tone itself moves by .015
  }
  CHECK(s.engine->urgent_jobs == 1);
  unmake(&s);
}

/// A late engine is counted, never waited for, and heard as soon as it is back.
static void
test_late(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 10000, TOTAL, 1.0f);
  setup             s = make(0, RATE, 1);
  df_voice_controls c = offline();
  c.wait              = false;
  run(s.voice, &c, x, y, lane, 20000, 64);
  CHECK(df_voice_read(s.voice).late == 0U);
  s.engine->hold = true;
  run(s.voice, &c, x + 20000, y + 20000, lane + 20000, 8 * HOP, 64);
  const uint32_t late = df_voice_read(s.voice).late;
  CHECK(late >= 6U && late <= 8U);
  s.engine->hold = false;
  run(s.voice, &c, x + 24096, y + 24096, lane + 24096, TOTAL - 24096, 64);
  CHECK(df_voice_read(s.voice).late <= late + 1U);
  CHECK_NEAR(y[24096 + 3 * HOP], 0.5, 1e-6);
  for (int i = 20001; i < TOTAL; ++i) {
    CHECK(fabsf(y[i] - y[i - 1]) < 0.03f);
  }
  unmake(&s);
}

/// An answer that comes within the first hop of a loss is in time, since it
/// could not come before.
static void
test_in_time(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 10000, TOTAL, 1.0f);
  setup             s = make(0, RATE, 1);
  df_voice_controls c = offline();
  c.wait              = false;
  s.engine->hold      = true;
  const int urgent    = (10000 / HOP + 1) * HOP; // when the job is handed over
  run(s.voice, &c, x, y, lane, urgent + 100, 100);
  CHECK(s.engine->urgent_jobs == 1);
  s.engine->hold     = false;
  s.engine->released = s.engine->written;
  run(s.voice, &c, x, y, lane + urgent + 100, 10 * HOP, 100);
  CHECK(df_voice_read(s.voice).late == 0U);
  unmake(&s);
}

/// The load is the engine's time over real time, whatever the rates: half a
/// hop's worth for each answer, one a hop.
static void
test_load(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  gap(lane, 0, 0, 0.0f);
  const double rates[2] = {RATE, 96000.0};
  for (int k = 0; k < 2; ++k) {
    setup                   s = make(0, rates[k], 1);
    const df_voice_controls c = offline();
    run(s.voice, &c, x, y, lane, TOTAL, 64);
    CHECK_NEAR(df_voice_read(s.voice).load, 0.5, 0.01);
    unmake(&s);
  }
}

/// The level told is that of the sample played last, a look-ahead after it was
/// declared; a curve drawn sample by sample sounds the same at any block size.
static void
test_curve(void)
{
  static float x[TOTAL];
  static float y[2][TOTAL];
  static float lane[TOTAL];
  tone(x);
  for (int i = 0; i < TOTAL; ++i) {
    lane[i] = 0.5f - 0.5f * cosf((float)i * 0.0007f);
  }
  for (int lookahead = 0; lookahead < 8; lookahead += 5) {
    const int blocks[3] = {64, 1, 4096};
    for (int b = 0; b < 3; ++b) {
      setup                   s = make(lookahead, RATE, 1);
      const df_voice_controls c = offline();
      const int               d = df_voice_latency(s.voice);
      for (int at = 0; at < TOTAL - 4096; at += 4096) {
        run(s.voice, &c, x + at, y[b > 0] + at, lane + at, 4096, blocks[b]);
        CHECK(df_voice_read(s.voice).level ==
              (at + 4096 > d ? lane[at + 4095 - d] : 0.0f));
      }
      CHECK(!b || !memcmp(y[0], y[1], sizeof(y[0])));
      unmake(&s);
    }
  }
}

/// Whatever comes in, only finite samples go out.
static void
test_bad_input(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 20000, 30000, 1.0f);
  x[100]              = NAN;
  x[200]              = INFINITY;
  x[19999]            = 1e30f;
  lane[50]            = NAN;
  lane[300]           = -3.0f;
  lane[301]           = 7.0f;
  setup             s = make(4, RATE, 1);
  df_voice_controls c = offline();
  c.fade              = NAN;
  c.mix               = NAN;
  run(s.voice, &c, x, y, lane, TOTAL / 2, 64);
  c.mix = 1.0f;
  run(s.voice, &c, x + TOTAL / 2, y + TOTAL / 2, lane, TOTAL / 2, 64);
  for (int i = 0; i < TOTAL; ++i) {
    CHECK(fabsf(y[i]) < 4.0f);
  }
  unmake(&s);
}

/// Equal channels stay equal; dry stereo passes untouched.
static void
test_stereo(void)
{
  static float x[TOTAL];
  static float l[TOTAL];
  static float r[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 20000, 30000, 1.0f);
  setup                   s      = make(0, RATE, 2);
  const df_voice_controls c      = offline();
  const float* const      in[2]  = {x, x};
  float* const            out[2] = {l, r};
  df_voice_run(s.voice, &c, in, out, lane, 1, TOTAL);
  CHECK(!memcmp(l, r, sizeof(l)));
  CHECK_NEAR(l[25000], 0.5, 1e-3);
  CHECK(!memcmp(l, x, 20000U * sizeof(float)));
  unmake(&s);
}

/// Arguments outside their ranges are refused.
static void
test_arguments(void)
{
  df_arena      arena = {NULL, 0U, 0U, false};
  df_voice*     v     = NULL;
  const df_door door  = {NULL, fake_submit, fake_fetch};
  CHECK(df_voice_make(&arena, 4000, RATE, HOP, 1, 0, false, door, &v) ==
        DF_E_ARG);
  CHECK(df_voice_make(&arena, NAN, RATE, HOP, 1, 0, false, door, &v) ==
        DF_E_ARG);
  CHECK(df_voice_make(&arena, RATE, RATE, HOP, 3, 0, false, door, &v) ==
        DF_E_ARG);
  CHECK(df_voice_make(&arena, RATE, RATE, HOP, 1, 257, false, door, &v) ==
        DF_E_ARG);
  CHECK(df_voice_make(&arena, 384000, 8000, HOP, 1, 0, false, door, &v) ==
        DF_E_ARG);
}

int
main(void)
{
  test_passes();
  test_block_size();
  test_gap();
  test_late();
  test_in_time();
  test_load();
  test_curve();
  test_bad_input();
  test_stereo();
  test_arguments();
  return 0;
}
