#include "plugin/dsp.h"

#include "plugin/controls.h"
#include "plugin/denormals.h"
#include "plugin/events.h"
#include "plugin/worker.h"

#include <math.h>
#include <string.h>
#include <time.h>

// Cross-fade from one model to the next, seconds
#define FADE 0.02

// For so long a new model hears the one that plays before it takes its place,
// seconds: enough to go on from there
#define LISTEN 1.0

// Seconds of a frame where no model says: that of the one in the box, so that
// lists of levels keep their time while it loads
#define NOMINAL (1024.0 / 44100.0)

// Longest wait of an offline cycle, seconds; hosts give up at 5 to 10
#define PATIENCE 4

// A host that repeats itself must not start the load over and over; a file
// set anew once it is loaded is read again, for it may have changed
DF_RT
static bool
is_loading(const df_plugin* const self,
           const char* const      path,
           const size_t           length)
{
  return self->asking && strlen(self->guest.choice.path) == length &&
         !memcmp(self->guest.choice.path, path, length);
}

// Another model is wanted than was asked for last
DF_RT
static bool
wants_model(const df_plugin* const self)
{
  return !self->asked || self->asked_count != self->guest.choice_count ||
         (!self->guest.choice.path[0] && self->asked_slot != self->guest.slot);
}

// The rig that sounds is not the one wanted
DF_RT
static bool
wants(const df_plugin* const self, const df_controls* const controls)
{
  return wants_model(self) ||
         (self->rig && (df_rig_hops(self->rig, controls->lookahead) !=
                          self->rig->lookahead ||
                        self->rig->watched != controls->watched));
}

DF_RT
static void
ask(df_plugin* const self, const df_controls* const controls)
{
  const df_msg message = {DF_MSG_LOAD};
  const bool   model   = wants_model(self);

  self->request.same      = !model;
  self->request.slot      = self->guest.slot;
  self->request.lookahead = controls->lookahead;
  self->request.watched   = controls->watched;
  memcpy(
    self->request.path, self->guest.choice.path, sizeof(self->request.path));

  self->asking = true; // before sending: the host may do the work at once
  if (!df_worker_send(self, &message)) {
    self->asking = false;
    return;
  }
  self->asked       = true;
  self->asked_count = self->guest.choice_count;
  self->asked_slot  = self->guest.slot;
  if (model) {
    self->status = DF_MODEL_LOADING;
  }
}

// Sockets are opened and closed by the worker
DF_RT
static void
follow_osc(df_plugin* const self)
{
  const df_msg message = {DF_MSG_OSC};
  const int    port    = (int)df_port_value(
    DF_PORT_OSC_PORT, (const float*)self->ports[DF_PORT_OSC_PORT]);
  if (port != self->asked_port) {
    df_desk_want(self->desk, port);
    if (df_worker_send(self, &message)) {
      self->asked_port = port;
    }
  }
}

// Let the rig that fades be given back
DF_RT
static void
end_fade(df_plugin* const self)
{
  if (!self->spent) {
    self->spent   = self->leaving;
    self->leaving = NULL;
    self->fade    = 0;
    self->listen  = 0;
  }
}

// Hand the spent rig over, or keep it and try again next cycle
DF_RT
static void
return_spent(df_plugin* const self)
{
  const df_msg message = {DF_MSG_FREE};
  if (self->spent && !atomic_load(&self->returned)) {
    atomic_store(&self->returned, self->spent);
    if (df_worker_send(self, &message)) {
      self->spent = NULL;
    } else {
      atomic_store(&self->returned, NULL);
    }
  }
}

// Does a model sound, not only the input?
DF_RT
static bool
is_playing(const df_rig* const rig)
{
  return rig && df_voice_read(rig->voice).level > 0.0f;
}

DF_RT
static void
take_answer(df_plugin* const self, const bool offline)
{
  self->leaving = self->rig;
  self->rig     = self->answer.rig;
  self->status  = self->answer.status;
  self->fade    = self->played ? (int)(FADE * self->guest.rate) : 0;
  if (self->fade && self->rig && is_playing(self->leaving)) {
    self->listen = (int)(LISTEN * self->guest.rate);
  } else if (self->fade && self->rig) { // not before it has sound to give
    self->fade += df_voice_latency(self->rig->voice);
  }
  self->asking = false;
  atomic_store(&self->answered, false);
  if (!self->fade || (offline && !self->listen)) {
    end_fade(self);
  }
}

