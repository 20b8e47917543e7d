#include "plugin/osc.h"

#include "core/base/rng.h"
#include "tests/plugin/udp.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdatomic.h>

// What the method `take` was told last, by the server's thread
typedef struct {
  atomic_int          calls;
  _Atomic(float)      number;
  atomic_int_fast64_t time;
  atomic_int_fast64_t now;
} told;

static void
take(void* const self, const df_osc_call* const call)
{
  told* const t      = (told*)self;
  float       number = 0.0f;
  if (!df_osc_number(call, 0, &number)) {
    df_osc_refuse(call, "wanted a number");
    return;
  }
  t->number = number;
  t->time   = call->time;
  t->now    = call->now;
  (void)atomic_fetch_add(&t->calls, 1);
  df_osc_answer(call, "taken", lo_message_new());
}

static void
show(void* const self, const df_osc_call* const call)
{
  (void)self;
  df_osc_answer(call, "shown", lo_message_new());
}

static const df_osc_method methods[] = {{"take", 3, take}, {"other", 4, take}};

static df_osc*
open_at(const int port, told* const t)
{
  const df_osc_table table = {methods, 2U, t, show, NULL};
  df_osc*            osc   = NULL;
  CHECK(!df_osc_open(port, &table, &osc, NULL));
  CHECK(df_osc_port(osc) >= port && df_osc_port(osc) < port + 100);
  return osc;
}

static const char*
path(const df_osc* const osc, const char* const name, char* const to)
{
  (void)snprintf(to, 64U, "/dforce/%d/%s", df_osc_port(osc), name);
  return to;
}

/// Numbers come in any type; a pattern reaches what it matches, each once;
/// what is wrong is answered.
static void
test_messages(void)
{
  told          t       = {.number = 0.0f};
  df_osc* const osc     = open_at(DF_UDP_SERVER, &t);
  const int     s       = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  const float   v[]     = {3.0f};
  const float   two[]   = {2.0f};
  const char    types[] = {'i', 'f', 'T', 'F', 'd', 'h'};
  const float   want[]  = {3.0f, 3.0f, 1.0f, 0.0f, 3.0f, 3.0f};
  char          taken[64];
  char          error[64];
  char          a[64];
  char          packet[1024];
  (void)path(osc, "taken", taken);
  (void)path(osc, "error", error);
  for (int i = 0; i < 6; ++i) {
    const char tag[2] = {types[i], '\0'};
    df_udp_send(s, path(osc, "take", a), tag, v, NULL);
    (void)df_udp_expect(s, taken, packet);
    CHECK(t.number == want[i]);
    CHECK(t.time == 0 && t.now > 0);
  }
  df_udp_send(s, "/dforce/*/{take,other}", "f", two, NULL);
  (void)df_udp_expect(s, taken, packet);
  (void)df_udp_expect(s, taken, packet);
  df_udp_send(s, path(osc, "t?k[a-e]", a), "f", two, NULL);
  (void)df_udp_expect(s, taken, packet);
  CHECK(atomic_load(&t.calls) == 9);

  df_udp_send(s, path(osc, "take", a), "s", NULL, "word");
  (void)df_udp_expect(s, error, packet);
  const float nan[] = {NAN};
  df_udp_send(s, path(osc, "take", a), "f", nan, NULL);
  (void)df_udp_expect(s, error, packet);
  df_udp_send(s, path(osc, "nothing", a), "", NULL, NULL);
  (void)df_udp_expect(s, error, packet);
  df_udp_send(s, "/elsewhere", "", NULL, NULL);
  (void)df_udp_expect(s, error, packet);
  // Another's message is nobody's error here
  df_udp_send(s, "/dforce/1/take", "f", two, NULL);
  df_udp_send(s, path(osc, "ping", a), "", NULL, NULL);
  (void)df_udp_expect(s, path(osc, "pong", a), packet);
  CHECK(atomic_load(&t.calls) == 9);
  (void)close(s);
  df_osc_close(osc);
}

