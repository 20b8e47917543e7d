#include "core/engine/render.h"
#include "core/audio/sound.h"
#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/cli/plot.h"
#include "core/engine/instrument.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 4096

// Numbers of a render that take a value, with their ranges and defaults
enum {
  HORIZON,
  SLOPE,
  STEPS,
  GUIDANCE,
  RECALL,
  MEMORY,
  MEMORY_NOISE,
  HEAT,
  LOOKAHEAD,
  AIM_LEVEL,
  AIM_BRIGHT,
  AIM,
  VALUES
};

typedef struct {
  const char* model;
  const char* noise;
  const char* plot;
  double      seconds; // of output, 0: as long as the input
  double      values[VALUES];
  int         seed;
  bool        causal;
  bool        conceal;
  bool        help;
} arguments;

static df_render_config
config_of(const arguments* const a)
{
  df_render_config c      = df_render_config_default();
  c.settings.horizon      = (float)a->values[HORIZON];
  c.settings.slope        = (float)a->values[SLOPE];
  c.settings.steps        = (float)a->values[STEPS];
  c.settings.guidance     = (float)a->values[GUIDANCE];
  c.settings.recall       = (float)a->values[RECALL];
  c.settings.memory       = (float)a->values[MEMORY];
  c.settings.memory_noise = (float)a->values[MEMORY_NOISE];
  c.settings.heat         = (float)a->values[HEAT];
  c.settings.seed         = (uint32_t)a->seed;
  c.settings.aim_level    = (float)a->values[AIM_LEVEL];
  c.settings.aim_bright   = (float)a->values[AIM_BRIGHT];
  c.settings.aim          = (float)a->values[AIM];
  c.lookahead             = a->values[LOOKAHEAD] / 1000.0;
  c.meet                  = !a->causal;
  c.conceal               = a->conceal;
  return c;
}

static df_status
lengthen(df_sound* const in, const double seconds, df_note* const note)
{
  const size_t n = (size_t)(seconds * in->rate);
  if (n <= in->n) {
    if (n > 0U) {
      in->n = n;
    }
    return DF_OK;
  }
  float* const more = (float*)realloc(in->x, n * sizeof(float));
  if (!more) {
    return df_note_set(note, DF_E_NOMEM, "--seconds: out of memory");
  }
  memset(more + in->n, 0, (n - in->n) * sizeof(float));
  in->x = more;
  in->n = n;
  return DF_OK;
}

static df_status
render(const arguments* const a,
       const char* const      from,
       const char* const      to,
       df_note* const         note)
{
  static const char* const whole = "0:0";
  df_lane_point* const     points =
    (df_lane_point*)malloc(POINTS * sizeof(df_lane_point));
  df_instrument* instrument = NULL;
  df_sound       in         = {NULL, 0U, 0};
  float*         y          = NULL;
  int            count      = 0;
  df_status      status     = points ? DF_OK : DF_E_NOMEM;
  if (!status) {
    status =
      df_lane_read(a->noise ? a->noise : whole, points, POINTS, &count, note);
  }
  if (!status) {
    status = df_instrument_load(a->model, &instrument, note);
  }
  if (!status) {
    status = df_sound_load(from, 0, &in, note);
  }
  if (!status) {
    status = lengthen(&in, a->seconds, note);
  }
  if (!status) {
    y      = (float*)malloc(in.n * sizeof(float));
    status = y ? DF_OK : DF_E_NOMEM;
  }
  if (!status) {
    const df_render_config config = config_of(a);
    const float* const     x[1]   = {in.x};
    float* const           out[1] = {y};
    status                        = df_render(instrument,
                       &config,
                       points,
                       count,
                       in.rate,
                       1,
                       (int64_t)in.n,
                       x,
                       out,
                       note);
  }
  if (!status) {
    status = df_sound_save(to, y, in.n, 1, in.rate, DF_SOUND_FLOAT, note);
  }
  if (!status && a->plot) {
    const df_plot_sound sounds[2] = {{"input", in.x, in.n, in.rate},
                                     {"output", y, in.n, in.rate}};
    status =
      df_plot_sounds(a->plot, sounds, 2, points[count > 1 ? 1 : 0].time, note);
  }
  if (status == DF_E_NOMEM && !note->text[0]) {
    (void)df_note_set(note, status, "out of memory");
  }
  free(y);
  df_sound_free(&in);
  df_instrument_free(instrument);
  free(points);
  return status;
}

