#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"
#include "tests/plugin/udp.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/// Sessions keep their model.  Arguments: dforce.so, make_model.

static df_bundles  bundles;
static const char* module;

/// What a host keeps of an instance.
typedef struct {
  uint32_t keys[8];
  uint32_t types[8];
  size_t   sizes[8];
  char     values[8][8192];
  int      count;
} session;

static LV2_State_Status
store(const LV2_State_Handle handle,
      const uint32_t         key,
      const void* const      value,
      const size_t           size,
      const uint32_t         type,
      const uint32_t         flags)
{
  session* const s = (session*)handle;
  CHECK(key && type && (flags & LV2_STATE_IS_POD));
  CHECK(s->count < 8 && size <= sizeof(s->values[0]));
  s->keys[s->count]  = key;
  s->types[s->count] = type;
  s->sizes[s->count] = size;
  memcpy(s->values[s->count++], value, size);
  return LV2_STATE_SUCCESS;
}

static const void*
retrieve(const LV2_State_Handle handle,
         const uint32_t         key,
         size_t* const          size,
         uint32_t* const        type,
         uint32_t* const        flags)
{
  const session* const s = (const session*)handle;
  for (int i = 0; i < s->count; ++i) {
    if (s->keys[i] == key) {
      *size  = s->sizes[i];
      *type  = s->types[i];
      *flags = LV2_STATE_IS_POD;
      return s->values[i];
    }
  }
  return NULL;
}

static char*
prefix(const char* const add, const char* const path)
{
  char* const all = (char*)malloc(strlen(add) + strlen(path) + 1U);
  CHECK(all);
  memcpy(all, add, strlen(add));
  memcpy(all + strlen(add), path, strlen(path) + 1U);
  return all;
}

// A session folder: abstract paths are those below it
static char*
abstract_path(const LV2_State_Map_Path_Handle handle, const char* const path)
{
  const char* const folder = (const char*)handle;
  const size_t      length = strlen(folder);
  return prefix("", strncmp(path, folder, length) ? path : path + length);
}

static char*
absolute_path(const LV2_State_Map_Path_Handle handle, const char* const path)
{
  return prefix(path[0] == '/' ? "" : (const char*)handle, path);
}

static void
free_path(const LV2_State_Free_Path_Handle handle, char* const path)
{
  (void)handle;
  free(path);
}

static const LV2_State_Interface*
interface_of(const df_host* const host)
{
  return (const LV2_State_Interface*)df_host_descriptor(host)->extension_data(
    LV2_STATE__interface);
}

// Save or restore with the paths mapped to `folder`, or without when NULL
static LV2_State_Status
transfer(df_host* const host, session* const s, char* const folder, bool save)
{
  LV2_State_Map_Path        map     = {folder, abstract_path, absolute_path};
  LV2_State_Free_Path       release = {NULL, free_path};
  const LV2_Feature         a       = {LV2_STATE__mapPath, &map};
  const LV2_Feature         b       = {LV2_STATE__freePath, &release};
  const LV2_Feature* const  all[]   = {&a, &b, NULL};
  const LV2_Feature* const* list    = folder ? all : NULL;
  if (save) {
    s->count = 0;
    return interface_of(host)->save(df_host_handle(host), store, s, 0U, list);
  }
  return interface_of(host)->restore(
    df_host_handle(host), retrieve, s, 0U, list);
}

static df_host_options
options(const df_host_worker worker)
{
  return (df_host_options){.module   = module,
                           .bundle   = bundles.full,
                           .rate     = 48000.0,
                           .channels = 2,
                           .worker   = worker};
}

static const char*
told_path(df_host* const host)
{
  df_host_send_get(host, 0);
  df_host_run(host, 64U);
  return df_host_told(host);
}

