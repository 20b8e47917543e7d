#define _POSIX_C_SOURCE 200809L

#include "core/engine/link.h"

#include "core/audio/bridge.h"
#include "core/audio/resample.h"
#include "core/engine/engine.h"
#include "core/engine/intake.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The host's newest samples, for its predictor
#define PAST DF_BRIDGE_CONTEXT

// Hops between two fits of the predictor, 3 ms each (tests/bench/LOG.md)
#define FIT_EVERY 8

// Model samples by which the converter starts early: more than it reaches back,
// and as many more as it takes to find a good one
#define LATEST 256
#define EARLIEST 512

// Model samples that pass the converter at a time, at most and at least, and
// most of a hop of input
#define CHUNK 64
#define CHUNK_LEAST 8
#define TAKE_MAX (DF_HOP_MAX * 2)

// Input samples that the converter wants beyond those it answers, where the
// other rate is no lower
#define BEYOND 48

struct df_link {
  df_arena     arena;
  df_engine*   engine;
  df_bridge*   bridge;
  df_carry*    carry; // Across hops that are missing
  df_mend*     mend;
  df_resample* down;  // Host to model; NULL at equal rates
  df_resample* up;    // Model to host
  double       host;  // Rate
  double       ratio; // Host samples a model sample
  int          hop;   // N
  int          lookahead;
  int          rate; // Of the model
  int          lag;  // Model samples by which the engine's frames come after
                     // hops: what the converter wants beyond a hop is in the
                     // frames that the hop needs, and no further one is planned

  uint32_t  run;
  int       skip; // Of the first samples: before the engine's time
  int64_t   next_job;
  int64_t   origin; // Hop that is the engine's first, were none missing since
  bool      speaking;
  bool      hearing; // The newest sample was heard
  float     noise;   // Of the last job
  float*    past;    // [PAST + 2 DF_HOP_MAX] host; the newest end at PAST
  float*    joined;  // [DF_HOP_MAX] host
  float*    taken;   // [TAKE_MAX] model
  int64_t   fed;     // Model samples given to `up`
  int64_t   out_end; // Host samples got from it
  float*    out;     // [2 DF_HOP_MAX] the newest of them
  float     chunk[CHUNK];
  df_result result;
};

static df_status
carve(df_link* const self)
{
  df_arena* const arena = &self->arena;
  df_status       status =
    df_bridge_make(arena, DF_BRIDGE_CONTEXT, DF_BRIDGE_ORDER, 0, &self->bridge);
  if (!status) {
    status = df_carry_make(arena, self->host, &self->carry);
  }
  if (!status) {
    status = df_mend_make(arena, DF_HOP_MAX, &self->mend);
  }
  self->past   = DF_TAKE(arena, PAST + 2U * DF_HOP_MAX, float);
  self->joined = DF_TAKE(arena, DF_HOP_MAX, float);
  self->taken  = DF_TAKE(arena, TAKE_MAX, float);
  self->out    = DF_TAKE(arena, 2U * DF_HOP_MAX, float);
  return status ? status : df_arena_status(arena);
}

static df_status
make_rates(df_link* const self, const double rate)
{
  self->ratio = rate / self->rate;
  if (rate == (double)self->rate) {
    return DF_OK;
  }
  self->lag = CHUNK_LEAST + (int)ceil(BEYOND * fmax(1.0, 1.0 / self->ratio));
  const df_status status = df_resample_make(rate, self->rate, &self->down);
  return status ? status : df_resample_make(self->rate, rate, &self->up);
}

