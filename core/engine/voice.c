#include "core/engine/voice.h"

#include "core/engine/blend.h"
#include "core/engine/image.h"
#include "core/engine/intake.h"
#include "core/engine/watch.h"

#include <math.h>
#include <string.h>

// Samples that a line remembers beyond the look-ahead
#define LINE_EXTRA (2 * DF_LINK_ORDER + 2 * DF_HOP_MAX)

// Seconds of the cross-fade from a good continuation to the engine's audio
#define JOIN_GOOD 0.02

// Seconds that a good continuation plays alone: a gap no longer is bridged by
// it, and no model does it better
#define ALONE 0.03

typedef struct {
  int64_t index; // Playback hop, or -2
  int     count;
  float   audio[DF_HOP_MAX];
  float   next[DF_HOP_MAX];
} slot;

#define SLOTS 4

// More jobs than are ever between input and playback
#define JOBS 512

// Newest hops that the engine hears of what it rested through
#define CATCH_UP 8

struct df_voice {
  df_door  door;
  double   rate;
  double   model_rate;
  int      hop; // N, at the model's rate
  int      channels;
  int      lookahead;
  int      latency; // Of what lies behind the watch
  bool     watched; // Sound passes the watch first
  df_watch watch;
  df_image image; // Of two channels

  // Input side
  df_intake in;
  int64_t   hop_index;    // Hop being filled
  int64_t   hop_begin;    // Its first sample
  int64_t   hop_end;      // One past its last
  int64_t   scanned;      // Lane samples looked at for doubt
  int64_t   doubt_at;     // The last doubtful one, or -1
  bool      running;      // The last job was active
  int64_t   rested;       // Hops in a row not handed over, being of no use
  bool      active[JOBS]; // Of the newest jobs, by number
  float     share[JOBS];  // Of the difference in what the engine hears, by hop
  int64_t   urgent_job;   // Newest urgent job, or -2
  df_job    job;

  // What the engine has told
  const df_result* held;     // Fetched, not yet due
  int64_t          answered; // Newest job fully answered
  slot             slots[SLOTS];
  double           busy; // Engine's seconds on the job being answered

  // Playback side
  int64_t         play_index; // Playback hop
  int64_t         play_begin; // Its first sample, playback time
  int64_t         play_end;   // One past its last sample, playback time
  const float*    source;     // Wet audio of this hop, or NULL
  bool            estimated;  // The source is an estimate: the hop is late
  float           weight;     // Of the wet audio, before smoothing
  float           last;       // Wet sample played last
  int64_t         gone;       // Lost samples played in a row
  df_blend        blend;      // Of what is heard and the wet audio
  df_voice_meters meters;
  df_view         view;
  uint32_t        answers;
};

static int64_t
boundary(const df_voice* const v, const int64_t hop)
{
  return df_link_boundary(hop, v->hop, v->rate, v->model_rate);
}

df_status
df_voice_make(df_arena* const  arena,
              const double     rate,
              const double     model_rate,
              const int        hop,
              const int        channels,
              const int        lookahead,
              const bool       watched,
              const df_door    door,
              df_voice** const out)
{
  if (!(rate >= 8000.0 && rate <= 384000.0) || !(model_rate >= 1000.0) ||
      hop < 16 || channels < 1 || channels > 2 || lookahead < 0 ||
      lookahead > 256 || (double)hop * rate / model_rate > DF_HOP_MAX - 2) {
    return DF_E_ARG;
  }
  const int latency = (int)df_link_boundary(lookahead, hop, rate, model_rate);
  size_t    size    = 1U;
  while (size < (size_t)(latency + LINE_EXTRA)) {
    size *= 2U;
  }

  df_intake       in;
  df_voice* const v      = DF_TAKE(arena, 1U, df_voice);
  const df_status status = df_intake_make(arena, rate, channels, size, &in);
  if (status || !v) {
    return status ? status : df_arena_status(arena);
  }
  v->in         = in;
  v->door       = door;
  v->rate       = rate;
  v->model_rate = model_rate;
  v->hop        = hop;
  v->channels   = channels;
  v->lookahead  = lookahead;
  v->latency    = latency;
  v->watched    = watched;
  df_voice_reset(v);
  *out = v;
  return DF_OK;
}

