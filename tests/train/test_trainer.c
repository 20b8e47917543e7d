#define _POSIX_C_SOURCE 200809L

#include "core/train/trainer.h"

#include "core/base/file.h"
#include "core/train/publish.h"
#include "core/train/report.h"
#include "core/train/sound_source.h"
#include "tests/check.h"
#include "tests/train/sounds.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 3

static char folder[64];
static char model_path[96];
static char checkpoint_path[96];

static const df_provenance provenance = {"CC0", "test", ""};

/// A run that learns something in seconds.
static df_train_config
small(const int steps)
{
  df_train_config config = df_train_config_default();
  config.codec           = (df_codec_config){SOUNDS_RATE, 256, 64, 2, 12};
  config.model           = (df_model_config){
              .backbone = DF_BACKBONE_TRANSFORMER,
              .token    = 12,
              .width    = 32,
              .heads    = 2,
              .layers   = 2,
              .mlp      = 64,
              .conv     = 3,
              .context  = 64,
              .horizon  = 16,
              .levels   = 64,
              .shift    = 0.5f,
              .recall   = true,
  };
  config.clips    = 4;
  config.tokens   = 64;
  config.variants = 4;
  config.refresh  = 25;
  config.warmup   = 20;
  config.rate     = 3e-3;
  config.steps    = steps;
  config.average  = 0.98;
  return config;
}

typedef struct {
  df_corpus*       corpus;
  df_sound_source* source;
  df_trainer*      trainer;
} run;

static run
make_run(const df_train_config* const config)
{
  run               self = {NULL, NULL, NULL};
  df_note           note = {{0}};
  const char* const path = folder;
  CHECK(df_corpus_open(config, &path, 1, NULL, 0, &self.corpus, &note) ==
        DF_OK);
  CHECK(df_corpus_tokenise(self.corpus, NULL, &note) == DF_OK);
  CHECK(df_sound_source_make(config, self.corpus, NULL, &self.source, &note) ==
        DF_OK);
  const df_source source = df_sound_source_of(self.source);
  CHECK(df_trainer_make(config, &source, NULL, &self.trainer, &note) == DF_OK);
  return self;
}

static void
free_run(run* const self)
{
  df_trainer_free(self->trainer);
  df_sound_source_free(self->source);
  df_corpus_free(self->corpus);
}

static void
step_to(run* const self, const int64_t step)
{
  df_note note = {{0}};
  while (df_trainer_steps(self->trainer) < step) {
    CHECK(df_trainer_step(self->trainer, NULL, &note) == DF_OK);
  }
}

static df_trainer_check
check_run(run* const self)
{
  df_trainer_check check;
  CHECK(df_trainer_validate(self->trainer, &check, NULL) == DF_OK);
  return check;
}

/// A file's bytes, from malloc.
static unsigned char*
read_bytes(const char* const path, size_t* const size)
{
  df_file file;
  CHECK(df_file_map(path, &file, NULL) == DF_OK);
  unsigned char* const bytes = (unsigned char*)malloc(file.size);
  CHECK(bytes);
  memcpy(bytes, file.data, file.size);
  *size = file.size;
  df_file_unmap(&file);
  return bytes;
}

static unsigned char*
publish_bytes(run* const self, size_t* const size)
{
  df_note note = {{0}};
  CHECK(df_publish(
          model_path, self->trainer, self->corpus, &provenance, true, &note) ==
        DF_OK);
  return read_bytes(model_path, size);
}

static double
mean_loss(const df_trainer_log* const log, const int from, const int to)
{
  double sum = 0.0;
  for (int i = from; i < to; ++i) {
    sum += (double)log->losses[i];
  }
  return sum / (to - from);
}

/// In 300 steps the loss falls by a third, and on sound never trained on the
/// network estimates better than the Wiener filter it started as.
static void
test_learns(void)
{
  const df_train_config  config = small(300);
  run                    self   = make_run(&config);
  const df_trainer_check wiener = check_run(&self);
  step_to(&self, 300);
  const df_trainer_check      after = check_run(&self);
  const df_trainer_log* const log   = df_trainer_history(self.trainer);
  const double                first = mean_loss(log, 0, 20);
  const double                last  = mean_loss(log, 260, 300);
  printf("loss %.4f -> %.4f\nvalidation", first, last);
  for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
    printf(" %.4f -> %.4f", wiener.band[b], after.band[b]);
  }
  printf("\n");
  CHECK(last < 0.67 * first);
  for (int b = 1; b < DF_TRAIN_BANDS; ++b) {
    CHECK(after.band[b] < 0.9 * wiener.band[b]);
  }
  CHECK(after.band[0] < wiener.band[0]);
  CHECK(log->loss_count == 300 && log->check_count == 2);

  // A picture of it
  char    path[128];
  float   x[4000];
  df_note note = {{0}};
  for (int i = 0; i < 4000; ++i) {
    x[i] = sinf(0.3f * (float)i);
  }
  const df_report_sounds sounds = {x, x, "made", 4000, SOUNDS_RATE, 0.2};
  (void)snprintf(path, sizeof(path), "%s.png", model_path);
  CHECK(df_report_write(path, "title", log, &sounds, &note) == DF_OK);
  size_t               size  = 0U;
  unsigned char* const bytes = read_bytes(path, &size);
  CHECK(size > 1000U && !memcmp(bytes, "\x89PNG", 4U));
  free(bytes);
  CHECK(df_report_write("/nowhere/a.png", "", log, NULL, &note) == DF_E_IO);
  (void)unlink(path);
  free_run(&self);
}