/// A path chosen is saved at once, also before it is loaded, and comes back,
/// restored before activate, in a host of any sort; a session folder that has
/// moved is no matter.
static void
test_round_trip(void)
{
  const df_host_worker workers[] = {
    DF_HOST_NONE, DF_HOST_INSIDE, DF_HOST_LATER, DF_HOST_THREAD};
  for (int w = 0; w < 4; ++w) {
    for (int mapped = 0; mapped < 2; ++mapped) {
      const df_host_options o    = options(workers[w]);
      df_host* const        host = df_host_make(&o);
      session               s    = {.count = 0};
      char                  old[128];
      char                  now[128];
      (void)snprintf(old, sizeof(old), "%s/", bundles.full);
      (void)snprintf(now, sizeof(now), "%s/moved/", bundles.root);

      df_host_send_path(host, 0, bundles.other);
      df_host_run(host, 64U); // not loaded yet
      CHECK(!transfer(host, &s, mapped ? old : NULL, true));
      df_host_free(host);

      df_host* const next = df_host_make(&o);
      df_host_deactivate(next);
      CHECK(!transfer(next, &s, mapped ? now : NULL, false));
      df_host_activate(next);
      session again = {.count = 0}; // saved before it has ever run
      CHECK(!transfer(next, &again, mapped ? now : NULL, true));
      CHECK(again.count == s.count);
      CHECK(!memcmp(again.values[2], s.values[2], s.sizes[2]));
      CHECK(df_host_settle(next) == DF_MODEL_READY);
      char want[256];
      (void)snprintf(
        want, sizeof(want), "%s%s", mapped ? now : old, "other.safetensors");
      CHECK(told_path(next) && !strcmp(df_host_told(next), want));
      df_host_free(next);
    }
  }
}

/// The port `model` brought back after the path, by the same session, does not
/// drop it; a turn of it does, and then the session says so.
static void
test_slot(void)
{
  const df_host_options o               = options(DF_HOST_THREAD);
  df_host* const        host            = df_host_make(&o);
  session               s               = {.count = 0};
  *df_host_control(host, DF_PORT_MODEL) = 1.0f;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_send_path(host, 0, bundles.other);
  df_host_run(host, 64U);
  CHECK(!transfer(host, &s, NULL, true) && s.count == 3);
  df_host_free(host);

  df_host* const next = df_host_make(&o);
  df_host_run(next, 64U);
  CHECK(!transfer(next, &s, NULL, false));
  df_host_run(next, 64U); // the port still says 0
  *df_host_control(next, DF_PORT_MODEL) = 1.0f;
  df_host_run(next, 64U);
  CHECK(!strcmp(told_path(next), bundles.other));
  *df_host_control(next, DF_PORT_MODEL) = 0.0f;
  df_host_run(next, 64U);
  CHECK(!strcmp(told_path(next), ""));
  CHECK(!transfer(next, &s, NULL, true) && s.count == 1);

  // That session, restored, drops a path chosen since; an empty preset does not
  df_host_send_path(next, 0, bundles.other);
  df_host_run(next, 64U);
  session nothing = {.count = 0};
  CHECK(!transfer(next, &nothing, NULL, false));
  CHECK(!strcmp(told_path(next), bundles.other));
  CHECK(!transfer(next, &s, NULL, false));
  CHECK(!strcmp(told_path(next), ""));
  df_host_free(next);
}

/// Without urid:map both say so; odd states change nothing.
static void
test_odd(void)
{
  df_host_options o = options(DF_HOST_NONE);
  o.no_map          = true;
  df_host* host     = df_host_make(&o);
  session  s        = {.count = 0};
  CHECK(transfer(host, &s, NULL, true) == LV2_STATE_ERR_NO_FEATURE);
  CHECK(transfer(host, &s, NULL, false) == LV2_STATE_ERR_NO_FEATURE);
  df_host_free(host);

  o.no_map = false;
  host     = df_host_make(&o);
  df_host_send_path(host, 0, bundles.other);
  df_host_run(host, 64U);
  CHECK(!transfer(host, &s, NULL, true) && s.count == 3);
  const session good = s;
  for (int i = 0; i < 3; ++i) {
    s          = good;
    s.types[i] = 9999U; // no type we know
    (void)transfer(host, &s, NULL, false);
    s          = good;
    s.sizes[i] = 0U;
    (void)transfer(host, &s, NULL, false);
    s          = good;
    s.sizes[i] = i == 2 ? s.sizes[i] - 1U : 3U; // no end, or half a number
    (void)transfer(host, &s, NULL, false);
    df_host_run(host, 64U);
  }
  s              = good; // a version to come
  s.values[0][0] = 77;
  df_host_send_path(host, 0, "/mine.safetensors");
  df_host_run(host, 64U);
  CHECK(transfer(host, &s, NULL, false) != LV2_STATE_SUCCESS);
  CHECK(!strcmp(told_path(host), "/mine.safetensors"));
  s = good; // a path beyond all measure
  memset(s.values[2], 'x', sizeof(s.values[2]));
  s.values[2][0]                        = '/';
  s.values[2][sizeof(s.values[2]) - 1U] = '\0';
  s.sizes[2]                            = sizeof(s.values[2]);
  CHECK(transfer(host, &s, NULL, false) != LV2_STATE_SUCCESS);
  CHECK(!strcmp(told_path(host), "/mine.safetensors"));
  df_host_free(host);
}

