#include "core/engine/render.h"

#include "core/audio/resample.h"
#include "core/engine/direct.h"
#include "core/engine/fill.h"
#include "core/engine/link.h"
#include "core/engine/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Seconds around a gap that its filling looks at
#define PAST 11.0
#define NEXT 7.0

df_render_config
df_render_config_default(void)
{
  return (df_render_config){
    .settings  = df_settings_default(),
    .fade      = 0.02f,
    .mix       = 1.0f,
    .lookahead = 0.0,
    .conceal   = false,
    .meet      = false,
    .block     = 1024,
  };
}

// A decimal number without a locale's habits; NULL when there is none
static const char*
read_number(const char* s, double* const out)
{
  double value  = 0.0;
  double unit   = 1.0;
  int    digits = 0;
  bool   point  = false;
  for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); ++s) {
    if (*s == '.') {
      point = true;
    } else {
      unit  = point ? unit / 10.0 : 1.0;
      value = point ? value + unit * (*s - '0') : 10.0 * value + (*s - '0');
      ++digits;
    }
  }
  *out = value;
  return digits && digits < 18 ? s : NULL;
}

df_status
df_lane_read(const char* const    text,
             df_lane_point* const points,
             const int            most,
             int* const           count,
             df_note* const       note)
{
  int n = 0;
  for (const char* s = text; *s;) {
    if (*s == ' ' || *s == ',') {
      ++s;
      continue;
    }
    df_lane_point p   = {0.0, 0.0};
    const char*   end = read_number(s, &p.time);
    end = end && *end == ':' ? read_number(end + 1, &p.noise) : NULL;
    if (!end || (*end && *end != ' ' && *end != ',')) {
      return df_note_set(
        note, DF_E_ARG, "noise lane: want SECONDS:LEVEL, found \"%.40s\"", s);
    }
    if (p.noise > 1.0) {
      return df_note_set(
        note, DF_E_ARG, "noise lane: want a level 0 to 1, found \"%.40s\"", s);
    }
    if (n && p.time <= points[n - 1].time) {
      return df_note_set(
        note, DF_E_ARG, "noise lane: want rising times, found \"%.40s\"", s);
    }
    if (n == most) {
      return df_note_set(
        note, DF_E_ARG, "noise lane: want at most %d points, found more", most);
    }
    points[n++] = p;
    s           = end;
  }
  *count = n;
  return n ? DF_OK
           : df_note_set(
               note, DF_E_ARG, "noise lane: want SECONDS:LEVEL, found nothing");
}

// The lane at every sample
static void
draw_lane(const df_lane_point* const points,
          const int                  count,
          const double               rate,
          const int64_t              n,
          float* const               lane)
{
  int   next  = 0;
  float level = 0.0f;
  for (int64_t t = 0; t < n; ++t) {
    while (next < count && (double)t >= points[next].time * rate - 1e-6) {
      level = (float)points[next++].noise;
    }
    lane[t] = level;
  }
}

typedef struct {
  df_link*   link;
  df_direct* direct;
  df_arena   arena;
  df_voice*  voice;
} chain;

static df_status
build(chain* const               c,
      const df_instrument* const instrument,
      const double               rate,
      const int                  channels,
      const int                  hops,
      const bool                 watched,
      df_note* const             note)
{
  const df_codec_config codec = df_instrument_codec(instrument)->config;
  df_status status = df_link_make(instrument, rate, hops, &c->link, note);
  if (!status) {
    status = df_direct_make(c->link, &c->direct);
  }
  for (int pass = 0; pass < 2 && !status; ++pass) {
    status = df_voice_make(&c->arena,
                           rate,
                           codec.rate,
                           codec.hop,
                           channels,
                           hops,
                           watched,
                           df_direct_door(c->direct),
                           &c->voice);
    if (!status && pass == 0) {
      status = df_arena_allocate(&c->arena);
    }
  }
  return status;
}

