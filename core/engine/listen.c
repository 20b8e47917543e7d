#include "core/engine/listen.h"

#include "core/audio/bands.h"
#include "core/audio/bridge.h"
#include "core/audio/stft.h"

#include <math.h>
#include <string.h>

// Tokens and frames that stay readable beside the reach
#define TOKENS 1024
#define FRAMES_EXTRA 64

// Samples that a prediction is made from, with the stretch of the back-test,
// which is BACKTEST seconds but no more than TESTED samples
#define BACKTEST 0.02
#define TESTED 8192
#define PAST (DF_BRIDGE_CONTEXT + TESTED)

// Where that is poor only the newest of them count, for a smooth end
#define NEAR 1024

typedef struct {
  df_heard state;
  float    noise; // 0..1 declared
} frame;

typedef struct {
  df_heard state;
  int      level;
} token;

struct df_listener {
  const df_codec* codec;
  df_stft*        stft;
  df_bridge*      bridge;
  float*          past;      // [PAST + longest extension]
  float*          predictor; // [DF_BRIDGE_ORDER]
  int             levels;
  int             hop;
  int             half; // Samples on either side of a frame's centre

  float*  x; // [size] ring of samples
  size_t  size;
  int64_t end; // Samples taken

  bool    lost;
  int64_t usable_from; // Heard again since
  int64_t usable_to;   // While lost: end of what may be used
  int64_t lost_at;     // Where trust ended last
  float   noise_kept;  // Level in force then

  float*  extension; // [half + hop] continues what was heard until lost_at
  int64_t extended_to;

  float*      window;   // [2 half]
  float*      work;     // [F bins]
  df_complex* spectrum; // [bins]

  frame*  frames; // [frame_count] ring
  float*  logmag; // [frame_count, bins]
  int     frame_count;
  int64_t next_frame;

  token*  tokens; // [TOKENS] ring
  float*  values; // [TOKENS, C]
  float*  bands;  // [TOKENS, DF_BANDS]
  int64_t next_token;
};

df_status
df_listener_make(df_arena* const       arena,
                 const df_codec* const codec,
                 const int             levels,
                 const int             reach,
                 df_listener** const   out)
{
  if (levels < 1 || reach < 1 || reach > 1024) {
    return DF_E_ARG;
  }
  const df_codec_config c      = codec->config;
  const size_t          bins   = (size_t)codec->bins;
  const size_t          M      = (size_t)c.window;
  const int             frames = reach + c.window / c.hop + FRAMES_EXTRA;
  size_t                size   = 1U;
  while (size < (size_t)(frames * c.hop) + M + PAST) {
    size *= 2U;
  }

  df_listener* const self    = DF_TAKE(arena, 1U, df_listener);
  df_stft*           stft    = NULL;
  df_bridge*         bridge  = NULL;
  const size_t       longest = M / 2U + (size_t)c.hop;
  df_status          status =
    df_bridge_make(arena, DF_BRIDGE_CONTEXT, DF_BRIDGE_ORDER, 0, &bridge);
  float* const      past      = DF_TAKE(arena, PAST + longest, float);
  float* const      predictor = DF_TAKE(arena, DF_BRIDGE_ORDER, float);
  float* const      x         = DF_TAKE(arena, size, float);
  float* const      ext       = DF_TAKE(arena, longest, float);
  float* const      window    = DF_TAKE(arena, M, float);
  float* const      work      = DF_TAKE(arena, (size_t)c.frames * bins, float);
  df_complex* const sp        = DF_TAKE(arena, bins, df_complex);
  frame* const      fr        = DF_TAKE(arena, (size_t)frames, frame);
  float* const      logmag    = DF_TAKE(arena, (size_t)frames * bins, float);
  token* const      tokens    = DF_TAKE(arena, TOKENS, token);
  float* const values = DF_TAKE(arena, (size_t)TOKENS * (size_t)c.dims, float);
  float* const bands  = DF_TAKE(arena, (size_t)TOKENS * DF_BANDS, float);
  if (!status) { // last: what it plans is not arena memory
    status = df_stft_make(arena, c.window, c.hop, &stft);
  }
  if (status || !self || !bands) {
    df_stft_free(stft);
    return status ? status : df_arena_status(arena);
  }
  *self = (df_listener){
    .codec       = codec,
    .stft        = stft,
    .bridge      = bridge,
    .past        = past,
    .predictor   = predictor,
    .levels      = levels,
    .hop         = c.hop,
    .half        = c.window / 2,
    .x           = x,
    .size        = size,
    .extension   = ext,
    .window      = window,
    .work        = work,
    .spectrum    = sp,
    .frames      = fr,
    .logmag      = logmag,
    .frame_count = frames,
    .tokens      = tokens,
    .values      = values,
    .bands       = bands,
  };
  df_listener_reset(self);
  *out = self;
  return DF_OK;
}

