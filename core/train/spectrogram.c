#include "core/train/spectrogram.h"

#include "core/audio/stft.h"
#include "core/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 2048
#define ROWS 360
#define LOWEST 40.0 // Hz
#define RANGE_DB 80.0

/// Natural log of what counts as nothing.
#define SILENCE (-23.0f)

/// A signal's columns: log-magnitudes [columns, WINDOW/2+1].
typedef struct {
  float*  y;
  int     columns;
  int64_t hop;
} grid;

static df_status
make_stft(df_arena* const arena, df_stft** const out)
{
  df_status status = df_stft_make(arena, WINDOW, WINDOW / 4, out);
  if (!status) {
    status = df_arena_allocate(arena);
  }
  return status ? status : df_stft_make(arena, WINDOW, WINDOW / 4, out);
}

static df_status
analyse(const float* const x, const int64_t n, const int wide, grid* const out)
{
  const size_t  bins   = WINDOW / 2 + 1;
  df_arena      arena  = {NULL, 0U, 0U, false};
  df_stft*      stft   = NULL;
  df_status     status = make_stft(&arena, &stft);
  const int64_t fine   = n / (wide > 0 ? wide : 1);
  out->hop             = fine > 0 ? fine : 1;
  out->columns         = (int)((n + out->hop - 1) / out->hop);
  out->y = (float*)malloc((size_t)out->columns * bins * sizeof(float));
  if (!status && !out->y) {
    status = DF_E_NOMEM;
  }
  for (int i = 0; i < out->columns && !status; ++i) {
    df_stft_log_frames(stft,
                       x,
                       n,
                       out->hop * i + out->hop / 2,
                       1,
                       SILENCE,
                       out->y + (size_t)i * bins);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  return status;
}

static float
loudest_of(const grid* const of)
{
  const size_t count = (size_t)of->columns * (WINDOW / 2 + 1);
  float        most  = SILENCE;
  for (size_t i = 0U; i < count; ++i) {
    most = of->y[i] > most ? of->y[i] : most;
  }
  return most;
}

float
df_spectrogram_loudest(const float* const x, const int64_t n, const int rate)
{
  grid            of = {NULL, 0, 1};
  const df_status status =
    n > 0 && rate > 0 ? analyse(x, n, 1000, &of) : DF_E_ARG;
  const float most = status ? SILENCE : loudest_of(&of);
  free(of.y);
  return most > SILENCE ? expf(most) : 0.0f;
}

/// Rows equally wide on a logarithmic frequency axis, from a column of bins.
static void
warp(const float* const y, const int rate, const double top, float* const out)
{
  for (int r = 0; r < ROWS; ++r) {
    const double low  = LOWEST * pow(top / LOWEST, (double)r / ROWS);
    const double high = LOWEST * pow(top / LOWEST, (double)(r + 1) / ROWS);
    const double a    = low * WINDOW / rate;
    const double b    = high * WINDOW / rate;
    if (b - a > 1.0) { // several bins: the loudest
      float most = SILENCE;
      for (int k = (int)a; k <= (int)b && k <= WINDOW / 2; ++k) {
        most = y[k] > most ? y[k] : most;
      }
      out[r] = most;
    } else { // between two bins
      const double at   = 0.5 * (a + b);
      const int    k    = (int)fmin(at, WINDOW / 2.0 - 1.0);
      const float  part = (float)(at - k);
      out[r]            = (1.0f - part) * y[k] + part * y[k + 1];
    }
  }
}

df_status
df_spectrogram_draw(df_picture* const    picture,
                    const df_picture_box box,
                    const char* const    title,
                    const float* const   x,
                    const int64_t        n,
                    const int            rate,
                    const float          loudest,
                    const double         mark)
{
  if (n < 1 || rate < 1000) {
    return DF_E_ARG;
  }
  const double    top    = fmin(16000.0, 0.5 * rate);
  grid            of     = {NULL, 0, 1};
  const df_status status = analyse(x, n, (int)box.w, &of);
  float* const    rows =
    (float*)malloc(((size_t)of.columns * ROWS + 1U) * sizeof(float));
  if (status || !rows) {
    free(rows);
    free(of.y);
    return status ? status : DF_E_NOMEM;
  }
  for (int i = 0; i < of.columns; ++i) {
    warp(
      of.y + (size_t)i * (WINDOW / 2 + 1), rate, top, rows + (size_t)i * ROWS);
  }
  const float high = loudest > 0.0f ? logf(loudest) : loudest_of(&of);
  const float low  = high - (float)(RANGE_DB * 0.11512925464970228);

  const df_picture_axes axes = {
    title, "s", "Hz", 0.0, (double)n / rate, LOWEST, top, true};
  df_picture_heat(picture, box, of.columns, ROWS, rows, low, high);
  if (mark >= 0.0) {
    df_picture_mark(picture, box, &axes, mark);
  }
  df_picture_frame(picture, box, &axes);
  free(rows);
  free(of.y);
  return DF_OK;
}
