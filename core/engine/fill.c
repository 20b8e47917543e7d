#include "core/engine/fill.h"

#include "core/audio/bridge.h"
#include "core/audio/phase.h"
#include "core/audio/stft.h"
#include "core/engine/engine.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST 0.02 // s; below it autoregression always serves best
#define SHORT 0.1     // s; below it where both sides are predictable
#define BACKTEST 0.02 // s
#define NEAR 1024     // samples to predict from where prediction is poor
#define BEFORE 10.0   // s of the past shown to the engine
#define ITERATIONS 30 // Griffin-Lim
#define REACH 512     // hops of df_engine_make
#define CONTEXT (DF_BRIDGE_CONTEXT + 8192)

// All that one fill works on
typedef struct {
  const df_codec* codec;
  float*          x;
  int64_t         n;
  int64_t         from;
  int64_t         to;
  df_arena        arena;
  df_bridge*      bridge;
  float*          side;      // [2 CONTEXT] one side, in the order of prediction
  float*          predictor; // [DF_BRIDGE_ORDER]
  df_engine*      engine;
  int64_t         origin; // Sample of x that is the engine's sample 0
  int64_t heard_again;    // First sample that counts as heard after the gap
  int     left;           // Samples that continue what was before the gap
  int     right;          // Samples before what comes after it that lead in
} fill;

static df_status
carve(fill* const f)
{
  const int       gap    = (int)(SHORT * f->codec->config.rate) + 1;
  const df_status status = df_bridge_make(
    &f->arena, DF_BRIDGE_CONTEXT, DF_BRIDGE_ORDER, gap, &f->bridge);
  f->side      = DF_TAKE(&f->arena, 2U * CONTEXT, float);
  f->predictor = DF_TAKE(&f->arena, DF_BRIDGE_ORDER, float);
  return status ? status : df_arena_status(&f->arena);
}

// The samples on one side of the gap, nearest last
static int
look(fill* const f, const bool right)
{
  const int64_t there = right ? f->n - f->to : f->from;
  const int     count = there < CONTEXT ? (int)there : CONTEXT;
  for (int i = 0; i < count; ++i) {
    f->side[count - 1 - i] = right ? f->x[f->to + i] : f->x[f->from - 1 - i];
  }
  return count;
}

static bool
predictable(fill* const f, const bool right)
{
  const int test  = (int)(BACKTEST * f->codec->config.rate);
  const int count = look(f, right);
  return count > 2 * test &&
         df_bridge_backtest(f->bridge, f->side, count, test) > DF_BRIDGE_GATE;
}

static void
span(fill* const f)
{
  const int64_t most  = DF_BRIDGE_CONTEXT;
  const int64_t left  = f->from < most ? f->from : most;
  const int64_t right = f->n - f->to < most ? f->n - f->to : most;
  df_bridge_span(f->bridge,
                 f->x + f->from - left,
                 (int)left,
                 f->x + f->to,
                 (int)right,
                 f->x + f->from,
                 (int)(f->to - f->from));
}

// Samples at an edge that prediction from that side may fill: as long as half a
// window where it is good, else no more than is hardly seen by a frame
static int
edge(fill* const f, const bool good)
{
  const int     half = f->codec->config.window / 2;
  const int64_t most = (f->to - f->from) / 2;
  const int     m    = good ? half : half / 4;
  return m < most ? m : (int)most;
}

// Predict backwards from the right side, so that the frames which straddle the
// gap's end are known too; the listener does it from the left
static void
extend(fill* const f)
{
  f->left          = edge(f, predictable(f, false));
  const bool good  = predictable(f, true);
  const int  count = look(f, true);
  const int  near  = good || count < NEAR ? count : NEAR;
  const int  order =
    df_bridge_fit(f->bridge, f->side + count - near, near, f->predictor);
  f->right       = f->to < f->n ? edge(f, good) : 0;
  f->heard_again = good ? f->to - f->right : f->to;
  df_bridge_extend(f->predictor, order, f->side, count, f->right);
  for (int i = 0; i < f->right; ++i) {
    f->x[f->to - 1 - i] = f->side[count + i];
  }
}

