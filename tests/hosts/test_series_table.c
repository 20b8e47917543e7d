#include "core/forecast/live.h"
#include "core/series/quantile.h"
#include "core/series/table.h"
#include "plugin/forecaster.h"
#include "tests/check.h"
#include "tests/hosts/series_host.h"

/// `urn:dforce:series` carries a real table on, nearer to what came than the
/// value of a season before, and than the last one; and begins with what its
/// model says of these rows at its frequency from 1970 on.
/// Arguments: dforce.so, a folder with series/default.safetensors, the table,
/// rows of a season, rows to carry on.

#define SAMPLES 4 // in a row

static void
play(df_series_host* const h, const double* const row, const int series)
{
  for (int c = 0; c < DF_CV; ++c) {
    for (int i = 0; i < SAMPLES; ++i) {
      h->in[c][i] = c < series ? (float)row[c] : 1.0f;
    }
  }
  h->descriptor->run(h->handle, SAMPLES);
}

/// The row that follows the known ones, [DF_CV], as the plugin's settings ask.
static void
expect(const df_series_host* const h,
       const char* const           folder,
       const df_table* const       table,
       const int                   known,
       float* const                out)
{
  char path[4096];
  (void)snprintf(path, sizeof(path), "%s/series/default.safetensors", folder);
  df_forecast_model model = {0};
  df_live*          live  = NULL;
  df_note           note  = {""};
  CHECK(!df_forecast_model_load(path, &model, &note));
  const df_calendar calendar = {model.schema.unit, model.schema.count, 0};
  CHECK(!df_live_make(&model, &calendar, &live));
  const int     D   = table->series;
  const int     H   = df_base_config_of(model.base)->horizon;
  double* const row = (double*)malloc((size_t)D * sizeof(double));
  CHECK(row);
  for (int t = 0; t < known; ++t) {
    for (int d = 0; d < D; ++d) {
      const float x = (float)table->values[(size_t)t * (size_t)D + (size_t)d];
      row[d]        = d < DF_CV ? (double)x : (double)NAN;
    }
    df_live_push(live, row);
  }
  df_paths_config config = df_paths_config_default();
  config.steady          = true; // as in the plugin
  config.samples         = (int)h->control[DF_SERIES_SAMPLES];
  config.seed            = df_rng_make((uint64_t)h->control[DF_SERIES_SEED],
                            DF_FORECASTER_STREAM,
                            (uint64_t)known)
                  .key;
  const size_t  n     = (size_t)config.samples;
  double* const paths = (double*)malloc(n * (size_t)(H * D) * sizeof(double));
  double* const order = (double*)malloc(n * sizeof(double));
  CHECK(paths && order);
  CHECK(!df_live_forecast(live, &config, paths));
  for (int d = 0; d < D && d < DF_CV; ++d) {
    df_quantile_sort(paths, config.samples, H, D, 0, d, order);
    out[d] = (float)df_quantile(
      order, config.samples, (double)h->control[DF_SERIES_QUANTILE]);
  }
  free(order);
  free(paths);
  free(row);
  df_live_free(live);
  df_forecast_model_free(&model);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 6);
  df_table  table  = {0};
  df_note   note   = {""};
  const int season = (int)strtol(argv[4], NULL, 10);
  const int ahead  = (int)strtol(argv[5], NULL, 10);
  CHECK(!df_table_load(argv[3], &table, &note));
  const int    D     = table.series < DF_CV ? table.series : DF_CV;
  const size_t S     = (size_t)table.series;
  const int    known = table.rows - ahead;
  CHECK(season > 0 && ahead > 0 && known > season);
  df_series_host* const h = df_series_host_make(argv[1], argv[2], 400.0, true);
  h->control[DF_SERIES_WAIT] = (float)DF_WAIT_ALWAYS;
  h->control[DF_SERIES_RATE] = 100.0f;
  CHECK(df_series_host_settle(h) == DF_MODEL_READY);
  for (int t = 0; t < known; ++t) {
    const double* const row = table.values + (size_t)t * S;
    play(h, row, D);
    for (int d = 0; d < D; ++d) {
      CHECK(h->out[d][0] == (float)row[d]);
    }
  }
  float first[DF_CV];
  expect(h, argv[2], &table, known, first);
  double error[3]             = {0.0};
  h->control[DF_SERIES_NOISE] = 1.0f;
  for (int t = known; t < table.rows; ++t) {
    const double* const truth       = table.values + (size_t)t * S;
    const double* const last        = table.values + (size_t)(known - 1) * S;
    const int           back        = known - season + (t - known) % season;
    const double* const same        = table.values + (size_t)back * S;
    const double        none[DF_CV] = {0.0};
    play(h, none, D);
    for (int d = 0; d < DF_CV; ++d) {
      CHECK(isfinite(h->out[d][0]) && (d < D || h->out[d][0] == 1.0f));
    }
    for (int d = 0; d < D; ++d) {
      CHECK(t > known || h->out[d][0] == first[d]);
      error[0] += fabs((double)h->out[d][0] - truth[d]);
      error[1] += fabs(same[d] - truth[d]);
      error[2] += fabs(last[d] - truth[d]);
    }
  }
  CHECK(h->control[DF_SERIES_LEVEL] == 1.0f &&
        h->control[DF_SERIES_LATE] == 0.0f);
  (void)printf("mean absolute error %.4g, a season before %.4g, last %.4g\n",
               error[0] / (ahead * D),
               error[1] / (ahead * D),
               error[2] / (ahead * D));
  CHECK(error[0] < error[1] && error[0] < error[2]);
  df_series_host_free(h);
  df_table_free(&table);
  return 0;
}