// Keep up with the worker: give back, take, ask.  What is refused now is tried
// again next cycle.
DF_RT
static void
serve(df_plugin* const self, const df_controls* const controls)
{
  return_spent(self);
  if (self->leaving && !self->fade) {
    end_fade(self);
  }
  if (self->asking && !self->spent && !self->leaving && !self->fade &&
      atomic_load(&self->answered)) {
    take_answer(self, controls->offline);
  }
  if (!self->asking && wants(self, controls)) {
    ask(self, controls);
  }
}

// Offline a render must not depend on how long a model takes to load
DF_RT
static void
wait_for_model(df_plugin* const self, const df_controls* const controls)
{
  // Each round takes an answer or gives back a rig, and few can be due
  for (int i = 0; i < 8 && self->asking; ++i) {
    if (!df_bell_wait(&self->news, &self->until, df_worker_answered, self)) {
      return;
    }
    serve(self, controls);
  }
}

// Tell both rigs how this cycle goes
DF_RT
static void
begin_cycle(const df_plugin* const self, const bool offline)
{
  const struct timespec* const until = offline ? &self->until : NULL;
  if (self->rig) {
    df_thread_cycle(self->rig->thread, false, until);
  }
  if (self->leaving) {
    const bool fading =
      !self->listen && (double)self->fade <= FADE * self->guest.rate;
    df_thread_cycle(self->leaving->thread, fading && !offline, until);
  }
}

// Keep up with the worker, offline until there is nothing left to do: at the
// begin of a cycle, and where a rig has faded in one
DF_RT
static void
turn(df_plugin* const self, const df_controls* const controls)
{
  serve(self, controls);
  if (controls->offline) {
    wait_for_model(self, controls);
  }
  begin_cycle(self, controls->offline);
}

DF_RT
static float
sound(const float x)
{
  return fabsf(x) <= 1e6f ? x : 0.0f;
}

// Play a rig, or the input as it is, into out[channels][n]; its noise levels
// are lane[i * stride]
DF_RT
static void
play_rig(const df_plugin* const   self,
         df_rig* const            rig,
         const df_controls* const controls,
         const float* const       lane,
         const int                stride,
         const float (*const in)[DF_PIECE],
         float (*const out)[DF_PIECE],
         const int n)
{
  const float* const from[2] = {in[0], in[1]};
  float* const       to[2]   = {out[0], out[1]};
  if (rig) {
    df_voice_run(rig->voice, &controls->voice, from, to, lane, stride, n);
    return;
  }
  for (int c = 0; c < self->channels; ++c) {
    for (int i = 0; i < n; ++i) {
      out[c][i] = sound(in[c][i]);
    }
  }
}

// The noise level of every sample of a piece
DF_RT
static void
draw_lane(df_plugin* const self, const df_controls* const controls, const int n)
{
  const double frame = self->rig ? df_rig_frame(self->rig, self->guest.rate)
                                 : fmax(NOMINAL * self->guest.rate, 1.0);
  df_levels_take(&self->levels, frame, controls->noise, self->lane, n);
  for (int i = 0; i < n && !controls->enabled; ++i) {
    self->lane[i] = 0.0f;
  }
}

// The rig that leaves still plays, and the new one hears it, so that it can go
// on from there.  Without latency it then does so by itself, else by a fade.
DF_RT
static void
hear_on(df_plugin* const self, const df_controls* const controls, const int n)
{
  const float trusted         = 0.0f;
  float(*const now)[DF_PIECE] = self->mixed[1];
  play_rig(self,
           self->leaving,
           controls,
           self->lane,
           1,
           (const float(*)[DF_PIECE])self->mixed[0],
           now,
           n);
  play_rig(self,
           self->rig,
           controls,
           &trusted,
           0,
           (const float(*)[DF_PIECE])now,
           self->mixed[2],
           n);
  self->listen -= n;
  if (!self->listen && !df_voice_latency(self->rig->voice)) {
    self->fade = 0;
  }
}

