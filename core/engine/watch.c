#include "core/engine/watch.h"

#include <math.h>

// Seconds over which peaks are remembered, and that a dropout lasts at most
#define RECENT 0.01
#define USUAL 2.0
#define LONGEST 10.0

// Softer than either, a sound has ended by itself
#define QUIET 3e-4f
#define FADED 0.01f

// Samples given up from a bad one on: to carry a sound on has its cost, which
// bad samples here and there must not run up
#define HOLD 64

// As loud as a sample may be
#define LOUDEST 1e6f

df_watch
df_watch_make(const double rate)
{
  return (df_watch){.most        = (int64_t)(LONGEST * rate),
                    .keep_recent = (float)exp(-1.0 / (RECENT * rate)),
                    .keep_usual  = (float)exp(-1.0 / (USUAL * rate))};
}

// Follow the peaks, and the run of zeros
static void
listen(df_watch* const w, const float peak)
{
  if (peak > 0.0f) {
    w->zeros  = 0;
    w->gone   = false;
    w->recent = fmaxf(peak, w->keep_recent * w->recent);
    w->usual  = fmaxf(peak, w->keep_usual * w->usual);
    return;
  }
  if (w->zeros == 0) {
    w->cut = w->recent > fmaxf(QUIET, FADED * w->usual);
  }
  if (w->zeros < DF_WATCH_RUN) {
    ++w->zeros;
  }
}

// Whether the sample now come is lost
static bool
judge(df_watch* const w, const bool bad, const float peak)
{
  if (bad) {
    w->hold = HOLD;
  } else {
    listen(w, peak);
  }
  if (!w->gone && w->cut && w->zeros == DF_WATCH_RUN) {
    w->gone = true;
    w->cut  = false;
    w->run += DF_WATCH_RUN - 1;
    for (int i = 0; i < DF_WATCH_RUN; ++i) {
      w->lost[i] = true; // the run so far
    }
  }
  w->said         = bad || peak <= 0.0f ? w->said : 0;
  const bool lost = w->gone || w->hold > 0 || w->said > 0;
  w->hold -= w->hold > 0;
  w->said -= w->said > 0;
  w->run = lost ? w->run + 1 : 0;
  return lost && w->run <= w->most;
}

void
df_watch_declare(df_watch* const w, const int64_t samples)
{
  if (w->usual > QUIET && samples > w->said) {
    w->said = samples;
  }
}

void
df_watch_next(df_watch* const w,
              const bool      on,
              const int       channels,
              float* const    x,
              float* const    noise)
{
  bool  bad  = false;
  float peak = 0.0f;
  for (int c = 0; c < channels; ++c) {
    if (fabsf(x[c]) <= LOUDEST) {
      peak = fmaxf(peak, fabsf(x[c]));
    } else {
      bad  = true;
      x[c] = 0.0f;
    }
  }
  const int at = w->at;
  for (int c = 0; c < channels; ++c) {
    const float old = w->x[c][at];
    w->x[c][at]     = x[c];
    x[c]            = old;
  }
  // The oldest leaves before a run may take it along
  const float old  = w->noise[at];
  const bool  gone = w->lost[at];
  w->noise[at]     = *noise;
  w->lost[at]      = judge(w, bad, peak) && on;
  *noise           = gone && on ? 1.0f : old;
  w->at            = (at + 1) % DF_WATCH_RUN;
}
