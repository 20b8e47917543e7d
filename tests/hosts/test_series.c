#include "tests/check.h"
#include "tests/hosts/series_host.h"
#include "tests/hosts/speaker.h"
#include "tests/hosts/watch.h"

#include "core/base/rng.h"

#include <float.h>
#include <lv2/state/state.h>
#include <math.h>

/// `urn:dforce:series` in a host of our own.  Arguments: dforce.so, the folder
/// of the presets.

#define RATE 1000.0
#define ROW 100 // samples, at 10 rows a second
#define SEEN 300
#define AHEAD 64

static const char* module;
static const char* presets;

// Run one row in blocks, its values held all along; what came out last
static void
run_row(df_series_host* const h,
        const float* const    row,
        const uint32_t        block,
        float* const          out)
{
  for (uint32_t at = 0U; at < ROW; at += block) {
    for (int c = 0; c < DF_CV; ++c) {
      for (uint32_t i = 0U; i < block; ++i) {
        h->in[c][i] = row[c];
      }
    }
    h->descriptor->run(h->handle, block);
    for (int c = 0; c < DF_CV; ++c) {
      for (uint32_t i = 0U; i < block; ++i) {
        CHECK(isfinite(h->out[c][i]));
      }
      memcpy(out + (size_t)c * ROW + at, h->out[c], block * sizeof(float));
    }
  }
}

static df_series_host*
make(void)
{
  df_series_host* const h    = df_series_host_make(module, presets, RATE, true);
  h->control[DF_SERIES_WAIT] = (float)DF_WAIT_ALWAYS;
  h->control[DF_SERIES_SAMPLES] = 3.0f; // sanitizers are slow
  CHECK(df_series_host_settle(h) == DF_MODEL_READY);
  return h;
}

/// At noise 0 the outputs are the inputs; at 1 sine and drift go on, nearer to
/// the truth than the last value held, and further than the horizon.
static void
test_continues(void)
{
  df_series_host* const h     = make();
  double                error = 0.0;
  double                held  = 0.0;
  float                 last[DF_CV];
  float                 row[DF_CV];
  static float          out[DF_CV * ROW];
  for (int t = 0; t < SEEN; ++t) {
    df_series_law(t, row);
    memcpy(last, row, sizeof(last));
    run_row(h, row, ROW, out);
    for (int i = 0; i < DF_CV * ROW; ++i) {
      CHECK(out[i] == row[i / ROW]);
    }
    CHECK(h->control[DF_SERIES_LEVEL] == 0.0f);
  }
  h->control[DF_SERIES_NOISE] = 1.0f;
  for (int t = SEEN; t < SEEN + AHEAD; ++t) {
    const float lies[DF_CV] = {9.0f, -9.0f, 9.0f, 9.0f, 9.0f, 9.0f, 9.0f, 9.0f};
    df_series_law(t, row);
    run_row(h, lies, ROW, out);
    CHECK(h->control[DF_SERIES_LEVEL] == 1.0f);
    for (int d = 0; d < DF_CV; ++d) {
      const double e = (double)(out[d * ROW] - row[d]);
      const double l = (double)(last[d] - row[d]);
      CHECK(out[d * ROW] == out[d * ROW + ROW - 1]); // held from row to row
      error += e * e;
      held += l * l;
    }
  }
  error = sqrt(error / (AHEAD * DF_CV));
  held  = sqrt(held / (AHEAD * DF_CV));
  (void)printf("RMSE over 64 rows: %.3f, last value %.3f\n", error, held);
  // The drift alone is unknown by .02 sqrt(32) = .11 in the mean of these rows;
  // the rest is that the model's horizon is 32
  CHECK(error < 0.5 && error < 0.5 * held);
  for (int t = 0; t < 100; ++t) { // it goes on and on
    run_row(h, row, ROW, out);
    CHECK(fabsf(out[0]) < 10.0f);
  }
  CHECK(h->control[DF_SERIES_LATE] == 0.0f);
  df_series_host_free(h);
}

/// Of the futures the quantiles are in order, and another seed draws others.
static void
test_quantiles(void)
{
  static const float quantiles[] = {0.1f, 0.5f, 0.9f, 0.5f};
  static float       out[DF_CV * ROW];
  float              got[4];
  float              row[DF_CV];
  for (int q = 0; q < 4; ++q) {
    df_series_host* const h = make();
    for (int t = 0; t < SEEN; ++t) {
      df_series_law(t, row);
      run_row(h, row, ROW, out);
    }
    h->control[DF_SERIES_NOISE]    = 1.0f;
    h->control[DF_SERIES_QUANTILE] = quantiles[q];
    h->control[DF_SERIES_SEED]     = q == 3 ? 5.0f : 0.0f;
    run_row(h, row, ROW, out);
    got[q] = out[0];
    df_series_host_free(h);
  }
  CHECK(got[0] < got[1] && got[1] < got[2] && got[3] != got[1]);
}