// From the rig that leaves to what plays now
DF_RT
static void
fade_over(df_plugin* const self, const df_controls* const controls, const int n)
{
  if (!self->fade) {
    return;
  }
  const float step            = 1.0f / (float)(FADE * self->guest.rate + 1.0);
  float(*const now)[DF_PIECE] = self->mixed[1];
  float(*const old)[DF_PIECE] = self->mixed[2];
  play_rig(self,
           self->leaving,
           controls,
           self->lane,
           1,
           (const float(*)[DF_PIECE])self->mixed[0],
           old,
           n);
  for (int i = 0; i < n && self->fade; ++i, --self->fade) {
    for (int c = 0; c < self->channels; ++c) {
      const float y = now[c][i];
      if (y != old[c][i]) { // what both agree on passes bit for bit
        const float left = (float)self->fade * step;
        now[c][i]        = left < 1.0f ? y + left * (old[c][i] - y) : old[c][i];
      }
    }
  }
}

// Play n samples from `at` on; n at most DF_PIECE.  The input is copied first,
// for any output may be the same memory as any input.
DF_RT
static void
play_piece(df_plugin* const         self,
           const df_controls* const controls,
           const uint32_t           at,
           const int                n)
{
  const size_t size           = sizeof(float) * (size_t)n;
  float(*const in)[DF_PIECE]  = self->mixed[0];
  float(*const now)[DF_PIECE] = self->mixed[1];
  for (int c = 0; c < self->channels; ++c) {
    if (self->in[c]) {
      memcpy(in[c], self->in[c] + at, size);
    } else {
      memset(in[c], 0, size);
    }
  }
  draw_lane(self, controls, n);
  if (self->listen) {
    hear_on(self, controls, n);
  } else {
    play_rig(self, self->rig, controls, self->lane, 1, in, now, n);
    fade_over(self, controls, n);
  }
  for (int c = 0; c < self->channels; ++c) {
    if (self->out[c]) {
      memcpy(self->out[c] + at, now[c], size);
    }
  }
}

DF_RT
static void
play(df_plugin* const   self,
     df_controls* const controls,
     uint32_t           at,
     const uint32_t     end)
{
  while (at < end) {
    if (df_remote_apply(self->remote, at)) {
      *controls = df_controls_read(df_remote_ports(self->remote));
    }
    if (df_remote_draws(self->remote)) { // the last word on noise counts
      df_levels_end(&self->levels);
    }
    if (controls->offline && self->leaving && !self->fade) {
      turn(self, controls); // here, whatever the size of the cycle
    }
    const uint32_t next = df_remote_next(self->remote);
    const uint32_t stop = next < end ? next : end;
    const int      left = self->listen ? self->listen : self->fade;
    const uint32_t most = left && left < DF_PIECE ? (uint32_t)left : DF_PIECE;
    const uint32_t n    = stop - at < most ? stop - at : most;
    play_piece(self, controls, at, (int)n);
    at += n;
    self->played = true;
  }
}

// Play up to `end`; lists of levels that come before take effect on the way.
// Returns the first one left.
DF_RT
static int
play_to(df_plugin* const       self,
        df_controls* const     controls,
        const df_events* const events,
        int                    list,
        uint32_t               at,
        const uint32_t         end)
{
  for (; list < events->list_count && events->lists[list].frame <= end;
       ++list) {
    const df_list* const l = &events->lists[list];
    play(self, controls, at, l->frame);
    df_levels_begin(&self->levels, l->values, l->count);
    at = l->frame;
  }
  play(self, controls, at, end);
  return list;
}

// For subscribers: how sure the engine is of what it plans, and its newest
// token
DF_RT
static void
put_view(df_plugin* const self, const df_rig* const rig)
{
  uint32_t             answers = 0U;
  const df_view* const view    = df_voice_view(rig->voice, &answers);
  if (answers != self->answers) {
    float bands[DF_BANDS];
    for (int b = 0; b < DF_BANDS; ++b) { // nepers to decibels
      bands[b] = 8.685889638f * view->bands[b];
    }
    const int count = view->tokens ? DF_BANDS : 0;
    df_remote_show_list(
      self->remote, DF_REMOTE_LEVELS, view->level, view->tokens);
    df_remote_show_list(self->remote, DF_REMOTE_TOKEN, bands, count);
    self->answers = answers;
  }
}

