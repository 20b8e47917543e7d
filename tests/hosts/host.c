#include "tests/hosts/host.h"

#include "tests/check.h"
#include "tests/plugin/map.h"
#include "tests/plugin/unsaved.h"

#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/log/log.h>
#include <lv2/worker/worker.h>

#include <dlfcn.h>
#include <float.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define QUEUE 64
#define MESSAGE 64

struct df_host {
  df_host_options       options;
  void*                 library;
  const LV2_Descriptor* descriptor;
  LV2_Handle            handle;
  df_test_map           words;
  LV2_URID_Map          map;
  df_uris               uris;
  LV2_Log_Log           log;
  char                  logged[512];

  LV2_Worker_Schedule         schedule;
  const LV2_Worker_Interface* worker;
  pthread_mutex_t             mutex; // guards the queue
  pthread_cond_t              news;
  pthread_t                   thread;
  bool                        stop;
  int                         refuse;
  int                         requests;
  int                         denormal;
  uint32_t                    sizes[QUEUE];
  uint8_t                     messages[QUEUE][MESSAGE];
  int                         queued;

  float    controls[DF_PORT_COUNT];
  float    in[2][DF_HOST_BLOCK];
  float    out[2][DF_HOST_BLOCK];
  uint32_t capacity;
  union {
    LV2_Atom_Sequence sequence;
    uint8_t           bytes[DF_HOST_ATOMS + sizeof(LV2_Atom)];
  } control, notify;
  LV2_Atom_Forge       forge;
  LV2_Atom_Forge_Frame frame;
  bool                 forging;
};

static LV2_Worker_Status
respond(const LV2_Worker_Respond_Handle handle,
        const uint32_t                  size,
        const void* const               data)
{
  df_host* const host = (df_host*)handle;
  return host->worker->work_response(host->handle, size, data);
}

static void
do_work(df_host* const host, const uint32_t size, const void* const data)
{
  CHECK(host->worker->work(host->handle, respond, host, size, data) ==
        LV2_WORKER_SUCCESS);
}

static LV2_Worker_Status
queue_work(df_host* const host, const uint32_t size, const void* const data)
{
  CHECK(size <= MESSAGE);
  if (host->refuse > 0) {
    --host->refuse;
    return LV2_WORKER_ERR_NO_SPACE;
  }
  if (host->options.worker == DF_HOST_INSIDE) {
    do_work(host, size, data);
    return LV2_WORKER_SUCCESS;
  }
  CHECK(!pthread_mutex_lock(&host->mutex));
  CHECK(host->queued < QUEUE);
  host->sizes[host->queued] = size;
  memcpy(host->messages[host->queued++], data, size);
  CHECK(!pthread_cond_signal(&host->news));
  CHECK(!pthread_mutex_unlock(&host->mutex));
  return LV2_WORKER_SUCCESS;
}

static _Thread_local bool called;

static LV2_Worker_Status
schedule_work(const LV2_Worker_Schedule_Handle handle,
              const uint32_t                   size,
              const void* const                data)
{
  df_host* const       host  = (df_host*)handle;
  const volatile float least = FLT_MIN;
  const volatile float less  = least / 2.0f;
  called                     = true;
  host->requests += 1;
  host->denormal += less > 0.0f ? 1 : 0;
  const LV2_Worker_Status status = queue_work(host, size, data);
  called                         = false;
  return status;
}

// Take the oldest message; false when there is none
static bool
take(df_host* const host, uint32_t* const size, uint8_t* const message)
{
  if (host->queued == 0) {
    return false;
  }
  --host->queued;
  *size = host->sizes[0];
  memcpy(message, host->messages[0], *size);
  memmove(host->sizes, host->sizes + 1, sizeof(host->sizes[0]) * (QUEUE - 1));
  memmove(host->messages, host->messages + 1, (size_t)MESSAGE * (QUEUE - 1));
  return true;
}

int
df_host_work(df_host* const host)
{
  uint32_t size = 0U;
  uint8_t  message[MESSAGE];
  int      count = 0;
  while (take(host, &size, message)) {
    do_work(host, size, message);
    ++count;
  }
  return count;
}

