#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"
#include "tests/hosts/speaker.h"
#include "tests/hosts/watch.h"

#include "core/base/rng.h"

#include <float.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/// What run() may not do, it does not do, over a long session: every control
/// moves, lists of levels come, models come and go, the transport starts, the
/// host saves and restores beside it, and OSC speaks without a pause.
/// With a sanitizer the same session runs unwatched, for the sanitizer to
/// judge.  Arguments: dforce.so, make_model.

#define BLOCK 256
#define CYCLES 3000 // 16 s

static LV2_State_Status
store(const LV2_State_Handle handle,
      const uint32_t         key,
      const void* const      value,
      const size_t           size,
      const uint32_t         type,
      const uint32_t         flags)
{
  (void)handle;
  CHECK(key && value && size > 0U && type && (flags & LV2_STATE_IS_POD));
  return LV2_STATE_SUCCESS;
}

typedef struct {
  df_host*    host;
  const char* path; // of a model, to be restored
  atomic_bool stop;
} saver;

static const void*
retrieve(const LV2_State_Handle handle,
         const uint32_t         key,
         size_t* const          size,
         uint32_t* const        type,
         uint32_t* const        flags)
{
  const saver* const   self = (const saver*)handle;
  const df_uris* const uris = df_host_uris(self->host);
  *size                     = strlen(self->path) + 1U;
  *type                     = uris->atom_Path;
  *flags                    = LV2_STATE_IS_POD;
  return key == uris->model_path ? self->path : NULL;
}

static void*
save_on(void* const handle)
{
  saver* const                     self = (saver*)handle;
  const LV2_State_Interface* const interface =
    (const LV2_State_Interface*)df_host_descriptor(self->host)
      ->extension_data(LV2_STATE__interface);
  for (int i = 0; !atomic_load(&self->stop); ++i) {
    CHECK(!interface->save(
      df_host_handle(self->host), store, NULL, LV2_STATE_IS_POD, NULL));
    CHECK(
      i % 500 != 250 ||
      !interface->restore(
        df_host_handle(self->host), retrieve, self, LV2_STATE_IS_POD, NULL));
    (void)usleep(500U);
  }
  return NULL;
}

// One control jumps anywhere in its range; these four follow the script
static void
move(df_host* const host, df_rng* const rng)
{
  const df_port port = (df_port)(df_rng_below(rng, (uint32_t)DF_PORT_COUNT));
  const df_port_info* info = df_port_about(port);
  const float         at   = (float)df_rng_below(rng, 1000U) / 999.0f;
  if (info->kind == DF_PORT_INPUT && port != DF_PORT_MODEL &&
      port != DF_PORT_WAIT && port != DF_PORT_FREEWHEEL &&
      port != DF_PORT_OSC_PORT) {
    *df_host_control(host, port) =
      info->minimum + at * (info->maximum - info->minimum);
  }
}

// Models by slot and by path, some of which there are not
static void
swap(df_host* const host, const int turn, const char* const path)
{
  switch (turn % 4) {
  case 0:
    *df_host_control(host, DF_PORT_MODEL) = (float)(turn / 4 % 3);
    break;
  case 1:
    df_host_send_path(host, 6, path);
    break;
  case 2:
    df_host_send_path(host, 6, "/no/such/file.safetensors");
    break;
  default:
    df_host_send_path(host, BLOCK, path);
    df_host_send_get(host, BLOCK);
    break;
  }
}

static void
play(df_host* const host, const int cycle, df_rng* const rng, const char* path)
{
  if (cycle % 5 == 0) {
    move(host, rng);
  }
  if (cycle % 60 == 30) { // 187 times a minute
    swap(host, cycle / 60, path);
  }
  if (cycle % 400 == 0) { // listen here, there, or nowhere
    *df_host_control(host, DF_PORT_OSC_PORT) = cycle / 400 % 3 == 2 ? 0.0f
                                               : cycle % 800 == 400
                                                 ? (float)DF_UDP_RT_ELSEWHERE
                                                 : (float)DF_UDP_RT;
  }
  if (cycle % 333 == 0) {
    df_host_send_speed(host, 7, cycle % 2 ? 1.0f : 0.0f);
  }
  if (cycle % 211 == 0) {
    static const float levels[] = {0.0f, 1.0f, 0.5f, 1.0f, 0.0f, 0.25f};
    df_host_send_levels(host, 0, levels, 6U);
    df_host_send_levels(host, 100, levels, (uint32_t)(cycle % 7));
  }
  const float loud = cycle % 700 < 500 ? 0.1f : 0.0f; // dropouts too
  for (int c = 0; c < 2; ++c) {
    for (int i = 0; i < BLOCK; ++i) {
      df_host_in(host, c)[i] = loud * (float)((i * 37 + cycle) % 64) / 64.0f;
    }
  }
}

