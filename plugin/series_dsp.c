#include "plugin/series.h"

#include "plugin/denormals.h"

#include <math.h>
#include <string.h>
#include <time.h>

// Longest wait of an offline cycle, seconds; hosts give up at 5 to 10
#define PATIENCE 4

// What the control inputs say in one cycle
typedef struct {
  bool       enabled;
  float      noise;
  double     step; // rows a sample
  int        horizon;
  bool       offline;
  int        slot;
  df_futures futures;
} controls;

DF_RT
static float
value(const df_series* const self, const df_series_port port)
{
  void* const* const ports = df_remote_ports(self->remote);
  return df_series_value(port, (const float*)ports[port]);
}

DF_RT
static controls
read_controls(const df_series* const self)
{
  const int    wait    = (int)value(self, DF_SERIES_WAIT);
  const bool   rolling = value(self, DF_SERIES_FREEWHEEL) > 0.0f;
  const bool   enabled = value(self, DF_SERIES_ENABLED) > 0.0f;
  const double rows    = (double)value(self, DF_SERIES_RATE);
  const double rate    = self->guest.rate;
  return (controls){.enabled = enabled,
                    .noise   = enabled ? value(self, DF_SERIES_NOISE) : 0.0f,
                    .step    = rate > 0.0 ? fmin(rows / rate, 1.0) : 0.0,
                    .horizon = (int)value(self, DF_SERIES_HORIZON),
                    .offline = wait == DF_WAIT_ALWAYS ||
                               (wait == DF_WAIT_AUTO && rolling),
                    .slot    = (int)value(self, DF_SERIES_MODEL),
                    .futures = {.quantile = value(self, DF_SERIES_QUANTILE),
                                .samples  = (int)value(self, DF_SERIES_SAMPLES),
                                .seed = (uint32_t)value(self, DF_SERIES_SEED)}};
}

DF_RT
static bool
is_same(const df_futures* const a, const df_futures* const b)
{
  return !(a->quantile < b->quantile) && !(a->quantile > b->quantile) &&
         a->samples == b->samples && a->seed == b->seed;
}

void
df_series_reset(df_series* const self)
{
  if (self->forecaster) {
    df_forecaster_reset(self->forecaster);
  }
  self->phase   = 1.0;
  self->valid   = false;
  self->waited  = false;
  self->carried = false;
  self->weight  = 0.0f;
  memset(self->last, 0, sizeof(self->last));
}

// Thread: open or close the socket as was wanted last
static void
turn(void* const handle)
{
  const df_series* const self = (const df_series*)handle;
  df_note                note = {""};
  const df_status        st   = df_desk_turn(self->desk, &note);
  if (st) {
    df_guest_say(&self->guest, st, &note);
  }
}

// Keep to the model that is wanted
DF_RT
static void
follow_model(df_series* const self)
{
  df_guest* const guest = &self->guest;
  if (self->asked && self->asked_count == guest->choice_count &&
      (guest->choice.path[0] || self->asked_slot == guest->slot)) {
    return;
  }
  df_choice* const choice = &guest->choice;
  const int        slot   = choice->slot; // that of the path, if there is one
  choice->slot            = guest->slot;
  if (df_forecaster_load(self->forecaster, choice)) {
    self->asked       = true;
    self->asked_count = guest->choice_count;
    self->asked_slot  = guest->slot;
    df_series_reset(self);
  }
  choice->slot = slot;
}

// Whether the forecast in hand tells of this row
DF_RT
static bool
covers(const df_series* const self, const controls* const c, const int64_t row)
{
  const df_outlook* const o    = &self->outlook;
  const int               rows = o->rows < c->horizon ? o->rows : c->horizon;
  return o->epoch == df_forecaster_epoch(self->forecaster) &&
         row >= o->origin && row - o->origin < rows;
}

DF_RT
static void
look(df_series* const self)
{
  if (df_forecaster_look(self->forecaster, &self->outlook) &&
      self->outlook.epoch == df_forecaster_epoch(self->forecaster) &&
      self->waited && self->outlook.origin == self->wanted) {
    self->valid  = self->outlook.rows > 0;
    self->waited = false;
  }
}

