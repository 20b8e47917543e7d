#include "core/audio/codec.h"

#include "core/audio/bands.h"
#include "core/audio/stft.h"
#include "core/base/rng.h"
#include "tests/audio/signal.h"
#include "tests/check.h"
#include "tests/golden/audio.h"

#include <stdlib.h>

enum { WINDOW = 128, HOP = 32, FRAMES = 2, DIMS = 6, COUNT = 60 };
enum { BINS = WINDOW / 2 + 1, SIZE = FRAMES * BINS };

typedef struct {
  df_arena  arena;
  df_codec* codec;
  float     y[COUNT * SIZE]; // log-magnitudes of signal_golden
} fitted;

static void
codec_make(const df_codec_config* const config,
           df_arena* const              arena,
           df_codec** const             codec)
{
  *arena = (df_arena){NULL, 0U, 0U, false};
  CHECK(df_codec_make(arena, config, codec, NULL) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_codec_make(arena, config, codec, NULL) == DF_OK);
}

static void
analyse(fitted* const f)
{
  static float x[COUNT * FRAMES * HOP];
  df_arena     arena = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  signal_golden(x, COUNT * FRAMES * HOP);
  CHECK(df_stft_make(&arena, WINDOW, HOP, &stft) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_stft_make(&arena, WINDOW, HOP, &stft) == DF_OK);
  df_stft_log_frames(
    stft, x, COUNT * FRAMES * HOP, 0, COUNT * FRAMES, f->codec->floor, f->y);
  df_stft_free(stft);
  df_arena_free(&arena);
}

static void
fitted_make(fitted* const f)
{
  const df_codec_config config = {16000, WINDOW, HOP, FRAMES, DIMS};
  codec_make(&config, &f->arena, &f->codec);
  analyse(f);
  CHECK(df_codec_fit(f->codec, f->y, COUNT, NULL) == DF_OK);
}

/// Scale, token and decoded frames equal the reference in double precision.
static void
test_equals_the_reference(const fitted* const f)
{
  float token[DIMS];
  float y[SIZE];
  float work[SIZE];
  df_codec_encode(f->codec, f->y + 31 * SIZE, token, work);
  df_codec_decode(f->codec, token, y);
  for (int i = 0; i < DIMS; ++i) {
    CHECK_NEAR(f->codec->scale[i], golden_scale[i], 1e-4);
    CHECK_NEAR(token[i], golden_token[i], 1e-3); // eigenvectors in single
  }
  for (int j = 0; j < SIZE; ++j) {
    CHECK_NEAR(y[j], golden_decoded[j], 2e-3);
  }
}

static void
test_basis_is_orthonormal(const fitted* const f)
{
  for (int i = 0; i < DIMS; ++i) {
    for (int k = 0; k <= i; ++k) {
      double sum = 0.0;
      for (int j = 0; j < SIZE; ++j) {
        sum += (double)f->codec->basis[i * SIZE + j] *
               (double)f->codec->basis[k * SIZE + j];
      }
      CHECK_NEAR(sum, i == k ? 1.0 : 0.0, 1e-5);
    }
  }
}

/// Encoding what was decoded gives the token back, where nothing clamps.
static void
test_tokens_survive_the_round_trip(const fitted* const f)
{
  float token[DIMS] = {0.2f, -0.15f, 0.1f, 0.05f, -0.1f, 0.0f};
  float again[DIMS];
  float y[SIZE];
  df_codec_decode(f->codec, token, y);
  df_codec_encode(f->codec, y, again, y);
  for (int i = 0; i < DIMS; ++i) {
    CHECK_NEAR(again[i], token[i], 1e-5);
  }
}

/// Invariant 23: frames stacked in a token come back each in its place.  With
/// as many numbers as a token's frames hold, nothing is lost.
static void
test_frames_come_back_in_order(void)
{
  enum { FEW = 65, ALL = FRAMES * FEW, MANY = 3 * ALL };
  const df_codec_config config = {8000, 128, 32, FRAMES, ALL};
  static float          y[MANY * ALL];
  df_arena              arena;
  df_codec*             codec = NULL;
  codec_make(&config, &arena, &codec);
  CHECK(codec->bins == FEW);
  df_rng rng = df_rng_make(23U, 0U, 0U);
  df_rng_normal(&rng, y, MANY * ALL);
  for (int j = 0; j < MANY * ALL; ++j) { // every place has a level of its own
    y[j] = 0.3f * y[j] - 6.0f + 0.03f * (float)(j % ALL);
  }
  CHECK(df_codec_fit(codec, y, MANY, NULL) == DF_OK);
  for (int t = 0; t < MANY; t += 7) {
    float token[ALL];
    float work[ALL];
    float back[ALL];
    df_codec_encode(codec, y + t * ALL, token, work);
    df_codec_decode(codec, token, back);
    for (int j = 0; j < ALL; ++j) {
      CHECK_NEAR(back[j], y[t * ALL + j], 1e-4); // sums of 130 in single
    }
  }
  df_arena_free(&arena);
}