// A session of every kind of noise, into out [rows][DF_CV * ROW]
static void
play(const uint32_t block, float* const out, const int rows)
{
  df_series_host* const h          = make();
  float                 row[DF_CV] = {0.0f};
  h->control[DF_SERIES_SAMPLES]    = 3.0f;
  for (int t = 0; t < rows; ++t) {
    df_series_law(t, row);
    row[2]                        = t % 7 ? row[2] : NAN;
    h->control[DF_SERIES_NOISE]   = t < 80 ? 0.0f : (t < 130 ? 1.0f : 0.4f);
    h->control[DF_SERIES_HORIZON] = t < 110 ? 64.0f : 5.0f;
    run_row(h, row, block, out + (size_t)t * DF_CV * ROW);
  }
  df_series_host_free(h);
}

/// Offline a render is the same at any block size, missing values or not.
static void
test_blocks(void)
{
  enum { ROWS = 140, COUNT = ROWS * DF_CV * ROW };
  float* const a = (float*)malloc(COUNT * sizeof(float));
  float* const b = (float*)malloc(COUNT * sizeof(float));
  CHECK(a && b);
  play(ROW, a, ROWS);
  play(1U, b, ROWS);
  CHECK(!memcmp(a, b, COUNT * sizeof(float)));
  play(20U, b, ROWS);
  CHECK(!memcmp(a, b, COUNT * sizeof(float)));
  free(a);
  free(b);
}

/// Whatever is or is not connected, in place, one sample or none, no feature,
/// no model: it runs, and what comes out is finite.
static void
test_odd(void)
{
  static float    both[DF_SERIES_BLOCK];
  char            empty[] = "/tmp/dforce-XXXXXX";
  df_series_host* h = df_series_host_make(module, presets, 48000.0, false);
  for (uint32_t i = 0U; i < 2U * DF_CV + (uint32_t)DF_SERIES_COUNT; ++i) {
    h->descriptor->connect_port(h->handle, i, NULL);
  }
  h->descriptor->run(h->handle, 1U);
  h->descriptor->run(h->handle, 0U);
  h->descriptor->run(h->handle, 8192U);
  h->descriptor->connect_port(h->handle, 3U, both);
  h->descriptor->connect_port(h->handle, DF_CV + 1U, both);
  h->descriptor->connect_port(h->handle, DF_CV + 3U, both);
  for (int i = 0; i < DF_SERIES_BLOCK; ++i) {
    both[i] = i % 3 ? (float)i : (i % 2 ? INFINITY : NAN);
  }
  h->descriptor->run(h->handle, DF_SERIES_BLOCK);
  for (int i = 0; i < DF_SERIES_BLOCK; ++i) {
    CHECK(isfinite(both[i]) && (!(i % 3) || both[i] == (float)i));
  }
  df_series_host_free(h);

  CHECK(mkdtemp(empty));
  CHECK(!setenv("XDG_DATA_HOME", empty, 1));
  CHECK(!setenv("XDG_DATA_DIRS", empty, 1));
  h = df_series_host_make(module, empty, RATE, true);
  CHECK(df_series_host_settle(h) == DF_MODEL_MISSING);
  h->control[DF_SERIES_NOISE] = 1.0f;
  h->in[5][0]                 = FLT_MAX;
  h->descriptor->run(h->handle, 1U);
  CHECK(h->out[5][0] == FLT_MAX && h->control[DF_SERIES_LEVEL] == 0.0f);
  df_series_host_free(h);
  CHECK(!rmdir(empty));
}

// A cycle of n samples, watched; what comes out is finite, denormals are on
static void
run_watched(df_series_host* const h, const uint32_t n, const int cycle)
{
  for (int c = 0; c < DF_CV; ++c) {
    for (uint32_t i = 0U; i < n; ++i) {
      h->in[c][i] = i == (uint32_t)c ? NAN : (float)c;
    }
  }
  df_watch_begin();
  h->descriptor->run(h->handle, n);
  const char* const name = df_watch_end();
  if (name) {
    (void)fprintf(stderr, "run() called %s in cycle %d\n", name, cycle);
  }
  CHECK(!name);
  for (int c = 0; c < DF_CV; ++c) {
    for (uint32_t i = 0U; i < n; ++i) {
      CHECK(isfinite(h->out[c][i]));
    }
  }
  const volatile float least = FLT_MIN;
  const volatile float less  = least / 2.0f;
  CHECK(less > 0.0f);
  (void)usleep(1000U);
}

