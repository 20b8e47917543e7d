#include "core/engine/engine.h"

#include "tests/check.h"
#include "tests/engine/rig.h"

#include <math.h>
#include <string.h>

enum { REACH = 16, HOP = 256, HOPS = 700, N = HOPS * HOP };

static float x[N];
static float y[2][N];

static df_engine*
make(const df_instrument* const instrument)
{
  df_engine* engine = NULL;
  CHECK(df_engine_make(instrument, REACH, &engine) == DF_OK);
  return engine;
}

// Take hops up to `to`, trusted
static void
listen(df_engine* const engine, const int to)
{
  for (int i = (int)(df_engine_end(engine) / HOP); i < to; ++i) {
    df_engine_take(engine, x + i * HOP, HOP, 0, HOP, 0.0f);
    df_engine_rest(engine);
  }
}

// Lose trust and speak from there up to hop `to`
static void
speak(df_engine* const engine, const int to, float* const out)
{
  static const float nothing[HOP];
  const int          from = (int)(df_engine_end(engine) / HOP);
  for (int i = from; i < to; ++i) {
    df_engine_take(engine, nothing, HOP, 0, 0, 1.0f);
    if (i == from) {
      df_engine_begin(engine, from * HOP);
    }
    df_engine_speak(engine, (i + 1) * HOP);
    df_engine_read(engine, i * HOP, HOP, out + i * HOP);
  }
}

static double
power(const float* const s, const int from, const int to)
{
  double sum = 0.0;
  for (int i = from * HOP; i < to * HOP; ++i) {
    CHECK(fabsf(s[i]) < 2.0f); // finite too
    sum += (double)s[i] * (double)s[i];
  }
  return sum / ((to - from) * HOP);
}

/// What is trusted is heard as it is, and spoken as it is.
static void
test_trusted(const df_instrument* const instrument)
{
  df_engine* const engine = make(instrument);
  bool             real   = false;
  listen(engine, 100);
  CHECK(df_engine_end(engine) == 100 * HOP);
  for (int g = 90; g < 98; ++g) {
    (void)df_engine_frame(engine, g, &real);
    CHECK(real); // its window of four hops has come
  }
  df_engine_heard(engine, 99 * HOP, HOP, y[0]);
  CHECK(!memcmp(y[0], x + 99 * HOP, HOP * sizeof(float)));
  df_engine_begin(engine, 92 * HOP);
  df_engine_speak(engine, 95 * HOP);
  df_engine_read(engine, 92 * HOP, 3 * HOP, y[0]);
  for (int i = 0; i < 3 * HOP; ++i) {
    CHECK_NEAR(y[0][i], x[92 * HOP + i], 1e-5);
  }
  df_engine_free(engine);
}

/// What is lost goes on about as loud as it was, the same each time, and
/// otherwise under another seed.
static void
test_lost(const df_instrument* const instrument)
{
  df_engine* const engine   = make(instrument);
  df_settings      settings = df_settings_default();
  for (int time = 0; time < 2; ++time) {
    listen(engine, 400);
    speak(engine, 600, y[time]);
    df_engine_reset(engine);
  }
  CHECK(
    !memcmp(y[0] + 400 * HOP, y[1] + 400 * HOP, 200U * HOP * sizeof(float)));
  const double ratio = power(y[0], 400, 600) / power(x, 400, 600);
  CHECK(ratio > 0.05 && ratio < 4.0);
  settings.seed = 9U;
  df_engine_set(engine, &settings);
  listen(engine, 400);
  speak(engine, 600, y[1]);
  CHECK(memcmp(y[0] + 400 * HOP, y[1] + 400 * HOP, 200U * HOP * sizeof(float)));
  df_engine_free(engine);
}

/// A level declared at the end of a hop does not taint the frames before: the
/// last frames before a loss that are known stay trusted.
static void
test_edge(const df_instrument* const instrument)
{
  df_engine* const engine = make(instrument);
  bool             real   = false;
  listen(engine, 400);
  df_engine_take(engine, x + 400 * HOP, HOP, 0, HOP / 2, 0.0f);
  for (int g = 390; g < 399; ++g) {
    (void)df_engine_frame(engine, g, &real);
    CHECK(real);
  }
  df_engine_free(engine);
}

/// When trust is back, plans give way to what is heard, and a second loss
/// follows on it.
static void
test_return(const df_instrument* const instrument)
{
  df_engine* const engine = make(instrument);
  bool             real   = false;
  listen(engine, 400);
  speak(engine, 430, y[0]);
  listen(engine, 460);
  for (int g = 436; g < 458; ++g) {
    (void)df_engine_frame(engine, g, &real);
    CHECK(real);
  }
  speak(engine, 560, y[0]);
  const double ratio = power(y[0], 460, 560) / power(x, 460, 560);
  CHECK(ratio > 0.05 && ratio < 4.0);
  df_engine_free(engine);
}