DF_RT
static bool
is_fresh(const df_series* const self,
         const controls* const  c,
         const int64_t          row)
{
  return self->valid && covers(self, c, row) &&
         is_same(&self->outlook.futures, &c->futures);
}

// Find what the forecast says of this row, while `needed`
DF_RT
static void
find(df_series* const      self,
     const controls* const c,
     const int64_t         row,
     const bool            needed)
{
  const bool before = self->carried;
  if (needed && c->offline && !is_fresh(self, c, row)) {
    self->wanted = row;
    self->valid  = false;
    self->waited = df_forecaster_ask(self->forecaster, &c->futures);
  }
  if (needed || !c->offline) {
    look(self);
  }
  const bool there =
    needed && covers(self, c, row) && (self->valid || !c->offline);
  if (needed && self->waited) {
    ++self->late; // what there is must do: an older forecast, or the last row
  }
  self->carried = there || (needed && before && self->waited);
  self->weight  = self->carried ? c->noise : 0.0f;
  if (there) {
    const df_outlook* const o = &self->outlook;
    self->columns             = o->columns;
    memcpy(self->value, o->value[row - o->origin], sizeof(self->value));
    memcpy(self->middle, o->middle[row - o->origin], sizeof(self->middle));
  }
}

// x + w (y - x), without leaving the range of floats
DF_RT
static float
mix(const float x, const float y, const float w)
{
  if (w <= 0.0f || w >= 1.0f) {
    return w <= 0.0f ? x : y;
  }
  return (float)((1.0 - (double)w) * (double)x + (double)w * (double)y);
}

// A row is due
DF_RT
static void
take_row(df_series* const self, const controls* const c, const float* const x)
{
  df_forecaster* const f       = self->forecaster;
  const int64_t        row     = df_forecaster_count(f);
  const int            columns = df_forecaster_columns(f);
  bool                 missing = false;
  float                past[DF_CV];
  for (int d = 0; d < columns; ++d) {
    missing = missing || !isfinite(x[d]);
  }
  find(self, c, row, c->enabled && columns && (c->noise > 0.0f || missing));
  bool believed = false; // something came in that no forecast knows of
  for (int d = 0; d < DF_CV; ++d) {
    const bool forecast = self->carried && d < self->columns;
    if (isfinite(x[d]) && c->noise < 1.0f) {
      past[d]  = forecast ? mix(x[d], self->middle[d], self->weight) : x[d];
      believed = believed || d < columns;
    } else {
      past[d] = forecast ? self->middle[d] : NAN;
    }
  }
  self->valid = self->valid && !believed && self->carried;
  if (c->enabled && columns && !c->offline &&
      !is_fresh(self, c, row + 1)) { // in real time: ask ahead
    if (df_forecaster_push(f, past, &c->futures)) {
      self->wanted = row + 1;
      self->waited = true;
      self->valid  = false;
      return;
    }
    ++self->late;
  } else if (!df_forecaster_push(f, past, NULL)) {
    ++self->late;
  }
}

DF_RT
static void
play_piece(df_series* const      self,
           const controls* const c,
           const uint32_t        from,
           const uint32_t        end)
{
  for (uint32_t i = from; i < end; ++i) {
    float x[DF_CV]; // all read before any is written: they may be the same
    for (int d = 0; d < DF_CV; ++d) {
      x[d] = self->in[d] ? self->in[d][i] : NAN;
    }
    if (self->phase >= 1.0 && self->forecaster && c->step > 0.0) {
      self->phase -= 1.0;
      take_row(self, c, x);
    }
    self->phase += c->step;
    for (int d = 0; d < DF_CV; ++d) {
      const bool  forecast = self->carried && d < self->columns;
      const float other    = forecast ? self->value[d] : self->last[d];
      float       y        = other;
      if (isfinite(x[d])) {
        y = forecast ? mix(x[d], other, self->weight) : x[d];
      }
      self->last[d] = y;
      if (self->out[d]) {
        self->out[d][i] = y;
      }
    }
  }
}

