#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"
#include "tests/plugin/udp.h"

#include <sys/wait.h>
#include <time.h>

/// An example of playing by Open Sound Control does what it says to a plugin
/// that runs in real time.  Arguments: dforce.so, make_model, the levels that
/// it should play at in turn ("0 1 0"), then the command that plays; it is
/// given the port.  Skipped where the command's program, or oscsend for a
/// shell, is not installed.

#define RATE 48000
#define BLOCK 480 // 10 ms
#define CHANGES 256
#define SECONDS 60 // no example takes so long
#define STALL 0.1  // seconds; no level of an example lasts for less than 0.25
#define TRIES 10

static bool
is_installed(const char* const program)
{
  char command[256];
  (void)snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
  return !system(command);
}

static pid_t
start(char** const command, const int count, const int port)
{
  char  number[16];
  char* words[16] = {NULL};
  CHECK(count < 14);
  (void)snprintf(number, sizeof(number), "%d", port);
  for (int i = 0; i < count; ++i) {
    words[i] = command[i];
  }
  words[count]    = number;
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (!pid) {
    (void)execvp(words[0], words);
    _exit(127);
  }
  return pid;
}

static double
clock_now(void)
{
  struct timespec t;
  CHECK(!clock_gettime(CLOCK_MONOTONIC, &t));
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Play while the command runs, and note each new level; how many.  `longest` is
// the longest time from cycle to cycle, seconds
static int
play(df_host* const host,
     const pid_t    pid,
     float* const   levels,
     double* const  longest)
{
  const float* const level = df_host_control(host, DF_PORT_LEVEL);
  double             last  = clock_now();
  int                count = 1;
  int                left  = 10; // cycles after the end
  levels[0]                = *level;
  *longest                 = 0.0;
  for (int i = 0; left && i < SECONDS * RATE / BLOCK; ++i) {
    const double now    = clock_now();
    int          status = 0;
    *longest            = fmax(*longest, now - last);
    last                = now;
    df_host_run(host, BLOCK);
    if (*level != levels[count - 1]) {
      CHECK(count < CHANGES);
      levels[count++] = *level;
    }
    (void)usleep(1000000U / RATE * BLOCK);
    if (left < 10) {
      --left;
    } else if (waitpid(pid, &status, WNOHANG) == pid) {
      CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      --left;
    }
  }
  CHECK(!left);
  return count;
}

/// The plugin plays at these levels, in this order.  A machine that stands
/// still may pass over one: then the example is played once more.
static void
test_example(df_host* const    host,
             const char* const want,
             char** const      command,
             const int         words)
{
  const int port  = (int)*df_host_control(host, DF_PORT_OSC_BOUND);
  bool      right = false;
  for (int try = 0; try < TRIES && !right; ++try) {
    float     levels[CHANGES];
    char      text[CHANGES * 16] = "";
    double    longest            = 0.0;
    const int n = play(host, start(command, words, port), levels, &longest);
    for (int i = 0; i < n; ++i) {
      char* const end = text + strlen(text);
      (void)snprintf(end, 16U, i ? " %g" : "%g", (double)levels[i]);
    }
    (void)printf(
      "wanted %s, got %s, longest cycle %.3f s\n", want, text, longest);
    right = !strcmp(text, want);
    CHECK(right || longest > STALL);
  }
  CHECK(right);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc > 5);
  const char* const needs = strcmp(argv[4], "sh") ? argv[4] : "oscsend";
  if (!is_installed(needs)) {
    (void)printf("skipped: %s is not installed\n", needs);
    return CHECK_SKIP;
  }
  df_bundles bundles;
  df_bundles_make(&bundles, argv[2]);
  CHECK(!setenv("HOME", bundles.root, 1)); // programs start as for a new user
  const df_host_options o                  = {.module   = argv[1],
                                              .bundle   = bundles.full,
                                              .rate     = RATE,
                                              .channels = 2,
                                              .worker   = DF_HOST_INSIDE};
  df_host* const        host               = df_host_make(&o);
  *df_host_control(host, DF_PORT_OSC_PORT) = (float)DF_UDP_EXAMPLES;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  CHECK(*df_host_control(host, DF_PORT_OSC_BOUND) >= (float)DF_UDP_EXAMPLES);
  test_example(host, argv[3], argv + 4, argc - 4);
  df_host_free(host);
  df_bundles_remove(&bundles);
  return 0;
}
