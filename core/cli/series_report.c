#include "core/cli/series_report.h"

#include "core/cli/fan.h"
#include "core/forecast/rolling.h"
#include "core/picture/picture.h"
#include "core/series/quantile.h"
#include "core/train/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 4      // series with a fan chart
#define HEIGHT 260   // of each
#define COVERAGE 400 // of the coverage
#define BACK 3       // horizons before the windows
#define BANDS DF_REPORT_BANDS

/// A validation being made.
typedef struct {
  df_validation*  out;
  const df_table* table;
  int             samples;
  double*         sorted; // [samples], then the sums of as many
} making;

void
df_validation_free(df_validation* const validation)
{
  free(validation->by_window);
  free(validation->quantiles);
  memset(validation, 0, sizeof(*validation));
}

/// Count the bands of sorted samples that hold a value.
static void
count_bands(df_validation* const out,
            const int            kind,
            const double* const  sorted,
            const int            n,
            const double         y)
{
  for (int b = 0; b < BANDS; ++b) {
    const double share = (double)(b + 1) / (BANDS + 1);
    out->inside[kind][b] += y >= df_quantile(sorted, n, 0.5 - 0.5 * share) &&
                                y <= df_quantile(sorted, n, 0.5 + 0.5 * share)
                              ? 1.0
                              : 0.0;
  }
  out->count[kind] += 1.0;
}

/// Each series of one row that is known, and their sum.
static void
count_row(const making* const self,
          const int           origin,
          const int           h,
          const double* const paths)
{
  df_validation* const out  = self->out;
  const int            n    = self->samples;
  const int            D    = self->table->series;
  const int            H    = out->horizon;
  double* const        sums = self->sorted + n;
  double               sum  = 0.0;
  const double* const  truth =
    self->table->values + (size_t)(origin + h) * (size_t)D;
  const int known = df_score_total(n, H, D, paths, truth, h, sums, &sum);
  for (int d = 0; d < D; ++d) {
    df_quantile_sort(paths, n, H, D, h, d, self->sorted);
    const int row = origin + h - (out->rows - out->span);
    for (int q = 0; q < DF_FAN_CURVES && d < out->shown; ++q) {
      out->quantiles[(d * DF_FAN_CURVES + q) * out->span + row] =
        df_quantile(self->sorted, n, df_fan_shares[q]);
    }
    if (!isnan(truth[d])) {
      count_bands(out, 1, self->sorted, n, truth[d]);
    }
  }
  if (known) {
    df_quantile_sort(sums, n, 1, 1, 0, 0, self->sorted);
    count_bands(out, 0, self->sorted, n, sum);
  }
}

static df_status
visit(void* const data, const int origin, double* const paths)
{
  const making* const self = (const making*)data;
  for (int h = 0; h < self->out->horizon; ++h) {
    count_row(self, origin, h, paths);
  }
  df_validation* const out  = self->out;
  const size_t         from = (size_t)origin * (size_t)self->table->series;
  df_score* const      score =
    out->by_window + (origin - (out->rows - out->span)) / out->horizon;
  const df_status status = df_score_add(score,
                                        self->samples,
                                        out->horizon,
                                        self->table->series,
                                        paths,
                                        self->table->values + from);
  df_score_join(&out->score, score);
  return status;
}

df_status
df_validation_make(const df_forecast_model* const model,
                   const df_table* const          table,
                   const int                      rows,
                   const int                      windows,
                   df_validation* const           out,
                   df_note* const                 note)
{
  const df_paths_config config = df_paths_config_default();
  const int             H      = df_base_config_of(model->base)->horizon;
  *out                         = (df_validation){
                            .rows    = rows,
                            .span    = windows * H,
                            .horizon = H,
                            .shown   = table->series < SHOWN ? table->series : SHOWN,
  };
  making self = {out, table, config.samples, NULL};
  self.sorted = (double*)malloc(2U * (size_t)config.samples * sizeof(double));
  out->quantiles = (double*)malloc((size_t)out->shown * DF_FAN_CURVES *
                                   (size_t)out->span * sizeof(double));
  out->by_window = (df_score*)calloc((size_t)windows, sizeof(df_score));
  const df_status status =
    self.sorted && out->quantiles && out->by_window
      ? df_rolling_each(
          model, table, rows, windows, &config, visit, &self, note)
      : DF_E_NOMEM;
  free(self.sorted);
  return status;
}