/// A state written by hand may leave the version out; the model that it names
/// is chosen.  A version that is no number, or none there has been, is refused,
/// the log says so, and nothing changes.
static void
test_versions(void)
{
  const df_host_options o    = options(DF_HOST_INSIDE);
  df_host* const        host = df_host_make(&o);
  df_host_send_path(host, 0, bundles.other);
  df_host_run(host, 64U);
  session good = {.count = 0};
  CHECK(!transfer(host, &good, NULL, true) && good.count == 3);
  CHECK(good.keys[0] == df_host_uris(host)->state_version);

  const int32_t versions[] = {0, -1, 2, INT32_MAX};
  for (int i = 0; i < 5; ++i) {
    session s = good;
    char    want[32];
    if (i < 4) {
      memcpy(s.values[0], &versions[i], sizeof(versions[i]));
    } else {
      s.types[0] = df_host_uris(host)->atom_Float;
    }
    df_host_send_path(host, 0, "/mine.safetensors");
    df_host_run(host, 64U);
    CHECK(transfer(host, &s, NULL, false) == LV2_STATE_ERR_BAD_TYPE);
    (void)snprintf(want, sizeof(want), "found %d", (int)versions[i % 4]);
    CHECK(strstr(df_host_logged(host), i < 4 ? want : "found no whole number"));
    CHECK(!strcmp(told_path(host), "/mine.safetensors"));
  }

  session s = good;
  s.keys[0] = 9999U; // nobody asks for it
  CHECK(!transfer(host, &s, NULL, false));
  CHECK(!strcmp(told_path(host), bundles.other));
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_free(host);
}

// Say by OSC; the name is there when `answer` comes
static void
be_called(df_host* const host, const char* const name, const char* const answer)
{
  const float* const bound = df_host_control(host, DF_PORT_OSC_BOUND);
  char               path[64];
  char               packet[1024];
  *df_host_control(host, DF_PORT_OSC_PORT) = (float)DF_UDP_STATE;
  for (int i = 0; i < 30000 && *bound <= 0.0f; ++i) {
    df_host_run(host, 1U);
    (void)usleep(1000U);
  }
  const int s = df_udp_open(NULL, "127.0.0.1", (int)*bound);
  if (name) {
    (void)snprintf(path, sizeof(path), "/dforce/%d/name", (int)*bound);
    df_udp_send(s, path, "s", NULL, name);
  }
  df_udp_send(s, "/dforce/*/ping", "", NULL, NULL);
  (void)df_udp_expect(s, answer, packet);
  (void)close(s);
}

/// The name that OSC gave an instance comes back with the session, with or
/// without a model chosen; the state of one without a name takes none away,
/// and what could be no name is left alone.
static void
test_name(void)
{
  const df_host_options o    = options(DF_HOST_THREAD);
  df_host* const        host = df_host_make(&o);
  session               s    = {.count = 0};
  session               none = {.count = 0};
  CHECK(!transfer(host, &none, NULL, true) && none.count == 1);
  be_called(host, "bass", "/dforce/bass/pong");
  CHECK(!transfer(host, &s, NULL, true) && s.count == 2);
  CHECK(s.keys[1] == df_host_uris(host)->osc_name);
  df_host_free(host);

  df_host* const next = df_host_make(&o);
  CHECK(!transfer(next, &s, NULL, false));
  be_called(next, NULL, "/dforce/bass/pong");
  CHECK(!transfer(next, &none, NULL, false));
  be_called(next, NULL, "/dforce/bass/pong");
  session odd      = s;
  odd.values[1][0] = '/';
  CHECK(!transfer(next, &odd, NULL, false));
  odd          = s;
  odd.types[1] = df_host_uris(next)->atom_Int;
  CHECK(!transfer(next, &odd, NULL, false));
  odd = s;
  odd.sizes[1] -= 1U; // no end
  CHECK(!transfer(next, &odd, NULL, false));
  be_called(next, NULL, "/dforce/bass/pong");
  df_host_free(next);
}

