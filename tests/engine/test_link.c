#include "core/engine/link.h"

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

/// What was heard is played back exactly where it is still known, at the
/// model's rate; at others as well as the converters can.
static void
test_played(const df_instrument* const instrument)
{
  const double rates[4] = {RIG_RATE, 48000.0, 96000.0, 22050.0};
  const int    L        = 20;
  for (int k = 0; k < 4; ++k) {
    setup* const s = make(instrument, rates[k], L);
    for (int i = 0; i < MOST; ++i) {
      x[i] = (float)(0.3 * sin(6283.0 * i / rates[k]));
    }
    double error = 0.0;
    for (int64_t i = 0; i < 120; ++i) {
      process(s, i, 0, true, i > 40, false);
      if (i < 45) {
        continue;
      }
      const df_result* const r  = &s->results[0];
      const int64_t          at = boundary(s, r->index);
      CHECK(r->count == boundary(s, r->index + 1) - at);
      for (int j = 0; j < r->count; ++j) {
        error = fmax(error, fabs((double)(r->audio[j] - x[at + j])));
        CHECK(fabsf(r->next[j]) < 2.0f);
      }
    }
    CHECK(error < (k ? 3e-3 : 1e-5));
    unmake(s);
  }
}

/// After a gap in the indices it starts anew, wherever that is: as a new one
/// does from 0.
static void
test_restart(const df_instrument* const instrument)
{
  const double rates[2] = {RIG_RATE, 48000.0};
  for (int k = 0; k < 2; ++k) {
    const int64_t gap   = 147 * 1000; // a whole number of samples at any rate
    setup* const  fresh = make(instrument, rates[k], 0);
    setup* const  used  = make(instrument, rates[k], 0);
    rig_chords(x, MOST);
    for (int64_t i = 0; i < 50; ++i) {
      process(used, i, 0, i < 20, i >= 20, i == 20);
    }
    for (int64_t i = 0; i < 300; ++i) {
      const bool lost = i >= 250;
      process(fresh, i, 0, !lost, lost, i == 250);
      process(used, gap + i, gap, !lost, lost, i == 250);
      CHECK(fresh->count == used->count);
      for (int r = 0; r < fresh->count && lost; ++r) {
        const df_result* const a = &fresh->results[r];
        const df_result* const b = &used->results[r];
        CHECK(b->index == a->index + gap && a->count == b->count);
        CHECK(!memcmp(a->audio, b->audio, (size_t)a->count * sizeof(float)));
      }
    }
    unmake(fresh);
    unmake(used);
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
  test_predictor(instrument);
  test_arguments(instrument);
  df_instrument_free(instrument);
  return 0;
}