void
df_listener_free(df_listener* const self)
{
  if (self) {
    df_stft_free(self->stft);
  }
}

void
df_listener_reset(df_listener* const self)
{
  memset(self->x, 0, self->size * sizeof(float));
  self->end         = 0;
  self->lost        = false;
  self->usable_from = -(int64_t)self->size; // silence before the beginning
  self->usable_to   = 0;
  self->lost_at     = 0;
  self->noise_kept  = 0.0f;
  self->extended_to = 0;
  self->next_frame  = 0;
  self->next_token  = 0;
  memset(self->frames, 0, sizeof(frame) * (size_t)self->frame_count);
  memset(self->tokens, 0, sizeof(token) * TOKENS);
}

int64_t
df_listener_end(const df_listener* const self)
{
  return self->end;
}

void
df_listener_read(const df_listener* const self,
                 const int64_t            from,
                 const int                n,
                 float* const             out)
{
  const int64_t oldest = self->end - (int64_t)self->size;
  for (int i = 0; i < n; ++i) {
    const int64_t t = from + i;
    if (t >= self->lost_at && t < self->extended_to) {
      out[i] = self->extension[t - self->lost_at];
    } else if (t >= 0 && t >= oldest && t < self->end) {
      out[i] = self->x[(size_t)t & (self->size - 1U)];
    } else {
      out[i] = 0.0f;
    }
  }
}

static size_t
frame_at(const df_listener* const self, const int64_t g)
{
  return (size_t)(g % self->frame_count);
}

static void
analyse(df_listener* const self, const int64_t g)
{
  const int     bins = self->codec->bins;
  const int64_t from = g * self->hop - self->half;
  df_listener_read(self, from, 2 * self->half, self->window);
  df_stft_analyse(self->stft, self->window, self->spectrum);
  df_stft_log(self->spectrum,
              bins,
              self->codec->floor,
              self->logmag + frame_at(self, g) * (size_t)bins);
}

// Settle the state of the next frame.  False while it is open.
static bool
settle_frame(df_listener* const self)
{
  const int64_t g      = self->next_frame;
  const int64_t centre = g * self->hop;
  const int64_t from   = centre - self->half;
  const int64_t to     = centre + self->half;
  const int64_t limit  = self->lost ? self->usable_to : self->end;
  const int64_t sliver = self->half / 4; // the window is below 0.15 there
  frame* const  f      = &self->frames[frame_at(self, g)];

  if (from + sliver < self->usable_from) {
    f->state = DF_HEARD_UNKNOWN;
  } else if (to <= limit) {
    analyse(self, g);
    f->state = DF_HEARD_KNOWN;
    if (self->lost && centre >= self->lost_at) {
      f->noise = self->noise_kept; // extrapolated from what was heard
    }
  } else if (self->lost) {
    if (from + sliver >= self->end) {
      return false; // may be heard again in time
    }
    f->state = DF_HEARD_UNKNOWN;
  } else {
    return false;
  }
  ++self->next_frame;
  return true;
}

// Settle the state of the next token.  False while one of its frames is open.
static bool
settle_token(df_listener* const self)
{
  const int64_t n     = self->next_token;
  const int     F     = self->codec->config.frames;
  const size_t  bins  = (size_t)self->codec->bins;
  const size_t  at    = (size_t)(n % TOKENS);
  token* const  t     = &self->tokens[at];
  bool          known = true;
  float         noise = 0.0f;
  if ((n + 1) * F > self->next_frame) {
    return false;
  }

  for (int f = 0; f < F; ++f) {
    const frame* const part = &self->frames[frame_at(self, n * F + f)];
    known                   = known && part->state == DF_HEARD_KNOWN;
    noise                   = fmaxf(noise, part->noise);
  }
  t->state = known ? DF_HEARD_KNOWN : DF_HEARD_UNKNOWN;
  t->level = (int)lroundf(noise * (float)self->levels);
  if (known) {
    // Frames of a token may lie on both sides of the ring's seam
    float* const y = self->work;
    for (int f = 0; f < F; ++f) {
      memcpy(y + (size_t)f * bins,
             self->logmag + frame_at(self, n * F + f) * bins,
             bins * sizeof(float));
    }
    df_bands_pool(self->codec->config.rate,
                  self->codec->config.window,
                  F,
                  y,
                  self->bands + at * DF_BANDS);
    df_codec_encode(
      self->codec, y, self->values + at * (size_t)self->codec->config.dims, y);
  }
  ++self->next_token;
  return true;
}

