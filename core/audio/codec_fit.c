#include "core/audio/codec.h"

#include "core/tensor/eigen.h"
#include "core/tensor/gemm.h"

#include <math.h>
#include <stdlib.h>

#define ROWS 256 // tokens in one product
#define ABOVE 0.7f
#define LEAST 1e-3

/// Mean of each number, and ceiling of each bin.
static df_status
fit_range(df_codec* const    codec,
          const float* const y,
          const int          count,
          df_note* const     note)
{
  const size_t  bins = (size_t)codec->bins;
  const size_t  size = bins * (size_t)codec->config.frames;
  double* const sum  = (double*)calloc(size, sizeof(double));
  if (!sum) {
    return DF_E_NOMEM;
  }
  for (size_t f = 0; f < bins; ++f) {
    codec->ceiling[f] = codec->floor;
  }
  df_status status = DF_OK;
  for (int t = 0; t < count && status == DF_OK; ++t) {
    const float* const row = y + (size_t)t * size;
    for (size_t j = 0; j < size; ++j) {
      if (!isfinite(row[j])) {
        status = df_note_set(note,
                             DF_E_FINITE,
                             "codec: number %zu of token %d is not finite",
                             j,
                             t);
        break;
      }
      sum[j] += (double)row[j];
      float* const most = &codec->ceiling[j % bins];
      *most             = row[j] > *most ? row[j] : *most;
    }
  }
  for (size_t j = 0; j < size; ++j) {
    codec->mean[j] = (float)(sum[j] / count);
  }
  for (size_t f = 0; f < bins; ++f) {
    codec->ceiling[f] += ABOVE;
  }
  free(sum);
  return status;
}

/// C[size,size] = mean over tokens of z z^T, z = w (y - mean).
static df_status
covariance(const df_codec* const codec,
           const float* const    y,
           const int             count,
           float* const          C)
{
  const size_t bins = (size_t)codec->bins;
  const int    size = codec->bins * codec->config.frames;
  const size_t wide = (size_t)size;
  float* const z    = (float*)malloc(ROWS * wide * sizeof(float));
  if (!z) {
    return DF_E_NOMEM;
  }
  for (int start = 0; start < count; start += ROWS) {
    const int    rows = count - start < ROWS ? count - start : ROWS;
    const float* from = y + (size_t)start * wide;
    for (size_t t = 0; t < (size_t)rows; ++t) {
      for (size_t j = 0; j < wide; ++j) {
        z[t * wide + j] =
          codec->weight[j % bins] * (from[t * wide + j] - codec->mean[j]);
      }
    }
    df_gemm(true,
            false,
            size,
            size,
            rows,
            1.0f / (float)count,
            z,
            size,
            z,
            size,
            start ? 1.0f : 0.0f,
            C,
            size);
  }
  free(z);
  return DF_OK;
}

/// Basis from the covariance, and the scale of each of its tokens.
static df_status
decompose(df_codec* const codec, float* const C)
{
  const int    size   = codec->bins * codec->config.frames;
  const int    dims   = codec->config.dims;
  float* const values = (float*)malloc((size_t)dims * sizeof(float));
  if (!values) {
    return DF_E_NOMEM;
  }
  const df_status status =
    df_eigen_symmetric(size, dims, C, values, codec->basis);
  if (status == DF_OK) {
    double sum = 0.0;
    for (int i = 0; i < dims; ++i) {
      sum += fmax((double)values[i], 0.0);
    }
    const float scale = (float)fmax(sqrt(sum / dims), LEAST);
    for (int i = 0; i < dims; ++i) {
      codec->scale[i] = scale;
    }
  }
  free(values);
  return status;
}

df_status
df_codec_fit(df_codec* const    codec,
             const float* const y,
             const int          count,
             df_note* const     note)
{
  const size_t size = (size_t)codec->bins * (size_t)codec->config.frames;
  if (count < 2 * codec->config.dims) {
    return df_note_set(note,
                       DF_E_ARG,
                       "codec: %d tokens are too few to fit %d dims",
                       count,
                       codec->config.dims);
  }
  df_status status = fit_range(codec, y, count, note);
  if (status != DF_OK) {
    return status;
  }
  float* const C = (float*)malloc(size * size * sizeof(float));
  status         = C ? covariance(codec, y, count, C) : DF_E_NOMEM;
  if (status == DF_OK) {
    status = decompose(codec, C);
  }
  free(C);
  return status;
}
