#define _POSIX_C_SOURCE 200809L

#include "core/base/pool.h"
#include "core/cli/commands.h"
#include "core/cli/descend.h"
#include "core/cli/options.h"
#include "core/cli/preview.h"
#include "core/cli/progress.h"
#include "core/cli/settings.h"
#include "core/train/config.h"
#include "core/train/corpus.h"
#include "core/train/publish.h"
#include "core/train/report.h"
#include "core/train/sound_source.h"
#include "core/train/trainer.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Steps whose time is measured to plan a run by minutes.
#define TRIAL_STEPS 6

/// Of the time for steps, what checks, refreshing and files take besides.
#define OVERHEAD 1.08

/// What was asked for.
typedef struct {
  df_train_config config;
  const char*     out;
  const char*     licence;
  const char*     validation; ///< File or folder, or NULL
  const char*     settings;   ///< "k=v,k=v"
  double          minutes;
  double          save; ///< Seconds between checkpoints
  int             steps;
  int             seed;
  int             threads;
  bool            resume;
  bool            full;
  bool            help;
  char**          paths;
  int             path_count;
  char*           command;
} request;

/// What a run owns.
typedef struct {
  df_pool*         pool;
  df_corpus*       corpus;
  df_sound_source* source;
  df_trainer*      trainer;
  char*            checkpoint;
  char*            report;
  double           begun;
} run;

static df_exit
fail(const df_exit code, const char* const text)
{
  (void)fprintf(stderr, "dforce train: %s\n", text);
  return code;
}

/// All words of the command line, a space between.  Whether a run was resumed
/// makes no difference to it.
static char*
join_words(const int argc, char** const argv)
{
  size_t size = sizeof("dforce train");
  for (int i = 0; i < argc; ++i) {
    size += strlen(argv[i]) + 1U;
  }
  char* const text = (char*)malloc(size);
  if (text) {
    size_t at = (size_t)snprintf(text, size, "dforce train");
    for (int i = 0; i < argc; ++i) {
      if (strcmp(argv[i], "--resume") != 0) {
        at += (size_t)snprintf(text + at, size - at, " %s", argv[i]);
      }
    }
  }
  return text;
}

static void
print_help(const df_option* const options, const int count)
{
  const df_train_config config = df_train_config_default();
  printf("usage: dforce train audio --out MODEL.safetensors [options] "
         "FOLDER...\n\n"
         "Learns from all sound files of the folders (and files) named.\n"
         "Writes MODEL.safetensors.resume while it runs, and at the end (or\n"
         "when stopped by Ctrl-C) the model and a picture of the run,\n"
         "MODEL.safetensors.png.\n\n");
  df_options_print(options, count, stdout);
  df_settings_print(&config, false);
}