/// No token, however wild, decodes below the floor or above the ceiling.
static void
test_decoding_is_clamped(const fitted* const f)
{
  const float wild[] = {1e3f, -1e3f, 1e38f, -1e38f, NAN, INFINITY};
  float       token[DIMS];
  float       y[SIZE];
  for (size_t v = 0; v < sizeof(wild) / sizeof(*wild); ++v) {
    for (int i = 0; i < DIMS; ++i) {
      token[i] = i % 2 ? wild[v] : -wild[v];
    }
    df_codec_decode(f->codec, token, y);
    for (int j = 0; j < SIZE; ++j) {
      CHECK(y[j] >= f->codec->floor);
      CHECK(y[j] <= f->codec->ceiling[j % BINS]);
    }
  }
  float most = f->codec->floor;
  for (int t = 0; t < COUNT * FRAMES; ++t) {
    most = fmaxf(most, f->y[t * BINS + 9]);
  }
  CHECK_NEAR(f->codec->ceiling[9], most + 0.7f, 1e-6);
}

/// The squared weights of a token sum to the Bark that it spans.
static void
test_weights_measure_bark(const fitted* const f)
{
  double sum = 0.0;
  for (int k = 0; k < BINS; ++k) {
    const double w = (double)f->codec->weight[k];
    sum += FRAMES * w * w * (k > 0 && k < BINS - 1 ? 1.0 : 0.5);
  }
  CHECK_NEAR(sum, df_bark(8000.0) - df_bark(0.0), 0.02); // trapezoidal rule
}

/// Training on silence gives a codec that decodes to silence.
static void
test_silence_can_be_fitted(void)
{
  const df_codec_config config = {16000, WINDOW, HOP, FRAMES, DIMS};
  static float          y[COUNT * SIZE];
  df_arena              arena;
  df_codec*             codec = NULL;
  codec_make(&config, &arena, &codec);
  for (int j = 0; j < COUNT * SIZE; ++j) {
    y[j] = codec->floor;
  }
  CHECK(df_codec_fit(codec, y, COUNT, NULL) == DF_OK);
  float token[DIMS];
  float back[SIZE];
  df_codec_encode(codec, y, token, back);
  df_codec_decode(codec, token, back);
  for (int j = 0; j < SIZE; ++j) {
    CHECK_NEAR(back[j], codec->floor, 1e-3);
  }
  df_arena_free(&arena);
}

static void
test_bad_training_is_refused(fitted* const f)
{
  df_note note = {""};
  CHECK(df_codec_fit(f->codec, f->y, 2 * DIMS - 1, &note) == DF_E_ARG);
  CHECK(note.text[0]);
  f->y[5 * SIZE + 3] = NAN;
  note.text[0]       = '\0';
  CHECK(df_codec_fit(f->codec, f->y, COUNT, &note) == DF_E_FINITE);
  CHECK(note.text[0]);
}

static void
test_wrong_configs_are_refused(void)
{
  static const df_codec_config wrong[] = {{7999, 128, 32, 2, 6},
                                          {16000, 126, 32, 2, 6},
                                          {16000, 129, 32, 2, 6},
                                          {16000, 8194, 32, 2, 6},
                                          {16000, 128, 0, 2, 6},
                                          {16000, 128, 65, 2, 6},
                                          {16000, 128, 32, 0, 6},
                                          {16000, 128, 32, 17, 6},
                                          {16000, 4096, 32, 8, 6},
                                          {16000, 128, 32, 2, 0},
                                          {16000, 128, 32, 1, 66},
                                          {16000, 8192, 32, 1, 1025}};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); ++i) {
    df_arena  arena = {NULL, 0U, 0U, false};
    df_codec* codec = NULL;
    df_note   note  = {""};
    CHECK(df_codec_make(&arena, &wrong[i], &codec, &note) == DF_E_ARG);
    CHECK(note.text[0]);
  }
}

int
main(void)
{
  static fitted f;
  fitted_make(&f);
  test_equals_the_reference(&f);
  test_basis_is_orthonormal(&f);
  test_tokens_survive_the_round_trip(&f);
  test_decoding_is_clamped(&f);
  test_weights_measure_bark(&f);
  test_bad_training_is_refused(&f);
  df_arena_free(&f.arena);
  test_frames_come_back_in_order();
  test_silence_can_be_fitted();
  test_wrong_configs_are_refused();
  return 0;
}