int
df_voice_latency(const df_voice* const v)
{
  return v->latency + (v->watched ? DF_WATCH_RUN : 0);
}

df_voice_meters
df_voice_read(const df_voice* const v)
{
  return v->meters;
}

const df_view*
df_voice_view(const df_voice* const v, uint32_t* const answers)
{
  *answers = v->answers;
  return &v->view;
}

// Begin anew, but keep of the dry signal the newest `kept` samples
static void
begin(df_voice* const v, const size_t kept)
{
  df_intake_begin(&v->in, kept);
  ++v->job.run;
  v->hop_index  = 0;
  v->hop_begin  = 0;
  v->hop_end    = boundary(v, 1);
  v->scanned    = 0;
  v->doubt_at   = -1;
  v->running    = false;
  v->rested     = 0;
  v->urgent_job = -2;
  memset(v->active, 0, sizeof(v->active));
  memset(v->share, 0, sizeof(v->share));
  v->held     = NULL;
  v->answered = -1;
  v->busy     = 0.0;
  for (int i = 0; i < SLOTS; ++i) {
    v->slots[i].index = -2;
  }
  v->play_index  = -1;
  v->play_begin  = 0;
  v->play_end    = 0;
  v->source      = NULL;
  v->estimated   = false;
  v->weight      = 0.0f;
  v->last        = 0.0f;
  v->gone        = 0;
  v->watch       = df_watch_make(v->rate);
  v->image       = df_image_make(v->rate);
  v->blend       = df_blend_make(v->rate);
  v->meters      = (df_voice_meters){0U, 0.0f, 0.0f};
  v->view.tokens = 0;
  ++v->answers;
}

void
df_voice_reset(df_voice* const v)
{
  begin(v, 0U);
}

void
df_voice_restart(df_voice* const v)
{
  begin(v, (size_t)v->latency);
}

void
df_voice_xrun(df_voice* const v, const int64_t samples)
{
  df_watch_declare(&v->watch, samples);
}

static float
sound(const float x)
{
  return fabsf(x) <= 1e6f ? x : 0.0f;
}

// Wet audio is wanted for playback hop `index + 2 - lookahead` when a doubtful
// sample is in it, or so shortly before that the fade is not over, or when it
// is yet to come and doubt is in force
static void
look_for_doubt(df_voice* const v, const df_voice_controls* const controls)
{
  df_job* const job   = &v->job;
  const int64_t hop   = job->index + 2 - v->lookahead;
  const int64_t begin = boundary(v, hop);
  const int64_t end   = boundary(v, hop + 1);
  for (; v->scanned < v->hop_end && v->scanned < end; ++v->scanned) {
    if (df_trust_of(df_intake_noise(&v->in, v->scanned)) != DF_TRUSTED) {
      v->doubt_at = v->scanned;
    }
  }
  const double fade = (double)controls->fade * v->rate;
  job->active =
    (hop > job->index && v->in.now != DF_TRUSTED) ||
    (v->doubt_at >= 0 && (double)begin < (double)v->doubt_at + fade + 1.0);
}

// Whether all that was not trusted has been played, and faded out
static bool
is_over(const df_voice* const v, const df_voice_controls* const controls)
{
  const double  fade  = (double)controls->fade * v->rate;
  const double  hops  = 3.0 * (double)(v->hop_end - v->hop_begin);
  const int64_t since = v->in.t - v->in.untrusted;
  return v->in.untrusted < 0 || (double)since > fade + v->latency + hops;
}

// How far the difference of the channels takes the place of their middle in
// what the engine hears, at sample i of n of a hop: a change takes a hop
static float
share_at(const df_voice* const v, const int64_t hop, const int i, const int n)
{
  const float before = v->share[(hop + 2 * JOBS - 1) % JOBS];
  const float after  = v->share[(hop + JOBS) % JOBS];
  return before + (after - before) * (float)(i + 1) / (float)n;
}