/// Read the command line; DF_EXIT_OK with `help` set when that is all.
static df_exit
read_request(const int argc, char** const argv, request* const out)
{
  *out = (request){
    .config  = df_train_config_default(),
    .licence = "not stated",
    .save    = 45.0,
    .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
    .seed    = 1,
  };
  const df_option options[] = {
    {"--out", DF_OPTION_TEXT, &out->out, 0, 0, "model file to write"},
    {"--minutes",
     DF_OPTION_REAL,
     &out->minutes,
     0.05,
     100000,
     "time to take in all, preparation counted (default 10)"},
    {"--steps",
     DF_OPTION_INT,
     &out->steps,
     1,
     100000000,
     "steps instead of minutes: the same bytes every time"},
    {"--config", DF_OPTION_TEXT, &out->settings, 0, 0, "settings, see below"},
    {"--seed", DF_OPTION_INT, &out->seed, 0, 2147483647, "(default 1)"},
    {"--threads",
     DF_OPTION_INT,
     &out->threads,
     1,
     256,
     "(default: one for each processor)"},
    {"--resume",
     DF_OPTION_FLAG,
     &out->resume,
     0,
     0,
     "go on from MODEL.safetensors.resume"},
    {"--save-every",
     DF_OPTION_REAL,
     &out->save,
     0.1,
     60,
     "seconds between checkpoints (default 45)"},
    {"--validation",
     DF_OPTION_TEXT,
     &out->validation,
     0,
     0,
     "folder to validate on, instead of part of the files"},
    {"--licence",
     DF_OPTION_TEXT,
     &out->licence,
     0,
     0,
     "of the sounds, kept in the model"},
    {"--full",
     DF_OPTION_FLAG,
     &out->full,
     0,
     0,
     "32-bit weights in the model instead of 16-bit"},
    {"--help", DF_OPTION_FLAG, &out->help, 0, 0, "this text"},
  };
  const int count = (int)(sizeof(options) / sizeof(options[0]));
  int       words = 0;
  df_note   note  = {{0}};
  out->command    = join_words(argc, argv);
  if (df_options_read(options, count, argc, argv, &words, &note)) {
    return fail(DF_EXIT_USAGE, note.text);
  }
  if (out->help) {
    print_help(options, count);
    return DF_EXIT_OK;
  }
  if (!words || strcmp(argv[0], "audio") != 0) {
    return fail(DF_EXIT_USAGE,
                "what kind? want \"dforce train audio ...\" or \"dforce train "
                "series ...\"");
  }
  if (words < 2) {
    return fail(DF_EXIT_USAGE, "no folder of sound given; try --help");
  }
  if (!out->out) {
    return fail(DF_EXIT_USAGE, "--out: missing; where shall the model go?");
  }
  if (out->steps && out->minutes > 0.0) {
    return fail(DF_EXIT_USAGE, "--minutes and --steps: want one of them");
  }
  out->paths       = argv + 1;
  out->path_count  = words - 1;
  out->config.seed = (uint64_t)out->seed;
  if ((out->settings &&
       df_settings_apply(&out->config, false, out->settings, &note)) ||
      df_train_config_check(&out->config, &note)) {
    return fail(DF_EXIT_USAGE, note.text);
  }
  return DF_EXIT_OK;
}

/// Read and tokenise the sounds and lay out the trainer.
static df_status
prepare(run* const self, const request* const asked, df_note* const note)
{
  df_status status = df_pool_make(asked->threads, &self->pool);
  if (!status) {
    status = df_corpus_open(&asked->config,
                            (const char* const*)asked->paths,
                            asked->path_count,
                            &asked->validation,
                            asked->validation ? 1 : 0,
                            &self->corpus,
                            note);
  }
  if (!status) {
    printf("%d files, %.0f s to learn from; %d, %.0f s to validate\n",
           df_corpus_files(self->corpus, false),
           df_corpus_seconds(self->corpus, false),
           df_corpus_files(self->corpus, true),
           df_corpus_seconds(self->corpus, true));
    (void)fflush(stdout);
    status = df_corpus_tokenise(self->corpus, self->pool, note);
  }
  if (!status) {
    status = df_sound_source_make(
      &asked->config, self->corpus, self->pool, &self->source, note);
  }
  if (!status) {
    const df_source source = df_sound_source_of(self->source);
    status                 = df_trainer_make(
      &asked->config, &source, self->pool, &self->trainer, note);
  }
  return status;
}

/// Decide how many steps there will be, or take up a run left off.
static df_status
plan(run* const self, const request* const asked, df_note* const note)
{
  if (asked->resume) {
    return df_descend_resume(self->trainer, self->checkpoint, note);
  }
  int steps = asked->steps;
  if (!steps) {
    df_trainer_try(self->trainer, 1); // the first is slow: memory is new
    const double minutes = asked->minutes > 0.0 ? asked->minutes : 10.0;
    const double from    = df_progress_now();
    df_trainer_try(self->trainer, TRIAL_STEPS);
    const double now  = df_progress_now();
    const double each = (now - from) / TRIAL_STEPS * OVERHEAD;
    const double left = 60.0 * minutes - (now - self->begun);
    steps             = (int)fmin(fmax(left / each, 20.0), 1e8);
    printf("%.0f ms a step: %d steps planned\n", 1e3 * each, steps);
  }
  df_trainer_plan(self->trainer, steps);
  return DF_OK;
}

