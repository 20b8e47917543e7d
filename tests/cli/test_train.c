#define _POSIX_C_SOURCE 200809L

#include "tests/check.h"
#include "tests/train/sounds.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// The command line as a person uses it: real process, real files.

static const char* program;
static char        folder[64];
static char        said[65536]; ///< What the last command printed

static const char* const tiny =
  "sample_rate=8000,window=256,hop=64,frames=2,dims=12,width=32,heads=2,"
  "layers=2,mlp=64,context=64,horizon=16,clips=4,tokens=64,variants=4,"
  "refresh=25,warmup=20,rate=0.003";

/// Run `dforce ARGUMENTS`; returns its exit status, keeps all it said.
static int
run(const char* const arguments)
{
  char command[2048];
  (void)snprintf(command, sizeof(command), "%s %s 2>&1", program, arguments);
  FILE* const pipe = popen(command, "r");
  CHECK(pipe);
  const size_t n   = fread(said, 1U, sizeof(said) - 1U, pipe);
  said[n]          = '\0';
  const int status = pclose(pipe);
  CHECK(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void
expect(const char* const arguments, const int code, const char* const words)
{
  const int got = run(arguments);
  if (got != code || !strstr(said, words)) {
    (void)fprintf(stderr, "dforce %s\nexit %d\n%s\n", arguments, got, said);
  }
  CHECK(got == code);
  CHECK(strstr(said, words));
}

static void
write_file(const char* const name, const void* const bytes, const size_t size)
{
  FILE* const file = fopen(name, "wb");
  CHECK(file && fwrite(bytes, 1U, size, file) == size && !fclose(file));
}

static bool
same_files(const char* const a, const char* const b)
{
  FILE* const x    = fopen(a, "rb");
  FILE* const y    = fopen(b, "rb");
  bool        same = x && y;
  for (int c = 0; same && c != EOF;) {
    c    = fgetc(x);
    same = c == fgetc(y);
  }
  if (x) {
    (void)fclose(x);
  }
  if (y) {
    (void)fclose(y);
  }
  return same;
}

/// Wrong arguments are named, and the exit status says so.
static void
test_arguments(void)
{
  expect("", 2, "usage: dforce");
  expect("--help", 0, "usage: dforce");
  expect("trian", 2, "trian: no such command");
  expect("train --help", 0, "--minutes");
  expect("train", 2, "what kind?");
  expect("train series x", 2, "want one table");
  expect("train audio --out m", 2, "no folder of sound");
  expect("train audio x", 2, "--out: missing");
  expect("train audio --out m --stesp 5 x", 2, "--stesp: unknown option");
  expect("train audio x --out", 2, "--out: missing value");
  expect("train audio --out m --steps 0 x", 2, "found \"0\"");
  expect("train audio --out m --minutes soon x", 2, "found \"soon\"");
  expect("train audio --out m --minutes 1 --steps 9 x", 2, "one of them");
  expect("train audio --out m --config widht=5 x", 2, "widht: no such setting");
  expect("train audio --out m --config width=5 x", 2, "want 8..1024");
  expect("train audio --out m --config width x", 2, "want NAME=VALUE");
  expect("train audio --out m --config heads=5 x", 2, "divisor of width");
  expect("info", 2, "usage: dforce info");
  expect("bench x", 2, "takes no files");
}

/// Files that cannot be used are named before any time is spent.
static void
test_bad_files(void)
{
  char bad[128];
  char command[512];
  expect("train audio --out m /nowhere/at/all", 1, "/nowhere/at/all");
  expect(
    "train audio --out /nowhere/m x", 1, "cannot write in folder /nowhere");
  (void)snprintf(command, sizeof(command), "train audio --out %s x", folder);
  expect(command, 1, "is not a file");
  (void)snprintf(bad, sizeof(bad), "%s.bad", folder);
  CHECK(mkdir(bad, 0777) == 0);
  (void)snprintf(command, sizeof(command), "train audio --out m %s", bad);
  expect(command, 1, bad);

  char name[160];
  (void)snprintf(name, sizeof(name), "%s/sound.wav", bad);
  write_file(name, "", 0U);
  expect(command, 1, name);
  write_file(name, "This is no sound at all, but words.\n", 36U);
  expect(command, 1, name);

  float x[8000];
  for (int i = 0; i < 8000; ++i) {
    x[i] = i == 4321 ? NAN : 0.1f;
  }
  CHECK(df_sound_save(name, x, 8000U, 1, 8000, DF_SOUND_FLOAT, NULL) == DF_OK);
  expect(command, 1, name);
  x[4321] = 0.1f;
  CHECK(df_sound_save(name, x, 8000U, 1, 8000, DF_SOUND_FLOAT, NULL) == DF_OK);
  expect(command, 1, "want at least 2 s of sound");
  (void)unlink(name);
  (void)rmdir(bad);

  expect("info /nowhere/at/all", 1, "/nowhere/at/all");
  expect("info /dev/null", 1, "/dev/null");
  (void)snprintf(command,
                 sizeof(command),
                 "train audio --out %s.m --resume %s",
                 folder,
                 folder);
  expect(command, 1, ".m.resume");
}

/// A run that was killed goes on from its checkpoint and ends with the very
/// bytes of one that was not.
static void
test_killed_and_resumed(void)
{
  char common[1024];
  char command[1536];
  char model[128];
  char whole[128];
  char resume[160];
  (void)snprintf(model, sizeof(model), "%s.safetensors", folder);
  (void)snprintf(whole, sizeof(whole), "%s.whole", folder);
  (void)snprintf(resume, sizeof(resume), "%s.resume", model);
  (void)snprintf(common,
                 sizeof(common),
                 "train audio --out %s --steps 240 --threads 2 --licence "
                 "CC0-1.0 --save-every 0.2 --config %s %s",
                 model,
                 tiny,
                 folder);
  expect(common, 0, "step 240");
  CHECK(strstr(said, "validation by noise band"));
  CHECK(access(resume, F_OK) != 0); // finished: nothing to take up
  CHECK(rename(model, whole) == 0);

  (void)snprintf(
    command, sizeof(command), "exec %s %s >/dev/null", program, common);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (!child) {
    (void)execl("/bin/sh", "sh", "-c", command, (char*)NULL);
    _exit(127);
  }
  const struct timespec nap = {0, 20000000};
  for (int i = 0; i < 3000 && access(resume, F_OK) != 0; ++i) {
    CHECK(waitpid(child, NULL, WNOHANG) == 0);
    (void)nanosleep(&nap, NULL);
  }
  CHECK(kill(child, SIGKILL) == 0);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
  CHECK(access(resume, F_OK) == 0);

  // Other settings do not go on from it
  (void)snprintf(command, sizeof(command), "%s --resume --seed 9", common);
  expect(command, 1, "seed: this run has 9, the checkpoint 1");

  (void)snprintf(command, sizeof(command), "%s --resume", common);
  expect(command, 0, "resuming at step ");
  int step = 0;
  CHECK(sscanf(strstr(said, "resuming at step "),
               "resuming at step %d of 240",
               &step) == 1);
  CHECK(step > 0 && step < 240);
  CHECK(same_files(model, whole));

  (void)snprintf(command, sizeof(command), "info %s", model);
  expect(command, 0, "blocks.1.attn.qkv.weight");
  CHECK(strstr(said, "CC0-1.0"));
  CHECK(strstr(said, "train.steps                      240"));
  CHECK(strstr(said, "codec.basis"));

  char picture[160];
  (void)snprintf(picture, sizeof(picture), "%s.png", model);
  CHECK(access(picture, F_OK) == 0);
  (void)unlink(picture);
  (void)unlink(model);
  (void)unlink(whole);
}

/// Ctrl-C saves, says how to go on, and exits with 130.
static void
test_interrupted(void)
{
  char command[1536];
  char model[128];
  char resume[160];
  (void)snprintf(model, sizeof(model), "%s.stopped", folder);
  (void)snprintf(resume, sizeof(resume), "%s.resume", model);
  (void)snprintf(command,
                 sizeof(command),
                 "exec %s train audio --out %s --steps 100000 --save-every 0.2 "
                 "--config %s %s >/dev/null",
                 program,
                 model,
                 tiny,
                 folder);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (!child) {
    (void)execl("/bin/sh", "sh", "-c", command, (char*)NULL);
    _exit(127);
  }
  const struct timespec nap = {0, 20000000};
  for (int i = 0; i < 3000 && access(resume, F_OK) != 0; ++i) {
    CHECK(waitpid(child, NULL, WNOHANG) == 0);
    (void)nanosleep(&nap, NULL);
  }
  CHECK(kill(child, SIGINT) == 0);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 130);
  CHECK(access(resume, F_OK) == 0 && access(model, F_OK) == 0);
  (void)snprintf(command, sizeof(command), "%s.png", model);
  (void)unlink(command);
  (void)unlink(model);
  (void)unlink(resume);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 2);
  program = argv[1];
  (void)snprintf(folder, sizeof(folder), "cli-%ld.tmp", (long)getpid());
  CHECK(mkdir(folder, 0777) == 0);
  char path[128];
  for (int i = 0; i < 2; ++i) {
    (void)snprintf(path, sizeof(path), "%s/%c.wav", folder, 'a' + i);
    sounds_write(path, 10.0, (uint64_t)i);
  }
  test_arguments();
  test_bad_files();
  test_killed_and_resumed();
  test_interrupted();
  for (int i = 0; i < 2; ++i) {
    (void)snprintf(path, sizeof(path), "%s/%c.wav", folder, 'a' + i);
    (void)unlink(path);
  }
  (void)rmdir(folder);
  return 0;
}
