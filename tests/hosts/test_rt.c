#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/// Whoever allocates within run() is caught: this program's own malloc and free
/// stand before those of the C library, for the plugin too.  Arguments:
/// dforce.so, make_model.

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
  !defined(__GLIBC__)
#define CANNOT_WATCH 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CANNOT_WATCH 1
#endif
#endif

#ifndef CANNOT_WATCH

static _Thread_local bool watching;
static _Thread_local int  caught;

void*
__libc_malloc(size_t size);
void*
__libc_calloc(size_t count, size_t size);
void*
__libc_realloc(void* block, size_t size);
void
__libc_free(void* block);

__attribute__((visibility("default"))) void*
malloc(const size_t size)
{
  caught += watching ? 1 : 0;
  return __libc_malloc(size);
}

__attribute__((visibility("default"))) void*
calloc(const size_t count, const size_t size)
{
  caught += watching ? 1 : 0;
  return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void*
realloc(void* const block, const size_t size)
{
  caught += watching ? 1 : 0;
  return __libc_realloc(block, size);
}

__attribute__((visibility("default"))) void
free(void* const block)
{
  caught += watching ? 1 : 0;
  __libc_free(block);
}

// Cycles of real time: a loss, its end, a start, a model, a look-ahead, a rest
static void
play(df_host* const host, const int cycle)
{
  *df_host_control(host, DF_PORT_NOISE)     = cycle % 200 < 120 ? 1.0f : 0.0f;
  *df_host_control(host, DF_PORT_ENABLED)   = cycle % 500 < 450 ? 1.0f : 0.0f;
  *df_host_control(host, DF_PORT_MODEL)     = (float)(cycle / 700 % 2);
  *df_host_control(host, DF_PORT_LOOKAHEAD) = cycle < 1000 ? 0.0f : 40.0f;
  if (cycle % 333 == 0) {
    df_host_send_speed(host, 5, cycle % 2 ? 1.0f : 0.0f);
    df_host_send_path(host, 6, "/some/path.safetensors");
    df_host_send_get(host, 7);
  }
  for (int c = 0; c < 2; ++c) {
    for (int i = 0; i < 256; ++i) {
      df_host_in(host, c)[i] = 0.1f * (float)((i * 37 + cycle) % 64) / 64.0f;
    }
  }
}

/// run() allocates and frees nothing.
static void
test_no_allocation(const char* const module, const df_bundles* const bundles)
{
  const df_host_options o    = {.module   = module,
                                .bundle   = bundles->full,
                                .rate     = 48000.0,
                                .channels = 2,
                                .worker   = DF_HOST_THREAD};
  df_host* const        host = df_host_make(&o);
  void* volatile block       = NULL; // the watch itself works
  watching                   = true;
  block                      = malloc(1U);
  watching                   = false;
  free(block);
  CHECK(caught == 1);
  caught = 0;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  for (int cycle = 0; cycle < 2000; ++cycle) {
    play(host, cycle);
    watching = true;
    df_host_run(host, 256U);
    watching = false;
    CHECK(caught == 0);
    if (cycle % 50 == 0) {
      (void)usleep(2000U);
    }
  }
  df_host_free(host);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  df_bundles bundles;
  df_bundles_make(&bundles, argv[2]);
  test_no_allocation(argv[1], &bundles);
  df_bundles_remove(&bundles);
  return 0;
}

#else

int
main(void)
{
  (void)fprintf(stderr, "skipped: malloc cannot be watched in this build\n");
  return CHECK_SKIP;
}

#endif
