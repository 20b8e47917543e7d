#include "plugin/desk.h"

#include "plugin/models.h"
#include "plugin/osc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1e9
#define LANE 1000     // levels in one message
#define AHEAD 3600.0f // how far ahead anything may lie, seconds
#define SLOTS 64      // of the port `model`
#define OTHERS 5      // methods that are no ports

struct df_desk {
  df_desk_config   config;
  df_remote*       remote;
  df_osc_method    methods[DF_PORTS_MOST + OTHERS + DF_DESK_MORE];
  df_osc_table     table;
  df_remote_change changes[LANE]; // of the message at hand
  atomic_int       wanted;
  atomic_int       bound;
  pthread_mutex_t  guard; // worker and host; of what follows
  df_osc*          osc;
  int              asked; // the port it was opened for
  bool             active;
};

static void
pass_on(df_desk* const desk, const df_osc_call* const call, const int count)
{
  if (!df_remote_send(desk->remote, desk->changes, count)) {
    df_osc_refuse(call, "too much waits to happen; try again later");
  }
}

// From a time tag, or from when the message came
static int64_t
after(const df_osc_call* const call, const float seconds)
{
  const int64_t from = call->time ? call->time : call->now;
  return from + (int64_t)((double)seconds * SECOND);
}

static bool
is_ahead(const df_osc_call* const call, const float seconds)
{
  const double from =
    call->time ? (double)(call->time - call->now) / SECOND : 0.0;
  return from + (double)seconds <= (double)AHEAD;
}

static void
set(void* const self, const df_osc_call* const call)
{
  df_desk* const desk  = (df_desk*)self;
  const int      port  = call->tag;
  float          value = 0.0f;
  if (port == desk->config.ports->osc_port ||
      port == desk->config.ports->freewheel) {
    df_osc_refuse(call, "this port cannot be set");
  } else if (call->count > 1 ||
             (call->count && !df_osc_number(call, 0, &value))) {
    df_osc_refuse(call, "wanted one finite number, or none");
  } else if (!is_ahead(call, 0.0f)) {
    df_osc_refuse(call, "more than an hour ahead");
  } else {
    desk->changes[0] =
      (df_remote_change){.kind  = call->count ? DF_REMOTE_SET : DF_REMOTE_FREE,
                         .port  = port,
                         .value = value,
                         .time  = call->time};
    pass_on(desk, call, 1);
  }
}

static void
lane(void* const self, const df_osc_call* const call)
{
  df_desk* const desk  = (df_desk*)self;
  const int      count = call->count - 2;
  float          from  = 0.0f;
  float          step  = 0.0f;
  if (!df_osc_number(call, 0, &from) || !df_osc_number(call, 1, &step) ||
      count < 1 || count > LANE || from < 0.0f || step < 0.0f) {
    df_osc_refuse(call, "wanted lane t0 dt v..., 1 to 1000 values");
    return;
  }
  if (!is_ahead(call, from + step * (float)(count - 1))) {
    df_osc_refuse(call, "more than an hour ahead");
    return;
  }
  for (int i = 0; i < count; ++i) {
    df_remote_change* const c = &desk->changes[i];
    *c                        = (df_remote_change){.kind = DF_REMOTE_LANE,
                                                   .port = desk->config.ports->noise};
    if (!df_osc_number(call, i + 2, &c->value)) {
      df_osc_refuse(call, "wanted finite numbers");
      return;
    }
    c->time = after(call, from) + (int64_t)((double)step * SECOND * i);
  }
  pass_on(desk, call, count);
}

static void
hole(void* const self, const df_osc_call* const call)
{
  df_desk* const desk   = (df_desk*)self;
  float          from   = 0.0f;
  float          length = 0.0f;
  if (call->count != 2 || !df_osc_number(call, 0, &from) ||
      !df_osc_number(call, 1, &length) || from < 0.0f || length < 0.0f) {
    df_osc_refuse(call, "wanted hole t0 length, in seconds");
  } else if (!is_ahead(call, from + length)) {
    df_osc_refuse(call, "more than an hour ahead");
  } else {
    const int64_t begin = after(call, from);
    desk->changes[0] =
      (df_remote_change){.kind  = DF_REMOTE_HOLE,
                         .port  = desk->config.ports->noise,
                         .time  = begin,
                         .until = begin + (int64_t)((double)length * SECOND)};
    pass_on(desk, call, 1);
  }
}

// Whether a file is called NAME or NAME.safetensors
static bool
is_called(const char* const path, const char* const name)
{
  const char* const slash  = strrchr(path, '/');
  const char* const file   = slash ? slash + 1 : path;
  const size_t      length = strlen(name);
  return length && !strncmp(file, name, length) &&
         (!file[length] || !strcmp(file + length, ".safetensors"));
}

static void
load(void* const self, const df_osc_call* const call)
{
  df_desk* const    desk = (df_desk*)self;
  const char* const name = df_osc_string(call, 0);
  if (!name || call->count != 1) {
    df_osc_refuse(call, "wanted load name");
    return;
  }
  for (int slot = 0; slot < SLOTS; ++slot) {
    char    path[DF_PATH_MAX];
    df_note note = {""};
    if (df_models_find(desk->config.models,
                       desk->config.bundle,
                       slot,
                       path,
                       sizeof(path),
                       &note)) {
      break;
    }
    if (is_called(path, name)) {
      desk->changes[0] = (df_remote_change){.kind  = DF_REMOTE_LOAD,
                                            .port  = desk->config.ports->model,
                                            .value = (float)slot,
                                            .time  = call->time};
      pass_on(desk, call, 1);
      return;
    }
  }
  df_osc_refuse(call, "no model of this name is installed");
}