// A job for a hop of which the engine will hear all
static void
begin_job(df_voice* const v, const df_settings* const to, const int64_t hop)
{
  const int64_t from = boundary(v, hop);
  df_job* const job  = &v->job;
  job->index         = hop;
  job->count         = (int)(boundary(v, hop + 1) - from);
  job->heard_from    = 0;
  job->heard_to      = job->count;
  job->noise         = df_intake_noise(&v->in, from);
  job->active        = false;
  job->urgent        = false;
  job->channels      = v->lookahead > 0 ? v->channels : 0;
  job->gap           = 0;
  job->settings      = *to;
}

// Mix what it hears of the channels, and hand the job over
static void
end_job(df_voice* const v)
{
  df_job* const job  = &v->job;
  const int64_t from = boundary(v, job->index);
  for (int i = 0; i < job->count; ++i) {
    const float a = df_intake_line(&v->in, 0, from + i);
    const float b = df_intake_line(&v->in, v->channels - 1, from + i);
    job->x[i]     = df_image_mix(a, b, share_at(v, job->index, i, job->count));
  }
  for (int c = 0; c < job->channels; ++c) {
    df_intake_copy(&v->in, c, from, job->count, job->heard[c]);
  }
  (void)v->door.submit(v->door.self, job);
}

// Hand over a short gap that is ripe
static void
ask_to_fill(df_voice* const v, df_job* const job)
{
  const int64_t hop = job->index + 2 - v->lookahead; // that the answer is for
  df_gap        gap = {0, 0, 0};
  if (df_intake_ripe(&v->in, boundary(v, hop), boundary(v, hop + 1), &gap)) {
    job->gap_from  = gap.from;
    job->gap       = (int)(gap.to - gap.from);
    job->gap_right = (int)(gap.until - gap.to);
  }
}

// The engine has rested: it hears the newest hops since, which were trusted
static void
catch_up(df_voice* const v, const df_settings* const settings)
{
  const int64_t back = v->rested < CATCH_UP ? v->rested : CATCH_UP;
  for (int64_t hop = v->hop_index - back; hop < v->hop_index; ++hop) {
    if (boundary(v, hop) >= v->in.t - (int64_t)v->in.size) {
      begin_job(v, settings, hop);
      end_job(v);
    }
  }
  v->rested = 0;
}

// The input hop is full: hand it to the engine, begin the next
static void
submit(df_voice* const v, const df_voice_controls* const controls)
{
  df_job* const job  = &v->job;
  const bool    rest = controls->idle && is_over(v, controls);
  v->rested += rest;
  if (!rest) {
    catch_up(v, &controls->settings);
  }
  begin_job(v, &controls->settings, v->hop_index);
  df_intake_heard(
    &v->in, v->hop_begin, job->count, &job->heard_from, &job->heard_to);
  if (v->channels == 2 && job->heard_to > job->heard_from) {
    df_image_step(&v->image, (double)job->count / v->rate);
  }
  v->share[job->index % JOBS] = v->image.opposed ? 1.0f : 0.0f;

  ask_to_fill(v, job);
  look_for_doubt(v, controls);
  const bool fresh = v->in.lost_at >= v->hop_begin && v->in.fresh;
  job->urgent      = v->lookahead == 0 && job->active && (!v->running || fresh);
  v->running       = job->active;
  v->active[job->index % JOBS] = job->active;
  v->urgent_job                = job->urgent ? job->index : v->urgent_job;
  if (!rest) {
    end_job(v);
  }

  ++v->hop_index;
  v->hop_begin = v->hop_end;
  v->hop_end   = boundary(v, v->hop_index + 1);
}

// A result for the hop now played came late: blend it in from sample `at`
static void
blend_late(df_voice* const v, slot* const s, const int at)
{
  const int ease = (int)(DF_JOIN * v->rate);
  for (int i = 0; i < ease && at + i < s->count; ++i) {
    const float g = (float)(i + 1) / (float)ease;
    const float old =
      v->source ? v->source[at + i] : v->last * powf(0.995f, (float)i);
    s->audio[at + i] = g * s->audio[at + i] + (1.0f - g) * old;
  }
  v->source    = s->audio;
  v->estimated = false;
}