/// A method gets the time tag of its bundle, the later one of two.
static void
test_time_tags(void)
{
  told          t   = {.number = 0.0f};
  df_osc* const osc = open_at(DF_UDP_SERVER, &t);
  const int     s   = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  const float   v[] = {1.0f};
  char          a[64];
  char          inner[256];
  char          outer[512];
  char          packet[1024];
  (void)path(osc, "take", a);
  size_t n = df_udp_text(inner, "#bundle");
  n += df_udp_word(inner + n, 3000000000U);
  n += df_udp_word(inner + n, 0x80000000U); // half a second
  const size_t m = df_udp_message(inner + n + 4U, a, "f", v, NULL);
  n += df_udp_word(inner + n, (uint32_t)m) + m;
  CHECK(send(s, inner, n, 0) == (ssize_t)n);
  (void)df_udp_expect(s, path(osc, "taken", a), packet);
  CHECK(t.time == (INT64_C(3000000000) - 2208988800) * 1000000000 + 500000000);

  size_t k = df_udp_text(outer, "#bundle");
  k += df_udp_word(outer + k, 3000000001U);
  k += df_udp_word(outer + k, 0U);
  k += df_udp_word(outer + k, (uint32_t)n);
  memcpy(outer + k, inner, n);
  k += n;
  CHECK(send(s, outer, k, 0) == (ssize_t)k);
  (void)df_udp_expect(s, a, packet);
  CHECK(t.time == (INT64_C(3000000001) - 2208988800) * 1000000000);
  (void)close(s);
  df_osc_close(osc);
}

/// Each of several takes a port of its own; one closed is free again.
static void
test_several(void)
{
  told    t = {.number = 0.0f};
  df_osc* osc[4];
  for (int i = 0; i < 4; ++i) {
    osc[i] = open_at(DF_UDP_CROWD, &t);
    for (int j = 0; j < i; ++j) {
      CHECK(df_osc_port(osc[i]) != df_osc_port(osc[j]));
    }
  }
  for (int i = 0; i < 4; ++i) {
    char      a[64];
    char      packet[1024];
    const int s = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc[i]));
    df_udp_send(s, "/dforce/*/ping", "", NULL, NULL);
    (void)df_udp_expect(s, path(osc[i], "pong", a), packet);
    (void)close(s);
  }
  // Another run of this test may be as quick to take it, now and then
  int last = 0;
  for (int i = 0; i < 20 && df_osc_port(osc[3]) != last; ++i) {
    last = df_osc_port(osc[3]);
    df_osc_close(osc[3]);
    osc[3] = open_at(last, &t);
  }
  CHECK(df_osc_port(osc[3]) == last);
  for (int i = 0; i < 4; ++i) {
    df_osc_close(osc[i]);
  }
  df_osc_close(NULL);
}

// Nobody listens there
static void
check_refused(const int s)
{
  char      byte = 0;
  const int sent = (int)send(s, &byte, 1U, 0);
  CHECK(sent < 0 || (recv(s, &byte, 1U, 0) < 0 && errno == ECONNREFUSED));
  (void)close(s);
}

/// Only 127.0.0.1 is listened on, and only this machine is heard.
static void
test_loopback_only(void)
{
  told            t    = {.number = 0.0f};
  df_osc* const   osc  = open_at(DF_UDP_SERVER, &t);
  const int       port = df_osc_port(osc);
  const float     v[]  = {1.0f};
  char            a[64];
  char            packet[1024];
  struct ifaddrs* list = NULL;
  check_refused(df_udp_open(NULL, "127.0.0.2", port));
  CHECK(!getifaddrs(&list));
  for (const struct ifaddrs* i = list; i; i = i->ifa_next) {
    char from[INET_ADDRSTRLEN];
    if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
        !strcmp(i->ifa_name, "lo")) {
      continue;
    }
    const struct sockaddr_in* const at =
      (const struct sockaddr_in*)(const void*)i->ifa_addr;
    CHECK(inet_ntop(AF_INET, &at->sin_addr, from, sizeof(from)));
    check_refused(df_udp_open(from, from, port));
    const int s = df_udp_open(from, "127.0.0.1", port);
    df_udp_send(s, path(osc, "take", a), "f", v, NULL);
    (void)close(s);
  }
  freeifaddrs(list);
  const int s = df_udp_open(NULL, "127.0.0.1", port);
  df_udp_send(s, path(osc, "ping", a), "", NULL, NULL);
  (void)df_udp_expect(s, path(osc, "pong", a), packet);
  CHECK(atomic_load(&t.calls) == 0);
  (void)close(s);
  df_osc_close(osc);
}

