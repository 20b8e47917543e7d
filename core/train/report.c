#include "core/train/report.h"

#include "core/train/spectrogram.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH DF_REPORT_WIDTH
#define HALF DF_REPORT_HEIGHT // also of each spectrogram

static const df_picture_box loss_box  = {70.0, 70.0, 480.0, 270.0};
static const df_picture_box check_box = {660.0, 70.0, 420.0, 270.0};

/// Smallest and largest of values above 0, widened; 0.1..1 when there are none.
static void
range_of(const double* const y,
         const int           count,
         double* const       low,
         double* const       high)
{
  *low  = INFINITY;
  *high = 0.0;
  for (int i = 0; i < count; ++i) {
    if (isfinite(y[i]) && y[i] > 0.0) {
      *low  = fmin(*low, y[i]);
      *high = fmax(*high, y[i]);
    }
  }
  if (!(*low <= *high)) {
    *low  = 0.1;
    *high = 1.0;
  }
  *low /= 1.2;
  *high *= 1.2;
}

/// Every step's loss faintly, and its running mean.
static df_status
draw_losses(df_picture* const picture, const df_trainer_log* const log)
{
  const int     count  = log->loss_count;
  double* const x      = (double*)calloc((size_t)count + 1U, sizeof(double));
  double* const y      = (double*)calloc((size_t)count + 1U, sizeof(double));
  df_status     status = DF_E_NOMEM;
  if (x && y) {
    df_picture_axes axes = {
      "Training loss", "step", "loss", 0.0, fmax(count, 1.0), 0.1, 1.0, true};
    for (int i = 0; i < count; ++i) {
      x[i] = i;
      y[i] = (double)log->losses[i];
    }
    range_of(y, count, &axes.y_low, &axes.y_high);
    df_picture_curve(picture, loss_box, &axes, count, x, y, 7);
    double mean = 0.0;
    for (int i = 0; i < count; ++i) {
      const double part = fmax(0.03, 1.0 / (1.0 + i));
      mean += part * (y[i] - mean);
      y[i] = mean;
    }
    df_picture_curve(picture, loss_box, &axes, count, x, y, 0);
    df_picture_frame(picture, loss_box, &axes);
    status = DF_OK;
  }
  free(x);
  free(y);
  return status;
}

/// One curve for each band, with its last value.
static df_status
draw_checks(df_picture* const picture, const df_trainer_log* const log)
{
  const int     count  = log->check_count;
  const size_t  room   = (size_t)count * DF_TRAIN_BANDS + 1U;
  double* const x      = (double*)calloc(room, sizeof(double));
  double* const y      = (double*)calloc(room, sizeof(double));
  df_status     status = DF_E_NOMEM;
  if (x && y) {
    const double    last = count ? (double)log->checks[count - 1].step : 1.0;
    df_picture_axes axes = {"Validation: x0 error by noise band (low to high)",
                            "step",
                            "error / variance",
                            0.0,
                            fmax(last, 1.0),
                            0.1,
                            1.0,
                            true};
    for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
      for (int i = 0; i < count; ++i) {
        x[i]             = (double)log->checks[i].step;
        y[b * count + i] = log->checks[i].band[b];
      }
    }
    range_of(y, count * DF_TRAIN_BANDS, &axes.y_low, &axes.y_high);
    for (int b = 0; b < DF_TRAIN_BANDS && count; ++b) {
      char text[48];
      df_picture_curve(picture, check_box, &axes, count, x, y + b * count, b);
      (void)snprintf(
        text, sizeof(text), "band %d: %.3f", b + 1, y[b * count + count - 1]);
      df_picture_label(picture,
                       check_box.x + check_box.w + 12.0,
                       check_box.y + 14.0 + 18.0 * (DF_TRAIN_BANDS - 1 - b),
                       text,
                       b);
    }
    df_picture_frame(picture, check_box, &axes);
    status = DF_OK;
  }
  free(x);
  free(y);
  return status;
}

static df_status
draw_sounds(df_picture* const picture, const df_report_sounds* const sounds)
{
  df_picture_box box = {70.0, HALF + 40.0, WIDTH - 110.0, HALF - 100.0};
  const float    loudest =
    df_spectrogram_loudest(sounds->truth, sounds->count, sounds->rate);
  df_status status = df_spectrogram_draw(picture,
                                         box,
                                         "Held-out sound, the truth",
                                         sounds->truth,
                                         sounds->count,
                                         sounds->rate,
                                         loudest,
                                         sounds->from);
  box.y += HALF - 20.0;
  if (!status) {
    status = df_spectrogram_draw(picture,
                                 box,
                                 sounds->about,
                                 sounds->made,
                                 sounds->count,
                                 sounds->rate,
                                 loudest,
                                 sounds->from);
  }
  return status;
}

df_status
df_report_draw(df_picture* const           picture,
               const char* const           title,
               const df_trainer_log* const log)
{
  df_picture_text(picture, 20.0, 28.0, 16.0, title);
  const df_status status = draw_losses(picture, log);
  return status ? status : draw_checks(picture, log);
}

df_status
df_report_write(const char* const             path,
                const char* const             title,
                const df_trainer_log* const   log,
                const df_report_sounds* const sounds,
                df_note* const                note)
{
  df_picture* picture = NULL;
  df_status status = df_picture_make(WIDTH, sounds ? 3 * HALF : HALF, &picture);
  if (!status) {
    status = df_report_draw(picture, title, log);
  }
  if (!status && sounds) {
    status = draw_sounds(picture, sounds);
  }
  return df_picture_finish(picture, status, path, note);
}
