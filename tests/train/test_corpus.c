#define _POSIX_C_SOURCE 200809L

#include "core/train/corpus.h"

#include "core/audio/bands.h"
#include "core/base/pool.h"
#include "tests/check.h"
#include "tests/train/sounds.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 5

static char folder[64];

static const char*
file_path(const int i)
{
  static char path[128];
  (void)snprintf(path, sizeof(path), "%s/%c.wav", folder, 'a' + i);
  return path;
}

static df_train_config
small(void)
{
  df_train_config config = df_train_config_default();
  config.codec           = (df_codec_config){SOUNDS_RATE, 256, 64, 2, 8};
  config.model.token     = 8;
  config.tokens          = 64;
  config.variants        = 4;
  config.refresh         = 10;
  return config;
}

static df_corpus*
open_corpus(const df_train_config* const config,
            const char* const            path,
            df_pool* const               pool)
{
  df_corpus* corpus = NULL;
  df_note    note   = {{0}};
  if (df_corpus_open(config, &path, 1, NULL, 0, &corpus, &note) ||
      df_corpus_tokenise(corpus, pool, &note)) {
    (void)fprintf(stderr, "%s\n", note.text);
  }
  CHECK(corpus);
  return corpus;
}

static void
check_same(const df_corpus* const a, const df_corpus* const b)
{
  for (int v = 0; v < 2; ++v) {
    CHECK(df_corpus_takes(a, v == 1) == df_corpus_takes(b, v == 1));
    for (int i = 0; i < df_corpus_takes(a, v == 1); ++i) {
      const df_take* const x = df_corpus_take(a, v == 1, i);
      const df_take* const y = df_corpus_take(b, v == 1, i);
      CHECK(x->count == y->count);
      CHECK(
        !memcmp(x->tokens, y->tokens, (size_t)x->count * 8U * sizeof(float)));
      CHECK(!memcmp(
        x->bands, y->bands, (size_t)x->count * DF_BANDS * sizeof(float)));
    }
  }
}

/// Files are split: one of five validates, none is on both sides.
static void
test_split(void)
{
  const df_train_config config = small();
  df_corpus* const      corpus = open_corpus(&config, folder, NULL);
  CHECK(df_corpus_files(corpus, false) == FILES - 1);
  CHECK(df_corpus_files(corpus, true) == 1);
  for (int i = 0; i < FILES - 1; ++i) {
    CHECK(strcmp(df_corpus_name(corpus, false, i),
                 df_corpus_name(corpus, true, 0)) != 0);
    CHECK(i == 0 || strcmp(df_corpus_name(corpus, false, i - 1),
                           df_corpus_name(corpus, false, i)) < 0);
  }
  CHECK_NEAR(df_corpus_seconds(corpus, false) + df_corpus_seconds(corpus, true),
             7.0 * FILES,
             0.01);
  df_corpus_free(corpus);

  // Which one, the seed decides
  bool other = false;
  char first[128];
  for (uint64_t seed = 1U; seed < 12U; ++seed) {
    df_train_config seeded   = small();
    seeded.seed              = seed;
    df_corpus* const another = open_corpus(&seeded, folder, NULL);
    const char*      name    = df_corpus_name(another, true, 0);
    if (seed == 1U) {
      (void)snprintf(first, sizeof(first), "%s", name);
    }
    other = other || strcmp(first, name) != 0;
    df_corpus_free(another);
  }
  CHECK(other);
}

/// One file is split in time, and a short one is repeated to fill a clip.
static void
test_one_file(void)
{
  df_train_config  config = small();
  df_corpus* const corpus = open_corpus(&config, file_path(0), NULL);
  CHECK(df_corpus_files(corpus, false) == 1);
  CHECK(df_corpus_files(corpus, true) == 1);
  CHECK_NEAR(df_corpus_seconds(corpus, false), 7.0 * 5.0 / 6.0, 0.01);
  CHECK_NEAR(df_corpus_seconds(corpus, true), 7.0 / 6.0, 0.01);
  for (int v = 0; v < 2; ++v) {
    for (int i = 0; i < df_corpus_takes(corpus, v == 1); ++i) {
      CHECK(df_corpus_take(corpus, v == 1, i)->count >= config.tokens);
    }
  }
  df_corpus_free(corpus);

  // A clip longer than all there is
  config.tokens            = 1024;
  df_corpus* const shorter = open_corpus(&config, file_path(0), NULL);
  CHECK(df_corpus_take(shorter, true, 0)->count >= 1024);
  CHECK(df_corpus_take(shorter, false, 2)->count >= 1024);
  df_corpus_free(shorter);
}