/// Real time: nothing that may wait is called, whatever the controls do and OSC
/// says.
static void
test_real_time(void)
{
  // While the rate is 0, rows can be pushed; 1 row is forecast
  static const df_speech messages[] = {{"noise", "f", NULL},
                                       {"rate", "i", NULL},
                                       {"push", "ffffffff", NULL},
                                       {"forecast", "T", NULL},
                                       {"rate", "", NULL},
                                       {"hole", "ff", NULL},
                                       {"name", "s", "one"},
                                       {"load", "s", "default"},
                                       {"get", "", NULL}};
  df_series_host* const  h   = df_series_host_make(module, presets, RATE, true);
  df_rng                 rng = df_rng_make(3U, 0U, 0U);
  CHECK(df_series_host_settle(h) == DF_MODEL_READY);
  h->control[DF_SERIES_SAMPLES] = 1.0f;
  for (int cycle = 0; cycle < 200; ++cycle) { // 60 times as fast as they say
    run_watched(h, 64U, cycle);
  }
  // In time, 10 rows a second, forecasts do come, however slow a sanitizer
  h->control[DF_SERIES_NOISE] = 1.0f;
  for (int i = 0; i < 60000 && h->control[DF_SERIES_LEVEL] < 1.0f; ++i) {
    run_watched(h, 1U, 200);
  }
  CHECK(h->control[DF_SERIES_LEVEL] == 1.0f);
  df_speaker osc;
  df_speaker_start(&osc, messages, sizeof(messages) / sizeof(messages[0]));
  for (int cycle = 200;
       cycle < 1500 || (cycle < 60000 && !df_speaker_answers(&osc));
       ++cycle) {
    if (cycle < 1500 && cycle % 300 == 200) { // listen here, or nowhere
      h->control[DF_SERIES_OSC_PORT] =
        cycle % 600 == 200 ? (float)DF_UDP_SERIES : 0.0f;
    }
    df_speaker_turn(&osc, (int)h->control[DF_SERIES_OSC_BOUND]);
    const df_series_port port =
      (df_series_port)df_rng_below(&rng, (uint32_t)DF_SERIES_COUNT);
    const df_port_info* const about = df_series_about(port);
    if (about->kind == DF_PORT_INPUT && port != DF_SERIES_WAIT &&
        port != DF_SERIES_FREEWHEEL && port != DF_SERIES_OSC_PORT &&
        cycle > 400 && (port != DF_SERIES_MODEL || cycle % 50 == 0)) {
      h->control[port] = about->minimum + (float)df_rng_uniform(&rng) *
                                            (about->maximum - about->minimum);
    }
    run_watched(h, 64U, cycle);
  }
  df_speaker_stop(&osc);
  CHECK(df_speaker_answers(&osc) > 0);
  df_series_host_free(h);
}

typedef struct {
  LV2_URID path_key;
  LV2_URID version_key;
  LV2_URID path;
  LV2_URID integer;
  char     text[256];
  int32_t  version;
} state;

static LV2_State_Status
store(const LV2_State_Handle handle,
      const uint32_t         key,
      const void* const      value,
      const size_t           size,
      const uint32_t         type,
      const uint32_t         flags)
{
  state* const s = (state*)handle;
  (void)flags;
  if (key == s->path_key) {
    CHECK(type == s->path && size <= sizeof(s->text));
    memcpy(s->text, value, size);
  }
  return LV2_STATE_SUCCESS;
}

static const void*
retrieve(const LV2_State_Handle handle,
         const uint32_t         key,
         size_t* const          size,
         uint32_t* const        type,
         uint32_t* const        flags)
{
  state* const s = (state*)handle;
  *flags         = LV2_STATE_IS_POD;
  if (key == s->path_key) {
    *size = strlen(s->text) + 1U;
    *type = s->path;
    return s->text;
  }
  *size = sizeof(s->version);
  *type = s->integer;
  return key == s->version_key ? &s->version : NULL;
}

/// A model set by path is kept in the state, whether it is there or not.
static void
test_state(void)
{
  df_series_host* const h = make();
  state                 s = {.version = 1};
  df_uris               uris;
  df_uris_map(&uris, &h->map);
  s.path_key    = uris.model_path;
  s.version_key = uris.state_version;
  s.path        = uris.atom_Path;
  s.integer     = uris.atom_Int;
  const LV2_State_Interface* const interface =
    (const LV2_State_Interface*)h->descriptor->extension_data(
      LV2_STATE__interface);
  CHECK(interface);
  (void)snprintf(s.text, sizeof(s.text), "%s", "/no/such.safetensors");
  CHECK(!interface->restore(h->handle, retrieve, &s, 0U, NULL));
  h->descriptor->run(h->handle, 64U);
  CHECK(df_series_host_settle(h) == DF_MODEL_MISSING);
  s.text[0] = '\0';
  CHECK(!interface->save(h->handle, store, &s, 0U, NULL));
  CHECK(!strcmp(s.text, "/no/such.safetensors"));
  (void)snprintf(
    s.text, sizeof(s.text), "%s/series/default.safetensors", presets);
  CHECK(!interface->restore(h->handle, retrieve, &s, 0U, NULL));
  h->descriptor->run(h->handle, 64U);
  CHECK(df_series_host_settle(h) == DF_MODEL_READY);
  (void)snprintf(s.text, sizeof(s.text), "%s/default.safetensors", presets);
  CHECK(!interface->restore(h->handle, retrieve, &s, 0U, NULL));
  h->descriptor->run(h->handle, 64U); // a model of sound
  CHECK(df_series_host_settle(h) == DF_MODEL_REFUSED);
  df_series_host_free(h);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module  = argv[1];
  presets = argv[2];
  test_continues();
  test_quantiles();
  test_blocks();
  test_real_time();
  test_state();
  test_odd();
  return 0;
}
