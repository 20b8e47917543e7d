#include "core/engine/voice.h"

#include "tests/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A voice before a pretended engine that answers every job with a steady
// value, at once, or not before it is told to.

enum { RATE = 48000, HOP = 512, QUEUE = 64, TOTAL = 48000 };

typedef struct {
  df_result    results[QUEUE];
  int          written;
  int          taken;
  int          released; // results that may be fetched
  int          jobs;
  int          active_jobs;
  int          urgent_jobs;
  int          lookahead;
  float        noise; // of the last job
  bool         hold;  // do not release
  bool         fails; // to fill gaps
  int          gaps;  // jobs that brought one
  int64_t      next;  // job, were none missing
  int64_t      missing;
  const float* source; // what jobs at the model's rate are to hear; or NULL
} fake;

static bool
fake_submit(void* const self, const df_job* const job)
{
  fake* const f = (fake*)self;
  ++f->jobs;
  f->active_jobs += job->active;
  f->urgent_jobs += job->urgent;
  f->noise = job->noise;
  f->missing += job->index - f->next;
  f->next = job->index + 1;
  if (f->source) {
    CHECK(!job->active && job->heard_from == 0 && job->heard_to == HOP);
    CHECK(!memcmp(job->x, f->source + job->index * HOP, HOP * sizeof(float)));
  }
  for (int extra = job->urgent ? 0 : 1; extra < 2; ++extra) {
    df_result* const r = &f->results[f->written++ % QUEUE];
    memset(r, 0, sizeof(*r));
    r->job   = job->index;
    r->index = job->index + 1 + extra - f->lookahead;
    r->more  = extra == 0;
    r->wet   = job->active;
    r->count = DF_HOP_MAX;
    r->busy  = 0.5f * HOP / RATE;
    for (int i = 0; i < DF_HOP_MAX; ++i) {
      r->audio[i] = 0.5f;
      r->next[i]  = 0.5f;
    }
    // A predictor that goes on with the last sample
    r->order        = 1;
    r->predictor[0] = 1.0f;
  }
  if (job->gap) { // filled with a steady value, of either sign
    f->results[(f->written - 1) % QUEUE].more = true;
    df_result* const r = &f->results[f->written++ % QUEUE];
    memset(r, 0, sizeof(*r));
    r->job      = job->index;
    r->index    = job->index + 2 - f->lookahead;
    r->channels = job->channels;
    r->gap_from = job->gap_from;
    r->gap      = f->fails ? 0 : job->gap;
    for (int i = 0; i < job->gap; ++i) {
      r->filled[0][i] = 0.1f;
      r->filled[1][i] = -0.1f;
    }
    CHECK(job->gap_right >= DF_MEND_LEAST);
    CHECK(job->channels == 1 || !memcmp(job->heard[0],
                                        job->heard[1],
                                        sizeof(float) * (size_t)job->count));
    ++f->gaps;
  }
  if (!f->hold) {
    f->released = f->written;
  }
  return true;
}

static const df_result*
fake_fetch(void* const self, const bool wait)
{
  fake* const f = (fake*)self;
  if (wait) {
    f->released = f->written;
  }
  return f->taken < f->released ? &f->results[f->taken++ % QUEUE] : NULL;
}

typedef struct {
  df_arena  arena;
  df_voice* voice;
  fake*     engine;
} setup;

static setup
make(const int lookahead, const double rate, const int channels)
{
  setup s = {{NULL, 0U, 0U, false}, NULL, (fake*)calloc(1U, sizeof(fake))};
  CHECK(s.engine);
  s.engine->lookahead = lookahead;
  const df_door door  = {s.engine, fake_submit, fake_fetch};
  CHECK(
    df_voice_make(
      &s.arena, rate, RATE, HOP, channels, lookahead, false, door, &s.voice) ==
    DF_OK);
  CHECK(df_arena_allocate(&s.arena) == DF_OK);
  CHECK(
    df_voice_make(
      &s.arena, rate, RATE, HOP, channels, lookahead, false, door, &s.voice) ==
    DF_OK);
  return s;
}

static void
unmake(setup* const s)
{
  df_arena_free(&s->arena);
  free(s->engine);
}

static df_voice_controls
offline(void)
{
  return (df_voice_controls){
    df_settings_default(), 0.02f, 1.0f, false, false, true};
}

static void
run(df_voice* const                voice,
    const df_voice_controls* const c,
    const float* const             in,
    float* const                   out,
    const float* const             lane,
    const int                      n,
    const int                      block)
{
  for (int at = 0; at < n; at += block) {
    const int          m       = at + block < n ? block : n - at;
    const float* const ins[1]  = {in + at};
    float* const       outs[1] = {out + at};
    df_voice_run(voice, c, ins, outs, lane + at, 1, m);
  }
}

static void
tone(float* const x)
{
  for (int i = 0; i < TOTAL; ++i) {
    x[i] = 0.3f * sinf((float)i * 0.05f);
  }
}

static void
gap(float* const lane, const int from, const int to, const float level)
{
  memset(lane, 0, TOTAL * sizeof(float));
  for (int i = from; i < to; ++i) {
    lane[i] = level;
  }
}

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
  test_noise();
  test_load();
  test_idle();
  test_catch_up();
  test_curve();
  test_bad_input();
  test_short_gap();
  test_late_filling();
  test_stereo();
  test_arguments();
  return 0;
}