df_status
df_link_make(const df_instrument* const instrument,
             const double               rate,
             const int                  lookahead,
             df_link** const            out,
             df_note* const             note)
{
  const df_codec_config c = df_instrument_codec(instrument)->config;
  const double          n = c.hop * rate / c.rate;
  if (!(rate >= 8000.0 && rate <= 384000.0) || n > DF_HOP_MAX - 2) {
    return df_note_set(note,
                       DF_E_ARG,
                       "sample rate: want 8000 to %.0f Hz, found %.0f",
                       fmin(384000.0, (DF_HOP_MAX - 2.0) * c.rate / c.hop),
                       rate);
  }
  if (lookahead < 0 || lookahead > 256) {
    return df_note_set(
      note, DF_E_ARG, "look-ahead: want 0 to 256 hops, found %d", lookahead);
  }
  df_link* const self = (df_link*)calloc(1U, sizeof(*self));
  if (!self) {
    return df_note_set(note, DF_E_NOMEM, "engine: out of memory");
  }
  self->hop        = c.hop;
  self->lookahead  = lookahead;
  self->rate       = c.rate;
  self->host       = rate;
  df_status status = carve(self);
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = carve(self);
  }
  if (!status) {
    status = make_rates(self, rate);
  }
  if (!status) {
    status = df_engine_make(instrument, lookahead + 8, &self->engine);
  }
  if (status) {
    df_link_free(self);
    return df_note_set(note, status, "engine: %s", df_status_text(status));
  }
  *out = self;
  return DF_OK;
}

void
df_link_free(df_link* const self)
{
  if (self) {
    df_engine_free(self->engine);
    df_resample_free(self->down);
    df_resample_free(self->up);
    df_arena_free(&self->arena);
    free(self);
  }
}

int64_t
df_link_boundary(const int64_t hop,
                 const int     N,
                 const double  rate,
                 const double  model_rate)
{
  const int64_t up   = (int64_t)rate;
  const int64_t down = (int64_t)model_rate;
  if ((double)up != rate || (double)down != model_rate) {
    return (int64_t)ceil((double)hop * N * rate / model_rate - 1e-9);
  }
  const int64_t product = hop * N * up;
  return (product > 0 ? product + down - 1 : product) / down;
}

// Where a hop begins, counted in host samples from the engine's first
static int64_t
boundary(const df_link* const self, const int64_t hop)
{
  return df_link_boundary(hop, self->hop, self->host, self->rate) -
         df_link_boundary(self->origin, self->hop, self->host, self->rate);
}

