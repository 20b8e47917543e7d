#include "core/engine/render.h"

#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdlib.h>
#include <string.h>

enum { N = 7 * RIG_RATE / 2 };

static float x[N];
static float y[2][N];

static void
render(const df_instrument* const    instrument,
       const df_render_config* const config,
       const char* const             lane,
       const double                  rate,
       float* const                  out)
{
  df_lane_point points[16];
  int           count = 0;
  CHECK(df_lane_read(lane, points, 16, &count, NULL) == DF_OK);
  const float* const in[1]   = {x};
  float* const       outs[1] = {out};
  CHECK(
    df_render(instrument, config, points, count, rate, 1, N, in, outs, NULL) ==
    DF_OK);
  for (int i = 0; i < N; ++i) {
    CHECK(fabsf(out[i]) < 2.0f); // finite too
  }
}

static double
power(const float* const s, const int from, const int to)
{
  double sum = 0.0;
  for (int i = from; i < to; ++i) {
    sum += (double)s[i] * (double)s[i];
  }
  return sum / (to - from);
}

static float
steepest(const float* const s, const int from, const int to)
{
  float most = 0.0f;
  for (int i = from; i < to; ++i) {
    most = fmaxf(most, fabsf(s[i] - s[i - 1]));
  }
  return most;
}

/// Noise 0 is the input, whatever the look-ahead, bit for bit.
static void
test_identity(const df_instrument* const instrument)
{
  df_render_config c = df_render_config_default();
  render(instrument, &c, "0:0", RIG_RATE, y[0]);
  CHECK(!memcmp(x, y[0], sizeof(x)));
  c.lookahead = 0.1;
  render(instrument, &c, "0:0", RIG_RATE, y[0]);
  CHECK(!memcmp(x, y[0], sizeof(x)));
}

/// A gap is filled with sound as loud as its neighbourhood, joined without a
/// jump beyond the signal's own, and the input is untouched around it.
static void
test_gap(const df_instrument* const instrument)
{
  const int from = (int)(2.01 * RIG_RATE);
  const int to   = 3 * RIG_RATE;
  for (int way = 0; way < 3; ++way) {
    df_render_config c = df_render_config_default();
    c.meet             = way == 1;
    c.lookahead        = way == 2 ? 0.1 : 0.0;
    render(instrument, &c, "0:0 2.01:1 3:0", RIG_RATE, y[0]);
    CHECK(!memcmp(x, y[0], (size_t)from * sizeof(float)));
    const int back = to + RIG_RATE / 10;
    CHECK(!memcmp(x + back, y[0] + back, (size_t)(N - back) * sizeof(float)));
    const double ratio = power(y[0], from, to) / power(x, from, to);
    CHECK(ratio > 0.05 && ratio < 4.0);
    const float own = steepest(x, 1, N);
    CHECK(steepest(y[0], from - 2, from + 2000) < 1.5f * own);
    CHECK(steepest(y[0], to - 2, to + 2000) < 1.5f * own);
  }
}

/// Block size and repetition change no sample, with short gaps filled from both
/// sides too; the seed does.
static void
test_same(const df_instrument* const instrument)
{
  df_render_config c = df_render_config_default();
  render(instrument, &c, "0:0 1:1 2:0.4 3:0 3.2:1", RIG_RATE, y[0]);
  const int blocks[4] = {1024, 64, 1, 65536};
  for (int b = 0; b < 4; ++b) {
    c.block = blocks[b];
    render(instrument, &c, "0:0 1:1 2:0.4 3:0 3.2:1", RIG_RATE, y[1]);
    CHECK(!memcmp(y[0], y[1], sizeof(y[0])));
  }
  const char* const short_gaps = "0:0 1:1 1.01:0 2:1 2.03:0 2.1:1 2.15:0";
  c.lookahead                  = 0.1;
  render(instrument, &c, short_gaps, RIG_RATE, y[0]);
  for (int b = 0; b < 4; ++b) {
    c.block = blocks[b];
    render(instrument, &c, short_gaps, RIG_RATE, y[1]);
    CHECK(!memcmp(y[0], y[1], sizeof(y[0])));
  }
  c.lookahead = 0.0;
  render(instrument, &c, "0:0 1:1 2:0.4 3:0 3.2:1", RIG_RATE, y[0]);
  c.settings.seed = 5U;
  render(instrument, &c, "0:0 1:1 2:0.4 3:0 3.2:1", RIG_RATE, y[1]);
  CHECK(memcmp(y[0], y[1], sizeof(y[0])));
}

