#include "core/engine/voice.h"

#include "tests/check.h"
#include "tests/engine/pretend.h"

#include <string.h>

/// What a voice asks of its engine, and when.

/// A job carries the level of its first sample: that of the frame which is
/// centred there, not of what comes after it.
static void
test_noise(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  gap(lane, 10 * HOP + 5, TOTAL, 0.25f);
  setup                   s = make(0, RATE, 1);
  const df_voice_controls c = offline();
  run(s.voice, &c, x, y, lane, 11 * HOP, 64);
  CHECK(s.engine->noise == 0.0f);
  run(s.voice, &c, x, y, lane + 11 * HOP, HOP, 64);
  CHECK(s.engine->noise == 0.25f);
  unmake(&s);
}

/// Idle, the engine is asked for nothing once the fade is over, however far the
/// look-ahead, and for everything again after that, and the 8 hops before it.
static void
test_idle(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  tone(x);
  gap(lane, 10000, 20000, 1.0f);
  for (int lookahead = 0; lookahead < 20; lookahead += 10) {
    setup             s = make(lookahead, RATE, 1);
    df_voice_controls c = offline();
    run(s.voice, &c, x, y, lane, 20000, 100);
    c.idle = true;
    run(s.voice, &c, x, y, lane + 20000, 10000, 100);
    const int jobs = s.engine->jobs;
    CHECK(jobs < 20000 / HOP + lookahead + 9); // the fade takes two hops
    run(s.voice, &c, x, y, lane + 30000, 10000, 100);
    CHECK(s.engine->jobs == jobs);
    c.idle = false;
    run(s.voice, &c, x, y, lane + 40000, 8 * HOP, 100);
    CHECK(s.engine->jobs == jobs + 16);
    CHECK(df_voice_read(s.voice).late == 0U);
    unmake(&s);
  }
}

/// After a rest the engine hears the newest hops of it; after a short one none
/// is missing.
static void
test_catch_up(void)
{
  static float x[TOTAL];
  static float y[TOTAL];
  static float lane[TOTAL];
  const int    from = 20 * HOP;
  tone(x);
  gap(lane, 0, 0, 0.0f);
  for (int rest = 1; rest <= 40; rest += 3) {
    setup             s = make(0, RATE, 1);
    df_voice_controls c = offline();
    s.engine->source    = x;
    run(s.voice, &c, x, y, lane, from, 100);
    c.idle = true;
    run(s.voice, &c, x + from, y, lane, rest * HOP, 100);
    CHECK(s.engine->jobs == 20);
    c.idle       = false;
    const int to = from + rest * HOP;
    run(s.voice, &c, x + to, y, lane, 5 * HOP, 100);
    CHECK(s.engine->missing == (rest < 8 ? 0 : rest - 8));
    CHECK(s.engine->next == 20 + rest + 5);
    unmake(&s);
  }
}

/// A reset or a restart begins another run, whichever job of it is the first
/// that the engine gets.
static void
test_runs(void)
{
  static float      x[TOTAL];
  static float      y[TOTAL];
  static float      lane[TOTAL];
  setup             s     = make(0, RATE, 1);
  df_voice_controls c     = offline();
  uint32_t          last  = 0U;
  int               rests = 0;
  gap(lane, 0, 0, 0.0f);
  for (int i = 0; i < 4; ++i) {
    c.idle = i == 3;
    run(s.voice, &c, x, y, lane, 12 * HOP, 64);
    c.idle = false;
    run(s.voice, &c, x, y, lane, HOP, 64);
    CHECK(s.engine->run != last && s.engine->next == 13);
    rests += s.engine->jobs == 13 * i + 9;
    last = s.engine->run;
    if (i % 2) {
      df_voice_reset(s.voice);
    } else {
      df_voice_restart(s.voice);
    }
  }
  CHECK(rests == 1);
  unmake(&s);
}