/// Malformed and oversized packets harm nothing: the server still answers.
static void
test_malformed(void)
{
  static char   large[65507];
  told          t   = {.number = 0.0f};
  df_osc* const osc = open_at(DF_UDP_SERVER, &t);
  const int     s   = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  df_rng        rng = df_rng_make(5U, 0U, 0U);
  const float   v[] = {1.0f};
  char          a[64];
  char          packet[1024];
  char          good[256];
  size_t        n = df_udp_text(good, "#bundle");
  n += df_udp_word(good + n, 0U) + df_udp_word(good + n + 4U, 1U);
  const size_t m =
    df_udp_message(good + n + 4U, path(osc, "take", a), "fs", v, "word");
  n += df_udp_word(good + n, (uint32_t)m) + m;
  for (int i = 0; i < 4000; ++i) {
    char   bad[256];
    size_t size = n;
    memcpy(bad, good, sizeof(bad));
    if (i < (int)n) {
      size = (size_t)i; // cut short at every byte
    } else {
      for (int k = 0; k < 3; ++k) {
        bad[df_rng_below(&rng, (uint32_t)n)] = (char)df_rng_below(&rng, 256U);
      }
    }
    CHECK(send(s, bad, size, 0) == (ssize_t)size);
  }
  const char* const patterns[] = {"/dforce/*/[",
                                  "/dforce/*/{take",
                                  "/dforce/*/[a-",
                                  "/dforce/{/take",
                                  "/dforce/*/****************a",
                                  "/dforce//take",
                                  "/dforce",
                                  "/",
                                  ""};
  for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); ++i) {
    df_udp_send(s, patterns[i], "f", v, NULL);
  }
  memset(large, '/', sizeof(large));
  CHECK(send(s, large, sizeof(large), 0) == (ssize_t)sizeof(large));
  memcpy(large, "#bundle", 8U);
  memset(large + 8, 0, sizeof(large) - 8U); // empty elements, one in another
  CHECK(send(s, large, sizeof(large), 0) == (ssize_t)sizeof(large));

  // Answers to the above may still be on their way, and a full queue may have
  // lost the first pings
  const int            u    = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  const struct timeval wait = {1, 0};
  CHECK(!setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)));
  ssize_t size = -1;
  for (int i = 0; i < 30 && size < 0; ++i) {
    df_udp_send(u, path(osc, "ping", a), "", NULL, NULL);
    size = recv(u, packet, sizeof(packet), 0);
  }
  CHECK(size > 0 && !strcmp(packet, path(osc, "pong", a)));
  (void)close(u);
  (void)close(s);
  df_osc_close(osc);
}

/// A subscriber is sent to again and again, at the port it names.
static void
test_subscribe(void)
{
  told               t      = {.number = 0.0f};
  df_osc* const      osc    = open_at(DF_UDP_SERVER, &t);
  const int          s      = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  const int          ear    = df_udp_open(NULL, "127.0.0.1", df_osc_port(osc));
  struct sockaddr_in at     = {.sin_family = AF_INET};
  socklen_t          length = sizeof(at);
  char               a[64];
  char               packet[1024];
  CHECK(!getsockname(ear, (struct sockaddr*)&at, &length));
  const float v[] = {(float)ntohs(at.sin_port), 60.0f};
  df_udp_send(s, path(osc, "subscribe", a), "if", v, NULL);
  for (int i = 0; i < 5; ++i) {
    (void)df_udp_expect(ear, path(osc, "shown", a), packet);
  }
  const float bad[] = {-1.0f};
  df_udp_send(s, path(osc, "subscribe", a), "f", bad, NULL);
  (void)df_udp_expect(s, path(osc, "error", a), packet);
  (void)close(ear);
  (void)close(s);
  df_osc_close(osc);
}

int
main(void)
{
  test_messages();
  test_time_tags();
  test_several();
  test_loopback_only();
  test_malformed();
  test_subscribe();
  return 0;
}