/// A loss within a hop counts as heard.
static void
test_short(const df_instrument* const instrument)
{
  df_engine* const engine = make(instrument);
  bool             real   = false;
  listen(engine, 100);
  df_engine_take(engine, x + 100 * HOP, HOP, 200, HOP, 0.0f);
  listen(engine, 110);
  for (int g = 96; g < 108; ++g) {
    (void)df_engine_frame(engine, g, &real);
    CHECK(real);
  }
  df_engine_free(engine);
}

/// Input of a middling level is pulled towards the model: neither what it was
/// nor silence.
static void
test_noisy(const df_instrument* const instrument)
{
  df_engine* const engine = make(instrument);
  listen(engine, 300);
  for (int i = 300; i < 340; ++i) {
    df_engine_take(engine, x + i * HOP, HOP, 0, HOP, 0.4f);
    df_engine_rest(engine);
  }
  df_engine_begin(engine, 324 * HOP);
  df_engine_speak(engine, 336 * HOP);
  df_engine_read(engine, 324 * HOP, 12 * HOP, y[0] + 324 * HOP);
  const double ratio = power(y[0], 324, 336) / power(x, 324, 336);
  CHECK(ratio > 0.1 && ratio < 4.0);
  CHECK(memcmp(y[0] + 324 * HOP, x + 324 * HOP, 12U * HOP * sizeof(float)));
  df_engine_free(engine);
}

/// Settings out of their ranges are clamped: they do what the end of the range
/// does.
static void
test_settings(const df_instrument* const instrument)
{
  df_engine* const  engine = make(instrument);
  const df_settings wild   = {1e30f,
                              -5.0f,
                              NAN,
                              -INFINITY,
                              7.0f,
                              1e30f,
                              NAN,
                              9.0f,
                              -1e30f,
                              NAN,
                              8.0f,
                              3U};
  const df_settings tame   = {
      64.0f, 0.0f, 1.0f, 0.0f, 1.0f, 6.0f, 0.0f, 1.5f, -24.0f, -2.0f, 1.0f, 3U};
  df_engine_set(engine, &wild);
  listen(engine, 300);
  speak(engine, 360, y[0]);
  df_engine_reset(engine);
  df_engine_set(engine, &tame);
  listen(engine, 300);
  speak(engine, 360, y[1]);
  CHECK(!memcmp(y[0] + 300 * HOP, y[1] + 300 * HOP, 60U * HOP * sizeof(float)));
  df_engine_free(engine);

  df_engine* none = NULL;
  CHECK(df_engine_make(instrument, 0, &none) == DF_E_ARG);
  CHECK(df_engine_make(instrument, 513, &none) == DF_E_ARG);
}

/// Any settings, changed at any time, and any pattern of losses keep the sound
/// finite.
static void
test_wild(const df_instrument* const instrument)
{
  df_engine* const engine   = make(instrument);
  bool             speaking = false;
  for (int i = 0; i < HOPS; ++i) {
    df_settings s = df_settings_default();
    s.horizon     = (float)(1 + i / 50 * 7 % 16);
    s.slope       = (float)(i / 70 % 5);
    s.guidance    = i / 90 % 2 ? 2.0f : 1.0f;
    s.memory      = i / 40 % 2 ? 6.0f : 0.2f;
    df_engine_set(engine, &s);
    const int kind = i / 13 % 5;
    const int from = kind == 1 ? 100 : 0;
    const int to   = kind == 2 ? 77 : kind == 3 ? 0 : HOP;
    df_engine_take(engine, x + i * HOP, HOP, from, to, kind == 4 ? 0.5f : 0.0f);
    if (kind < 2) {
      df_engine_rest(engine);
      speaking = false;
    } else {
      if (!speaking) {
        df_engine_begin(engine, (i - 4) * HOP);
        speaking = true;
      }
      df_engine_speak(engine, (i - 3) * HOP);
      df_engine_read(engine, (i - 4) * HOP, HOP, y[0]);
      (void)power(y[0], 0, 1);
    }
  }
  df_engine_free(engine);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  CHECK(df_instrument_codec(instrument)->config.hop == HOP);
  rig_chords(x, N);
  test_trusted(instrument);
  test_lost(instrument);
  test_edge(instrument);
  test_return(instrument);
  test_short(instrument);
  test_noisy(instrument);
  test_settings(instrument);
  test_wild(instrument);
  df_instrument_free(instrument);
  return 0;
}