df_exit
df_command_render(const int argc, char** const argv)
{
  const df_settings d = df_settings_default();
  arguments         a = {
            .values = {d.horizon,
                       d.slope,
                       d.steps,
                       d.guidance,
                       d.recall,
                       d.memory,
                       d.memory_noise,
                       d.heat,
                       0.0},
  };
  const df_option options[] = {
    {"--model", DF_OPTION_TEXT, &a.model, 0, 0, "model file (needed)"},
    {"--noise",
     DF_OPTION_TEXT,
     &a.noise,
     0,
     0,
     "noise lane, \"0:0 3.0:1 8.0:0\": from each second on, the level"},
    {"--plot",
     DF_OPTION_TEXT,
     &a.plot,
     0,
     0,
     "spectrograms of input and output, PNG"},
    {"--seconds",
     DF_OPTION_REAL,
     &a.seconds,
     0,
     36000,
     "length of the output (0: as the input)"},
    {"--seed", DF_OPTION_INT, &a.seed, 0, 2147483647, "which of the futures"},
    {"--causal",
     DF_OPTION_FLAG,
     &a.causal,
     0,
     0,
     "as the plugin plays it: gaps are not filled from both sides"},
    {"--auto",
     DF_OPTION_FLAG,
     &a.conceal,
     0,
     0,
     "dropouts (zeros cut into the sound) are concealed"},
    {"--horizon",
     DF_OPTION_REAL,
     &a.values[HORIZON],
     1,
     64,
     "tokens planned ahead"},
    {"--slope",
     DF_OPTION_REAL,
     &a.values[SLOPE],
     0,
     4,
     "0 all at once, 1 pyramid, 4 nearly one by one"},
    {"--steps", DF_OPTION_REAL, &a.values[STEPS], 1, 8, "passes a token"},
    {"--guidance",
     DF_OPTION_REAL,
     &a.values[GUIDANCE],
     0,
     4,
     "history guidance"},
    {"--recall",
     DF_OPTION_REAL,
     &a.values[RECALL],
     0,
     1,
     "how far the figure heard before leads"},
    {"--memory", DF_OPTION_REAL, &a.values[MEMORY], 0.1, 6, "seconds of past"},
    {"--memory-noise",
     DF_OPTION_REAL,
     &a.values[MEMORY_NOISE],
     0,
     0.5,
     "level declared for own past output"},
    {"--heat",
     DF_OPTION_REAL,
     &a.values[HEAT],
     0,
     1.5,
     "sampler stochasticity"},
    {"--lookahead",
     DF_OPTION_REAL,
     &a.values[LOOKAHEAD],
     0,
     2000,
     "right-hand context, ms"},
    {"--aim-level",
     DF_OPTION_REAL,
     &a.values[AIM_LEVEL],
     -24,
     24,
     "loudness to steer to, dB above what was heard"},
    {"--aim-bright",
     DF_OPTION_REAL,
     &a.values[AIM_BRIGHT],
     -2,
     2,
     "brightness to steer to, octaves above it"},
    {"--aim", DF_OPTION_REAL, &a.values[AIM], 0, 1, "how much to steer"},
    {"--help", DF_OPTION_FLAG, &a.help, 0, 0, "this text"},
  };
  const int count = (int)(sizeof(options) / sizeof(options[0]));
  int       words = 0;
  df_note   note  = {{0}};
  if (df_options_read(options, count, argc, argv, &words, &note)) {
    (void)fprintf(stderr, "dforce render: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  if (a.help || words != 2 || !a.model) {
    FILE* const to = a.help ? stdout : stderr;
    (void)fprintf(to,
                  "usage: dforce render --model M.safetensors IN OUT.wav\n\n");
    df_options_print(options, count, to);
    return a.help ? DF_EXIT_OK : DF_EXIT_USAGE;
  }
  const df_status status = render(&a, argv[0], argv[1], &note);
  if (status) {
    (void)fprintf(stderr, "dforce render: %s\n", note.text);
    return status == DF_E_ARG ? DF_EXIT_USAGE : DF_EXIT_FAILED;
  }
  return DF_EXIT_OK;
}