static void*
serve(void* const handle)
{
  df_host* const host = (df_host*)handle;
  CHECK(!pthread_mutex_lock(&host->mutex));
  while (!host->stop) {
    uint32_t size = 0U;
    uint8_t  message[MESSAGE];
    if (take(host, &size, message)) {
      CHECK(!pthread_mutex_unlock(&host->mutex));
      do_work(host, size, message);
      CHECK(!pthread_mutex_lock(&host->mutex));
    } else {
      CHECK(!pthread_cond_wait(&host->news, &host->mutex));
    }
  }
  CHECK(!pthread_mutex_unlock(&host->mutex));
  return NULL;
}

static int
take_words(const LV2_Log_Handle handle,
           const LV2_URID       type,
           const char* const    format,
           va_list              words)
{
  df_host* const host = (df_host*)handle;
  CHECK(type == host->uris.log_Error);
  return vsnprintf(host->logged, sizeof(host->logged), format, words);
}

static int
print_words(const LV2_Log_Handle handle,
            const LV2_URID       type,
            const char* const    format,
            ...)
{
  va_list words;
  va_start(words, format);
  const int n = take_words(handle, type, format, words);
  va_end(words);
  return n;
}

static void
open_module(df_host* const host)
{
  const char* const want =
    host->options.channels == 2 ? DF_URI_STEREO : DF_URI_MONO;
  host->library = dlopen(host->options.module, RTLD_NOW | RTLD_LOCAL);
  if (!host->library) {
    (void)fprintf(stderr, "%s\n", dlerror());
  }
  CHECK(host->library);
  const LV2_Descriptor* (*get)(uint32_t) = NULL;
  void* const symbol = dlsym(host->library, "lv2_descriptor");
  CHECK(symbol);
  memcpy(&get, &symbol, sizeof(get));
  for (uint32_t i = 0U; (host->descriptor = get(i)); ++i) {
    if (!strcmp(host->descriptor->URI, want)) {
      return;
    }
  }
  CHECK(host->descriptor);
}

static void
instantiate(df_host* const host)
{
  LV2_Feature        map      = {LV2_URID__map, &host->map};
  LV2_Feature        schedule = {LV2_WORKER__schedule, &host->schedule};
  LV2_Feature        nobody   = {NULL, NULL};
  LV2_Feature        log      = {LV2_LOG__log, &host->log};
  const LV2_Feature* list[5]  = {NULL, NULL, NULL, NULL, NULL};
  int                count    = 0;
  if (!host->options.no_map) {
    list[count++] = &map;
    list[count++] = &log;
  }
  if (host->options.worker != DF_HOST_NONE) {
    list[count++] = &schedule;
  }
  if (host->options.odd_end) {
    list[count++] = &nobody;
  }
  host->handle =
    host->descriptor->instantiate(host->descriptor,
                                  host->options.rate,
                                  host->options.bundle,
                                  host->options.no_list ? NULL : list);
  CHECK(host->handle);
  host->worker = (const LV2_Worker_Interface*)host->descriptor->extension_data(
    LV2_WORKER__interface);
  CHECK(host->worker && host->worker->work && host->worker->work_response);
}

static void
connect_all(df_host* const host)
{
  const int channels = host->options.channels;
  for (int c = 0; c < channels; ++c) {
    df_host_connect(host, (uint32_t)c, host->in[c]);
    df_host_connect(host, (uint32_t)(c + channels), host->out[c]);
  }
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    host->controls[i] = df_port_about((df_port)i)->initial;
    df_host_connect(host, df_host_index(host, (df_port)i), &host->controls[i]);
  }
  if (!host->options.no_map) { // else a single float, as lv2apply does
    df_host_connect(
      host, df_host_index(host, DF_PORT_CONTROL), host->control.bytes);
    df_host_connect(
      host, df_host_index(host, DF_PORT_NOTIFY), host->notify.bytes);
  }
}

