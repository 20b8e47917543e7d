#include "core/engine/engine.h"

#include "core/engine/aim.h"
#include "core/engine/limit.h"
#include "core/engine/listen.h"
#include "core/engine/memory.h"
#include "core/engine/speak.h"
#include "core/stream/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Tokens whose planned frames stay at hand beyond the reach
#define PLAN_EXTRA 16

// Most tokens of the window whose present estimates help the phases
#define GUESSES DF_SPEAKER_AHEAD

struct df_engine {
  df_arena        arena;
  const df_codec* codec;
  df_settings     settings;
  int             C;       // Numbers a token
  int             F;       // Frames a token
  int             K;       // Noise levels
  int             horizon; // Longest window

  df_listener* listener;
  df_stream*   stream;
  df_memory*   memory;
  df_limit*    limit;
  df_aim*      aim;
  df_speaker*  speaker;

  int64_t fed;      // Tokens shown to the stream, or passed as unknown
  bool    speaking; // Between begin and rest
  bool    trusting; // The newest input is trusted

  float*  plan;       // [plan_count, F bins] frames of remembered tokens, ring
  int     plan_count; // Tokens
  float*  guess;      // [GUESSES, F bins] estimates of the tokens after them
  int     guessed;    // How many of them are good for something
  float*  token;      // [C]
  float*  window;     // [horizon, C]
  int*    levels;     // [horizon]
  float*  hand;       // [1 + DF_SPEAKER_AHEAD, bins]
  float*  sound;      // [window]
  df_view view;
};

static size_t
row(const df_engine* const self)
{
  return (size_t)self->F * (size_t)self->codec->bins;
}

static df_status
carve(df_engine* const           self,
      const df_instrument* const instrument,
      const int                  reach)
{
  df_arena* const              arena     = &self->arena;
  const df_predictor* const    predictor = df_instrument_predictor(instrument);
  const df_codec* const        codec     = df_instrument_codec(instrument);
  const df_model_config* const config    = df_predictor_config(predictor);
  const df_codec_config        c         = codec->config;
  const size_t                 C         = (size_t)config->token;
  const size_t                 bins      = (size_t)codec->bins;
  const size_t                 H         = (size_t)config->horizon;

  self->codec      = codec;
  self->C          = config->token;
  self->F          = c.frames;
  self->K          = config->levels;
  self->horizon    = config->horizon;
  self->plan_count = reach / c.frames + PLAN_EXTRA;
  self->plan   = DF_TAKE(arena, (size_t)self->plan_count * row(self), float);
  self->guess  = DF_TAKE(arena, GUESSES * row(self), float);
  self->token  = DF_TAKE(arena, C, float);
  self->window = DF_TAKE(arena, H * C, float);
  self->levels = DF_TAKE(arena, H, int);
  self->hand   = DF_TAKE(arena, (1U + DF_SPEAKER_AHEAD) * bins, float);
  self->sound  = DF_TAKE(arena, (size_t)c.window, float);

  const double rate = (double)c.rate / ((double)c.hop * c.frames);
  df_status status  = df_memory_make(arena, config->token, rate, &self->memory);
  if (!status) {
    status = df_limit_make(arena, codec, &self->limit);
  }
  if (!status) {
    status = df_aim_make(arena, codec, &self->aim);
  }
  if (!status) {
    status = df_stream_make(
      arena, predictor, df_limit_apply, self->limit, &self->stream);
  }
  if (!status) {
    status = df_listener_make(arena, codec, self->K, reach, &self->listener);
  }
  if (!status) {
    status = df_speaker_make(arena, codec, &self->speaker);
  }
  return status ? status : df_arena_status(arena);
}

df_status
df_engine_make(const df_instrument* const instrument,
               const int                  reach,
               df_engine** const          out)
{
  if (reach < 1 || reach > 512) {
    return DF_E_ARG;
  }
  df_engine* const self = (df_engine*)calloc(1U, sizeof(*self));
  if (!self) {
    return DF_E_NOMEM;
  }
  df_status status = carve(self, instrument, reach);
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = carve(self, instrument, reach);
  }
  if (status) {
    df_engine_free(self);
    return status;
  }
  const df_settings settings = df_settings_default();
  df_engine_set(self, &settings);
  df_engine_reset(self);
  *out = self;
  return DF_OK;
}

