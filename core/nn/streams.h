#ifndef DF_NN_STREAMS_H
#define DF_NN_STREAMS_H

/// The two streams of a batch, as rows of one matrix.
///
/// Rows 0 .. B T - 1 are the context tokens of B clips of T, clip after clip;
/// the next B T are the window tokens of the same clips and times, cut in
/// blocks of H (T is a multiple of H).
typedef struct {
  int B; ///< Clips
  int T; ///< Tokens a clip
  int H; ///< Tokens a window block
} df_streams;

#endif // DF_NN_STREAMS_H
