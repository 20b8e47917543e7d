#ifndef DF_STREAM_WINDOW_H
#define DF_STREAM_WINDOW_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/diffusion/schedule.h"

#include <stdbool.h>
#include <stdint.h>

/// The tokens that a stream has not yet returned, and the noise they come from.
/// Private to the room; one thread.

/// One such token.
typedef struct {
  int64_t  index;      ///< Which token, -1 for none
  uint64_t window;     ///< Which window `level`, z and estimate belong to
  int      level;      ///< 0..K
  int      pin;        ///< Declared level of `known`, -1 for none
  float    confidence; ///< Of `recall`, 0 for none
} df_window_slot;

/// As it was before the newest advance.
typedef struct {
  bool            valid;
  int64_t         front;     ///< First token not yet remembered
  df_window_slot  passed;    ///< Of the token that the advance returned
  df_window_slot* slots;     ///< [horizon] from the front on
  float*          z;         ///< [horizon,C]
  float*          estimates; ///< [horizon,C]
} df_window_before;

typedef struct {
  const df_schedule* schedule;
  int                K;
  int                C;
  uint64_t           seed;      ///< Of all draws
  uint64_t           count;     ///< Restarts
  int                size;      ///< Of the ring of slots
  df_window_slot*    slots;     ///< [size]
  float*             z;         ///< [size,C]
  float*             estimates; ///< [size,C]
  float*             known;     ///< [size,C]
  float*             recall;    ///< [size,C]
  df_window_before   before;
} df_window;

/// Empty, seed 0.
///
/// @param horizon  Most tokens of a window
/// @param size     Of the ring
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_window_make(df_arena*          arena,
               const df_schedule* schedule,
               int                K,
               int                C,
               int                horizon,
               int                size,
               df_window*         out);

/// Forget all tokens.
void
df_window_reset(df_window* window);

/// All tokens begin from noise again; pins and recall stay.
void
df_window_restart(df_window* window);

/// The row of a token in one of the arrays [size,C].
float*
df_window_row(const df_window* window, float* array, int64_t index);

/// The slot of a token as it is, which may hold another one.
df_window_slot*
df_window_at(const df_window* window, int64_t index);

/// The slot of a token, emptied if it held another one.
df_window_slot*
df_window_claim(df_window* window, int64_t index);

/// The slot of a token of this window, drawn from noise when it joins.
df_window_slot*
df_window_join(df_window* window, int64_t index);

/// Draws of one token: for `use` 0 those it starts from, else the step to
/// level `use`, above K the scatter of that from level `use` - K.  They depend
/// on nothing else but the seed, so any order of calls, and a token generated
/// again, meets the same noise.
///
/// @param w  [C]
void
df_window_draw(const df_window* window, int64_t index, int use, float* w);

/// An advance is about to return token `position`: note how the window is.
///
/// @param front  First of its H tokens
void
df_window_note(df_window* window, int64_t position, int64_t front, int H);

/// Back to what was noted, but for pins that came since.
///
/// @param front  First of the H tokens it now has
void
df_window_undo(df_window* window, int64_t front, int H);

#endif // DF_STREAM_WINDOW_H
