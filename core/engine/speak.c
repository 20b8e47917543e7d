#include "core/engine/speak.h"

#include "core/audio/phase.h"
#include "core/audio/stft.h"

#include <math.h>
#include <string.h>

// Windows of finished sound kept behind, and room for the frames in hand: their
// hop is half a window at most
#define BEHIND 5
#define AHEAD 3

// Griffin-Lim iterations for each frame
#define REFINEMENTS 2

struct df_speaker {
  df_phase*   phase;
  int         window;
  int         hop;
  int         bins;
  float       floor; // Log-magnitude of silence
  int64_t     next;  // Frame wanted
  int64_t     base;  // Sample at sum[0]
  float*      sum;   // [(BEHIND + AHEAD) window] overlap-added frames
  float*      guess; // as sum: the frames in hand alone
  df_complex* last;  // [bins] the frame spoken last
  bool        began; // `last` is valid
  df_complex* hand;  // [1 + DF_SPEAKER_AHEAD, bins]
};

df_status
df_speaker_make(df_arena* const       arena,
                const df_codec* const codec,
                df_speaker** const    out)
{
  const int    window = codec->config.window;
  const int    hop    = codec->config.hop;
  const size_t bins   = (size_t)codec->bins;
  const size_t length = (size_t)(BEHIND + AHEAD) * (size_t)window;

  df_speaker* const self  = DF_TAKE(arena, 1U, df_speaker);
  float* const      sum   = DF_TAKE(arena, length, float);
  float* const      guess = DF_TAKE(arena, length, float);
  df_complex* const last  = DF_TAKE(arena, bins, df_complex);
  df_complex* const hand =
    DF_TAKE(arena, (1U + DF_SPEAKER_AHEAD) * bins, df_complex);
  df_phase*       phase  = NULL;
  const df_status status = df_phase_make(
    arena, window, hop, 1 + DF_SPEAKER_AHEAD, codec->floor, &phase);
  if (status || !self || !hand || !phase) {
    df_phase_free(phase);
    return status ? status : df_arena_status(arena);
  }
  *self = (df_speaker){
    .phase  = phase,
    .window = window,
    .hop    = hop,
    .bins   = (int)bins,
    .floor  = codec->floor,
    .sum    = sum,
    .guess  = guess,
    .last   = last,
    .hand   = hand,
  };
  *out = self;
  return DF_OK;
}

void
df_speaker_free(df_speaker* const self)
{
  if (self) {
    df_phase_free(self->phase);
  }
}

static size_t
length(const df_speaker* const self)
{
  return (size_t)(BEHIND + AHEAD) * (size_t)self->window;
}

void
df_speaker_begin(df_speaker* const self, const int64_t from)
{
  // The first frame whose window reaches beyond `from`
  const int64_t edge = from - self->window / 2;
  self->next         = edge >= 0 ? edge / self->hop + 1
                                 : -((-edge + self->hop - 1) / self->hop) + 1;
  self->base         = self->next * self->hop - self->window / 2 -
               (int64_t)(BEHIND - 1) * self->window;
  self->began = false;
  memset(self->sum, 0, length(self) * sizeof(float));
  memset(self->guess, 0, length(self) * sizeof(float));
}

int64_t
df_speaker_next(const df_speaker* const self)
{
  return self->next;
}

int64_t
df_speaker_ready(const df_speaker* const self)
{
  return self->next * self->hop - self->window / 2;
}

// Where in the sums the window of frame g begins
static size_t
place(const df_speaker* const self, const int64_t g)
{
  return (size_t)(g * self->hop - self->window / 2 - self->base);
}

// One frame further: keep the sums in reach
static void
step(df_speaker* const self)
{
  ++self->next;
  const size_t most = (size_t)BEHIND * (size_t)self->window;
  if (place(self, self->next) > most) {
    const size_t drop = (size_t)self->window;
    const size_t keep = length(self) - drop;
    memmove(self->sum, self->sum + drop, keep * sizeof(float));
    memset(self->sum + keep, 0, drop * sizeof(float));
    memmove(self->guess, self->guess + drop, keep * sizeof(float));
    memset(self->guess + keep, 0, drop * sizeof(float));
    self->base += (int64_t)drop;
  }
}

void
df_speaker_real(df_speaker* const self, const float* const x)
{
  df_stft* const stft = df_phase_stft(self->phase);
  df_stft_analyse(stft, x, self->last);
  df_stft_add(stft, self->last, self->sum + place(self, self->next));
  memset(self->guess, 0, length(self) * sizeof(float));
  self->began = true;
  step(self);
}

void
df_speaker_shape(df_speaker* const  self,
                 const float* const x,
                 const float* const logmag)
{
  df_stft* const stft = df_phase_stft(self->phase);
  df_stft_analyse(stft, x, self->last);
  for (int k = 0; k < self->bins; ++k) {
    df_complex* const X    = &self->last[k];
    const float       mag  = hypotf(X->re, X->im);
    const float       want = logmag[k] > self->floor ? expf(logmag[k]) : 0.0f;
    const float       gain = mag > 0.0f ? want / mag : 0.0f;
    X->re *= gain;
    X->im *= gain;
  }
  df_stft_add(stft, self->last, self->sum + place(self, self->next));
  memset(self->guess, 0, length(self) * sizeof(float));
  self->began = true;
  step(self);
}

void
df_speaker_model(df_speaker* const  self,
                 const float* const logmag,
                 const int          ahead,
                 const uint64_t     seed)
{
  df_stft* const stft = df_phase_stft(self->phase);
  const size_t   bins = (size_t)self->bins;
  const int      n    = ahead > 0 ? ahead : 1; // each with the one after it

  const df_complex* left = self->began ? self->last : NULL;
  for (int i = 0; i < n; ++i) {
    const float* const s = logmag + (size_t)i * bins;
    df_complex* const  X = self->hand + (size_t)i * bins;
    df_phase_integrate(self->phase,
                       1,
                       left,
                       s,
                       NULL,
                       i < ahead ? s + bins : NULL,
                       seed,
                       self->next + i,
                       X);
    left = X;
  }
  const size_t at = place(self, self->next);
  df_phase_refine(
    self->phase, n, logmag, self->sum + at, true, REFINEMENTS, self->hand);

  memcpy(self->last, self->hand, bins * sizeof(df_complex));
  df_stft_add(stft, self->last, self->sum + at);
  memset(self->guess, 0, length(self) * sizeof(float));
  for (int i = 1; i < n; ++i) {
    df_stft_add(stft,
                self->hand + (size_t)i * bins,
                self->guess + place(self, self->next + i));
  }
  self->began = true;
  step(self);
}

void
df_speaker_read(const df_speaker* const self,
                const int64_t           from,
                const int               n,
                float* const            out)
{
  for (int i = 0; i < n; ++i) {
    const int64_t at = from + i - self->base;
    out[i]           = at >= 0 && at < (int64_t)length(self)
                         ? self->sum[at] + self->guess[at]
                         : 0.0f;
  }
}