// Show the engine everything up to sample `until` of x
static void
listen(fill* const f, const int64_t until)
{
  const int64_t hop = f->codec->config.hop;
  while (f->origin + df_engine_end(f->engine) < until) {
    const int64_t at   = f->origin + df_engine_end(f->engine);
    const int64_t n    = until - at < hop ? until - at : hop;
    int64_t       from = 0; // heard part
    int64_t       to   = n;
    if (f->heard_again > at && f->from < at + n) {
      const bool back = f->heard_again < at + n;
      from            = back ? f->heard_again - at : 0;
      to              = back ? n : f->from > at ? f->from - at : 0;
    }
    df_engine_take(f->engine, f->x + at, (int)n, (int)from, (int)to, 0.0f);
  }
}

// Spectra of known frames [g, g + count)
static void
analyse(const fill* const f,
        df_stft* const    stft,
        const int64_t     g,
        const int         count,
        float* const      window,
        df_complex* const X)
{
  const int M = f->codec->config.window;
  for (int i = 0; i < count; ++i) {
    const int64_t from = (g + i) * f->codec->config.hop - M / 2;
    df_engine_heard(f->engine, from, M, window);
    df_stft_analyse(stft, window, X + (size_t)i * (size_t)f->codec->bins);
  }
}

// Rises smoothly from 0 to 1 as i goes from 0 to n
static float
rise(const int64_t i, const int64_t n)
{
  return i >= n ? 1.0f
         : i < 0
           ? 0.0f
           : 0.5f - 0.5f * cosf(3.14159265f * ((float)i + 0.5f) / (float)n);
}

// Add up frames [g, g + count), of which [low, high] were filled, and lay them
// into the gap between the continuations from either side
static void
lay_in(fill* const             f,
       df_stft* const          stft,
       const int64_t           g,
       const int               count,
       const int64_t           low,
       const int64_t           high,
       const df_complex* const X,
       float* const            sum,
       const float             fade)
{
  const int     hop   = f->codec->config.hop;
  const int     half  = f->codec->config.window / 2;
  const int64_t start = g * hop - half + f->origin;
  for (int i = 0; i < count; ++i) {
    df_stft_add(stft,
                X + (size_t)i * (size_t)f->codec->bins,
                sum + (size_t)i * (size_t)hop);
  }
  const int64_t from = low * hop - half + f->origin;
  const int64_t to   = high * hop + half + f->origin;
  const int64_t lo   = from > f->from ? from : f->from;
  const int64_t hi   = to < f->to ? to : f->to;
  const int     ease = (int)(fade * (float)f->codec->config.rate) + 1;
  const int     in   = ease < f->left ? ease : f->left;
  const int     out  = ease < f->right ? ease : f->right;
  for (int64_t t = f->from; t < f->to; ++t) {
    float before = 0.0f;
    df_engine_heard(f->engine, t - f->origin, 1, &before);
    const float after  = f->x[t];
    const float filled = t < hi ? sum[t - start] : after;
    const float v =
      t < lo ? before : before + rise(t - lo, in) * (filled - before);
    f->x[t] = after + rise(hi - 1 - t, out) * (v - after);
  }
}