/// A host at another rate hears the same thing at its own rate: trusted parts
/// bit for bit, gaps filled without a jump.
static void
test_rates(const df_instrument* const instrument)
{
  const double rates[3] = {48000.0, 22050.0, 96000.0};
  for (int r = 0; r < 3; ++r) {
    for (int way = 0; way < 2; ++way) {
      df_render_config c = df_render_config_default();
      c.meet             = way == 1;
      render(instrument, &c, "0:0 1:1 1.4:0", rates[r], y[0]);
      const int from = (int)rates[r];
      const int back = (int)(1.6 * rates[r]);
      CHECK(!memcmp(x, y[0], (size_t)from * sizeof(float)));
      CHECK(!memcmp(x + back, y[0] + back, (size_t)(N - back) * sizeof(float)));
      CHECK(power(y[0], from, from + from / 4) > 1e-5);
      CHECK(steepest(y[0], from - 2, from + 2000) < 1.6f * steepest(x, 1, N));
    }
  }
}

/// With look-ahead, the noisier the input is declared the further the sound is
/// from it, and from little noise it comes back nearly as it was.
static void
test_morph(const df_instrument* const instrument)
{
  const char* const lanes[4] = {"0:0 1:0.05 1.5:0",
                                "0:0 1:0.2 1.5:0",
                                "0:0 1:0.4 1.5:0",
                                "0:0 1:0.8 1.5:0"};
  df_render_config  c        = df_render_config_default();
  const double      sound    = power(x, RIG_RATE, RIG_RATE * 3 / 2);
  double            last     = 0.0;
  c.lookahead                = 0.1;
  for (int k = 0; k < 4; ++k) {
    render(instrument, &c, lanes[k], RIG_RATE, y[0]);
    for (int i = 0; i < N; ++i) {
      y[0][i] -= x[i];
    }
    const double apart = power(y[0], RIG_RATE, RIG_RATE * 3 / 2);
    CHECK(apart > last);
    CHECK(k > 0 || apart < 0.1 * sound);
    CHECK(power(y[0], 0, RIG_RATE) == 0.0);
    last = apart;
  }
}

/// A source keeps its place between the sides while it is carried on, within a
/// decibel.
static void
test_image(const df_instrument* const instrument)
{
  static float        left[N];
  static float        right[N];
  static float        out[2][N];
  const df_lane_point lane[2] = {{0.0, 0.0}, {2.0, 1.0}};
  const float* const  in[2]   = {left, right};
  float* const        to[2]   = {out[0], out[1]};
  df_render_config    c       = df_render_config_default();
  for (int i = 0; i < N; ++i) {
    left[i]  = 0.9f * x[i];
    right[i] = -0.3f * x[i];
  }
  CHECK(df_render(instrument, &c, lane, 2, RIG_RATE, 2, N, in, to, NULL) ==
        DF_OK);
  const int from = 2 * RIG_RATE + RIG_RATE / 4;
  double    both = 0.0;
  for (int i = from; i < N; ++i) {
    both += (double)(out[0][i] * out[1][i]) / (N - from);
  }
  const double l = power(out[0], from, N);
  const double r = power(out[1], from, N);
  CHECK_NEAR(10.0 * log10(l / r), 20.0 * log10(3.0), 1.0);
  CHECK_NEAR(both / sqrt(l * r), -1.0, 0.02);
}

/// Silence continues as silence, and nothing at all before the first sample.
static void
test_silence(const df_instrument* const instrument)
{
  static float kept[N];
  memcpy(kept, x, sizeof(x));
  memset(x, 0, sizeof(x));
  df_render_config c = df_render_config_default();
  render(instrument, &c, "0:0 1:1", RIG_RATE, y[0]);
  CHECK(power(y[0], 0, N) < 1e-7);
  memcpy(x, kept, sizeof(x));
  render(instrument, &c, "0:1", RIG_RATE, y[0]); // out of nothing
}

/// A lane that cannot be read is refused with the word that is wrong.
static void
test_lane(void)
{
  df_lane_point p[4];
  int           n    = 0;
  df_note       note = {""};
  CHECK(df_lane_read("0:0 3.5:1, 8:0.25", p, 4, &n, &note) == DF_OK && n == 3);
  CHECK_NEAR(p[1].time, 3.5, 1e-12);
  CHECK_NEAR(p[2].noise, 0.25, 1e-12);
  CHECK(df_lane_read("", p, 4, &n, &note) == DF_E_ARG);
  CHECK(df_lane_read("1", p, 4, &n, &note) == DF_E_ARG);
  CHECK(df_lane_read("1:2", p, 4, &n, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "1:2"));
  CHECK(df_lane_read("2:1 1:0", p, 4, &n, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "1:0"));
  CHECK(df_lane_read("0:0 1:x", p, 4, &n, &note) == DF_E_ARG);
  CHECK(df_lane_read("0:0 1:1 2:0 3:0 4:0", p, 4, &n, &note) == DF_E_ARG);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(x, N);
  test_lane();
  test_identity(instrument);
  test_gap(instrument);
  test_same(instrument);
  test_rates(instrument);
  test_morph(instrument);
  test_image(instrument);
  test_silence(instrument);
  df_instrument_free(instrument);
  return 0;
}
