#include "core/train/config.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { INT, REAL, SINGLE, BOOL, BACKBONE } kind;

/// Where a number lies in a config, and what it may be.
typedef struct {
  const char* key;
  kind        kind;
  size_t      offset;
  double      low;
  double      high;
  const char* about;
  bool        sound; // see df_train_field
} field;

#define AT(member) offsetof(df_train_config, member)

static const field fields[] = {
  {"backbone",
   BACKBONE,
   AT(model.backbone),
   0,
   1,
   "transformer or gru; resets the sizes",
   false},
  {"width", INT, AT(model.width), 8, 1024, "width of the network", false},
  {"heads", INT, AT(model.heads), 1, 1024, "attention heads", false},
  {"layers", INT, AT(model.layers), 1, 16, "layers", false},
  {"mlp", INT, AT(model.mlp), 8, 4096, "hidden width of the MLPs", false},
  {"conv", INT, AT(model.conv), 1, 8, "width of the convolution", false},
  {"context", INT, AT(model.context), 1, 2048, "most past tokens seen", true},
  {"horizon", INT, AT(model.horizon), 4, 64, "largest window, tokens", true},
  {"levels", INT, AT(model.levels), 6, 4096, "noise levels", false},
  {"shift",
   SINGLE,
   AT(model.shift),
   0.001,
   1000,
   "schedule's signal scale",
   false},
  {"recall", BOOL, AT(model.recall), 0, 1, "with recall input", true},
  {"sample_rate", INT, AT(codec.rate), 8000, 192000, "of the model, Hz", true},
  {"window", INT, AT(codec.window), 128, 8192, "STFT window, samples", true},
  {"hop", INT, AT(codec.hop), 16, 16384, "STFT hop, samples", true},
  {"frames", INT, AT(codec.frames), 1, 16, "STFT frames a token", true},
  {"dims", INT, AT(codec.dims), 1, 1024, "numbers a token", true},
  {"variants", INT, AT(variants), 1, 64, "versions of each file at hand", true},
  {"refresh", INT, AT(refresh), 1, 1e6, "steps until one is made anew", true},
  {"cents", REAL, AT(cents), 0, 1200, "most detuning", true},
  {"gain", REAL, AT(gain), 0, 24, "most change of level, dB", true},
  {"clips", INT, AT(clips), 1, 256, "clips a batch", false},
  {"tokens", INT, AT(tokens), 16, 2048, "tokens a clip", true},
  {"drop", REAL, AT(drop), 0, 1, "share of blocks without recall", true},
  {"rate", REAL, AT(rate), 0, 1, "learning rate", false},
  {"last", REAL, AT(last), 0, 1, "share of the rate at the end", false},
  {"warmup", INT, AT(warmup), 0, 1e6, "steps until the full rate", false},
  {"beta1", REAL, AT(beta1), 0, 0.99999, "decay of the first moment", false},
  {"beta2", REAL, AT(beta2), 0, 0.99999, "decay of the second moment", false},
  {"decay", REAL, AT(decay), 0, 1, "weight decay", false},
  {"clip", REAL, AT(clip), 1e-6, 1e6, "largest norm of the gradient", false},
  {"average",
   REAL,
   AT(average),
   0,
   0.99999,
   "decay of averaged weights",
   false},
  {"momentum",
   REAL,
   AT(momentum),
   0,
   0.999,
   "of Muon; 0 for AdamW alone",
   false},
};

#define FIELDS ((int)(sizeof(fields) / sizeof(fields[0])))

df_train_config
df_train_config_default(void)
{
  return (df_train_config){
    .model    = df_model_config_default(DF_BACKBONE_TRANSFORMER, 128),
    .codec    = {44100, 2048, 512, 2, 128},
    .seed     = 1U,
    .variants = 12,
    .refresh  = 40,
    .cents    = 50.0,
    .gain     = 6.0,
    .clips    = 8,
    .tokens   = 256,
    .drop     = 0.15,
    .steps    = 1000,
    .rate     = 6e-3,
    .last     = 0.02,
    .warmup   = 30,
    .beta1    = 0.9,
    .beta2    = 0.98,
    .decay    = 0.02,
    .clip     = 1.0,
    .average  = 0.998,
    .momentum = 0.95,
  };
}

