#define _POSIX_C_SOURCE 200809L

#include "tests/check.h"

#include "core/audio/codec.h"
#include "core/train/corpus.h"
#include "core/train/sound_source.h"
#include "core/train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// How well a short training learns, on tokens of the kind that the first
/// prototype of this network in another language was measured on: x0 error over
/// power by noise band, and the CPU seconds that it took, on chorale-piano.
///
///     OPENBLAS_NUM_THREADS=1 bench_recipe FOLDER/audio [steps [seed]]
///
/// Where OpenBLAS does not know the processor, with OPENBLAS_CORETYPE as what
/// `dforce bench` names.
///
/// Those tokens are 48 linear bins and 16 logarithmic bands of each of two
/// frames, scaled by std^.6 to mean power 1.  They sound worse than the basis
/// that `dforce` fits: only this program has them, in place of df_codec_fit.

enum { LINEAR = 48, BANDS = 16, EACH = LINEAR + BANDS, FRAMES = 2 };

static double
cpu_seconds(void)
{
  struct timespec t = {0, 0};
  CHECK(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t));
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// First bin of a number of a frame: bins 1 to 48, then bands as wide on a
// logarithmic scale to the highest
static int
first_bin(const int number, const int bins)
{
  return number < LINEAR
           ? 1 + number
           : (int)lround((LINEAR + 1) * pow((double)bins / (LINEAR + 1),
                                            (double)(number - LINEAR) / BANDS));
}

// Numbers of one frame: the mean log-magnitude of their bins
static void
lay_out_basis(df_codec* const codec)
{
  const size_t bins = (size_t)codec->bins;
  for (size_t i = 0; i < (size_t)EACH * FRAMES; ++i) {
    float* const row  = codec->basis + i * FRAMES * bins;
    const int    from = first_bin((int)i % EACH, codec->bins);
    const int    to   = first_bin((int)i % EACH + 1, codec->bins);
    for (int f = from; f < to; ++f) {
      row[i / EACH * bins + (size_t)f] =
        1.0f / (codec->weight[f] * (float)(to - from));
    }
  }
}

df_status
df_codec_fit(df_codec* const    codec,
             const float* const y,
             const int          count,
             df_note* const     note)
{
  enum { DIMS = EACH * FRAMES };
  const size_t size        = (size_t)codec->bins * FRAMES;
  double       power[DIMS] = {0.0};
  double       sum         = 0.0;
  float        token[DIMS];
  float* const work = (float*)malloc(sizeof(float) * size);
  (void)note;
  CHECK(work && codec->config.dims == DIMS && codec->config.frames == FRAMES);
  for (size_t j = 0; j < size; ++j) {
    double mean = 0.0;
    for (size_t t = 0; t < (size_t)count; ++t) {
      mean += (double)y[t * size + j] / count;
    }
    codec->mean[j] = (float)mean;
  }
  lay_out_basis(codec);
  for (int i = 0; i < DIMS; ++i) {
    codec->scale[i] = 1.0f;
  }
  for (size_t t = 0; t < (size_t)count; ++t) {
    df_codec_encode(codec, y + t * size, token, work);
    for (int i = 0; i < DIMS; ++i) {
      power[i] += (double)token[i] * (double)token[i] / count;
    }
  }
  for (int i = 0; i < DIMS; ++i) {
    sum += pow(power[i], 0.4) / DIMS; // what std^.6 leaves
  }
  for (int i = 0; i < DIMS; ++i) {
    codec->scale[i] = (float)(pow(power[i], 0.3) * sqrt(sum));
  }
  free(work);
  return DF_OK;
}

int
main(const int argc, char** const argv)
{
  CHECK(argc > 1);
  df_train_config config = df_train_config_default();
  df_note         note   = {{0}};
  const int       steps  = argc > 2 ? atoi(argv[2]) : 410;
  char            train[1024];
  char            held[1024];
  const char*     from = train;
  const char*     to   = held;
  (void)snprintf(train, sizeof(train), "%s/chorale-piano/train", argv[1]);
  (void)snprintf(held, sizeof(held), "%s/chorale-piano/test", argv[1]);
  config.seed = argc > 3 ? (uint64_t)atoi(argv[3]) : 1U;
  CHECK(!df_train_config_set(&config, "dims", "128", &note));
  CHECK(!df_train_config_set(&config, "clips", "4", &note));

  df_corpus*       corpus  = NULL;
  df_sound_source* source  = NULL;
  df_trainer*      trainer = NULL;
  if (df_corpus_open(&config, &from, 1, &to, 1, &corpus, &note)) {
    (void)fprintf(stderr, "%s\n", note.text);
    return 1;
  }
  CHECK(!df_corpus_tokenise(corpus, NULL, &note));
  CHECK(!df_sound_source_make(&config, corpus, NULL, &source, &note));
  const df_source batches = df_sound_source_of(source);
  CHECK(!df_trainer_make(&config, &batches, NULL, &trainer, &note));
  const double prepared = cpu_seconds();
  df_trainer_plan(trainer, steps);
  for (int i = 0; i < steps; ++i) {
    CHECK(!df_trainer_step(trainer, NULL, &note));
  }
  const double     done = cpu_seconds();
  df_trainer_check check;
  CHECK(!df_trainer_validate(trainer, &check, &note));
  (void)printf("%d steps, CPU seconds: preparation %.0f, training %.0f\n",
               steps,
               prepared,
               done - prepared);
  for (int i = 0; i < DF_TRAIN_BANDS; ++i) {
    (void)printf("%s%.4f", i ? " " : "", check.band[i]);
  }
  (void)printf("\n");
  df_trainer_free(trainer);
  df_sound_source_free(source);
  df_corpus_free(corpus);
  return 0;
}
