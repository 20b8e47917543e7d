#include "core/engine/link.h"

#include "core/audio/stft.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdlib.h>
#include <string.h>

enum { HOP = 256, SECONDS = 4, MOST = SECONDS * 96000, KEPT = 4 };

static float x[MOST];

typedef struct {
  df_link*  link;
  df_job    job;
  double    rate;
  int       count; // Results of the last job
  df_result results[KEPT];
} setup;

static void
keep(void* const self, const df_result* const result)
{
  setup* const s = (setup*)self;
  CHECK(s->count < KEPT);
  s->results[s->count++] = *result;
}

static setup*
make(const df_instrument* const instrument, const double rate, const int L)
{
  setup* const s    = (setup*)calloc(1U, sizeof(setup));
  df_note      note = {""};
  CHECK(s);
  s->rate         = rate;
  s->job.run      = 1U;
  s->job.settings = df_settings_default();
  CHECK(df_link_make(instrument, rate, L, &s->link, &note) == DF_OK);
  return s;
}

static void
unmake(setup* const s)
{
  df_link_free(s->link);
  free(s);
}

static int64_t
boundary(const setup* const s, const int64_t hop)
{
  return df_link_boundary(hop, HOP, s->rate, RIG_RATE);
}

// Job i, of the sound from hop `origin` on
static void
process(setup* const  s,
        const int64_t i,
        const int64_t origin,
        const bool    heard,
        const bool    active,
        const bool    urgent)
{
  df_job* const job = &s->job;
  const int64_t at  = boundary(s, i) - boundary(s, origin);
  job->index        = i;
  job->count        = (int)(boundary(s, i + 1) - boundary(s, i));
  job->heard_from   = 0;
  job->heard_to     = heard ? job->count : 0;
  job->noise        = heard ? 0.0f : 1.0f;
  job->active       = active;
  job->urgent       = urgent;
  memcpy(job->x, x + at, (size_t)job->count * sizeof(float));
  s->count = 0;
  df_link_process(s->link, job, keep, s);
}

/// Boundaries are exact for whole rates, days into a session too, and rise by
/// no more than a hop rounded up.
static void
test_boundary(void)
{
  CHECK(df_link_boundary(0, 512, 48000.0, 44100.0) == 0);
  CHECK(df_link_boundary(1, 512, 48000.0, 44100.0) == 558);
  CHECK(df_link_boundary(147, 512, 48000.0, 44100.0) == 81920);
  CHECK(df_link_boundary(-147, 512, 48000.0, 44100.0) == -81920);
  CHECK(df_link_boundary(-1, 512, 48000.0, 44100.0) == -557);
  const int64_t days = 147 * INT64_C(10000000);
  CHECK(df_link_boundary(days, 512, 48000.0, 44100.0) ==
        81920 * INT64_C(10000000));
  CHECK(df_link_boundary(days, 512, 44100.0, 44100.0) == 512 * days);
  for (int64_t i = 0; i < 1000; ++i) {
    const int64_t n = df_link_boundary(days + i + 1, 512, 47999.5, 44100.0) -
                      df_link_boundary(days + i, 512, 47999.5, 44100.0);
    CHECK(n == 557 || n == 558);
  }
}

/// Each job is answered once, for playback hop i + 2 - L, and an urgent one by
/// the hop before that as well; wet when active, as long as the hop.
static void
test_answers(const df_instrument* const instrument)
{
  for (int L = 0; L < 6; L += 5) {
    setup* const s = make(instrument, RIG_RATE, L);
    for (int64_t i = 0; i < 40; ++i) {
      const bool lost = i >= 30;
      process(s, i, 0, !lost, lost, i == 30 && L == 0);
      CHECK(s->count == (i == 30 && L == 0 ? 2 : 1));
      for (int k = 0; k < s->count; ++k) {
        const df_result* const r = &s->results[k];
        CHECK(r->job == i);
        CHECK(r->index == i + 2 - L - (s->count - 1 - k));
        CHECK(r->wet == lost);
        CHECK(r->count == (lost ? HOP : 0));
        CHECK(r->busy >= 0.0f && r->busy < 10.0f);
        CHECK(!lost || r->order == 0); // it is fitted to what was heard
      }
    }
    unmake(s);
  }
}

// A tone comes in
static void
play_tone(const double rate)
{
  for (int i = 0; i < MOST; ++i) {
    x[i] = (float)(0.3 * sin(6283.0 * i / rate));
  }
}