/// With look-ahead a short gap is what the engine filled it with, and the input
/// follows bit for bit; filled too late it is carried over, and counted.  One
/// that is too long for that is the engine's.
static void
test_short_gap(void)
{
  static float x[TOTAL];
  static float y[2][TOTAL];
  static float lane[TOTAL];
  const int    lengths[3] = {400, 2400, 2401};
  tone(x);
  for (int k = 0; k < 3; ++k) {
    for (int hold = 0; hold < 2; ++hold) {
      const int to = 20100 + lengths[k];
      gap(lane, 20100, to, 1.0f);
      setup                   s      = make(12, RATE, 2);
      const df_voice_controls c      = offline();
      const int               d      = df_voice_latency(s.voice);
      const float* const      in[2]  = {x, x};
      float* const            out[2] = {y[0], y[1]};
      df_voice_controls       now    = c;
      now.wait                       = !hold;
      s.engine->hold                 = hold == 1;
      df_voice_run(s.voice, &now, in, out, lane, 1, TOTAL);
      CHECK(s.engine->gaps == (k < 2));
      const float* const l = y[0] + d;
      const float* const r = y[1] + d;
      CHECK(!memcmp(l, x, 20100U * sizeof(float)));
      for (int i = 20100; i < to; ++i) {
        const bool filled = l[i] == 0.1f && r[i] == -0.1f;
        CHECK(filled == (k < 2 && !hold));
      }
      if (k < 2 && !hold) {
        const size_t rest = (size_t)(TOTAL - d - to) * sizeof(float);
        CHECK(!memcmp(l + to, x + to, rest) && !memcmp(r + to, x + to, rest));
        CHECK(df_voice_read(s.voice).late == 0U);
      }
      unmake(&s);
    }
  }
}

/// A filling that comes when its gap is being played, or was, is counted as
/// late; what is heard is the same as without it, and does not jump.
static void
test_late_filling(void)
{
  static float x[TOTAL];
  static float y[2][TOTAL];
  static float lane[TOTAL];
  const int    lengths[2] = {400, 2400};
  const int    behind[2]  = {100, 3000}; // the beginning of the gap
  for (int i = 0; i < TOTAL; ++i) {
    x[i] = 0.3f;
  }
  for (int k = 0; k < 4; ++k) {
    const int from    = 20100;
    const int to      = from + lengths[k / 2];
    uint32_t  late[2] = {0U, 0U};
    int       d       = 0;
    gap(lane, from, to, 1.0f);
    for (int fails = 0; fails < 2; ++fails) {
      setup             s   = make(12, RATE, 1);
      df_voice_controls c   = offline();
      float* const      out = y[fails];
      d                     = df_voice_latency(s.voice);
      c.wait                = false;
      s.engine->fails       = fails == 1;
      const int hold        = from + 200;
      const int back        = from + d + behind[k % 2];
      run(s.voice, &c, x, out, lane, hold, 64);
      s.engine->hold = true;
      run(s.voice, &c, x + hold, out + hold, lane + hold, back - hold, 64);
      s.engine->hold     = false;
      s.engine->released = s.engine->written;
      run(s.voice, &c, x + back, out + back, lane + back, TOTAL - back, 64);
      CHECK(s.engine->gaps == 1);
      late[fails] = df_voice_read(s.voice).late;
      unmake(&s);
    }
    CHECK(late[0] == late[1] + 1U);
    CHECK(!memcmp(y[0], y[1], sizeof(y[0])));
    for (int i = d + 1; i < TOTAL; ++i) {
      CHECK(fabsf(y[0][i] - y[0][i - 1]) < 0.03f);
    }
    const int heard = d + to + 1100; // the fade is over
    CHECK(!memcmp(y[0] + heard, x, (size_t)(TOTAL - heard) * sizeof(float)));
  }
}

int
main(void)
{
  test_noise();
  test_idle();
  test_catch_up();
  test_runs();
  test_short_gap();
  test_late_filling();
  return 0;
}
