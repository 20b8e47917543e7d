#include "core/series/table.h"
#include "tests/check.h"
#include "tests/hosts/series_host.h"

/// `urn:dforce:series` carries a real table on, nearer to what came than the
/// value of a season before, and than the last one.
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