// How far the last answer is from what came in
static double
distance(const setup* const s)
{
  const df_result* const r    = &s->results[0];
  const int64_t          at   = boundary(s, r->index);
  double                 most = 0.0;
  for (int j = 0; j < r->count; ++j) {
    most = fmax(most, fabs((double)(r->audio[j] - x[at + j])));
  }
  return most;
}

/// What was heard is played back exactly where it is still known, at the
/// model's rate; at others as well as the converters can.
static void
test_played(const df_instrument* const instrument)
{
  const double rates[4] = {RIG_RATE, 48000.0, 96000.0, 22050.0};
  const int    L        = 20;
  for (int k = 0; k < 4; ++k) {
    setup* const s = make(instrument, rates[k], L);
    play_tone(rates[k]);
    double error = 0.0;
    for (int64_t i = 0; i < 120; ++i) {
      process(s, i, 0, true, i > 40, false);
      if (i < 45) {
        continue;
      }
      const df_result* const r = &s->results[0];
      CHECK(r->count == boundary(s, r->index + 1) - boundary(s, r->index));
      error = fmax(error, distance(s));
      for (int j = 0; j < r->count; ++j) {
        CHECK(fabsf(r->next[j]) < 2.0f);
      }
    }
    CHECK(error < (k ? 3e-3 : 1e-5));
    unmake(s);
  }
}

/// With another run it starts anew, wherever that is: as a new one does from 0.
static void
test_restart(const df_instrument* const instrument)
{
  const double rates[2] = {RIG_RATE, 48000.0};
  for (int k = 0; k < 4; ++k) {
    const double  rate   = rates[k % 2];
    const int64_t origin = k < 2 ? 0 : 147 * 1000; // a whole number of samples
    setup* const  fresh  = make(instrument, rate, 0);
    setup* const  used   = make(instrument, rate, 0);
    for (int64_t i = 0; i < 50; ++i) {
      process(used, i, 0, i < 20, i >= 20, i == 20);
    }
    ++used->job.run;
    for (int64_t i = 0; i < 300; ++i) {
      const bool lost = i >= 250;
      process(fresh, i, 0, !lost, lost, i == 250);
      process(used, origin + i, origin, !lost, lost, i == 250);
      CHECK(fresh->count == used->count);
      for (int r = 0; r < fresh->count && lost; ++r) {
        const df_result* const a = &fresh->results[r];
        const df_result* const b = &used->results[r];
        CHECK(b->index == a->index + origin && a->count == b->count);
        CHECK(!memcmp(a->audio, b->audio, (size_t)a->count * sizeof(float)));
      }
    }
    unmake(fresh);
    unmake(used);
  }
}

/// However many hops were missing, sound heard since is played back where it
/// was: the engine's time has not come apart from the host's.
static void
test_in_place(const df_instrument* const instrument)
{
  const double rates[4] = {RIG_RATE, 48000.0, 96000.0, 22050.0};
  const int    L        = 20;
  for (int k = 0; k < 4; ++k) {
    setup* const s = make(instrument, rates[k], L);
    play_tone(rates[k]);
    double error = 0.0;
    for (int64_t i = 1; i < 500; ++i) {
      if (i >= 400 || (i % 5 != 0 && i % 7 != 0)) { // over 100 gaps
        process(s, i, 0, true, i > 440, false);
      }
      error = i > 445 ? fmax(error, distance(s)) : error;
    }
    CHECK(error < (k ? 3e-3 : 1e-5));
    unmake(s);
  }
  rig_chords(x, MOST);
}

enum { HEARD = 500, SPOKEN = 120, MOST_SPOKEN = SPOKEN * HOP * 3, BANDS = 7 };

// What is spoken after HEARD jobs, of which `n` are missing, and 4 more follow;
// returns samples
static int
speak(const df_instrument* const instrument,
      const double               rate,
      const int                  n,
      float* const               out)
{
  setup* const s    = make(instrument, rate, 0);
  const int    to   = HEARD - 4;
  int          done = 0;
  for (int i = 0; i < HEARD + SPOKEN; ++i) {
    const bool lost = i >= HEARD;
    if (i >= to - n && i < to) {
      continue;
    }
    process(s, i, 0, !lost, lost, i == HEARD);
    for (int r = 0; r < s->count && lost; ++r) {
      const size_t count = (size_t)s->results[r].count;
      memcpy(out + done, s->results[r].audio, count * sizeof(float));
      done += (int)count;
    }
  }
  unmake(s);
  return done;
}