static void
tear_down(chain* const c)
{
  df_arena_free(&c->arena);
  df_direct_free(c->direct);
  df_link_free(c->link);
}

// Play all of x and, behind it, silence until the latency is over
static void
play(chain* const                  c,
     const df_render_config* const config,
     const float* const            lane,
     const int                     channels,
     const int64_t                 n,
     const float* const* const     x,
     float* const* const           y,
     float* const                  work)
{
  const df_voice_controls controls = {
    config->settings, config->fade, config->mix, config->conceal, false, true};
  const int64_t latency = df_voice_latency(c->voice);
  const int     most    = config->block;
  for (int64_t t = 0; t < n + latency; t += most) {
    const int    m     = n + latency - t < most ? (int)(n + latency - t) : most;
    float*       io[2] = {work, work + most};
    float* const noise = work + 2 * (size_t)most;
    for (int i = 0; i < m; ++i) {
      const int64_t at = t + i;
      noise[i]         = at < n ? lane[at] : n ? lane[n - 1] : 0.0f;
      for (int k = 0; k < channels; ++k) {
        io[k][i] = at < n ? x[k][at] : 0.0f;
      }
    }
    const float* const in[2] = {io[0], io[1]};
    df_voice_run(c->voice, &controls, in, io, noise, 1, m);
    for (int i = 0; i < m; ++i) {
      const int64_t at = t + i - latency;
      for (int k = 0; k < channels && at >= 0; ++k) {
        y[k][at] = io[k][i];
      }
    }
  }
}

// Convert n samples to another rate, `room` of them at most; the rest is 0
static df_status
convert(const double  from,
        const double  to,
        const float*  x,
        const int64_t n,
        float* const  y,
        const int64_t room)
{
  df_resample* resample = NULL;
  df_status    status   = df_resample_make(from, to, &resample);
  int64_t      in       = 0;
  int64_t      out      = 0;
  int          got      = 1;
  while (!status && out < room && (in < n || got > 0)) {
    const int m    = n - in < 4096 ? (int)(n - in) : 4096;
    const int free = room - out < 65536 ? (int)(room - out) : 65536;
    int       used = 0;
    got            = df_resample_process(
      resample, x + in, m, &used, y + out, free, in + m == n);
    in += used;
    out += got;
  }
  if (!status && out < room) {
    memset(y + out, 0, sizeof(float) * (size_t)(room - out));
  }
  df_resample_free(resample);
  return status;
}

// Fill one gap of one channel from both sides, at whatever rate
static df_status
meet(const df_instrument* const    instrument,
     const df_render_config* const config,
     const double                  rate,
     float* const                  y,
     const int64_t                 n,
     const int64_t                 from,
     const int64_t                 to)
{
  const double model = df_instrument_codec(instrument)->config.rate;
  if (rate == model) {
    return df_fill(instrument, &config->settings, y, n, from, to, config->fade);
  }
  const double  ratio  = model / rate;
  const int64_t size   = (int64_t)ceil((double)n * ratio) + 1;
  float* const  z      = (float*)malloc(sizeof(float) * (size_t)size);
  float* const  back   = (float*)malloc(sizeof(float) * (size_t)n);
  df_status     status = z && back ? DF_OK : DF_E_NOMEM;
  if (!status) {
    status = convert(rate, model, y, n, z, size);
  }
  if (!status) {
    status = df_fill(instrument,
                     &config->settings,
                     z,
                     size,
                     (int64_t)((double)from * ratio),
                     (int64_t)ceil((double)to * ratio),
                     config->fade);
  }
  if (!status) {
    status = convert(model, rate, z, size, back, n);
  }
  if (!status) { // only what was filled comes from the converted sound
    memcpy(y + from, back + from, sizeof(float) * (size_t)(to - from));
  }
  free(z);
  free(back);
  return status;
}