/// Observed over nominal coverage, and the diagonal that both should follow.
static void
draw_coverage(df_picture* const          picture,
              const df_picture_box       box,
              const char* const          about,
              const df_validation* const v)
{
  static const char* const names[2] = {"sum of the series", "single series"};
  const df_picture_axes    axes = {"Truth within the central band, validation",
                                   "nominal share",
                                   "observed share",
                                   0.0,
                                   1.0,
                                   0.0,
                                   1.0,
                                   false};
  const double             ends[2] = {0.0, 1.0};
  const double in90[2] = {v->score.inside[2] / fmax(v->score.steps, 1.0),
                          v->score.each_inside / fmax(v->score.values, 1.0)};
  df_picture_curve(picture, box, &axes, 2, ends, ends, 7);
  for (int kind = 0; kind < 2; ++kind) {
    double x[BANDS + 2] = {0.0};
    double y[BANDS + 2] = {0.0};
    for (int b = 0; b < BANDS; ++b) {
      x[b + 1] = (double)(b + 1) / (BANDS + 1);
      y[b + 1] = v->inside[kind][b] / fmax(v->count[kind], 1.0);
    }
    x[BANDS + 1] = 1.0;
    y[BANDS + 1] = 1.0;
    df_picture_curve(picture, box, &axes, BANDS + 2, x, y, kind);
    char text[96];
    (void)snprintf(text,
                   sizeof(text),
                   "%s: %.0f %% within the 90 %% band",
                   names[kind],
                   100.0 * in90[kind]);
    df_picture_label(
      picture, box.x + box.w + 30.0, box.y + 60.0 + 20.0 * kind, text, kind);
  }
  df_picture_frame(picture, box, &axes);
  df_picture_text(picture, box.x + box.w + 30.0, box.y + 20.0, 14.0, about);
}

/// All windows of one series, and the rows before them.
static void
draw_windows(df_picture* const          picture,
             const df_picture_box       box,
             const df_table* const      table,
             const df_validation* const v,
             const int                  which,
             double* const              x, // [rows drawn]
             double* const              y)
{
  const int       first = v->rows - v->span;
  const int       most  = BACK * v->horizon;
  const int       back  = most < first ? most : first;
  const int       count = back + v->span;
  double* const   q     = v->quantiles + which * DF_FAN_CURVES * v->span;
  df_picture_axes axes  = {table->names[which],
                           "rows from the first window",
                           "",
                           -(double)back,
                           v->span,
                           0.0,
                           0.0,
                           false};
  for (int i = 0; i < count; ++i) {
    x[i] = i - back + 1;
    y[i] = table->values[(size_t)(first - back + i) * (size_t)table->series +
                         (size_t)which];
  }
  df_fan_range(&axes, y, count, q, DF_FAN_CURVES * v->span);
  for (int from = 0; from < v->span; from += v->horizon) {
    const double* curves[DF_FAN_CURVES];
    for (int i = 0; i < DF_FAN_CURVES; ++i) {
      curves[i] = q + i * v->span + from;
    }
    df_fan_bands(picture, box, &axes, v->horizon, x + back + from, curves);
    df_picture_mark(picture, box, &axes, from + 0.5);
  }
  df_picture_curve(picture, box, &axes, count, x, y, 7);
  df_picture_frame(picture, box, &axes);
}

df_status
df_series_report_write(const char* const           path,
                       const char* const           title,
                       const char* const           about,
                       const df_trainer_log* const log,
                       const df_table* const       table,
                       const df_validation* const  v,
                       df_note* const              note)
{
  const int     top     = DF_REPORT_HEIGHT;
  df_picture*   picture = NULL;
  const size_t  points  = (size_t)(BACK * v->horizon + v->span);
  double* const space   = (double*)malloc(2U * points * sizeof(double));
  df_status     status  = space ? df_picture_make(DF_REPORT_WIDTH,
                                             top + COVERAGE + HEIGHT * v->shown,
                                             &picture)
                                : DF_E_NOMEM;
  if (!status) {
    status = df_report_draw(picture, title, log);
  }
  if (!status) {
    const df_picture_box box = {70.0, top + 40.0, 300.0, 300.0};
    draw_coverage(picture, box, about, v);
  }
  for (int i = 0; i < v->shown && !status; ++i) {
    const df_picture_box box = {100.0,
                                top + COVERAGE + 30.0 + HEIGHT * i,
                                DF_REPORT_WIDTH - 130.0,
                                HEIGHT - 100.0};
    draw_windows(picture, box, table, v, i, space, space + points);
  }
  free(space);
  return df_picture_finish(picture, status, path, note);
}
