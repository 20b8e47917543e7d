#ifndef DF_ENGINE_LINK_H
#define DF_ENGINE_LINK_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/engine/carry.h"
#include "core/engine/instrument.h"
#include "core/engine/mend.h"
#include "core/engine/settings.h"
#include "core/engine/view.h"

#include <stdbool.h>
#include <stdint.h>

/// The engine's side of a voice: hops of the host's audio in, hops of
/// continued audio out.  Blocking, one thread, no allocation after make.
///
/// Time is counted in hops of the model's STFT hop N since a run began;
/// hop i holds the host's samples from ceil(i N r) to ceil((i+1) N r), with r =
/// host rate / model rate.  `lookahead` L hops later hop i is played.  Job i
/// brings the input of hop i and is answered by one result for playback hop
/// i + 2 - L, which may so be one hop late and still be in time; an urgent job
/// (L = 0, and trust was lost in this hop) by one for hop i + 1 before that.  A
/// result is `wet` when its job is active.  A job that brings a short gap to be
/// filled from both sides is answered by one more result, last.

/// Longest hop at the host's rate, samples.
#define DF_HOP_MAX 8192

/// Longest autoregressive predictor.
#define DF_LINK_ORDER DF_CARRY_ORDER

/// First host sample of hop i of N samples at the model's rate; exact for whole
/// rates, and so for any length of time the same for all who ask.
DF_RT int64_t
df_link_boundary(int64_t hop, int N, double rate, double model_rate);

/// One hop of input.
typedef struct {
  uint32_t    run;        ///< Not 0; another than the last job's: begin anew
  int64_t     index;      ///< i, rising in a run
  int         count;      ///< Samples in x
  int         heard_from; ///< Of x, [heard_from, heard_to) is the latest part
  int         heard_to;   ///< that was heard; after it x is extrapolated
  float       noise;      ///< 0..1, level declared at its first sample
  bool        active;     ///< The voice will play the answer
  bool        urgent;     ///< The first active job in a row
  int         channels;   ///< In `heard`; 0 where no gap will ever be filled
  int64_t     gap_from;   ///< First sample of a gap, counted as hops are
  int         gap;        ///< Its length to DF_MEND_MOST, 0: there is none
  int         gap_right;  ///< Samples heard after it, to the end of this hop
  df_settings settings;
  float       x[DF_HOP_MAX];
  float       heard[2][DF_HOP_MAX]; ///< Each channel, without a cross-fade
} df_job;

/// One hop of the engine's answer.
typedef struct {
  int64_t job;   ///< Which job this answers
  int64_t index; ///< Playback hop
  bool    more;  ///< Another answer to this job follows
  bool    wet;   ///< `audio` and `next` are valid
  int     count; ///< Samples in audio
  float   busy;  ///< Seconds the engine took since the last result
  int     order; ///< Length of `predictor`, 0: as before
  float   predictor[DF_LINK_ORDER]; ///< x[t] = sum_k predictor[k] x[t-1-k]
  df_view view;                     ///< What the engine plans
  float   audio[DF_HOP_MAX];        ///< The hop
  float   next[DF_HOP_MAX];         ///< Present estimate of the hop after it
  int     channels;                 ///< In `filled`
  int64_t gap_from;                 ///< As in the job
  int     gap;                      ///< Samples filled, 0: none
  float   filled[2][DF_MEND_MOST];
} df_result;

typedef struct df_link df_link;

/// @param rate       Host's sample rate, 8000..384000 Hz
/// @param lookahead  L, 0..256 hops
/// @return DF_OK, DF_E_ARG (see note) or DF_E_NOMEM.
DF_NODISCARD df_status
df_link_make(const df_instrument* instrument,
             double               rate,
             int                  lookahead,
             df_link**            out,
             df_note*             note);

/// NULL is allowed.
void
df_link_free(df_link* link);

/// Receives each result; called from within df_link_process, once for a job,
/// once more for an urgent one and once more for one with a gap.
typedef void (*df_link_emit)(void* self, const df_result* result);

/// Take in one hop and answer.  With the first job of a run the link starts
/// anew.
///
/// Within a run indices may be left out (the queue was full, or a bypass spared
/// the engine).  All memory is kept, and the sound after them follows on the
/// sound before, joined by one hop in which that is carried on and gives way:
/// the engine's time knows no others, however many are missing.  While it
/// speaks it speaks on from there.
void
df_link_process(df_link*      link,
                const df_job* job,
                df_link_emit  emit,
                void*         self);

#endif // DF_ENGINE_LINK_H