static void
call_it(void* const self, const df_osc_call* const call)
{
  const df_desk* const desk = (const df_desk*)self;
  const char* const    name = call->count ? df_osc_string(call, 0) : "";
  if (call->count > 1 || !name || !df_name_rename(desk->config.name, name)) {
    df_osc_refuse(call,
                  "wanted name word, of 1 to 31 characters that may be part of "
                  "an address, or none");
  }
}

static void
tell(const df_desk* const desk, const df_osc_call* const call, const int p)
{
  lo_message message = lo_message_new();
  (void)lo_message_add_float(message, df_remote_read(desk->remote, p));
  df_osc_answer(call, desk->config.ports->infos[p].symbol, message);
}

static void
get(void* const self, const df_osc_call* const call)
{
  const df_desk* const desk  = (const df_desk*)self;
  const char* const    name  = df_osc_string(call, 0);
  bool                 found = false;
  if (call->count > 1 || (call->count && !name)) {
    df_osc_refuse(call, "wanted get, or get symbol");
    return;
  }
  for (int i = 0; i < desk->config.ports->count; ++i) {
    const df_port_info* const info = &desk->config.ports->infos[i];
    if (info->kind != DF_PORT_ATOM && (!name || !strcmp(name, info->symbol))) {
      tell(desk, call, i);
      found = true;
    }
  }
  if (!found) {
    df_osc_refuse(call, "no such port");
  }
}

static void
tell_list(const df_desk* const     desk,
          const df_osc_call* const call,
          const df_remote_list     list,
          const char* const        name)
{
  float     values[DF_REMOTE_LIST];
  const int count = df_remote_read_list(desk->remote, list, values);
  if (count) {
    lo_message message = lo_message_new();
    for (int i = 0; i < count; ++i) {
      (void)lo_message_add_float(message, values[i]);
    }
    df_osc_answer(call, name, message);
  }
}

static void
show(void* const self, const df_osc_call* const call)
{
  static const char* const symbols[] = {
    "level", "noise", "late", "load", "model_status"};
  const df_desk* const desk = (const df_desk*)self;
  for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); ++i) {
    tell(desk, call, df_port_find(desk->config.ports, symbols[i]));
  }
  tell_list(desk, call, DF_REMOTE_LEVELS, "levels");
  tell_list(desk, call, DF_REMOTE_TOKEN, "token");
}

static void
fill_table(df_desk* const desk)
{
  static const df_osc_method others[OTHERS] = {{"lane", 0, lane},
                                               {"hole", 0, hole},
                                               {"load", 0, load},
                                               {"get", 0, get},
                                               {"name", 0, call_it}};
  size_t                     count          = 0U;
  for (int i = 0; i < desk->config.ports->count; ++i) {
    const df_port_info* const info = &desk->config.ports->infos[i];
    if (info->kind == DF_PORT_INPUT) {
      desk->methods[count++] = (df_osc_method){info->symbol, i, set};
    }
  }
  memcpy(desk->methods + count, others, sizeof(others));
  count += OTHERS;
  for (int i = 0; i < desk->config.more_count; ++i) {
    desk->methods[count++] = desk->config.more[i];
  }
  desk->table =
    (df_osc_table){desk->methods, count, desk, show, desk->config.name};
}

df_status
df_desk_make(const df_desk_config* const config, df_desk** const out)
{
  df_desk* const desk = (df_desk*)calloc(1U, sizeof(df_desk));
  if (!desk) {
    return DF_E_NOMEM;
  }
  const double    rate = config->rate >= 1.0 ? config->rate : 1.0;
  const df_status st   = df_remote_make(config->ports, rate, &desk->remote);
  if (st) {
    free(desk);
    return st;
  }
  if (pthread_mutex_init(&desk->guard, NULL)) {
    df_remote_free(desk->remote);
    free(desk);
    return DF_E_AGAIN;
  }
  desk->config = *config;
  atomic_init(&desk->wanted, 0);
  atomic_init(&desk->bound, 0);
  fill_table(desk);
  *out = desk;
  return DF_OK;
}

df_remote*
df_desk_remote(df_desk* const desk)
{
  return desk->remote;
}

void*
df_desk_owner(void* const desk)
{
  return ((df_desk*)desk)->config.owner;
}

void
df_desk_free(df_desk* const desk)
{
  if (desk) {
    df_osc_close(desk->osc);
    df_remote_free(desk->remote);
    (void)pthread_mutex_destroy(&desk->guard);
    free(desk);
  }
}

void
df_desk_want(df_desk* const desk, const int port)
{
  atomic_store(&desk->wanted, port);
}

int
df_desk_bound(const df_desk* const desk)
{
  return atomic_load(&desk->bound);
}

// With the guard
static void
shut(df_desk* const desk)
{
  atomic_store(&desk->bound, 0);
  df_osc_close(desk->osc);
  desk->osc   = NULL;
  desk->asked = 0;
}

df_status
df_desk_turn(df_desk* const desk, df_note* const note)
{
  df_status st = DF_OK;
  (void)pthread_mutex_lock(&desk->guard);
  const int wanted = desk->active ? atomic_load(&desk->wanted) : 0;
  if (wanted != desk->asked) {
    shut(desk);
    desk->asked = wanted;
    if (wanted) {
      // Below 1024 there is nothing for guests
      st = df_osc_open(
        wanted < 1024 ? 1024 : wanted, &desk->table, &desk->osc, note);
      atomic_store(&desk->bound, st ? 0 : df_osc_port(desk->osc));
    }
  }
  (void)pthread_mutex_unlock(&desk->guard);
  return st;
}

void
df_desk_activate(df_desk* const desk, const bool active)
{
  (void)pthread_mutex_lock(&desk->guard);
  desk->active = active;
  if (!active) {
    shut(desk);
  }
  (void)pthread_mutex_unlock(&desk->guard);
}
