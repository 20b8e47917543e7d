#include "core/audio/sound.h"

#include "core/audio/stft.h"

#include <samplerate.h>
#include <sndfile.h>

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK 4096 // frames read at a time

/// Mix one chunk to mono at the end of the sound; false when out of memory.
static bool
append(df_sound* const    sound,
       size_t* const      room,
       const float* const x,
       const size_t       frames,
       const size_t       channels)
{
  if (sound->n + frames > *room) {
    const size_t want = 2U * *room + frames;
    float* const more = want < SIZE_MAX / 8U
                          ? (float*)realloc(sound->x, want * sizeof(float))
                          : NULL;
    if (!more) {
      return false;
    }
    sound->x = more;
    *room    = want;
  }
  for (size_t i = 0; i < frames; ++i) {
    double sum = 0.0;
    for (size_t c = 0; c < channels; ++c) {
      sum += (double)x[i * channels + c];
    }
    sound->x[sound->n++] = (float)(sum / (double)channels);
  }
  return true;
}

/// Read all of an open file.
static df_status
read_all(SNDFILE* const file, const SF_INFO* const info, df_sound* const sound)
{
  const size_t channels = (size_t)info->channels;
  float* const chunk    = (float*)malloc(CHUNK * channels * sizeof(float));
  size_t       room     = 0U;
  bool         fits     = chunk != NULL;
  while (fits) {
    const sf_count_t got = sf_readf_float(file, chunk, CHUNK);
    if (got <= 0) {
      break;
    }
    fits = append(sound, &room, chunk, (size_t)got, channels);
  }
  free(chunk);
  sound->rate = info->samplerate;
  return fits ? DF_OK : DF_E_NOMEM;
}

/// Convert in place to another rate.
static df_status
convert(df_sound* const sound, const int rate)
{
  const double ratio = (double)rate / sound->rate;
  const size_t room  = (size_t)ceil((double)sound->n * ratio) + 16U;
  if (sound->n > LONG_MAX / 2 || room > LONG_MAX / 2) {
    return DF_E_NOMEM;
  }
  float* const y = (float*)malloc(room * sizeof(float));
  if (!y) {
    return DF_E_NOMEM;
  }
  SRC_DATA data = {.data_in       = sound->x,
                   .data_out      = y,
                   .input_frames  = (long)sound->n,
                   .output_frames = (long)room,
                   .src_ratio     = ratio};
  if (src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 1)) {
    free(y);
    return DF_E_NOMEM;
  }
  free(sound->x);
  *sound = (df_sound){y, (size_t)data.output_frames_gen, rate};
  return DF_OK;
}

df_status
df_sound_load(const char* const path,
              const int         rate,
              df_sound* const   out,
              df_note* const    note)
{
  *out = (df_sound){NULL, 0U, 0};
  if (rate && (rate < 8000 || rate > 384000)) {
    return df_note_set(
      note, DF_E_ARG, "%s: rate %d is not in 8000..384000", path, rate);
  }
  struct stat about;
  if (stat(path, &about)) {
    return df_note_set(note, DF_E_NONE, "%s: no such file", path);
  }
  if (!S_ISREG(about.st_mode)) {
    return df_note_set(note, DF_E_FORMAT, "%s: not a file", path);
  }

  SF_INFO        info = {.format = 0};
  SNDFILE* const file = sf_open(path, SFM_READ, &info);
  if (!file) {
    return df_note_set(note, DF_E_FORMAT, "%s: %s", path, sf_strerror(NULL));
  }
  df_sound  sound  = {NULL, 0U, 0};
  df_status status = DF_E_FORMAT;
  if (info.channels >= 1 && info.samplerate >= 1000) {
    status = read_all(file, &info, &sound);
  }
  (void)sf_close(file);

  for (size_t i = 0; status == DF_OK && i < sound.n; ++i) {
    if (!(fabsf(sound.x[i]) <= DF_STFT_LOUDEST)) {
      status = df_note_set(note,
                           DF_E_FINITE,
                           "%s: sample %zu (%.3f s) is %g",
                           path,
                           i,
                           (double)i / sound.rate,
                           (double)sound.x[i]);
      df_sound_free(&sound);
      return status;
    }
  }
  if (status == DF_OK && sound.n && rate && rate != sound.rate) {
    status = convert(&sound, rate);
  }
  if (status == DF_OK && !sound.n) {
    status = DF_E_FORMAT;
  }
  if (status != DF_OK) {
    df_sound_free(&sound);
    return df_note_set(note,
                       status,
                       status == DF_E_NOMEM ? "%s: too long for memory"
                                            : "%s: no samples in it",
                       path);
  }
  *out = sound;
  return DF_OK;
}

void
df_sound_free(df_sound* const sound)
{
  free(sound->x);
  *sound = (df_sound){NULL, 0U, 0};
}

df_status
df_sound_save(const char* const     path,
              const float* const    x,
              const size_t          n,
              const int             channels,
              const int             rate,
              const df_sound_format format,
              df_note* const        note)
{
  if (channels < 1 || channels > 16 || rate < 1 || n > INT32_MAX) {
    return df_note_set(note,
                       DF_E_ARG,
                       "%s: cannot write %zu samples, %d channels, %d Hz",
                       path,
                       n,
                       channels,
                       rate);
  }
  SF_INFO        info = {.samplerate = rate,
                         .channels   = channels,
                         .format =
                           SF_FORMAT_WAV | (format == DF_SOUND_24 ? SF_FORMAT_PCM_24
                                                                  : SF_FORMAT_FLOAT)};
  SNDFILE* const file = sf_open(path, SFM_WRITE, &info);
  if (!file) {
    return df_note_set(note, DF_E_IO, "%s: %s", path, sf_strerror(NULL));
  }
  // No peak chunk: it holds the time of day, and renders must be comparable
  (void)sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
  (void)sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
  const sf_count_t wrote = sf_writef_float(file, x, (sf_count_t)n);
  const bool       good  = wrote == (sf_count_t)n && !sf_close(file);
  return good ? DF_OK : df_note_set(note, DF_E_IO, "%s: write failed", path);
}