static void
settle(df_listener* const self)
{
  while (settle_frame(self)) {
  }
  while (settle_token(self)) {
  }
}

// Continue what was heard before t0, as far as can be believed: to the end of
// the last frame of a whole token
static void
extend(df_listener* const self)
{
  const int64_t t0     = self->end;
  const int64_t span   = (int64_t)self->codec->config.frames * self->hop;
  const int64_t inside = t0 / span * span + span - self->hop; // last centre
  const int64_t last   = inside > t0 + self->hop ? inside - span : inside;
  const double  tested = BACKTEST * self->codec->config.rate;
  const int     test   = tested < TESTED ? (int)tested : TESTED;
  float* const  x      = self->past;
  df_listener_read(self, t0 - PAST, PAST, x);
  const bool good =
    df_bridge_backtest(self->bridge, x, PAST, test) > DF_BRIDGE_GATE;
  self->usable_to = t0 + self->half / 4;
  if (good && self->usable_to < last + self->half) {
    self->usable_to = last + self->half;
  }
  const int m    = (int)(self->usable_to - t0);
  const int near = good ? PAST : NEAR;
  const int order =
    df_bridge_fit(self->bridge, x + PAST - near, near, self->predictor);
  df_bridge_extend(self->predictor, order, x, PAST, m);
  memcpy(self->extension, x + PAST, sizeof(float) * (size_t)m);
  self->extended_to = t0 + m;
}

void
df_listener_take(df_listener* const self,
                 const float* const x,
                 const int          n,
                 const float        noise)
{
  const int64_t first = (self->end + self->hop - 1) / self->hop;
  for (int i = 0; i < n; ++i) {
    self->x[(size_t)(self->end + i) & (self->size - 1U)] = x[i];
  }
  self->end += n;
  for (int64_t g = first; g * self->hop <= self->end; ++g) {
    if (g >= self->next_frame) { // else known already, by extrapolation
      self->frames[frame_at(self, g)].noise = noise;
    }
  }
  settle(self);
}

void
df_listener_lose(df_listener* const self)
{
  const int64_t t0 = self->end;
  if (self->lost) {
    return;
  }
  extend(self);
  self->lost    = true;
  self->lost_at = t0;
  self->noise_kept =
    t0 > 0 ? self->frames[frame_at(self, (t0 - 1) / self->hop)].noise : 0.0f;
  settle(self);
}

void
df_listener_find(df_listener* const self)
{
  self->lost        = false;
  self->usable_from = self->end;
  if (self->extended_to > self->end) {
    self->extended_to = self->end;
  }
  settle(self);
}

bool
df_listener_lost(const df_listener* const self)
{
  return self->lost;
}

df_heard
df_listener_frame(const df_listener* const self,
                  const int64_t            g,
                  const float** const      logmag,
                  int* const               level)
{
  if (g >= self->next_frame) {
    return DF_HEARD_PENDING;
  }
  // Places of frames to come, whose levels may be declared already
  const int64_t taken = self->half / self->hop + 2;
  if (g < 0 || g < self->next_frame + taken - self->frame_count) {
    return DF_HEARD_UNKNOWN;
  }
  const size_t at = frame_at(self, g);
  *logmag         = self->logmag + at * (size_t)self->codec->bins;
  *level          = (int)lroundf(self->frames[at].noise * (float)self->levels);
  return self->frames[at].state;
}

df_heard
df_listener_token(const df_listener* const self,
                  const int64_t            n,
                  const float** const      value,
                  int* const               level)
{
  if (n >= self->next_token) {
    return DF_HEARD_PENDING;
  }
  if (n < 0 || n <= self->next_token - TOKENS) {
    return DF_HEARD_UNKNOWN;
  }
  const size_t at = (size_t)(n % TOKENS);
  *value          = self->values + at * (size_t)self->codec->config.dims;
  *level          = self->tokens[at].level;
  return self->tokens[at].state;
}

const float*
df_listener_bands(const df_listener* const self, const int64_t n)
{
  return self->bands + (size_t)(n % TOKENS) * DF_BANDS;
}