void
df_engine_free(df_engine* const self)
{
  if (self) {
    df_listener_free(self->listener);
    df_speaker_free(self->speaker);
    df_arena_free(&self->arena);
    free(self);
  }
}

void
df_engine_reset(df_engine* const self)
{
  df_listener_reset(self->listener);
  df_stream_reset(self->stream);
  df_memory_reset(self->memory);
  df_aim_reset(self->aim);
  self->fed         = 0;
  self->speaking    = false;
  self->trusting    = true;
  self->guessed     = 0;
  self->view.tokens = 0;
}

int64_t
df_engine_end(const df_engine* const self)
{
  return df_listener_end(self->listener);
}

// NaN becomes the low end
static float
within(const float x, const float low, const float high)
{
  return !(x > low) ? low : x > high ? high : x;
}

// Settings are about to change while the engine speaks.  A token of which a
// frame is yet to be spoken is planned again, so that the change is heard from
// that frame on.
static void
replan(df_engine* const self)
{
  const int64_t last  = df_stream_position(self->stream) - 1;
  const float*  value = NULL;
  int           level = 0;
  const bool    newest =
    last >= 0 && df_speaker_next(self->speaker) < (last + 1) * self->F &&
    !(df_listener_token(self->listener, last, &value, &level) ==
        DF_HEARD_KNOWN &&
      level == 0);
  if (df_stream_replan(self->stream, newest)) {
    self->guessed = 0;
  }
}

void
df_engine_set(df_engine* const self, const df_settings* const settings)
{
  const df_settings s = {
    .horizon      = within(settings->horizon, 1.0f, (float)self->horizon),
    .slope        = within(settings->slope, 0.0f, 4.0f),
    .steps        = within(settings->steps, 1.0f, 8.0f),
    .guidance     = within(settings->guidance, 0.0f, 4.0f),
    .recall       = within(settings->recall, 0.0f, 1.0f),
    .memory       = within(settings->memory, 0.1f, 6.0f),
    .memory_noise = within(settings->memory_noise, 0.0f, 0.5f),
    .heat         = within(settings->heat, 0.0f, 1.5f),
    .aim_level    = within(settings->aim_level, -24.0f, 24.0f),
    .aim_bright   = within(settings->aim_bright, -2.0f, 2.0f),
    .aim          = within(settings->aim, 0.0f, 1.0f),
    .seed         = settings->seed,
  };
  if (self->speaking && !df_settings_equal(&s, &self->settings)) {
    replan(self);
  }
  const df_codec_config c    = self->codec->config;
  const float           rate = (float)c.rate / (float)(c.hop * c.frames);
  df_stream_settings    to;
  memset(&to, 0, sizeof(to));
  to.horizon        = (int)lroundf(s.horizon);
  to.slope          = s.slope;
  to.steps          = (int)lroundf(s.steps);
  to.eta            = s.heat;
  to.guidance       = s.guidance;
  to.guidance_level = 1.0f;
  to.memory_noise   = s.memory_noise;
  to.memory         = (int)lroundf(s.memory * rate);
  to.seed           = s.seed;
  df_stream_set(self->stream, &to);
  df_aim_set(self->aim, s.aim_level, s.aim_bright, s.aim);
  df_stream_guide(self->stream, s.aim > 0.0f ? df_aim_apply : NULL, self->aim);
  self->settings = s;
}

