#include "plugin/osc.h"

#include "plugin/spawn.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100     // ports that are tried
#define PACKET 65536  // no datagram is longer
#define PART 64       // longest part of an address
#define DEPTH 8       // of bundles in bundles
#define SUBSCRIBERS 8 // at a time
#define ERRORS 100    // answered in a second
#define SECOND INT64_C(1000000000)
#define LEASE (10 * SECOND)
#define EPOCH INT64_C(2208988800) // from 1900 to 1970, seconds

typedef struct {
  struct sockaddr_in to;
  int64_t            until;
  int64_t            period;
  int64_t            due;
} subscriber;

struct df_osc {
  df_osc_table table;
  int          socket;
  int          wake[2]; // closing [1] ends the thread
  int          port;
  char         number[12];      // the port as text
  char         id[DF_NAME_MAX]; // the name, or the number
  pthread_t    thread;
  subscriber   subscribers[SUBSCRIBERS];
  int          listening; // of these
  int64_t      second;    // errors are counted in
  int          errors;
  char         packet[PACKET];
};

static int64_t
clock_now(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static uint32_t
big_endian(const char* const at)
{
  const unsigned char* const b = (const unsigned char*)at;
  return (uint32_t)b[0] << 24U | (uint32_t)b[1] << 16U | (uint32_t)b[2] << 8U |
         (uint32_t)b[3];
}

int
df_osc_port(const df_osc* const osc)
{
  return osc->port;
}

bool
df_osc_number(const df_osc_call* const call, const int i, float* const out)
{
  if (i >= call->count) {
    return false;
  }
  const void* const from = call->values[i]; // aligned to 4 bytes only
  int32_t           word = 0;
  int64_t           more = 0;
  double            real = 0.0;
  switch (call->types[i]) {
  case LO_INT32:
    memcpy(&word, from, sizeof(word));
    *out = (float)word;
    break;
  case LO_INT64:
    memcpy(&more, from, sizeof(more));
    *out = (float)more;
    break;
  case LO_FLOAT:
    memcpy(out, from, sizeof(*out));
    break;
  case LO_DOUBLE:
    memcpy(&real, from, sizeof(real));
    *out = (float)real;
    break;
  case LO_TRUE:
    *out = 1.0f;
    break;
  case LO_FALSE:
    *out = 0.0f;
    break;
  default:
    return false;
  }
  return *out - *out == 0.0f;
}

const char*
df_osc_string(const df_osc_call* const call, const int i)
{
  const bool is = i < call->count &&
                  (call->types[i] == LO_STRING || call->types[i] == LO_SYMBOL);
  return is ? (const char*)call->values[i] : NULL;
}

void
df_osc_answer(const df_osc_call* const call,
              const char* const        name,
              lo_message               message)
{
  char   path[2 * PART];
  size_t size = 0U;
  (void)snprintf(
    path, sizeof(path), "/dforce/%s/%.64s", call->server->id, name);
  void* const data = lo_message_serialise(message, path, NULL, &size);
  if (data) {
    // Who does not listen misses it
    (void)sendto(call->server->socket,
                 data,
                 size,
                 0,
                 (const struct sockaddr*)call->from,
                 sizeof(struct sockaddr_in));
  }
  free(data);
  lo_message_free(message);
}

void
df_osc_refuse(const df_osc_call* const call, const char* const reason)
{
  df_osc* const osc = call->server;
  if (call->now - osc->second > SECOND || call->now < osc->second) {
    osc->second = call->now;
    osc->errors = 0;
  }
  if (osc->errors++ < ERRORS) {
    lo_message message = lo_message_new();
    (void)lo_message_add_string(message, call->path);
    (void)lo_message_add_string(message, reason);
    df_osc_answer(call, "error", message);
  }
}

static void
subscribe(df_osc* const osc, const df_osc_call* const call)
{
  struct sockaddr_in to;
  float              port = 0.0f;
  float              rate = 20.0f;
  memcpy(&to, call->from, sizeof(to));
  if ((call->count > 0 && !df_osc_number(call, 0, &port)) ||
      (call->count > 1 && !df_osc_number(call, 1, &rate)) || port < 0.0f ||
      port > 65535.0f) {
    df_osc_refuse(call, "wanted subscribe [port [rate]]");
    return;
  }
  if (port >= 1.0f) {
    to.sin_port = htons((uint16_t)port);
  }
  rate  = rate < 1.0f ? 1.0f : (rate > 60.0f ? 60.0f : rate);
  int i = 0;
  while (i < osc->listening && osc->subscribers[i].to.sin_port != to.sin_port) {
    ++i;
  }
  if (i == SUBSCRIBERS) {
    df_osc_refuse(call, "8 have subscribed, try again in 10 seconds");
    return;
  }
  osc->listening += i == osc->listening;
  osc->subscribers[i] = (subscriber){
    to, call->now + LEASE, (int64_t)((float)SECOND / rate), call->now};
}

// The name as it is now
static void
follow_name(df_osc* const osc)
{
  osc->id[0] = '\0';
  if (osc->table.name) {
    df_name_get(osc->table.name, osc->id);
  }
  if (!osc->id[0]) {
    memcpy(osc->id, osc->number, sizeof(osc->number));
  }
}

// Send to whom it is time to; until when nothing is due, ms, or -1
static int
show(df_osc* const osc)
{
  const int64_t now  = clock_now();
  int64_t       next = now + LEASE;
  follow_name(osc);
  for (int i = 0; i < osc->listening; ++i) {
    subscriber* const s = &osc->subscribers[i];
    if (now >= s->until || now < s->until - LEASE) {
      *s = osc->subscribers[--osc->listening];
      --i;
      continue;
    }
    if (now >= s->due) {
      const df_osc_call call = {
        osc, &s->to, 0, 0, now, 0, "", NULL, "subscribe"};
      osc->table.show(osc->table.self, &call);
      s->due = now + s->period;
    }
    next = s->due < next ? s->due : next;
  }
  return osc->listening ? (int)((next - now) / 1000000) + 1 : -1;
}

// A part of an address may be a pattern; stars are few, for each multiplies the
// work
static bool
matches(const char* const name, const char* const pattern)
{
  int stars = 0;
  for (const char* at = pattern; *at; ++at) {
    stars += *at == '*';
  }
  return stars <= 3 && lo_pattern_match(name, pattern);
}

// Split an address into its three parts
static bool
split(const char* path, char (*const parts)[PART])
{
  for (int i = 0; i < 3; ++i) {
    if (*path++ != '/') {
      return false;
    }
    const size_t length = strcspn(path, "/");
    if (!length || length >= PART) {
      return false;
    }
    memcpy(parts[i], path, length);
    parts[i][length] = '\0';
    path += length;
  }
  return !*path;
}

static void
call_methods(df_osc* const osc, const char* const name, df_osc_call* const call)
{
  bool found = false;
  if (matches("ping", name)) {
    df_osc_answer(call, "pong", lo_message_new());
    found = true;
  }
  if (osc->table.show && matches("subscribe", name)) {
    subscribe(osc, call);
    found = true;
  }
  for (size_t i = 0; i < osc->table.count; ++i) {
    const df_osc_method* const method = &osc->table.methods[i];
    if (matches(method->name, name)) {
      call->tag = method->tag;
      method->call(osc->table.self, call);
      found = true;
    }
  }
  if (!found) {
    df_osc_refuse(call, "no such method");
  }
}

static void
take_message(df_osc* const      osc,
             const char* const  data,
             const size_t       size,
             df_osc_call* const call)
{
  char parts[3][PART];
  int  result = 0;
  call->path  = "?";
  follow_name(osc);
  if (!size || !memchr(data, '\0', size)) {
    df_osc_refuse(call, "malformed message");
    return;
  }
  if (!split(data, parts)) {
    df_osc_refuse(call, "wanted an address /dforce/ID/NAME");
    return;
  }
  if (!matches("dforce", parts[0]) ||
      !(matches(osc->id, parts[1]) || matches(osc->number, parts[1]))) {
    return; // for somebody else
  }
  char copy[3 * PART + 3]; // liblo reads, but does not promise to
  (void)snprintf(copy, sizeof(copy), "/%s/%s/%s", parts[0], parts[1], parts[2]);
  lo_message message = lo_message_deserialise((void*)data, size, &result);
  call->path         = copy;
  if (!message) {
    df_osc_refuse(call, "malformed message");
    return;
  }
  call->count  = lo_message_get_argc(message);
  call->types  = lo_message_get_types(message);
  call->values = lo_message_get_argv(message);
  call_methods(osc, parts[2], call);
  lo_message_free(message);
}

// ns since 1970 of a time tag, 0 at once
static int64_t
time_of(const uint32_t seconds, const uint32_t fraction)
{
  if (!seconds) {
    return 0;
  }
  const int64_t time = ((int64_t)seconds - EPOCH) * SECOND +
                       (int64_t)(((uint64_t)fraction * 1000000000U) >> 32U);
  return time > 0 ? time : 0;
}

static void
take(df_osc* const      osc,
     const char* const  data,
     const size_t       size,
     df_osc_call* const call,
     const int          depth)
{
  if (size < 16U || memcmp(data, "#bundle", 8U) != 0) {
    take_message(osc, data, size, call);
    return;
  }
  const int64_t outer = call->time;
  const int64_t inner = time_of(big_endian(data + 8), big_endian(data + 12));
  size_t        at    = 16U;
  call->time          = inner > outer ? inner : outer;
  while (depth && at + 4U <= size && big_endian(data + at) <= size - at - 4U) {
    const size_t length = big_endian(data + at);
    take(osc, data + at + 4U, length, call, depth - 1);
    at += 4U + length;
  }
  if (at != size) {
    call->path = "#bundle";
    df_osc_refuse(call, "malformed bundle");
  }
  call->time = outer;
}

static void
receive(df_osc* const osc)
{
  // Between the packets of a flood there is time for subscribers
  for (int i = 0; i < 64; ++i) {
    struct sockaddr_in from;
    socklen_t          length = sizeof(from);
    const ssize_t      size   = recvfrom(osc->socket,
                                  osc->packet,
                                  sizeof(osc->packet),
                                  MSG_DONTWAIT,
                                  (struct sockaddr*)&from,
                                  &length);
    if (size < 0) {
      return;
    }
    if (length == sizeof(from) && from.sin_family == AF_INET &&
        ntohl(from.sin_addr.s_addr) >> 24U == 127U) {
      df_osc_call call = {osc, &from, 0, 0, clock_now(), 0, "", NULL, "?"};
      take(osc, osc->packet, (size_t)size, &call, DEPTH);
    }
  }
}

static void*
serve(void* const handle)
{
  df_osc* const osc   = (df_osc*)handle;
  struct pollfd on[2] = {{osc->socket, POLLIN, 0}, {osc->wake[0], POLLIN, 0}};
  while (!on[1].revents) {
    if (poll(on, 2U, show(osc)) > 0 && on[0].revents) {
      receive(osc);
    }
  }
  return NULL;
}

// Bind to the first free port; sets osc->port
static bool
bind_from(df_osc* const osc, const int first)
{
  osc->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (osc->socket < 0) {
    return false;
  }
  for (int p = first; p < first + TRIES && p <= 65535; ++p) {
    struct sockaddr_in at;
    memset(&at, 0, sizeof(at));
    at.sin_family      = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port        = htons((uint16_t)p);
    if (!bind(osc->socket, (const struct sockaddr*)&at, sizeof(at))) {
      osc->port = p;
      (void)snprintf(osc->number, sizeof(osc->number), "%d", p);
      return true;
    }
  }
  (void)close(osc->socket);
  return false;
}

static bool
start(df_osc* const osc)
{
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, osc->wake)) {
    return false;
  }
  const bool good = df_spawn(&osc->thread, serve, osc);
  if (!good) {
    (void)close(osc->wake[0]);
    (void)close(osc->wake[1]);
  }
  return good;
}

df_status
df_osc_open(const int                 port,
            const df_osc_table* const table,
            df_osc** const            out,
            df_note* const            note)
{
  df_osc* const osc = (df_osc*)calloc(1U, sizeof(df_osc));
  if (!osc) {
    return DF_E_NOMEM;
  }
  osc->table = *table;
  if (!bind_from(osc, port)) {
    free(osc);
    return df_note_set(
      note, DF_E_AGAIN, "OSC: no free UDP port from %d on", port);
  }
  if (!start(osc)) {
    (void)close(osc->socket);
    free(osc);
    return df_note_set(note, DF_E_AGAIN, "OSC: the system has no thread left");
  }
  *out = osc;
  return DF_OK;
}

void
df_osc_close(df_osc* const osc)
{
  if (osc) {
    (void)close(osc->wake[1]);
    (void)pthread_join(osc->thread, NULL);
    (void)close(osc->wake[0]);
    (void)close(osc->socket);
    free(osc);
  }
}
