#ifndef DF_TESTS_HOSTS_STAGE_H
#define DF_TESTS_HOSTS_STAGE_H

#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"
#include "tests/plugin/udp.h"

/// A plugin in a host of our own, spoken to by Open Sound Control.

#define DF_STAGE_RATE 16000 // so low that a run is a second

/// A plugin that listens, and who talks to it
typedef struct {
  df_host* host;
  int      port;
  int      socket;
} df_stage;

static inline df_host*
df_stage_host(const char* const       module,
              const df_bundles* const bundles,
              const int               port)
{
  const df_host_options o                  = {.module   = module,
                                              .bundle   = bundles->full,
                                              .rate     = DF_STAGE_RATE,
                                              .channels = 1,
                                              .worker   = DF_HOST_THREAD};
  df_host* const        host               = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT)     = (float)DF_WAIT_ALWAYS;
  *df_host_control(host, DF_PORT_FADE)     = 1.0f;
  *df_host_control(host, DF_PORT_OSC_PORT) = (float)port;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  return host;
}

/// Run until the worker has opened or closed as it should
static inline int
df_stage_bound(df_host* const host, const int other_than)
{
  const float* const bound = df_host_control(host, DF_PORT_OSC_BOUND);
  for (int i = 0; i < 30000 && *bound == (float)other_than; ++i) {
    df_host_run(host, 1U);
    (void)usleep(1000U);
  }
  CHECK(*bound != (float)other_than);
  return (int)*bound;
}

static inline df_stage
df_stage_make(const char* const       module,
              const df_bundles* const bundles,
              const int               port)
{
  df_host* const host  = df_stage_host(module, bundles, port);
  const int      bound = df_stage_bound(host, 0);
  return (df_stage){host, bound, df_udp_open(NULL, "127.0.0.1", bound)};
}

static inline void
df_stage_end(const df_stage* const s)
{
  (void)close(s->socket);
  df_host_free(s->host);
}

static inline const char*
df_stage_path(const df_stage* const s, const char* const name, char* const to)
{
  (void)snprintf(to, 64U, "/dforce/%d/%s", s->port, name);
  return to;
}

/// Messages are taken one by one: after the answer to this one all that were
/// sent before are on their way to the plugin
static inline void
df_stage_wait(const df_stage* const s)
{
  char a[64];
  char packet[1024];
  df_udp_send(s->socket, df_stage_path(s, "ping", a), "", NULL, NULL);
  (void)df_udp_expect(s->socket, df_stage_path(s, "pong", a), packet);
}

static inline void
df_stage_say(const df_stage* const s,
             const char* const     name,
             const char* const     types,
             const float*          numbers,
             const char* const     word)
{
  char a[64];
  df_udp_send(s->socket, df_stage_path(s, name, a), types, numbers, word);
  df_stage_wait(s);
  df_host_run(s->host, 64U);
}

static inline void
df_stage_set(const df_stage* const s,
             const char* const     name,
             const float           number)
{
  df_stage_say(s, name, "f", &number, NULL);
}

/// What `get` tells of a port
static inline float
df_stage_ask(const df_stage* const s, const char* const symbol)
{
  char     a[64];
  char     packet[1024];
  uint32_t bits  = 0U;
  float    value = 0.0f;
  df_udp_send(s->socket, df_stage_path(s, "get", a), "s", NULL, symbol);
  const size_t size =
    df_udp_expect(s->socket, df_stage_path(s, symbol, a), packet);
  memcpy(&bits, packet + size - sizeof(bits), sizeof(bits));
  bits = ntohl(bits);
  memcpy(&value, &bits, sizeof(value));
  return value;
}

#endif // DF_TESTS_HOSTS_STAGE_H
