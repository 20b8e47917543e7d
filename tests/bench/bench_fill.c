#include "core/engine/link.h"

#include "core/audio/sound.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Time that the engine takes to fill a short gap from both sides, as df_result
/// tells it, beside that of a hop that is only heard.  Arguments: a model, a
/// sound.

enum { RATE = 48000, LOOKAHEAD = 12, ROUNDS = 21 };

typedef struct {
  df_link* link;
  df_job   job;
  int      N;     // At the model's rate
  double   model; // Rate
  double   heard; // Seconds, of the answer to what was heard
  double   fill;  // ... of the answer that brings the filling
  int      filled;
} bench;

static void
keep(void* const self, const df_result* const result)
{
  bench* const b = (bench*)self;
  if (result->gap > 0) {
    b->fill   = (double)result->busy;
    b->filled = result->gap;
  } else {
    b->heard = (double)result->busy;
  }
}

static int64_t
boundary(const bench* const b, const int64_t hop)
{
  return df_link_boundary(hop, b->N, RATE, b->model);
}

// Job i; it brings a gap of n samples with as many heard after it as are worth
// waiting for
static void
process(bench* const b, const df_sound* const sound, const int64_t i, int n)
{
  df_job* const job = &b->job;
  const int64_t at  = boundary(b, i);
  job->index        = i;
  job->count        = (int)(boundary(b, i + 1) - at);
  job->heard_to     = job->count;
  job->gap          = n;
  job->gap_right    = DF_MEND_ENOUGH;
  job->gap_from     = boundary(b, i + 1) - DF_MEND_ENOUGH - n;
  for (int c = 0; c < 2; ++c) { // The second channel lags
    memcpy(job->heard[c],
           sound->x + at + 300 * (1 - c),
           sizeof(float) * (size_t)job->count);
  }
  memcpy(job->x, job->heard[0], sizeof(float) * (size_t)job->count);
  df_link_process(b->link, job, keep, b);
}

static int
compare(const void* const a, const void* const b)
{
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

// Fill gaps of n samples: the least, the median and the most time
static void
measure(bench* const b, const df_sound* const sound, const int n)
{
  double        fills[ROUNDS];
  double        heard[ROUNDS];
  int64_t       i   = 0;
  const int64_t end = (int64_t)sound->n - 300;
  ++b->job.run;
  for (int k = 0; k < ROUNDS; ++k) {
    for (int j = 0; j < 20; ++j, ++i) {
      CHECK(boundary(b, i + 2) < end);
      process(b, sound, i, 0);
    }
    heard[k] = 1e3 * b->heard;
    process(b, sound, i++, n);
    CHECK(b->filled == n);
    fills[k] = 1e3 * b->fill;
  }
  const double hop = 1e3 * b->N / b->model;
  qsort(fills, ROUNDS, sizeof(double), compare);
  qsort(heard, ROUNDS, sizeof(double), compare);
  printf("%d channel%s, %2d ms: %5.2f ms, %.2f of a hop (median %.2f, most "
         "%.2f); to hear a hop %.2f\n",
         b->job.channels,
         b->job.channels > 1 ? "s" : " ",
         1000 * n / RATE,
         fills[0],
         fills[0] / hop,
         fills[ROUNDS / 2] / hop,
         fills[ROUNDS - 1] / hop,
         heard[ROUNDS / 2] / hop);
}

int
main(const int argc, char** const argv)
{
  df_instrument* instrument = NULL;
  df_note        note       = {""};
  df_sound       sound      = {NULL, 0U, 0};
  bench* const   b          = (bench*)calloc(1U, sizeof(bench));
  CHECK(argc == 3 && b);
  CHECK(df_instrument_load(argv[1], &instrument, &note) == DF_OK);
  CHECK(df_sound_load(argv[2], RATE, &sound, &note) == DF_OK);
  CHECK(df_link_make(instrument, RATE, LOOKAHEAD, &b->link, &note) == DF_OK);
  b->N            = df_instrument_codec(instrument)->config.hop;
  b->model        = df_instrument_codec(instrument)->config.rate;
  b->job.settings = df_settings_default();
  for (b->job.channels = 1; b->job.channels <= 2; ++b->job.channels) {
    for (int n = 480; n <= DF_MEND_MOST; n = n == 960 ? 2400 : 2 * n) {
      measure(b, &sound, n);
    }
  }
  df_link_free(b->link);
  df_sound_free(&sound);
  df_instrument_free(instrument);
  free(b);
  return 0;
}