// A short gap was filled from both sides, it may be too late
static void
mend(df_voice* const v, const df_result* const result)
{
  if (result->gap_from < v->in.t - v->latency) {
    ++v->meters.late;
    return;
  }
  const float* const filled[2] = {result->filled[0], result->filled[1]};
  df_intake_mend(
    &v->in, result->gap_from, result->gap_from + result->gap, filled);
}

static void
accept(df_voice* const v, const df_result* const result, const int at)
{
  v->busy += (double)result->busy;
  v->view = result->view;
  ++v->answers;
  if (!result->more) {
    const double load = v->busy * v->model_rate / v->hop;
    v->meters.load += 0.1f * ((float)load - v->meters.load);
    v->busy     = 0.0;
    v->answered = result->job;
  }
  if (result->order > 0) {
    df_carry_tell(v->in.carry, result->predictor, result->order);
  }
  if (result->gap > 0) {
    mend(v, result);
  }
  if (!result->wet || result->index < v->play_index) {
    return;
  }
  slot* const s = &v->slots[result->index % SLOTS];
  s->index      = result->index;
  s->count      = result->count;
  memcpy(s->audio, result->audio, sizeof(float) * (size_t)result->count);
  memcpy(s->next, result->next, sizeof(float) * (size_t)result->count);
  if (s->count > 0 && s->count < DF_HOP_MAX) { // it may be a sample longer
    s->next[s->count] = s->next[s->count - 1];
  }
  if (result->index == v->play_index) {
    if (at > 0) {
      blend_late(v, s, at);
    } else {
      v->source    = s->audio;
      v->estimated = false;
    }
  }
}

// Take in all results up to job `due`, never a later one: when a result takes
// effect must not depend on how fast the engine is
static void
collect(df_voice* const v, const int64_t due, const bool wait, const int at)
{
  while (v->answered < due) {
    if (!v->held) {
      v->held = v->door.fetch(v->door.self, wait);
    }
    if (!v->held || v->held->job > due) {
      return;
    }
    accept(v, v->held, at);
    v->held = NULL;
  }
}

// The newest job whose answer may take effect in this playback hop
static int64_t
due_job(const df_voice* const v)
{
  const int64_t before = v->play_index - 1 + v->lookahead;
  return v->urgent_job == before ? before : before - 1;
}

// Whether the wet audio of a playback hop was ordered
static bool
ordered(const df_voice* const v, const int64_t index)
{
  const int64_t job = index - 2 + v->lookahead;
  return (job >= 0 && v->active[job % JOBS]) ||
         (job >= -1 && v->urgent_job == job + 1);
}

// A playback hop begins: find its wet audio
static void
begin_play(df_voice* const v, const bool wait)
{
  const slot* const  past = &v->slots[(v->play_index + SLOTS) % SLOTS];
  const float* const estimate =
    past->index == v->play_index ? past->next : NULL;

  const bool starved = v->weight > 0.0f && (!v->source || v->estimated);

  ++v->play_index;
  v->play_begin = v->play_end;
  v->play_end   = boundary(v, v->play_index + 1);
  slot* const s = &v->slots[v->play_index % SLOTS];
  v->source     = s->index == v->play_index ? s->audio : NULL;
  v->estimated  = false;
  collect(v, due_job(v), wait, 0);
  if (v->source && starved) { // nothing ran on from the hop before
    v->source = NULL;
    blend_late(v, s, 0);
  } else if (!v->source && ordered(v, v->play_index)) {
    // An urgent answer cannot be there yet, but it is still in time
    v->meters.late += v->urgent_job + 1 != v->play_index;
    v->source    = estimate;
    v->estimated = true;
  }
}

// Wet sample `at` of this playback hop; without a source the last one decays
static float
wet_sample(df_voice* const v, const int at)
{
  v->last = v->source ? v->source[at] : 0.995f * v->last;
  return v->last;
}

// A good continuation is left to itself for a while
static bool
is_bridged(const df_voice* const v)
{
  return v->gone > 0 && v->weight <= 0.0f && df_carry_good(v->in.carry) &&
         (double)v->gone < ALONE * v->rate;
}