/// Read a number of a field's kind; NAN when it is none.
static double
read_number(const kind what, const char* const value)
{
  if (what == BACKBONE) {
    return !strcmp(value, "transformer") ? (double)DF_BACKBONE_TRANSFORMER
           : !strcmp(value, "gru")       ? (double)DF_BACKBONE_GRU
                                         : (double)NAN;
  }
  char*        end    = NULL;
  const double number = strtod(value, &end);
  const bool   whole  = what == INT || what == BOOL;
  if (end == value || *end || (whole && number != floor(number))) {
    return (double)NAN;
  }
  return number;
}

static void
put_number(df_train_config* const config, const field* const of, const double x)
{
  char* const at    = (char*)config + of->offset;
  const int   whole = (int)x;
  const float real  = (float)(floor(1000.0 * x + 0.5) / 1000.0);
  const bool  truth = whole == 1;
  switch (of->kind) {
  case INT:
    memcpy(at, &whole, sizeof(whole));
    break;
  case REAL:
    memcpy(at, &x, sizeof(x));
    break;
  case SINGLE: // kept in thousandths by the model file
    memcpy(at, &real, sizeof(real));
    break;
  case BOOL:
    memcpy(at, &truth, sizeof(truth));
    break;
  case BACKBONE:
    config->model = df_model_config_default((df_backbone)whole, 128);
    break;
  }
  config->model.token = config->codec.dims;
}

static double
get_number(const df_train_config* const config, const field* const of)
{
  const char* const at    = (const char*)config + of->offset;
  int               whole = 0;
  double            real  = 0.0;
  float             small = 0.0f;
  bool              truth = false;
  switch (of->kind) {
  case INT:
    memcpy(&whole, at, sizeof(whole));
    return (double)whole;
  case REAL:
    memcpy(&real, at, sizeof(real));
    return real;
  case SINGLE:
    memcpy(&small, at, sizeof(small));
    return (double)small;
  case BOOL:
    memcpy(&truth, at, sizeof(truth));
    return truth ? 1.0 : 0.0;
  case BACKBONE:
    break;
  }
  return (double)config->model.backbone;
}

static void
describe_range(const field* const of, char* const out, const size_t size)
{
  if (of->kind == BACKBONE) {
    (void)snprintf(out, size, "transformer or gru");
  } else {
    (void)snprintf(out, size, "%g..%g", of->low, of->high);
  }
}

df_status
df_train_config_set(df_train_config* const config,
                    const char* const      key,
                    const char* const      value,
                    df_note* const         note)
{
  for (int i = 0; i < FIELDS; ++i) {
    const field* const of = &fields[i];
    if (!strcmp(of->key, key)) {
      const double number = read_number(of->kind, value);
      if (!(number >= of->low && number <= of->high)) {
        char range[64];
        describe_range(of, range, sizeof(range));
        return df_note_set(
          note, DF_E_ARG, "%s: want %s, found \"%.60s\"", key, range, value);
      }
      put_number(config, of, number);
      return DF_OK;
    }
  }
  return df_note_set(note, DF_E_NONE, "%.60s: no such setting", key);
}

df_status
df_train_config_check(const df_train_config* const config, df_note* const note)
{
  if (config->tokens % config->model.horizon) {
    return df_note_set(note,
                       DF_E_ARG,
                       "tokens: want a multiple of horizon %d, got %d",
                       config->model.horizon,
                       config->tokens);
  }
  if (config->codec.hop > config->codec.window / 2 ||
      config->codec.window % 2) {
    return df_note_set(note,
                       DF_E_ARG,
                       "hop: want at most half of an even window, got %d of %d",
                       config->codec.hop,
                       config->codec.window);
  }
  if (config->codec.dims > config->codec.frames * (config->codec.window / 2)) {
    return df_note_set(note,
                       DF_E_ARG,
                       "dims: want at most frames * window / 2 = %d, got %d",
                       config->codec.frames * (config->codec.window / 2),
                       config->codec.dims);
  }
  return df_model_config_check(&config->model, note);
}

bool
df_train_config_field(const df_train_config* const config,
                      const int                    index,
                      df_train_field* const        out)
{
  if (index < 0 || index >= FIELDS) {
    return false;
  }
  const field* const of     = &fields[index];
  const double       number = get_number(config, of);
  *out = (df_train_field){of->key, of->about, of->sound, {0}, {0}};
  describe_range(of, out->range, sizeof(out->range));
  if (of->kind == BACKBONE) {
    (void)snprintf(out->value,
                   sizeof(out->value),
                   "%s",
                   number > 0.0 ? "gru" : "transformer");
  } else {
    (void)snprintf(out->value, sizeof(out->value), "%.9g", number);
  }
  return true;
}