// Finish the stream's next token and keep its frames
static void
advance(df_engine* const self)
{
  const int64_t n = df_stream_position(self->stream);
  df_memory_look_back(self->memory, n);
  df_limit_set(self->limit,
               df_memory_loudest(self->memory),
               df_memory_softest(self->memory),
               df_aim_room(self->aim));
  for (int64_t i = n; i < n + lroundf(self->settings.horizon); ++i) {
    float              confidence = 0.0f;
    const float* const figure = df_memory_recall(self->memory, i, &confidence);
    if (df_stream_recall(self->stream,
                         i,
                         figure ? figure : self->token,
                         confidence * self->settings.recall)) {
      break; // beyond what the stream looks at
    }
  }
  df_stream_advance(self->stream, self->token);

  const float* value = NULL;
  int          level = 0;
  const bool   heard =
    df_listener_token(self->listener, n, &value, &level) == DF_HEARD_KNOWN &&
    level == 0;
  float* const y = self->plan + (size_t)(n % self->plan_count) * row(self);
  df_codec_decode(self->codec, self->token, y);
  (void)df_limit_frames(self->limit, y); // a token cannot be silent enough
  const df_codec_config* const config = &self->codec->config;
  df_bands_pool(config->rate, config->window, self->F, y, self->view.bands);
  df_memory_keep(self->memory, n, self->token, self->view.bands, heard);

  // What the window now holds of the tokens after it helps to find phases
  const int H       = df_stream_peek(self->stream, self->levels, self->window);
  self->view.tokens = H < DF_VIEW_TOKENS ? H : DF_VIEW_TOKENS;
  for (int i = 0; i < self->view.tokens; ++i) {
    self->view.level[i] = (float)self->levels[i] / (float)self->K;
  }
  self->guessed = 0;
  while (self->guessed * self->F < DF_SPEAKER_AHEAD && self->guessed < H &&
         2 * self->levels[self->guessed] <= self->K) {
    float* const guess = self->guess + (size_t)self->guessed * row(self);
    df_codec_decode(self->codec,
                    self->window + (size_t)self->guessed * (size_t)self->C,
                    guess);
    (void)df_limit_frames(self->limit, guess);
    ++self->guessed;
  }
}

// The stream's next token is one that was heard
static void
hear(df_engine* const self, const float* const value)
{
  const int64_t      n     = df_stream_position(self->stream);
  const float* const bands = df_listener_bands(self->listener, n);
  df_stream_push(self->stream, value);
  df_memory_hear(self->memory, n, value, bands);
  df_aim_hear(self->aim, bands);
  self->guessed = 0;
}

// Show the stream one known token.  False: not now.
static bool
feed(df_engine* const self, const float* const value, const int level)
{
  const int64_t n        = self->fed;
  const int64_t position = df_stream_position(self->stream);
  if (position > n) {
    // The stream has gone ahead.  While its sound fades out let it be
    const int64_t back = position - n;
    if (self->speaking && self->trusting) {
      return false;
    }
    if (back > df_stream_undo(self->stream)) {
      return true; // too old to matter
    }
    // Going back restarts the window: noisy tokens are taken two at a time
    const float* next       = NULL;
    int          next_level = 0;
    if (level > 0 &&
        df_listener_token(self->listener, n + 1, &next, &next_level) ==
          DF_HEARD_PENDING) {
      return false;
    }
    df_stream_drop(self->stream, (int)back);
  }
  const int64_t room = 2 * (int64_t)lroundf(self->settings.horizon) - 1;
  while (df_stream_position(self->stream) + room < n) {
    advance(self);
  }
  if (level == 0 && df_stream_position(self->stream) == n) {
    hear(self, value);
    return true;
  }
  return !df_stream_pin(self->stream, n, value, level);
}

static void
feed_all(df_engine* const self)
{
  const float* value = NULL;
  int          level = 0;
  for (;; ++self->fed) {
    const df_heard state =
      df_listener_token(self->listener, self->fed, &value, &level);
    if (state == DF_HEARD_PENDING ||
        (state == DF_HEARD_KNOWN && level < self->K &&
         !feed(self, value, level))) {
      return;
    }
  }
}

void
df_engine_take(df_engine* const   self,
               const float* const x,
               const int          n,
               const int          heard_from,
               const int          heard_to,
               const float        noise)
{
  df_listener* const l  = self->listener;
  int                at = 0;
  if (df_listener_lost(l) && heard_from < heard_to) {
    df_listener_take(l, x, heard_from, noise);
    df_listener_find(l);
    at = heard_from;
  }
  if (!df_listener_lost(l)) {
    df_listener_take(l, x + at, heard_to - at, noise);
    at = heard_to;
    if (at < n) {
      df_listener_lose(l);
    }
  }
  df_listener_take(l, x + at, n - at, noise);
  self->trusting = heard_to == n && lroundf(noise * (float)self->K) == 0;
  feed_all(self);
}