df_host*
df_host_make(const df_host_options* const options)
{
  df_host* const host = (df_host*)calloc(1U, sizeof(df_host));
  CHECK(host);
  host->options  = *options;
  host->capacity = DF_HOST_ATOMS;
  host->map      = df_test_map_feature(&host->words);
  host->schedule = (LV2_Worker_Schedule){host, schedule_work};
  host->log      = (LV2_Log_Log){host, print_words, take_words};
  host->refuse   = options->refuse;
  CHECK(!pthread_mutex_init(&host->mutex, NULL));
  CHECK(!pthread_cond_init(&host->news, NULL));
  df_uris_map(&host->uris, &host->map);
  lv2_atom_forge_init(&host->forge, &host->map);
  open_module(host);
  instantiate(host);
  if (options->worker == DF_HOST_THREAD) {
    CHECK(!pthread_create(&host->thread, NULL, serve, host));
  }
  connect_all(host);
  df_host_activate(host);
  return host;
}

df_host*
df_host_make_waiting(const char* const module,
                     const char* const bundle,
                     const double      rate)
{
  const df_host_options o              = {.module   = module,
                                          .bundle   = bundle,
                                          .rate     = rate,
                                          .channels = 1,
                                          .worker   = DF_HOST_INSIDE};
  df_host* const        host           = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  return host;
}

void
df_host_free(df_host* const host)
{
  df_host_deactivate(host);
  if (host->options.worker == DF_HOST_THREAD) {
    CHECK(!pthread_mutex_lock(&host->mutex));
    host->stop = true;
    CHECK(!pthread_cond_signal(&host->news));
    CHECK(!pthread_mutex_unlock(&host->mutex));
    CHECK(!pthread_join(host->thread, NULL));
  }
  host->descriptor->cleanup(host->handle); // what is queued is never done
  CHECK(!pthread_cond_destroy(&host->news));
  CHECK(!pthread_mutex_destroy(&host->mutex));
  CHECK(!dlclose(host->library));
  free(host);
}

float*
df_host_control(df_host* const host, const df_port port)
{
  return &host->controls[port];
}

float*
df_host_in(df_host* const host, const int channel)
{
  return host->in[channel];
}

float*
df_host_out(df_host* const host, const int channel)
{
  return host->out[channel];
}

void
df_host_connect(df_host* const host, const uint32_t index, void* const data)
{
  host->descriptor->connect_port(host->handle, index, data);
}

uint32_t
df_host_index(const df_host* const host, const df_port port)
{
  return 2U * (uint32_t)host->options.channels + (uint32_t)port;
}

static void
begin_events(df_host* const host)
{
  if (!host->forging) {
    lv2_atom_forge_set_buffer(
      &host->forge, host->control.bytes, sizeof(host->control.bytes));
    lv2_atom_forge_sequence_head(&host->forge, &host->frame, 0U);
    host->forging = true;
  }
}

void
df_host_run(df_host* const host, const uint32_t n)
{
  CHECK(n <= DF_HOST_BLOCK);
  begin_events(host);
  host->forging                   = false;
  host->notify.sequence.atom.size = host->capacity;
  host->notify.sequence.atom.type = 0U;
  host->descriptor->run(host->handle, n);
}

void
df_host_play(df_host* const            host,
             const float* const* const in,
             float* const* const       out,
             const size_t              n,
             const uint32_t            block)
{
  for (size_t at = 0U; at < n;) {
    const size_t   left  = n - at;
    const uint32_t count = left < block ? (uint32_t)left : block;
    for (int c = 0; c < host->options.channels; ++c) {
      memcpy(host->in[c], in[c] + at, sizeof(float) * count);
    }
    df_host_run(host, count);
    for (int c = 0; c < host->options.channels; ++c) {
      memcpy(out[c] + at, host->out[c], sizeof(float) * count);
    }
    at += count;
  }
}

df_model_status
df_host_settle(df_host* const host)
{
  memset(host->in, 0, sizeof(host->in));
  const float* const status = &host->controls[DF_PORT_MODEL_STATUS];
  for (int i = 0; i < 30000; ++i) {
    if (host->options.worker == DF_HOST_LATER) {
      (void)df_host_work(host);
    }
    df_host_run(host, 64U);
    if (*status != (float)DF_MODEL_LOADING) {
      return (df_model_status)*status;
    }
    (void)usleep(1000U);
  }
  return DF_MODEL_LOADING;
}