/// The same seed gives the same model file, byte for byte; another another.
static void
test_same_bytes(void)
{
  df_train_config config = small(12);
  run             a      = make_run(&config);
  run             b      = make_run(&config);
  config.seed            = 2U;
  run c                  = make_run(&config);
  step_to(&a, 12);
  step_to(&b, 12);
  step_to(&c, 12);
  size_t               sizes[3];
  unsigned char* const x = publish_bytes(&a, &sizes[0]);
  unsigned char* const y = publish_bytes(&b, &sizes[1]);
  unsigned char* const z = publish_bytes(&c, &sizes[2]);
  CHECK(sizes[0] == sizes[1] && !memcmp(x, y, sizes[0]));
  CHECK(sizes[0] != sizes[2] || memcmp(x, z, sizes[0]) != 0);
  free(x);
  free(y);
  free(z);
  free_run(&a);
  free_run(&b);
  free_run(&c);
}

/// A run that is taken up from a checkpoint ends where it would have without.
static void
test_resume(void)
{
  const df_train_config config = small(60);
  df_note               note   = {{0}};
  run                   whole  = make_run(&config);
  (void)check_run(&whole);
  step_to(&whole, 30);
  CHECK(df_trainer_save(whole.trainer, checkpoint_path, &note) == DF_OK);
  step_to(&whole, 60);
  size_t               size  = 0U;
  unsigned char* const bytes = publish_bytes(&whole, &size);

  df_train_config other = config;
  other.steps           = 7; // the checkpoint knows better
  run again             = make_run(&other);
  CHECK(df_trainer_resume(again.trainer, checkpoint_path, &note) == DF_OK);
  CHECK(df_trainer_steps(again.trainer) == 30);
  CHECK(df_trainer_config(again.trainer)->steps == 60);
  CHECK(df_trainer_history(again.trainer)->loss_count == 30);
  CHECK(df_trainer_history(again.trainer)->check_count == 1);
  step_to(&again, 60);
  size_t               again_size  = 0U;
  unsigned char* const again_bytes = publish_bytes(&again, &again_size);
  CHECK(size == again_size && !memcmp(bytes, again_bytes, size));
  free(bytes);
  free(again_bytes);
  free_run(&again);
  free_run(&whole);
}

/// A checkpoint of other settings, sounds or kind is refused by name.
static void
test_resume_refuses(void)
{
  df_note         note   = {{0}};
  df_train_config config = small(60);
  config.rate            = 1e-3;
  run self               = make_run(&config);
  CHECK(df_trainer_resume(self.trainer, checkpoint_path, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "rate: this run has 0.001, the checkpoint 0.003"));
  free_run(&self);

  config      = small(60);
  config.seed = 5U;
  self        = make_run(&config);
  CHECK(df_trainer_resume(self.trainer, checkpoint_path, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "seed: this run has 5, the checkpoint 1"));
  CHECK(df_trainer_resume(self.trainer, model_path, &note) == DF_E_FORMAT);
  CHECK(df_trainer_resume(self.trainer, "/nowhere", &note) == DF_E_NONE);
  free_run(&self);

  char more[128];
  (void)snprintf(more, sizeof(more), "%s/z.wav", folder);
  sounds_write(more, 3.0, 77U);
  config = small(60);
  self   = make_run(&config);
  CHECK(df_trainer_resume(self.trainer, checkpoint_path, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "other data"));
  (void)unlink(more);
  free_run(&self);

  // Cut short anywhere, it is refused as a whole
  config                     = small(60);
  self                       = make_run(&config);
  size_t               size  = 0U;
  unsigned char* const bytes = read_bytes(checkpoint_path, &size);
  for (size_t n = 1U; n < size; n = n * 2U + 1U) {
    FILE* const file = fopen(checkpoint_path, "wb");
    CHECK(file && fwrite(bytes, 1U, n, file) == n && !fclose(file));
    CHECK(df_trainer_resume(self.trainer, checkpoint_path, &note) ==
          DF_E_FORMAT);
    CHECK(df_trainer_steps(self.trainer) == 0);
  }
  free(bytes);
  free_run(&self);
}

int
main(void)
{
  (void)snprintf(folder, sizeof(folder), "trainer-%ld.tmp", (long)getpid());
  (void)snprintf(
    model_path, sizeof(model_path), "%s.model.safetensors", folder);
  (void)snprintf(checkpoint_path, sizeof(checkpoint_path), "%s.resume", folder);
  CHECK(mkdir(folder, 0777) == 0);
  char path[128];
  for (int i = 0; i < FILES; ++i) {
    (void)snprintf(path, sizeof(path), "%s/%c.wav", folder, 'a' + i);
    sounds_write(path, 20.0, (uint64_t)i);
  }
  test_learns();
  test_same_bytes();
  test_resume();
  test_resume_refuses();
  for (int i = 0; i < FILES; ++i) {
    (void)snprintf(path, sizeof(path), "%s/%c.wav", folder, 'a' + i);
    (void)unlink(path);
  }
  (void)unlink(model_path);
  (void)unlink(checkpoint_path);
  (void)rmdir(folder);
  return 0;
}