// Plan the unknown frames and give them phases from both sides
static df_status
plan(fill* const f, const df_settings* const settings, const float fade)
{
  const df_codec_config c     = f->codec->config;
  const size_t          bins  = (size_t)f->codec->bins;
  const int             lap   = c.window / c.hop - 1;
  const int64_t         ahead = (int64_t)(REACH - 64) * c.hop;
  const int64_t         reach = (f->from - f->origin - c.window) / c.hop;
  const int64_t         first = reach > 0 ? reach : 0;
  const int64_t         final = (f->to - f->origin + c.window) / c.hop;

  // Frames from the first unknown one to the last
  const int    most = (int)(final - first) + 1;
  const int    room = most + 2 * lap;
  float* const s    = (float*)calloc((size_t)most * bins, sizeof(float));
  float* const sum  = (float*)calloc(
    (size_t)room * (size_t)c.hop + (size_t)c.window, sizeof(float));
  df_complex* const X = (df_complex*)aligned_alloc(
    DF_ARENA_ALIGN,
    ((size_t)room * bins * sizeof(df_complex) / DF_ARENA_ALIGN + 1U) *
      DF_ARENA_ALIGN);
  df_arena  arena  = {NULL, 0U, 0U, false};
  df_phase* phase  = NULL;
  df_status status = s && sum && X ? DF_OK : DF_E_NOMEM;
  for (int pass = 0; pass < 2 && !status; ++pass) {
    status =
      df_phase_make(&arena, c.window, c.hop, room, f->codec->floor, &phase);
    if (!status && pass == 0) {
      status = df_arena_allocate(&arena);
    }
  }

  int64_t low  = -1;
  int64_t high = -1;
  for (int64_t g = first; g <= final && !status; ++g) {
    const int64_t wanted = f->origin + g * c.hop + ahead;
    listen(f, wanted < f->n ? wanted : f->n);
    bool               real = false;
    const float* const y    = df_engine_frame(f->engine, g, &real);
    if (!real && low < 0) {
      low = g;
    }
    if (!real) {
      high = g;
    }
    memcpy(s + (size_t)(g - first) * bins, y, bins * sizeof(float));
  }
  if (low < 0) { // the continuations know it all: let them meet in the middle
    low = high = ((f->from + f->to) / 2 - f->origin) / c.hop;
  }
  if (!status) {
    const int  n     = (int)(high - low) + 1;
    const bool ends  = f->origin + (high + lap) * c.hop + c.window / 2 > f->n;
    const int  after = ends ? 0 : lap;
    df_stft* const stft = df_phase_stft(phase);
    float* const   window =
      (float*)aligned_alloc(DF_ARENA_ALIGN, (size_t)c.window * sizeof(float));
    if (window) {
      analyse(f, stft, low - lap, lap, window, X);
      analyse(f, stft, high + 1, after, window, X + (size_t)(lap + n) * bins);
      df_phase_fill(phase,
                    lap,
                    n,
                    after,
                    s + (size_t)(low - first) * bins,
                    ITERATIONS,
                    settings->seed,
                    low,
                    X);
      lay_in(f, stft, low - lap, lap + n + after, low, high, X, sum, fade);
    } else {
      status = DF_E_NOMEM;
    }
    free(window);
  }
  df_phase_free(phase);
  df_arena_free(&arena);
  free(X);
  free(sum);
  free(s);
  return status;
}

df_status
df_fill(const df_instrument* const instrument,
        const df_settings* const   settings,
        float* const               x,
        const int64_t              n,
        const int64_t              from,
        const int64_t              to,
        const float                fade)
{
  if (from < 0 || to < from || n < to || !(fade >= 0.001f && fade <= 0.2f) ||
      (to - from) / df_instrument_codec(instrument)->config.hop >
        DF_FILL_HOPS) {
    return DF_E_ARG;
  }
  fill                  f   = {.codec = df_instrument_codec(instrument),
                               .x     = x,
                               .n     = n,
                               .from  = from,
                               .to    = to};
  const df_codec_config c   = f.codec->config;
  const double          gap = (double)(to - from) / c.rate;
  if (from == to) {
    return DF_OK;
  }

  df_status status = carve(&f);
  if (!status) {
    status = df_arena_allocate(&f.arena);
  }
  if (!status) {
    status = carve(&f);
  }
  if (!status && (gap < SHORTEST || (gap < SHORT && predictable(&f, false) &&
                                     predictable(&f, true)))) {
    span(&f);
    df_arena_free(&f.arena);
    return DF_OK;
  }
  if (!status) {
    status = df_engine_make(instrument, REACH, &f.engine);
  }
  if (!status) {
    // Whole tokens before the gap, so that frames count from a token's first
    const int64_t block = (int64_t)c.hop * c.frames;
    const int64_t past  = from - (int64_t)(BEFORE * c.rate);
    f.origin            = past > 0 ? past / block * block : 0;
    df_engine_set(f.engine, settings);
    memset(x + from, 0, sizeof(float) * (size_t)(to - from));
    extend(&f);
    status = plan(&f, settings, fade);
  }
  df_engine_free(f.engine);
  df_arena_free(&f.arena);
  return status;
}
