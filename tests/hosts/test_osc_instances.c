#include "tests/check.h"
#include "tests/hosts/stage.h"

#include <sys/stat.h>

/// Several plugins that listen to Open Sound Control.  Arguments: dforce.so,
/// make_model.

static df_bundles  bundles;
static const char* module;

// Sockets that this process has open
static int
count_sockets(void)
{
  int count = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat about;
    count += !fstat(fd, &about) && S_ISSOCK(about.st_mode);
  }
  return count;
}

/// Two plugins set to one port listen on two; a deactivated one on none; a new
/// value of `osc_port` moves it.
static void
test_ports(void)
{
  const int       none  = count_sockets();
  const df_stage  one   = df_stage_make(module, &bundles, DF_UDP_INSTANCES);
  const df_stage  two   = df_stage_make(module, &bundles, DF_UDP_INSTANCES);
  const df_stage* all[] = {&one, &two};
  CHECK(one.port != two.port);
  for (int i = 0; i < 2; ++i) {
    df_stage_set(all[i], "noise", 1.0f);
    CHECK(*df_host_control(one.host, DF_PORT_LEVEL) == 1.0f);
    CHECK(*df_host_control(two.host, DF_PORT_LEVEL) == (float)i);
  }
  const int both = count_sockets() - none - 2; // those two are the test's own
  df_host_deactivate(one.host);
  const int half = count_sockets() - none - 2;
  CHECK(half > 0 && both == 2 * half);
  df_host_activate(one.host);
  df_host_run(one.host, 64U); // tells that nothing is bound yet, or what is
  df_stage again = one;
  again.port     = df_stage_bound(one.host, 0);
  again.socket   = df_udp_open(NULL, "127.0.0.1", again.port);
  CHECK(df_stage_ask(&again, "noise") ==
        0.0f); // what was sent before is forgotten
  (void)close(again.socket);

  *df_host_control(one.host, DF_PORT_OSC_PORT) = (float)DF_UDP_ELSEWHERE;
  again.port   = df_stage_bound(one.host, again.port);
  again.port   = again.port ? again.port : df_stage_bound(one.host, 0);
  again.socket = df_udp_open(NULL, "127.0.0.1", again.port);
  CHECK(again.port >= DF_UDP_ELSEWHERE);
  df_stage_wait(&again);
  (void)close(again.socket);
  *df_host_control(one.host, DF_PORT_OSC_PORT) = 0.0f;
  CHECK(df_stage_bound(one.host, again.port) == 0);
  df_stage_end(&one);
  df_stage_end(&two);
}

/// Nobody listens before the first cycle, which a scan never comes to, whatever
/// the port says; nor ever while it says 0.
static void
test_scan(void)
{
  const int             before = count_sockets();
  const df_host_options o      = {.module   = module,
                                  .bundle   = bundles.full,
                                  .rate     = DF_STAGE_RATE,
                                  .channels = 1,
                                  .worker   = DF_HOST_INSIDE};
  df_host* const        host   = df_host_make(&o);
  CHECK(count_sockets() == before);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  CHECK(count_sockets() == before);
  df_host_deactivate(host);
  *df_host_control(host, DF_PORT_OSC_PORT) = (float)DF_UDP_INSTANCES;
  df_host_activate(host);
  CHECK(count_sockets() == before);
  df_host_run(host, 1U);
  CHECK(count_sockets() > before);
  df_host_deactivate(host);
  CHECK(count_sockets() == before);
  df_host_free(host);
}

static void
be_called(const df_stage* const s, const char* const name)
{
  char a[64];
  df_udp_send(
    s->socket, df_stage_path(s, "name", a), name ? "s" : "", NULL, name);
}

// An address is understood, and answered by this one
static void
check_pong(const df_stage* const s,
           const char* const     sent,
           const char* const     want)
{
  char packet[1024];
  df_udp_send(s->socket, sent, "", NULL, NULL);
  (void)df_udp_expect(s->socket, want, packet);
}

/// Two plugins set to one port are told apart by their names, which go before
/// the ports in their answers; the ports still do, and are all there is once a
/// name is taken back.  What is no part of an address is no name.  Of every
/// other one the host is told that there is something to save.
static void
test_names(void)
{
  static const char* const bad[] = {
    "a b", "a/b", "b*", "{a}", "#", "\x7f", "a23456789b123456789c123456789d12"};
  const float    half = 0.5f;
  const df_stage one  = df_stage_make(module, &bundles, DF_UDP_INSTANCES);
  const df_stage two  = df_stage_make(module, &bundles, DF_UDP_INSTANCES);
  char           a[64];
  char           packet[1024];
  be_called(&one, "bass");
  be_called(&two, "choir.2");
  check_pong(&one, df_stage_path(&one, "ping", a), "/dforce/bass/pong");
  check_pong(&two, "/dforce/choir.2/ping", "/dforce/choir.2/pong");
  check_pong(&two, "/dforce/*/ping", "/dforce/choir.2/pong");
  df_udp_send(two.socket, "/dforce/bass/noise", "f", &half, NULL);
  df_udp_send(one.socket, "/dforce/bass/noise", "f", &half, NULL);
  check_pong(&one, "/dforce/bass/ping", "/dforce/bass/pong");
  check_pong(&two, "/dforce/{choir,choir.2}/ping", "/dforce/choir.2/pong");
  df_host_set_capacity(one.host, 8U); // no room yet to say so
  df_host_run(one.host, 64U);
  df_host_run(two.host, 64U);
  CHECK(!df_host_unsaved(one.host) && df_host_unsaved(two.host));
  CHECK(*df_host_control(one.host, DF_PORT_LEVEL) == 0.5f);
  CHECK(*df_host_control(two.host, DF_PORT_LEVEL) == 0.0f);
  df_udp_send(one.socket, "/dforce/bass/subscribe", "", NULL, NULL);
  (void)df_udp_await(one.socket, "/dforce/bass/level", packet);
  df_host_set_capacity(one.host, DF_HOST_ATOMS);
  df_host_run(one.host, 64U);
  df_host_run(two.host, 64U);
  CHECK(df_host_unsaved(one.host) && !df_host_unsaved(two.host));

  df_host_deactivate(two.host); // a name outlives the socket
  df_host_activate(two.host);
  df_host_run(two.host, 64U);
  df_stage again = two;
  again.port     = df_stage_bound(two.host, 0);
  again.socket   = df_udp_open(NULL, "127.0.0.1", again.port);
  for (size_t i = 0U; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    be_called(&again, bad[i]);
    (void)df_udp_expect(again.socket, "/dforce/choir.2/error", packet);
    df_host_run(two.host, 64U);
    CHECK(!df_host_unsaved(two.host));
  }
  df_udp_send(again.socket, "/dforce/choir.2/name", "f", &half, NULL);
  (void)df_udp_expect(again.socket, "/dforce/choir.2/error", packet);
  be_called(&again, NULL);
  df_stage_wait(&again);
  (void)close(again.socket);
  df_stage_end(&one);
  df_stage_end(&two);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  df_bundles_make(&bundles, argv[2]);
  test_scan();
  test_ports();
  test_names();
  df_bundles_remove(&bundles);
  return 0;
}