typedef struct {
  df_host*    host;
  atomic_bool stop;
} saver;

static void*
save_on(void* const handle)
{
  saver* const   self = (saver*)handle;
  session* const s    = (session*)calloc(1U, sizeof(session));
  CHECK(s);
  while (!atomic_load(&self->stop)) {
    CHECK(!transfer(self->host, s, NULL, true));
    if (s->count == 3) { // one of the two, whole
      CHECK(!strcmp(s->values[2], bundles.other) ||
            !strcmp(s->values[2], "/a/b.safetensors"));
    }
  }
  free(s);
  return NULL;
}

static void*
restore_on(void* const handle)
{
  saver* const   self = (saver*)handle;
  session* const s    = (session*)calloc(1U, sizeof(session));
  CHECK(s && !transfer(self->host, s, NULL, true) && s->count == 3);
  for (int i = 0; !atomic_load(&self->stop); ++i) {
    const char* const path = i % 2 ? bundles.other : "/a/b.safetensors";
    s->sizes[2]            = strlen(path) + 1U;
    memcpy(s->values[2], path, s->sizes[2]);
    CHECK(!transfer(self->host, s, NULL, false));
  }
  free(s);
  return NULL;
}

/// Restoring beside run(), as Ardour does with presets, mixes nothing up, and
/// what is restored last is what counts.
static void
test_restore_beside_run(void)
{
  const df_host_options o    = options(DF_HOST_THREAD);
  saver                 self = {.host = df_host_make(&o)};
  pthread_t             threads[2];
  session               last = {.count = 0};
  atomic_init(&self.stop, false);
  df_host_send_path(self.host, 0, bundles.other);
  df_host_run(self.host, 16U);
  CHECK(!transfer(self.host, &last, NULL, true) && last.count == 3);
  CHECK(!pthread_create(&threads[0], NULL, restore_on, &self));
  CHECK(!pthread_create(&threads[1], NULL, save_on, &self));
  for (int i = 0; i < 2000; ++i) {
    df_host_send_path(self.host, 0, i % 2 ? bundles.other : "/a/b.safetensors");
    df_host_run(self.host, 16U);
  }
  atomic_store(&self.stop, true);
  CHECK(!pthread_join(threads[0], NULL) && !pthread_join(threads[1], NULL));
  CHECK(!transfer(self.host, &last, NULL, false));
  CHECK(!strcmp(told_path(self.host), bundles.other));
  df_host_free(self.host);
}

/// Saving beside run() sees whole paths.
static void
test_save_beside_run(void)
{
  const df_host_options o    = options(DF_HOST_THREAD);
  saver                 self = {.host = df_host_make(&o)};
  atomic_init(&self.stop, false);
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, save_on, &self));
  for (int i = 0; i < 500; ++i) {
    df_host_send_path(self.host, 0, i % 2 ? bundles.other : "/a/b.safetensors");
    df_host_run(self.host, 16U);
  }
  atomic_store(&self.stop, true);
  CHECK(!pthread_join(thread, NULL));
  df_host_free(self.host);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  df_bundles_make(&bundles, argv[2]);
  char command[512];
  (void)snprintf(command,
                 sizeof(command),
                 "mkdir %s/moved && cp %s %s/moved",
                 bundles.root,
                 bundles.other,
                 bundles.root);
  CHECK(!system(command));
  test_round_trip();
  test_slot();
  test_odd();
  test_versions();
  test_name();
  test_save_beside_run();
  test_restore_beside_run();
  df_bundles_remove(&bundles);
  return 0;
}