// Play sample tau into y[channels]
static void
play(df_voice* const                v,
     const df_voice_controls* const controls,
     const int64_t                  tau,
     float* const                   y)
{
  const float    noise = df_intake_noise(&v->in, tau);
  const df_trust here  = df_trust_of(noise);
  const float    wet   = wet_sample(v, (int)(tau - v->play_begin));
  const float    fade  = controls->fade * (float)v->rate;
  v->gone              = here == DF_LOST ? v->gone + 1 : 0;
  if (here == DF_TRUSTED) {
    v->weight = fmaxf(0.0f, v->weight - 1.0f / fade);
  } else if (v->source && !is_bridged(v)) {
    const bool  good = df_carry_good(v->in.carry);
    const float ease = (float)((good ? JOIN_GOOD : DF_JOIN) * v->rate);
    v->weight = fminf(1.0f, v->weight + 1.0f / (here == DF_LOST ? ease : fade));
  }
  v->meters.level = noise;

  const float w         = v->weight * v->weight * (3.0f - 2.0f * v->weight);
  float       both      = 1.0f;
  float       placed[2] = {wet, wet};
  if (v->source || w > 0.0f) {
    const int     at    = (int)(tau - v->play_begin);
    const int     count = (int)(v->play_end - v->play_begin);
    const int64_t hop   = v->play_index - (v->lookahead == 0); // heard already
    const float   share = share_at(v, hop, at, count);
    const float   a     = df_intake_line(&v->in, 0, tau);
    const float   b     = df_intake_line(&v->in, v->channels - 1, tau);
    df_blend_hear(&v->blend, df_image_mix(a, b, share), wet);
    both = df_blend_gain(&v->blend, w);
    if (v->channels == 2) {
      df_image_place(&v->image, share, wet, placed);
    }
  }
  for (int c = 0; c < v->channels; ++c) {
    const float line  = df_intake_line(&v->in, c, tau);
    const float heard = df_intake_dry(&v->in, c, tau);
    float       out   = line;
    if (w > 0.0f) {
      out = both * (line + w * (placed[c] - line));
    }
    if (controls->mix < 1.0f) {
      out = heard + controls->mix * (out - heard);
    }
    y[c] = out;
  }
}

// Values that a broken host may send are brought into their ranges
static df_voice_controls
sane(const df_voice_controls* const controls)
{
  df_voice_controls c = *controls;
  c.fade              = c.fade >= 0.001f ? fminf(c.fade, 0.2f) : 0.001f;
  c.mix               = c.mix >= 0.0f ? fminf(c.mix, 1.0f) : 0.0f;
  return c;
}

void
df_voice_run(df_voice* const                v,
             const df_voice_controls* const controls,
             const float* const* const      in,
             float* const* const            out,
             const float* const             noise,
             const int                      stride,
             const int                      n)
{
  const df_voice_controls now = sane(controls);
  for (int i = 0; i < n; ++i) {
    const int64_t tau = v->in.t - v->latency;
    if (tau == v->play_end) {
      begin_play(v, now.wait);
    } else if (i == 0 && tau > 0) {
      collect(v, due_job(v), false, (int)(tau - v->play_begin));
    }

    float x[2] = {0.0f, 0.0f};
    for (int c = 0; c < v->channels; ++c) {
      x[c] = v->watched ? in[c][i] : sound(in[c][i]);
    }
    const float said  = noise[(size_t)i * (size_t)stride];
    float       level = said >= 0.0f ? fminf(said, 1.0f) : 0.0f;
    if (v->watched) {
      df_watch_next(&v->watch, now.conceal, v->channels, x, &level);
    }
    df_intake_take(&v->in, x, level);
    if (v->channels == 2 && v->in.now != DF_LOST) {
      df_image_hear(&v->image, x[0], x[1]);
    }
    // Before the first hop comes what was kept, or nothing
    float y[2] = {df_intake_dry(&v->in, 0, tau), 0.0f};
    y[1]       = v->channels == 2 ? df_intake_dry(&v->in, 1, tau) : 0.0f;
    if (tau >= 0) {
      play(v, &now, tau, y);
    }
    for (int c = 0; c < v->channels; ++c) {
      out[c][i] = y[c];
    }
    if (v->in.t == v->hop_end) {
      submit(v, &now);
    }
  }
}