void
df_host_deactivate(df_host* const host)
{
  if (host->descriptor->deactivate) {
    host->descriptor->deactivate(host->handle);
  }
}

void
df_host_activate(df_host* const host)
{
  if (host->descriptor->activate) {
    host->descriptor->activate(host->handle);
  }
}

static void
begin_object(df_host* const              host,
             const int64_t               frame,
             const LV2_URID              type,
             LV2_Atom_Forge_Frame* const object)
{
  begin_events(host);
  CHECK(lv2_atom_forge_frame_time(&host->forge, frame));
  CHECK(lv2_atom_forge_object(&host->forge, object, 0U, type));
}

void
df_host_send_path(df_host* const    host,
                  const int64_t     frame,
                  const char* const path)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.patch_Set, &object);
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_property));
  CHECK(lv2_atom_forge_urid(&host->forge, host->uris.model_path));
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_value));
  CHECK(lv2_atom_forge_path(&host->forge, path, (uint32_t)strlen(path)));
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_send_levels(df_host* const     host,
                    const int64_t      frame,
                    const float* const x,
                    const uint32_t     n)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.patch_Set, &object);
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_property));
  CHECK(lv2_atom_forge_urid(&host->forge, host->uris.levels));
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_value));
  CHECK(lv2_atom_forge_vector(
    &host->forge, sizeof(float), host->uris.atom_Float, n, x));
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_send_speed(df_host* const host, const int64_t frame, const float speed)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.time_Position, &object);
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.time_speed));
  CHECK(lv2_atom_forge_float(&host->forge, speed));
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_send_position(df_host* const host,
                      const int64_t  frame,
                      const int64_t  place,
                      const float    speed)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.time_Position, &object);
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.time_frame));
  CHECK(lv2_atom_forge_long(&host->forge, place));
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.time_speed));
  CHECK(lv2_atom_forge_float(&host->forge, speed));
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_send_xrun(df_host* const host, const int64_t frame, const int samples)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.patch_Set, &object);
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_property));
  CHECK(lv2_atom_forge_urid(&host->forge, host->uris.xrun));
  CHECK(lv2_atom_forge_key(&host->forge, host->uris.patch_value));
  CHECK(lv2_atom_forge_int(&host->forge, samples));
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_send_get(df_host* const host, const int64_t frame)
{
  LV2_Atom_Forge_Frame object;
  begin_object(host, frame, host->uris.patch_Get, &object);
  lv2_atom_forge_pop(&host->forge, &object);
}

void
df_host_set_capacity(df_host* const host, const uint32_t bytes)
{
  host->capacity = bytes;
}

const char*
df_host_told(df_host* const host)
{
  const char* path = NULL;
  if (host->notify.sequence.atom.type != host->uris.atom_Sequence) {
    return NULL;
  }
  LV2_ATOM_SEQUENCE_FOREACH(&host->notify.sequence, event)
  {
    const LV2_Atom*              value  = NULL;
    const LV2_Atom_Object* const object = (const LV2_Atom_Object*)&event->body;
    CHECK(event->body.type == host->uris.atom_Object);
    if (object->body.otype == host->uris.state_StateChanged) {
      continue;
    }
    lv2_atom_object_get(object, host->uris.patch_value, &value, 0);
    CHECK(value && value->type == host->uris.atom_Path);
    path = (const char*)(value + 1);
  }
  return path;
}

bool
df_host_unsaved(df_host* const host)
{
  return df_says_unsaved(&host->uris, &host->notify.sequence);
}

const char*
df_host_logged(const df_host* const host)
{
  return host->logged;
}

bool
df_host_is_called(void)
{
  return called;
}

int
df_host_requests(const df_host* const host)
{
  return host->requests;
}

int
df_host_denormal(const df_host* const host)
{
  return host->denormal;
}

const LV2_Descriptor*
df_host_descriptor(const df_host* const host)
{
  return host->descriptor;
}

LV2_Handle
df_host_handle(const df_host* const host)
{
  return host->handle;
}

LV2_URID_Map*
df_host_map(df_host* const host)
{
  return &host->map;
}

const df_uris*
df_host_uris(const df_host* const host)
{
  return &host->uris;
}
