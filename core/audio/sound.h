#ifndef DF_AUDIO_SOUND_H
#define DF_AUDIO_SOUND_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stddef.h>

/// Sound files, read and written whole; for tools, not for audio.

/// One channel of samples.
typedef struct {
  float* x;    ///< [n], owned
  size_t n;    ///< Samples, at least 1 once loaded
  int    rate; ///< Hz
} df_sound;

/// Load any file that libsndfile reads, mixed to one channel (the mean), at
/// `rate` Hz (band-limited conversion where the file has another).
///
/// @param rate  8000..384000, or 0 for the file's own
/// @return DF_OK; DF_E_NONE (no such file), DF_E_IO, DF_E_FORMAT (no sound
///         file, or no samples in it), DF_E_FINITE (a sample is NaN, infinite
///         or beyond 1e6; the note says where), DF_E_ARG, DF_E_NOMEM.
DF_NODISCARD
df_status
df_sound_load(const char* path, int rate, df_sound* out, df_note* note);

/// Free and zero.
void
df_sound_free(df_sound* sound);

typedef enum { DF_SOUND_FLOAT, DF_SOUND_24 } df_sound_format;

/// Write a WAV file of 32-bit float or 24-bit samples (those clip at +-1).
///
/// @param x         [n, channels] interleaved
/// @param channels  1..16
/// @return DF_OK, DF_E_ARG or DF_E_IO.
DF_NODISCARD
df_status
df_sound_save(const char*     path,
              const float*    x,
              size_t          n,
              int             channels,
              int             rate,
              df_sound_format format,
              df_note*        note);

/// Paths of sound files, owned.
typedef struct {
  char** paths; ///< [count] in the order of their bytes
  size_t count;
} df_sound_list;

/// Add a sound file, or all of a folder and the folders in it (by the endings
/// wav, flac, ogg, oga, opus, mp3, aif, aiff, aifc, au, caf, w64, rf64), and
/// sort.  Names that begin with a dot are left out.
///
/// @param list  Zeroed before the first call
/// @return DF_OK, DF_E_NONE (no such path, or a folder without sound), DF_E_IO
///         or DF_E_NOMEM; the list stays valid.
DF_NODISCARD
df_status
df_sound_list_add(df_sound_list* list, const char* path, df_note* note);

/// Free and zero.
void
df_sound_list_free(df_sound_list* list);

#endif // DF_AUDIO_SOUND_H