// Play up to `end`; what OSC changes takes effect at its sample
DF_RT
static void
play(df_series* const self, controls* const c, uint32_t at, const uint32_t end)
{
  while (at < end) {
    if (df_remote_apply(self->remote, at)) {
      *c = read_controls(self);
    }
    const uint32_t next = df_remote_next(self->remote);
    const uint32_t stop = next < end ? next : end;
    play_piece(self, c, at, stop);
    at = stop;
  }
}

// Sockets are opened and closed by the thread
DF_RT
static void
follow_osc(df_series* const self)
{
  const int port = (int)df_series_value(
    DF_SERIES_OSC_PORT, (const float*)self->ports[DF_SERIES_OSC_PORT]);
  if (port != self->asked_port) {
    df_desk_want(self->desk, port);
    if (df_forecaster_call(self->forecaster, turn, self)) {
      self->asked_port = port;
    }
  }
}

DF_RT
static void
put_meters(const df_series* const self, const controls* const c)
{
  const double          row    = self->guest.rate > 0.0 && c->step > 0.0
                                   ? 1.0 / (c->step * self->guest.rate)
                                   : 1.0;
  const bool            idle   = !c->enabled || !self->outlook.columns;
  const df_model_status status = self->forecaster
                                   ? df_forecaster_status(self->forecaster)
                                   : DF_MODEL_REFUSED;
  const float load = idle ? 0.0f : (float)((double)self->outlook.seconds / row);
  df_remote* const to = self->remote;
  df_remote_put(to, DF_SERIES_LATE, (float)self->late);
  df_remote_put(to, DF_SERIES_LOAD, load);
  df_remote_put(to, DF_SERIES_LEVEL, self->weight);
  df_remote_put(to, DF_SERIES_MODEL_STATUS, (float)status);
  df_remote_put(to, DF_SERIES_OSC_BOUND, (float)df_desk_bound(self->desk));
  df_remote_show_inputs(to);
}

void
df_series_run(df_series* const self, const uint32_t n)
{
  const uint64_t  denormals = df_denormals_off();
  df_guest* const guest     = &self->guest;
  struct timespec now       = {0, 0};
  (void)clock_gettime(CLOCK_REALTIME, &now);
  df_remote_begin(self->remote,
                  self->ports,
                  (int64_t)now.tv_sec * 1000000000 + now.tv_nsec,
                  n);
  (void)df_remote_apply(self->remote, 0U);
  controls  c = read_controls(self);
  df_events events;
  memset(&events, 0, sizeof(events));
  if (guest->mapped) {
    df_events_read(&guest->uris,
                   (const LV2_Atom_Sequence*)self->ports[DF_SERIES_CONTROL],
                   n,
                   0,
                   &self->transport,
                   &events);
  }
  df_guest_take(guest);
  guest->tell |= events.asked;
  if (events.path) {
    df_guest_choose(guest, c.slot, events.path, events.length);
  }
  df_guest_follow(guest, c.slot);
  if (df_remote_loads(self->remote) && guest->choice.path[0]) {
    df_guest_choose(guest, c.slot, "", 0U);
  }
  if (self->forecaster) {
    now.tv_sec += PATIENCE;
    df_forecaster_cycle(self->forecaster, c.offline ? &now : NULL);
    follow_osc(self);
    follow_model(self);
  }
  uint32_t at = 0U;
  for (int i = 0; i < events.count; ++i) {
    if (!events.breaks[i].lost) { // the transport starts: renders repeat
      play(self, &c, at, events.breaks[i].frame);
      df_series_reset(self);
      at = events.breaks[i].frame;
    }
  }
  play(self, &c, at, n);
  put_meters(self, &c);
  df_guest_notify(guest, (LV2_Atom_Sequence*)self->ports[DF_SERIES_NOTIFY]);
  df_denormals_restore(denormals);
}