/// The same seed gives the same takes, on one thread or three.
static void
test_same_takes(void)
{
  const df_train_config config = small();
  df_pool*              pool   = NULL;
  CHECK(df_pool_make(3, &pool) == DF_OK);
  df_corpus* const a = open_corpus(&config, folder, NULL);
  df_corpus* const b = open_corpus(&config, folder, pool);
  check_same(a, b);
  CHECK(df_corpus_fingerprint(a) == df_corpus_fingerprint(b));
  df_corpus_free(a);
  df_corpus_free(b);
  df_pool_free(pool);
}

/// Refreshing brings in new takes, and a jump ends where small steps do.
static void
test_refresh(void)
{
  const df_train_config config = small();
  df_corpus* const      a      = open_corpus(&config, folder, NULL);
  df_corpus* const      b      = open_corpus(&config, folder, NULL);
  const int             first  = df_corpus_takes(a, false);
  CHECK(first == 3 * (FILES - 1));
  CHECK(df_corpus_refresh(a, 9, NULL, NULL) == DF_OK);
  CHECK(df_corpus_takes(a, false) == first);
  CHECK(df_corpus_refresh(a, 10, NULL, NULL) == DF_OK);
  CHECK(df_corpus_takes(a, false) == first + 4);

  const float before = df_corpus_take(a, false, 0)->tokens[0];
  for (int64_t step = 11; step <= 95; ++step) {
    CHECK(df_corpus_refresh(a, step, NULL, NULL) == DF_OK);
  }
  CHECK(df_corpus_takes(a, false) == 4 * (FILES - 1));
  CHECK(df_corpus_take(a, false, 0)->tokens[0] != before);
  CHECK(df_corpus_refresh(b, 95, NULL, NULL) == DF_OK);
  check_same(a, b);
  df_corpus_free(a);
  df_corpus_free(b);
}

/// Other samples, other fingerprint; and folders without sound are refused.
static void
test_other_sounds(void)
{
  const df_train_config config = small();
  const char*           path   = folder;
  df_corpus* const      a      = open_corpus(&config, folder, NULL);
  df_corpus* const      b      = open_corpus(&config, file_path(1), NULL);
  CHECK(df_corpus_fingerprint(a) != df_corpus_fingerprint(b));
  df_corpus_free(a);
  df_corpus_free(b);

  df_corpus* none = NULL;
  df_note    note = {{0}};
  path            = "/nowhere/at/all";
  CHECK(df_corpus_open(&config, &path, 1, NULL, 0, &none, &note) == DF_E_NONE);
  CHECK(strstr(note.text, "/nowhere/at/all") && !none);

  char brief[128];
  (void)snprintf(brief, sizeof(brief), "%s.brief.wav", folder);
  sounds_write(brief, 0.5, 9U);
  path = brief;
  CHECK(df_corpus_open(&config, &path, 1, NULL, 0, &none, &note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "want at least 2 s"));
  (void)unlink(brief);
}

/// Tokens of one side hold the training sound: unit scale, no constant.
static void
test_tokens_are_centred(void)
{
  const df_train_config config = small();
  df_corpus* const      corpus = open_corpus(&config, folder, NULL);
  double                sum    = 0.0;
  double                square = 0.0;
  size_t                count  = 0U;
  for (int i = 0; i < df_corpus_takes(corpus, false); ++i) {
    const df_take* const take = df_corpus_take(corpus, false, i);
    for (int t = 0; t < take->count; ++t, ++count) {
      const double x = (double)take->tokens[8 * t];
      CHECK(isfinite(x));
      sum += x;
      square += x * x;
    }
  }
  const double mean = sum / (double)count;
  CHECK_NEAR(mean, 0.0, 0.3 * sqrt(square / (double)count)); // gain moves it
  df_corpus_free(corpus);
}

int
main(void)
{
  (void)snprintf(folder, sizeof(folder), "corpus-%ld.tmp", (long)getpid());
  CHECK(mkdir(folder, 0777) == 0);
  for (int i = 0; i < FILES; ++i) {
    sounds_write(file_path(i), 7.0, (uint64_t)i);
  }
  test_split();
  test_one_file();
  test_same_takes();
  test_refresh();
  test_other_sounds();
  test_tokens_are_centred();
  for (int i = 0; i < FILES; ++i) {
    (void)unlink(file_path(i));
  }
  (void)rmdir(folder);
  return 0;
}