// The watch itself works, or is known not to
static void
test_watch(void)
{
  void* volatile block = NULL;
  df_watch_begin();
  block = malloc(1U);
  free(block);
  const char* const name = df_watch_end();
  CHECK(df_watch_works() ? name && !strcmp(name, "malloc") : !name);

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  df_watch_begin();
  CHECK(!pthread_mutex_lock(&mutex) && !pthread_mutex_unlock(&mutex));
  const char* const lock = df_watch_end();
  CHECK(df_watch_works() ? lock && !strcmp(lock, "pthread_mutex_lock") : !lock);
}

/// run() allocates nothing, locks nothing, waits for nothing, and touches no
/// file or socket; denormal numbers are off inside, and on again outside.
static void
test_session(const char* const module, const df_bundles* const bundles)
{
  const df_host_options  o          = {.module   = module,
                                       .bundle   = bundles->full,
                                       .rate     = 48000.0,
                                       .channels = 2,
                                       .worker   = DF_HOST_THREAD};
  static const df_speech messages[] = {{"noise", "f", NULL},
                                       {"lane", "ffffff", NULL},
                                       {"hole", "ff", NULL},
                                       {"mix", "", NULL},
                                       {"load", "s", "other"},
                                       {"load", "s", "default"},
                                       {"name", "s", "one"},
                                       {"get", "", NULL},
                                       {"nothing", "f", NULL}};
  df_rng                 rng        = df_rng_make(8U, 0U, 0U);
  saver      self = {.host = df_host_make(&o), .path = bundles->other};
  pthread_t  thread;
  df_speaker osc;
  atomic_init(&self.stop, false);
  CHECK(df_host_settle(self.host) == DF_MODEL_READY);
  CHECK(!pthread_create(&thread, NULL, save_on, &self));
  df_speaker_start(&osc, messages, sizeof(messages) / sizeof(messages[0]));
  for (int cycle = 0;
       cycle < CYCLES || (cycle < 10 * CYCLES && !df_speaker_answers(&osc));
       ++cycle) {
    play(self.host, cycle, &rng, bundles->other);
    df_watch_begin();
    df_host_run(self.host, BLOCK);
    const char* const name = df_watch_end();
    if (name) {
      (void)fprintf(stderr, "run() called %s in cycle %d\n", name, cycle);
    }
    CHECK(!name);
    const volatile float least = FLT_MIN;
    const volatile float less  = least / 2.0f;
    CHECK(less > 0.0f);
    df_speaker_turn(&osc, (int)*df_host_control(self.host, DF_PORT_OSC_BOUND));
    if (cycle % 4 == 0) {
      (void)usleep(1000U); // the engine and the worker keep up, mostly
    }
  }
  // Offline the same session may wait, and must end
  *df_host_control(self.host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  for (int cycle = 0; cycle < 200; ++cycle) {
    play(self.host, cycle, &rng, bundles->other);
    df_host_run(self.host, BLOCK);
  }
  atomic_store(&self.stop, true);
  CHECK(!pthread_join(thread, NULL));
  df_speaker_stop(&osc);
  CHECK(df_speaker_answers(&osc) > 0);
  CHECK(df_host_requests(self.host) > 1); // as many as the worker could do
#if defined(__SSE__) || defined(__aarch64__)
  CHECK(df_host_denormal(self.host) == 0);
#endif
  df_host_free(self.host);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  df_bundles bundles;
  df_bundles_make(&bundles, argv[2]);
  test_watch();
  test_session(argv[1], &bundles);
  df_bundles_remove(&bundles);
  return 0;
}