DF_RT
static void
put_meters(df_plugin* const self, const df_controls* const controls)
{
  df_voice_meters     meters  = {0U, 0.0f, 0.0f};
  int                 latency = 0;
  const df_rig* const rig     = self->listen ? self->leaving : self->rig;
  if (rig) {
    meters  = df_voice_read(rig->voice);
    latency = df_voice_latency(rig->voice);
    put_view(self, rig);
  }
  df_remote* const to = self->remote;
  df_remote_put(to, DF_PORT_LATENCY, (float)latency);
  df_remote_put(to, DF_PORT_LATE, (float)meters.late);
  df_remote_put(to, DF_PORT_LOAD, controls->enabled ? meters.load : 0.0f);
  df_remote_put(to, DF_PORT_LEVEL, meters.level);
  df_remote_put(to, DF_PORT_MODEL_STATUS, (float)self->status);
  df_remote_put(to, DF_PORT_OSC_BOUND, (float)df_desk_bound(self->desk));
  df_remote_show_inputs(to);
}

void
df_dsp_reset(df_plugin* const self)
{
  self->fade   = 0; // serve() gives back what was leaving
  self->listen = 0;
  if (self->rig) {
    df_rig_reset(self->rig);
  }
  self->played = false;
}

// The transport starts: renders are repeatable from here on
DF_RT
static void
restart(df_plugin* const self)
{
  self->fade   = 0;
  self->listen = 0;
  if (self->rig) {
    df_rig_restart(self->rig);
  }
  self->played = false;
}

// The host has lost samples: zeros in their place are a dropout
DF_RT
static void
declare(const df_plugin* const self, const int64_t samples)
{
  if (self->rig) {
    df_voice_xrun(self->rig->voice, samples);
  }
  if (self->leaving) {
    df_voice_xrun(self->leaving->voice, samples);
  }
}

// The controls at the first sample of a cycle
DF_RT
static df_controls
begin_controls(df_plugin* const self, const uint32_t n)
{
  struct timespec t = {0, 0};
  (void)clock_gettime(CLOCK_REALTIME, &t);
  const int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
  self->until       = (struct timespec){t.tv_sec + PATIENCE, t.tv_nsec};
  df_remote_begin(self->remote, self->ports, now, n);
  (void)df_remote_apply(self->remote, 0U);
  return df_controls_read(df_remote_ports(self->remote));
}

void
df_dsp_run(df_plugin* const self, const uint32_t n)
{
  const uint64_t denormals = df_denormals_off();
  df_controls    controls  = begin_controls(self, n);

  // Without a map nobody can send atoms, and some hosts connect these ports to
  // a single float then
  df_events events;
  memset(&events, 0, sizeof(events));
  if (self->guest.mapped) {
    df_events_read(&self->guest.uris,
                   (const LV2_Atom_Sequence*)self->ports[DF_PORT_CONTROL],
                   n,
                   (int64_t)self->guest.rate,
                   &self->transport,
                   &events);
  }
  df_guest_take(&self->guest);
  self->guest.tell |= events.asked;
  if (events.path && !is_loading(self, events.path, events.length)) {
    df_guest_choose(&self->guest, controls.slot, events.path, events.length);
  }
  df_guest_follow(&self->guest, controls.slot);
  if (df_remote_loads(self->remote) && self->guest.choice.path[0]) {
    df_guest_choose(&self->guest, controls.slot, "", 0U);
  }
  follow_osc(self);

  turn(self, &controls);

  uint32_t at   = 0U;
  int      list = 0;
  for (int i = 0; i < events.count; ++i) {
    const df_break* const b = &events.breaks[i];
    list = play_to(self, &controls, &events, list, at, b->frame);
    at   = b->frame;
    if (b->lost > 0) {
      declare(self, b->lost);
    } else {
      restart(self);
    }
  }
  (void)play_to(self, &controls, &events, list, at, n);

  put_meters(self, &controls);
  df_guest_notify(&self->guest,
                  (LV2_Atom_Sequence*)self->ports[DF_PORT_NOTIFY]);
  df_denormals_restore(denormals);
}
