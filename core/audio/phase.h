#ifndef DF_AUDIO_PHASE_H
#define DF_AUDIO_PHASE_H

#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// Phases for magnitudes: phase-gradient heap integration, then refinement.
///
/// For log-magnitudes s[t,k] of a Gaussian-like window (Hann of M samples:
/// gamma = 0.25645 M^2) and frames a samples apart, phases counted from the
/// centre of each frame obey
///
///     dphi/dk = -gamma/(2 a M) (s[t+1,k] - s[t-1,k])              a bin
///     dphi/dt = a M/(2 gamma) (s[t,k+1] - s[t,k-1]) + 2 pi a k/M  a hop
///
/// Both are summed by the trapezoidal rule from known phases outwards, the
/// loudest neighbour first.  Bins more than 60 dB below the peak of their own
/// and the frame before get a random phase (a hash of seed, frame and bin); a
/// spot that no known phase reaches starts from 0 at its loudest bin.
///
/// Sources: Prusa, Balazs and Sondergaard 2017 (PGHI); Prusa and Sondergaard
/// 2016 (real time); Perraudin, Balazs and Sondergaard 2013 (fast Griffin-Lim).
/// A workspace: one thread at a time; nothing is kept between calls.
typedef struct df_phase df_phase;

/// @param window, hop  As of df_stft_make
/// @param most         Most frames in one call, 1..4096
/// @param floor        Log-magnitude at and below which a bin is silent
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_phase_make(df_arena*  arena,
              int        window,
              int        hop,
              int        most,
              float      floor,
              df_phase** out);

/// Drop the FFT plans.  NULL is allowed.
void
df_phase_free(df_phase* phase);

/// The transform that this workspace uses, for the same thread.
DF_RT
df_stft*
df_phase_stft(df_phase* phase);

/// Give n frames the phases that follow from the frame before.
///
/// n = 1 with `ahead` is the real-time method with one frame of look-ahead.
///
/// @param n      1..most
/// @param left   [bins] the frame before the first, real or generated, may lie
///               in X; NULL: nothing is known before
/// @param s      [n, bins] log-magnitudes; not finite counts as silent
/// @param right  [bins] the known frame after the last, or NULL
/// @param ahead  [bins] else its log-magnitudes, or NULL
/// @param seed   For the random phases, with
/// @param index  the number of the first frame
/// @param X      [n, bins] written: magnitude exp(s), phases as above
DF_RT
void
df_phase_integrate(df_phase*         phase,
                   int               n,
                   const df_complex* left,
                   const float*      s,
                   const df_complex* right,
                   const float*      ahead,
                   uint64_t          seed,
                   int64_t           index,
                   df_complex*       X);

/// Make the phases of n frames agree with each other and with a fixed context,
/// by fast Griffin-Lim iterations (momentum 0.99) that hold magnitudes exp(s).
///
/// @param n      1..most
/// @param s      [n, bins]
/// @param fixed  [(n-1) hop + window] what frames that do not change add up to
///               (df_stft_add), from window/2 before the first frame's centre;
///               NULL: nothing around
/// @param open   The frames after the last are yet to come: samples that they
///               will complete are scaled up by what is missing
/// @param iterations  0 and up; 2 in real time, 30 offline
/// @param X      [n, bins] improved in place
DF_RT
void
df_phase_refine(df_phase*    phase,
                int          n,
                const float* s,
                const float* fixed,
                bool         open,
                int          iterations,
                df_complex*  X);

/// Fill a gap between known frames: phases from both sides, then refinement
/// with the known frames held fixed.
///
/// @param before  Known frames at the start of X, 0 and up
/// @param n       Frames to fill, 1..most
/// @param after   Known frames at its end, 0 and up; window/hop - 1 on either
///                side are all that overlaps
/// @param s       [n, bins] log-magnitudes of the frames to fill
/// @param X       [before + n + after, bins]; the middle is written
DF_RT
void
df_phase_fill(df_phase*    phase,
              int          before,
              int          n,
              int          after,
              const float* s,
              int          iterations,
              uint64_t     seed,
              int64_t      index,
              df_complex*  X);

#endif // DF_AUDIO_PHASE_H