// Fill a gap of all channels; what is too long to fill stays as it was played
static df_status
meet_gap(const df_instrument* const    instrument,
         const df_render_config* const config,
         const float* const            lane,
         const double                  rate,
         const int                     channels,
         const int64_t                 n,
         const int64_t                 from,
         const int64_t                 to,
         const float* const* const     x,
         float* const* const           y)
{
  const df_codec_config c      = df_instrument_codec(instrument)->config;
  const int64_t         past   = (int64_t)(PAST * rate);
  const int64_t         next   = (int64_t)(NEXT * rate);
  const int64_t         begin  = from > past ? from - past : 0;
  const int64_t         end    = n - to > next ? to + next : n;
  df_status             status = DF_OK;
  if ((double)(to - from) / rate * c.rate / c.hop > DF_FILL_HOPS - 1) {
    return DF_OK;
  }
  int64_t clear = to; // what follows, without the voice's cross-fade
  while (clear < n && lane[clear] <= 0.0f &&
         clear < to + (int64_t)(0.2 * rate)) {
    ++clear;
  }
  for (int k = 0; k < channels && !status; ++k) {
    memcpy(y[k] + to, x[k] + to, sizeof(float) * (size_t)(clear - to));
    status = meet(instrument,
                  config,
                  rate,
                  y[k] + begin,
                  end - begin,
                  from - begin,
                  to - begin);
  }
  return status;
}

static df_status
meet_all(const df_instrument* const    instrument,
         const df_render_config* const config,
         const float* const            lane,
         const double                  rate,
         const int                     channels,
         const int64_t                 n,
         const float* const* const     x,
         float* const* const           y)
{
  df_status status = DF_OK;
  int64_t   from   = -1;
  for (int64_t t = 0; t < n && !status; ++t) {
    const bool lost = lane[t] >= 1.0f;
    if (lost && from < 0 && t > 0 && lane[t - 1] <= 0.0f) {
      from = t;
    } else if (!lost && from >= 0) {
      if (lane[t] <= 0.0f) {
        status =
          meet_gap(instrument, config, lane, rate, channels, n, from, t, x, y);
      }
      from = -1;
    }
  }
  return status;
}

df_status
df_render(const df_instrument* const    instrument,
          const df_render_config* const config,
          const df_lane_point* const    points,
          const int                     count,
          const double                  rate,
          const int                     channels,
          const int64_t                 n,
          const float* const* const     x,
          float* const* const           y,
          df_note* const                note)
{
  if (channels < 1 || channels > 2 || n < 0 || config->block < 1 ||
      config->block > 65536) {
    return df_note_set(
      note,
      DF_E_ARG,
      "render: want 1 or 2 channels and a block of 1 to 65536, "
      "found %d and %d",
      channels,
      config->block);
  }
  const df_codec_config codec = df_instrument_codec(instrument)->config;
  const double hops = ceil(config->lookahead * codec.rate / codec.hop - 1e-9);
  chain        c    = {NULL, NULL, {NULL, 0U, 0U, false}, NULL};
  float* const lane = (float*)malloc(sizeof(float) * (size_t)(n + 1));
  float* const work =
    (float*)malloc(sizeof(float) * 3U * (size_t)config->block);
  df_status status = lane && work ? DF_OK : DF_E_NOMEM;
  if (!status) {
    status = build(&c,
                   instrument,
                   rate,
                   channels,
                   hops >= 0.0 && hops <= 1e6 ? (int)hops : -1,
                   config->conceal,
                   note);
  }
  if (!status) {
    draw_lane(points, count, rate, n, lane);
    play(&c, config, lane, channels, n, x, y, work);
  }
  if (!status && config->meet) {
    status = meet_all(instrument, config, lane, rate, channels, n, x, y);
  }
  if (status == DF_E_NOMEM) {
    (void)df_note_set(note, status, "render: out of memory");
  }
  tear_down(&c);
  free(lane);
  free(work);
  return status;
}