static double
seconds(void)
{
  struct timespec now = {0, 0};
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void
restart(df_link* const self, const int64_t origin)
{
  df_engine_reset(self->engine);
  self->origin = origin;
  self->skip   = self->lag;
  if (self->down) {
    df_resample_reset(self->down);
  }
  memset(self->past, 0, PAST * sizeof(float));
  df_carry_reset(self->carry);
  df_mend_reset(self->mend);
  self->speaking = false;
  self->hearing  = true;
  self->noise    = 0.0f;
}

// The n samples of a hop as the engine takes them, at its own rate
static void
take(df_link* const self,
     const float*   x,
     int            n,
     int            from,
     int            to,
     const float    noise)
{
  if (self->down) {
    // The converter holds some samples back: a loss among them comes early
    const bool ends = to == n;
    int        used = 0;
    n               = df_resample_process(
      self->down, x, n, &used, self->taken, TAKE_MAX, false);
    x = self->taken;
    if (from > 0) {
      from = (int)fmin(n, ceil(from / self->ratio));
    }
    to             = ends ? n : (int)fmin(n - 1, to / self->ratio);
    const int skip = self->skip < n ? self->skip : n;
    self->skip -= skip;
    x += skip;
    n -= skip;
    from = from > skip ? from - skip : 0;
    to   = to - skip;
    if (to <= from) {
      from = 0;
      to   = 0;
    }
  }
  df_engine_take(self->engine, x, n, from, to, noise);
}

// The newest samples, of which n are there already: they end at PAST + n
static void
move(df_link* const self, const int n)
{
  memmove(self->past, self->past + n, PAST * sizeof(float));
}

// Hops are missing before this job.  For the engine they are one, in which it
// hears how the sound before them is carried on; that gives way to what comes
// in the beginning of the hop at hand.  So nothing clicks in its memory, and
// its time goes on by whole hops whatever the rates.
//
// @return What it is to hear of the hop at hand
static const float*
rejoin(df_link* const self, const df_job* const job)
{
  const int64_t before = boundary(self, self->next_job);
  self->origin += job->index - self->next_job - 1;
  const int    n     = (int)(boundary(self, job->index) - before);
  const bool   heard = self->hearing && job->heard_from == 0 && job->heard_to;
  const int    most  = (int)(DF_JOIN * self->host);
  const int    ease  = !heard ? 0 : most < job->count ? most : job->count;
  float* const y     = self->past + PAST;
  df_carry_begin(self->carry, (const float*[]){y}, 1);
  for (int i = 0; i < n + ease; ++i) {
    y[i] = df_carry_next(self->carry, y + i, i);
  }
  memcpy(self->joined, job->x, sizeof(float) * (size_t)job->count);
  for (int i = 0; i < ease; ++i) {
    const float g   = (float)(i + 1) / (float)ease;
    self->joined[i] = g * job->x[i] + (1.0f - g) * y[n + i];
  }
  take(self, y, n, 0, heard ? n : 0, self->noise);
  move(self, n);
  df_mend_reset(self->mend);
  return self->joined;
}

// A predictor of the host's samples, for the voice
static void
fit(df_link* const self, const df_job* const job, const float* const x)
{
  memcpy(self->past + PAST, x, sizeof(float) * (size_t)job->count);
  move(self, job->count);
  const bool heard   = job->heard_from == 0 && job->heard_to == job->count;
  self->result.order = 0;
  if (heard && job->index % FIT_EVERY == 0) {
    self->result.order =
      df_bridge_fit(self->bridge, self->past, PAST, self->result.predictor);
    if (self->result.order > 0) {
      df_carry_tell(self->carry, self->result.predictor, self->result.order);
    }
  }
}

// Speaking begins with a hop
static void
begin(df_link* const self, const int64_t hop)
{
  const int64_t from = (hop - self->origin) * self->hop;
  self->speaking     = true;
  if (!self->up) {
    df_engine_begin(self->engine, from);
    return;
  }
  // Start the converter a little earlier, where a sample of the model falls
  // most nearly on one of the host
  int64_t best  = from - EARLIEST;
  double  least = 1.0;
  for (int64_t m = best; m < from - LATEST; ++m) {
    const double at   = (double)m * self->ratio;
    const double late = ceil(at - 1e-9) - at;
    if (late < least - 1e-9) {
      least = late;
      best  = m;
    }
  }
  df_engine_begin(self->engine, best - self->lag);
  df_resample_reset(self->up);
  self->fed     = best;
  self->out_end = (int64_t)ceil((double)best * self->ratio - 1e-9);
}

// Have the converter's samples before `to` in `out`, with hardly any after it
static void
convert(df_link* const self, const int64_t to)
{
  while (self->out_end < to) {
    const double  left = (double)(to - self->out_end) / self->ratio;
    const int     n    = left > CHUNK         ? CHUNK
                         : left < CHUNK_LEAST ? CHUNK_LEAST
                                              : (int)left;
    const int64_t at   = self->fed - self->lag;
    df_engine_speak(self->engine, at + n);
    df_engine_read(self->engine, at, n, self->chunk);
    self->fed += n;
    float     y[DF_HOP_MAX];
    int       used = 0;
    const int got  = df_resample_process(
      self->up, self->chunk, n, &used, y, DF_HOP_MAX, false);
    const size_t kept = (size_t)(2 * DF_HOP_MAX - got);
    memmove(self->out, self->out + got, sizeof(float) * kept);
    memcpy(self->out + kept, y, sizeof(float) * (size_t)got);
    self->out_end += got;
  }
}

// One playback hop and the estimate of the next, at the host's rate
static void
play(df_link* const self, const int64_t hop)
{
  df_result* const r     = &self->result;
  const int64_t    from  = (hop - self->origin) * self->hop;
  const int64_t    start = boundary(self, hop);
  r->count               = (int)(boundary(self, hop + 1) - start);
  if (!self->up) {
    df_engine_speak(self->engine, from + self->hop);
    df_engine_read(self->engine, from, self->hop, r->audio);
    df_engine_read(self->engine, from + self->hop, self->hop, r->next);
    return;
  }
  convert(self, start + r->count);
  const int64_t oldest = self->out_end - 2 * DF_HOP_MAX;
  memcpy(
    r->audio, self->out + (start - oldest), sizeof(float) * (size_t)r->count);

  // Straight lines will do for an estimate
  const int64_t after = boundary(self, hop + 1);
  df_engine_read(
    self->engine, from + self->hop - self->lag, self->hop + 2, self->taken);
  for (int i = 0; i < r->count; ++i) {
    const double at   = (double)(after + i) / self->ratio;
    const double part = fmax(at - (double)(from + self->hop), 0.0);
    const int    m    = part < self->hop ? (int)part : self->hop;
    const float  rest = (float)(part - m);
    r->next[i] = self->taken[m] + rest * (self->taken[m + 1] - self->taken[m]);
  }
}

// Keep what each channel was, for gaps yet to be filled
static void
hear(df_link* const self, const df_job* const job)
{
  const float* const heard[2] = {job->heard[0],
                                 job->channels == 2 ? job->heard[1] : NULL};
  if (job->channels) {
    df_mend_hear(self->mend, heard, job->count);
  }
}

// Fill the gap that a job brings
static void
fill(df_link* const self, const df_job* const job)
{
  df_result* const r         = &self->result;
  float* const     filled[2] = {r->filled[0], r->filled[1]};
  const int64_t    end =
    df_link_boundary(job->index + 1, self->hop, self->host, self->rate);
  r->channels = job->channels;
  r->gap_from = job->gap_from;
  r->gap      = df_mend_fill(
    self->mend, (int)(end - job->gap_from), job->gap, job->gap_right, filled);
}

// Emit the result, with the time it took
static void
send(df_link* const     self,
     double* const      began,
     const df_link_emit emit,
     void* const        to)
{
  const double now  = seconds();
  self->result.busy = (float)(now - *began);
  df_engine_view(self->engine, &self->result.view);
  *began = now;
  emit(to, &self->result);
  self->result.order = 0;
}

void
df_link_process(df_link* const      self,
                const df_job* const job,
                const df_link_emit  emit,
                void* const         to)
{
  double           began = seconds();
  df_result* const r     = &self->result;
  if (job->run != self->run) {
    restart(self, job->index);
    self->run      = job->run;
    self->next_job = job->index;
  }
  df_engine_set(self->engine, &job->settings);
  const float* const x =
    job->index > self->next_job ? rejoin(self, job) : job->x;
  take(self, x, job->count, job->heard_from, job->heard_to, job->noise);
  fit(self, job, x);
  hear(self, job);
  self->hearing  = job->heard_to == job->count;
  self->noise    = job->noise;
  self->next_job = job->index + 1;

  const int64_t hop = job->index + 2 - self->lookahead;
  r->job            = job->index;
  r->wet            = job->active;
  r->count          = 0;
  r->gap            = 0;
  if (job->urgent || (job->active && !self->speaking)) {
    begin(self, job->urgent ? hop - 1 : hop);
  }
  if (!job->active) {
    df_engine_rest(self->engine);
    self->speaking = false;
  }
  if (job->urgent) {
    play(self, hop - 1);
    r->index = hop - 1;
    r->more  = true;
    send(self, &began, emit, to);
  }
  if (job->active) {
    play(self, hop);
  }
  r->index = hop;
  r->more  = job->gap > 0;
  send(self, &began, emit, to);
  if (r->more) {
    r->wet   = false;
    r->count = 0;
    r->more  = false;
    fill(self, job);
    send(self, &began, emit, to);
  }
}