/// Write the model, at the end or where it was stopped.
static df_status
save(run* const self, const request* const asked, df_note* const note)
{
  char minutes[32] = "";
  if (!asked->steps) {
    (void)snprintf(minutes,
                   sizeof(minutes),
                   "%.4g",
                   asked->minutes > 0.0 ? asked->minutes : 10.0);
  }
  const df_provenance from = {
    asked->licence, asked->command ? asked->command : "", minutes};
  return df_publish(
    asked->out, self->trainer, self->corpus, &from, !asked->full, note);
}

/// The picture of the run.
static df_status
report(run* const self, const request* const asked, df_note* const note)
{
  const df_train_config* const config = df_trainer_config(self->trainer);
  char                         title[256];
  (void)snprintf(title,
                 sizeof(title),
                 "%.150s: %lld steps of %d, seed %d, %.0f s of sound",
                 asked->out,
                 (long long)df_trainer_steps(self->trainer),
                 config->steps,
                 asked->seed,
                 df_corpus_seconds(self->corpus, false));
  df_preview preview = {0};
  df_status  status = df_preview_make(asked->out, self->corpus, &preview, note);
  if (!status) {
    status = df_report_write(self->report,
                             title,
                             df_trainer_history(self->trainer),
                             &preview.sounds,
                             note);
  }
  df_preview_free(&preview);
  return status;
}

static df_status
work(run* const self, const request* const asked, df_note* const note)
{
  self->begun      = df_progress_now();
  self->checkpoint = df_descend_beside(asked->out, ".resume");
  self->report     = df_descend_beside(asked->out, ".png");
  df_status status = self->checkpoint && self->report ? DF_OK : DF_E_NOMEM;
  if (!status) {
    status = df_descend_check_output(asked->out, note);
  }
  if (!status) {
    status = prepare(self, asked, note);
  }
  if (!status) {
    status = plan(self, asked, note);
  }
  if (!status) {
    status = df_descend(self->trainer, self->checkpoint, asked->save, note);
  }
  if (!status) {
    status = save(self, asked, note);
  }
  if (!status) {
    status = report(self, asked, note);
  }
  return status;
}

df_exit
df_command_train(const int argc, char** const argv)
{
  if (argc && !strcmp(argv[0], "series")) {
    return df_command_train_series(argc, argv);
  }
  request       asked;
  run           self = {0};
  df_note       note = {{0}};
  const df_exit read = read_request(argc, argv, &asked);
  if (read || asked.help) {
    free(asked.command);
    return read;
  }
  df_descend_catch();
  const df_status status = work(&self, &asked, &note);
  df_exit         code   = DF_EXIT_OK;
  if (status) {
    code =
      fail(DF_EXIT_FAILED, note.text[0] ? note.text : df_status_text(status));
  } else if (df_trainer_steps(self.trainer) <
             df_trainer_config(self.trainer)->steps) {
    code = DF_EXIT_INTERRUPTED;
    printf("stopped at step %lld; the same command with --resume goes on\n",
           (long long)df_trainer_steps(self.trainer));
  } else {
    (void)unlink(self.checkpoint);
    printf("wrote %s and %s in %.1f minutes\n",
           asked.out,
           self.report,
           (df_progress_now() - self.begun) / 60.0);
  }
  df_trainer_free(self.trainer);
  df_sound_source_free(self.source);
  df_corpus_free(self.corpus);
  df_pool_free(self.pool);
  free(self.checkpoint);
  free(self.report);
  free(asked.command);
  return code;
}