void
df_engine_rest(df_engine* const self)
{
  if (self->speaking) {
    self->speaking    = false;
    self->view.tokens = 0;
    feed_all(self);
  }
  // Known tokens behind a filled gap: remember them, so that new ones follow
  const float* value = NULL;
  int          level = 0;
  while (df_stream_position(self->stream) < self->fed &&
         df_listener_token(
           self->listener, df_stream_position(self->stream), &value, &level) ==
           DF_HEARD_KNOWN) {
    if (level == 0) {
      hear(self, value);
    } else {
      advance(self);
    }
  }
}

void
df_engine_begin(df_engine* const self, const int64_t from)
{
  // Some frames earlier, for the phases to continue from
  df_speaker_begin(self->speaker, from - self->codec->config.window / 2);
  self->speaking = true;
}

// Log-magnitudes of frame g as now known or planned, or NULL
static const float*
frame(const df_engine* const self, const int64_t g, bool* const real)
{
  const float* y     = NULL;
  int          level = 0;
  *real = df_listener_frame(self->listener, g, &y, &level) == DF_HEARD_KNOWN &&
          level == 0;
  if (*real) {
    return y;
  }
  const int64_t n     = g / self->F;
  const int64_t ahead = n - df_stream_position(self->stream);
  const size_t  at    = (size_t)(g % self->F) * (size_t)self->codec->bins;
  if (ahead < 0) {
    return self->plan + (size_t)(n % self->plan_count) * row(self) + at;
  }
  return ahead < self->guessed ? self->guess + (size_t)ahead * row(self) + at
                               : NULL;
}

const float*
df_engine_frame(df_engine* const self, const int64_t g, bool* const real)
{
  const float* const y = frame(self, g, real);
  if (*real) {
    return y;
  }
  while (df_stream_position(self->stream) * self->F <= g) {
    advance(self);
  }
  return frame(self, g, real);
}

void
df_engine_heard(const df_engine* const self,
                const int64_t          from,
                const int              n,
                float* const           out)
{
  df_listener_read(self->listener, from, n, out);
}

// Whether a frame was heard, and is trusted so far that its phases are better
// than any found for it
static bool
is_slightly_noisy(const df_engine* const self, const int64_t g)
{
  const float* y     = NULL;
  int          level = 0;
  return df_listener_frame(self->listener, g, &y, &level) == DF_HEARD_KNOWN &&
         level > 0 && 2 * level <= self->K;
}

static void
speak_frame(df_engine* const self)
{
  const int64_t g    = df_speaker_next(self->speaker);
  const size_t  bins = (size_t)self->codec->bins;
  const int     M    = self->codec->config.window;
  bool          real = false;
  const float*  y    = g < 0 ? NULL : frame(self, g, &real);
  if (real || g < 0) {
    df_listener_read(
      self->listener, g * self->codec->config.hop - M / 2, M, self->sound);
    df_speaker_real(self->speaker, self->sound);
    return;
  }

  memcpy(self->hand, df_engine_frame(self, g, &real), bins * sizeof(float));
  if (is_slightly_noisy(self, g)) {
    df_listener_read(
      self->listener, g * self->codec->config.hop - M / 2, M, self->sound);
    df_speaker_shape(self->speaker, self->sound, self->hand);
    return;
  }
  int ahead = 0;
  while (ahead < DF_SPEAKER_AHEAD &&
         (y = frame(self, g + ahead + 1, &real)) != NULL) {
    ++ahead;
    memcpy(self->hand + (size_t)ahead * bins, y, bins * sizeof(float));
  }
  df_speaker_model(self->speaker, self->hand, ahead, self->settings.seed);
}

void
df_engine_speak(df_engine* const self, const int64_t to)
{
  while (df_speaker_ready(self->speaker) < to) {
    speak_frame(self);
  }
}

void
df_engine_read(const df_engine* const self,
               const int64_t          from,
               const int              n,
               float* const           out)
{
  df_speaker_read(self->speaker, from, n, out);
}

void
df_engine_view(const df_engine* const self, df_view* const out)
{
  *out = self->view;
}