// Levels of y[n] by octaves, dB
static void
weigh(const float* const y, const int n, double* const level)
{
  df_arena arena = {NULL, 0U, 0U, false};
  df_stft* stft  = NULL;
  float    s[513];
  CHECK(df_stft_make(&arena, 1024, HOP, &stft) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_stft_make(&arena, 1024, HOP, &stft) == DF_OK);
  for (int b = 0; b < BANDS; ++b) {
    level[b] = 1e-9;
    for (int at = 1024; at + 512 < n; at += HOP) {
      df_stft_log_frames(stft, y, n, at, 1, -20.0f, s);
      for (int k = 4 << b; k < 8 << b; ++k) {
        level[b] += exp(2.0 * (double)s[k]);
      }
    }
    level[b] = 10.0 * log10(level[b]);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
}

/// Jobs that are missing take none of the memory with them, be it one that was
/// refused or, as in a bypass, all until the chords come again: what is spoken
/// soon afterwards is as loud in every octave as if none were missing, and the
/// same each time.
static void
test_missing(const df_instrument* const instrument)
{
  static float out[2][MOST_SPOKEN];
  const double rates[3] = {RIG_RATE, 48000.0, 96000.0};
  for (int k = 0; k < 3; ++k) {
    const int again = (int)lround(2.0 * RIG_RATE * RIG_RATE / (rates[k] * HOP));
    const int missing[4] = {1, 2, 8, again};
    double    all[BANDS];
    weigh(out[0], speak(instrument, rates[k], 0, out[0]), all);
    for (int i = 0; i < 4; ++i) {
      double    level[BANDS];
      const int n = speak(instrument, rates[k], missing[i], out[0]);
      CHECK(speak(instrument, rates[k], missing[i], out[1]) == n);
      CHECK(!memcmp(out[0], out[1], (size_t)n * sizeof(float)));
      weigh(out[0], n, level);
      for (int b = 0; b < BANDS; ++b) {
        // The chords are not quite the same again; all forgotten, it is 15 dB
        CHECK_NEAR(level[b], all[b], missing[i] == again ? 4.0 : 0.6);
      }
    }
  }
}

/// A job that is missing while the engine speaks changes nothing of what it
/// says later.
static void
test_speaking_on(const df_instrument* const instrument)
{
  const double rates[2] = {RIG_RATE, 48000.0};
  for (int k = 0; k < 2; ++k) {
    setup* const all  = make(instrument, rates[k], 0);
    setup* const some = make(instrument, rates[k], 0);
    for (int64_t i = 0; i < 200; ++i) {
      const bool lost = i >= 100;
      process(all, i, 0, !lost, lost, i == 100);
      if (i == 120 || i == 141) {
        continue;
      }
      process(some, i, 0, !lost, lost, i == 100);
      const df_result* const a = &all->results[all->count - 1];
      const df_result* const b = &some->results[some->count - 1];
      CHECK(a->index == b->index && a->count == b->count);
      CHECK(!memcmp(a->audio, b->audio, (size_t)a->count * sizeof(float)));
    }
    unmake(all);
    unmake(some);
  }
}

/// Now and then a job that was wholly heard brings a predictor.
static void
test_predictor(const df_instrument* const instrument)
{
  setup* const s    = make(instrument, RIG_RATE, 0);
  int          fits = 0;
  rig_chords(x, MOST);
  for (int64_t i = 0; i < 100; ++i) {
    process(s, i, 0, true, false, false);
    const df_result* const r = &s->results[0];
    CHECK(r->order >= 0 && r->order <= DF_LINK_ORDER);
    fits += r->order > 0;
  }
  CHECK(fits >= 10 && fits <= 50);
  unmake(s);
}

/// Rates and look-aheads out of range are refused, and named.
static void
test_arguments(const df_instrument* const instrument)
{
  df_link* link = NULL;
  df_note  note = {""};
  CHECK(df_link_make(instrument, 4000.0, 0, &link, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "4000"));
  CHECK(df_link_make(instrument, NAN, 0, &link, &note) == DF_E_ARG);
  CHECK(df_link_make(instrument, 48000.0, 257, &link, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "257"));
  CHECK(df_link_make(instrument, 48000.0, -1, &link, &note) == DF_E_ARG);
  df_link_free(NULL);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(x, MOST);
  test_boundary();
  test_answers(instrument);
  test_played(instrument);
  test_restart(instrument);
  test_in_place(instrument);
  test_missing(instrument);
  test_speaking_on(instrument);
  test_predictor(instrument);
  test_arguments(instrument);
  df_instrument_free(instrument);
  return 0;
}
