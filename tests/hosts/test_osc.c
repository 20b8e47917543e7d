#include "tests/check.h"
#include "tests/hosts/stage.h"

#include "core/base/rng.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/// A running plugin is played by Open Sound Control; a flood does not reach its
/// sound.  Arguments: dforce.so, make_model.

#define RATE DF_STAGE_RATE

#ifdef __SANITIZE_THREAD__ // all takes 20 times as long
#define FLOOD 10000        // packets
#else
#define FLOOD 100000
#endif

static df_bundles  bundles;
static const char* module;

// Fails, is answered with an error, and changes nothing
static void
check_error(const df_stage* const s,
            const char* const     name,
            const char* const     types,
            const float*          numbers,
            const char* const     word)
{
  const float* const level = df_host_control(s->host, DF_PORT_LEVEL);
  const float        was   = *level;
  char               a[64];
  char               packet[1024];
  df_udp_send(s->socket, df_stage_path(s, name, a), types, numbers, word);
  (void)df_udp_expect(s->socket, df_stage_path(s, "error", a), packet);
  df_host_run(s->host, 64U);
  CHECK(*level == was);
}

static void
fill_noise(df_rng* const rng, float* const x, const size_t n)
{
  df_rng_normal(rng, x, n);
  for (size_t i = 0U; i < n; ++i) {
    x[i] *= 0.1f;
  }
}

static int64_t
clock_now(void)
{
  struct timespec t;
  CHECK(!clock_gettime(CLOCK_REALTIME, &t));
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// `noise` plays at the level sent, in any type of number, until it is let go
/// or the host moves its own.
static void
test_noise(const df_stage* const s)
{
  float* const       host    = df_host_control(s->host, DF_PORT_NOISE);
  const float* const level   = df_host_control(s->host, DF_PORT_LEVEL);
  const char* const  types[] = {"f", "d", "i", "h", "T", "F"};
  const float        want[]  = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 0.0f};
  const float        one[]   = {1.0f};
  for (int i = 0; i < 6; ++i) {
    df_stage_set(s, "noise", 0.5f);
    CHECK(*level == 0.5f);
    df_stage_say(s, "noise", types[i], one, NULL);
    CHECK(*level == want[i]);
  }
  df_stage_set(s, "noise", 7.0f); // clamped
  CHECK(*level == 1.0f && df_stage_ask(s, "noise") == 1.0f &&
        df_stage_ask(s, "level") == 1.0f);
  df_stage_say(s, "noise", "", NULL, NULL);
  CHECK(*level == 0.0f);
  df_stage_set(s, "noise", 0.75f);
  *host = 0.25f;
  df_host_run(s->host, 64U);
  CHECK(*level == 0.25f);
  *host = 0.0f;
  df_host_run(s->host, 64U);
}

// A list of levels sent by patch:Set, and the level it makes
static void
send_list(const df_stage* const s, const float level, const float want)
{
  const float levels[] = {level, level, level, level};
  df_host_send_levels(s->host, 0, levels, 4U);
  df_host_run(s->host, 64U);
  CHECK(*df_host_control(s->host, DF_PORT_LEVEL) == want);
}

// The plugin's clock is a smoothed one: what begins now may do so a little
// later
static void
await_level(const df_stage* const s, const float want)
{
  const float* const level = df_host_control(s->host, DF_PORT_LEVEL);
  for (int i = 0; i < 30000 && *level != want; ++i) {
    df_host_run(s->host, 1U);
    (void)usleep(1000U);
  }
  CHECK(*level == want);
}

/// A list of levels goes before the port.  Between it and OSC the last to
/// speak counts: a value, a lane, a hole and a value given back each end the
/// list, a list goes before what OSC said, and when it is over OSC's value
/// counts again.
static void
test_last_word(const df_stage* const s)
{
  float* const       host   = df_host_control(s->host, DF_PORT_NOISE);
  const float* const level  = df_host_control(s->host, DF_PORT_LEVEL);
  const float        lane[] = {0.0f, 60.0f, 0.375f};
  const float        hole[] = {0.0f, 60.0f};
  send_list(s, 0.25f, 0.25f);
  *host = 0.5f;
  df_host_run(s->host, 64U);
  CHECK(*level == 0.25f); // the host's automation goes on behind it
  df_stage_set(s, "noise", 0.75f);
  CHECK(*level == 0.75f);
  send_list(s, 0.25f, 0.25f);
  df_stage_set(s, "mix", 0.5f); // is no word on noise
  CHECK(*level == 0.25f);
  df_stage_say(s, "mix", "", NULL, NULL);
  df_host_run(s->host, 16384U); // the list ends
  CHECK(*level == 0.75f);
  send_list(s, 0.25f, 0.25f);
  df_stage_say(s, "noise", "", NULL, NULL);
  CHECK(*level == 0.5f);
  send_list(s, 0.25f, 0.25f);
  df_stage_say(s, "lane", "fff", lane, NULL);
  await_level(s, 0.375f);
  send_list(s, 0.25f, 0.25f);
  df_stage_say(s, "hole", "ff", hole, NULL);
  await_level(s, 1.0f);
  send_list(s, 0.25f, 0.25f); // within the hole too
  df_host_deactivate(s->host);
  df_host_activate(s->host); // forgets all of it
  *host = 0.0f;
  df_host_run(s->host, 64U);
  CHECK(*level == 0.0f);
}

/// `noise` without a value ends a lane and a hole that are under way, for good;
/// a value ends a lane.
static void
test_end(const df_stage* const s)
{
  const float* const level  = df_host_control(s->host, DF_PORT_LEVEL);
  const float        hole[] = {0.0f, 60.0f};
  const float lane[] = {0.0f, 0.05f, 0.25f, 0.375f, 0.25f, 0.375f, 0.25f};
  df_stage_say(s, "hole", "ff", hole, NULL);
  await_level(s, 1.0f);
  df_stage_say(s, "noise", "", NULL, NULL);
  CHECK(*level == 0.0f);
  for (int set = 0; set < 2; ++set) {
    const float want = set ? 0.5f : 0.0f;
    df_stage_say(s, "lane", "fffffff", lane, NULL);
    await_level(s, 0.25f);
    df_stage_say(s, "noise", set ? "f" : "", &want, NULL);
    for (int i = 0; i < 100; ++i) {
      df_host_run(s->host, 64U);
      CHECK(*level == want);
      (void)usleep(4000U);
    }
  }
  df_stage_say(s, "noise", "", NULL, NULL);
}

/// Every control is set by its symbol, and `get` tells it.
static void
test_controls(const df_stage* const s)
{
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    const df_port_info* const info = df_port_about((df_port)i);
    const float               host = *df_host_control(s->host, (df_port)i);
    if (info->kind != DF_PORT_INPUT) {
      continue;
    }
    const float to = host == info->maximum ? info->minimum : info->maximum;
    if (i == DF_PORT_OSC_PORT || i == DF_PORT_FREEWHEEL) {
      check_error(s, info->symbol, "f", &to, NULL);
    } else {
      df_stage_set(s, info->symbol, to);
      CHECK(df_stage_ask(s, info->symbol) == to);
      df_stage_say(s, info->symbol, "", NULL, NULL);
    }
    CHECK(df_stage_ask(s, info->symbol) == host);
  }
  CHECK(df_host_settle(s->host) == DF_MODEL_READY);
}

// Numbers of a message of floats, checked to lie within a range
static int
count_floats(const char* const packet,
             const size_t      size,
             const float       low,
             const float       high)
{
  const char* const types = packet + (strlen(packet) / 4U + 1U) * 4U;
  const int         count = (int)strspn(types + 1, "f");
  CHECK(types[0] == ',' && !types[1 + count]);
  for (int i = 0; i < count; ++i) {
    uint32_t bits  = 0U;
    float    value = 0.0f;
    memcpy(&bits, packet + size - sizeof(bits) * (size_t)(i + 1), sizeof(bits));
    bits = ntohl(bits);
    memcpy(&value, &bits, sizeof(value));
    CHECK(value >= low && value <= high);
  }
  return count;
}

/// A subscriber sees the window while the model plays: as many levels as the
/// horizon, and the newest token by bands.
static void
test_subscribe(const df_stage* const s)
{
  const float rate[] = {0.0f, 60.0f};
  char        a[64];
  char        packet[1024];
  df_stage_set(s, "horizon", 8.0f);
  df_stage_set(s, "noise", 1.0f);
  df_host_run(s->host, 8192U);
  const int ear = df_udp_open(NULL, "127.0.0.1", s->port);
  df_udp_send(ear, df_stage_path(s, "subscribe", a), "if", rate, NULL);
  size_t size = df_udp_await(ear, df_stage_path(s, "levels", a), packet);
  CHECK(count_floats(packet, size, 0.0f, 1.0f) == 8);
  size = df_udp_await(ear, df_stage_path(s, "token", a), packet);
  CHECK(count_floats(packet, size, -400.0f, 200.0f) == 16);
  (void)close(ear);
  df_stage_say(s, "noise", "", NULL, NULL);
  df_stage_say(s, "horizon", "", NULL, NULL);
}

/// What is wrong is answered, and changes nothing.
static void
test_errors(const df_stage* const s)
{
  const float nan[]    = {NAN, 0.5f};
  const float minus[]  = {-1.0f, 0.5f};
  const float far_on[] = {3600.0f, 0.5f, 1.0f};
  check_error(s, "noise", "s", NULL, "much");
  check_error(s, "noise", "f", nan, NULL);
  check_error(s, "noise", "ff", minus, NULL);
  check_error(s, "level", "f", far_on, NULL); // an output
  check_error(s, "nothing", "f", far_on, NULL);
  check_error(s, "lane", "ff", far_on, NULL);
  check_error(s, "lane", "ffs", far_on, "much");
  check_error(s, "hole", "ff", minus, NULL);
  check_error(s, "hole", "ff", nan, NULL);
  check_error(s, "hole", "ff", far_on, NULL);
  check_error(s, "load", "f", far_on, NULL);
  check_error(s, "load", "s", NULL, "../full/other");
  check_error(s, "load", "s", NULL, "absent");
  check_error(s, "get", "s", NULL, "nothing");
}

/// An installed model is loaded by its name.
static void
test_load(const df_stage* const s)
{
  df_stage_say(s, "load", "s", NULL, "other");
  CHECK(df_host_settle(s->host) == DF_MODEL_READY);
  CHECK(df_stage_ask(s, "model") == 1.0f);
  df_stage_say(s, "load", "s", NULL, "default.safetensors");
  CHECK(df_host_settle(s->host) == DF_MODEL_READY);
  CHECK(df_stage_ask(s, "model") == 0.0f);
  df_host_run(s->host, 4096U); // the fade from one to the other
}

// Run a second in one cycle; how many stretches of the output are not the
// input, and where each begins and ends, of up to 4
static int
find_changed(const df_stage* const s, df_rng* const rng, int (*const at)[2])
{
  static float       input[DF_HOST_BLOCK];
  const float* const out = df_host_out(s->host, 0);
  int                n   = 0;
  fill_noise(rng, input, DF_HOST_BLOCK);
  memcpy(df_host_in(s->host, 0), input, sizeof(input));
  df_host_run(s->host, DF_HOST_BLOCK);
  for (int i = 0; i < DF_HOST_BLOCK; ++i) {
    if (!memcmp(&out[i], &input[i], sizeof(float))) {
      continue;
    }
    if (!n || i > at[n - 1][1] + 64) { // else a sample the same by chance
      CHECK(n < 4);
      at[n++][0] = i;
    }
    at[n - 1][1] = i + 1;
  }
  return n;
}

/// In a bundle a hole, and a lane of levels, begin at the sample of their time
/// tag, and last as long as they should.
static void
test_times(const df_stage* const s)
{
  const float hole[] = {0.1f, 0.2f};
  const float lane[] = {0.1f, 0.1f, 1.0f, 0.0f, 1.0f, 0.0f};
  // Times are rounded to a sample; the first sample or three change nothing,
  // for a fade begins at 0; a continuation and the input cross-fade for 5 ms
  const int slack = 1 + 4;
  const int join  = RATE / 200;
  char      a[64];
  int       at[4][2];
  df_rng    rng = df_rng_make(8U, 0U, 0U);
  for (int which = 0; which < 2; ++which) {
    int64_t before = 0;
    int64_t tag    = 0;
    int     n      = 0;
    int     tries  = 0;
    for (bool in_time = false; !in_time; ++tries) {
      CHECK(tries < 20);
      (void)find_changed(s, &rng, at);
      // Well beyond the end of the second that was just played, however long
      // that took, so that the plugin's clock begins anew
      (void)sleep(2U);
      before = clock_now();
      tag    = before + 300000000;
      df_udp_send_at(s->socket,
                     tag,
                     df_stage_path(s, which ? "lane" : "hole", a),
                     which ? "ffffff" : "ff",
                     which ? lane : hole);
      df_stage_wait(s);
      // Where the machine stood still the time is over before it is played
      in_time = clock_now() - before < 200000000;
      n       = find_changed(s, &rng, at);
    }
    const int64_t after = clock_now();
    const int     late = (int)((double)(tag - before) * RATE / 1e9) + RATE / 10;
    const int     early = (int)((double)(tag - after) * RATE / 1e9) + RATE / 10;
    CHECK(n == 1 + which);
    for (int i = 0; i < n; ++i) {
      const int length = which ? RATE / 10 : RATE / 5;
      const int begin  = at[i][0] - i * RATE / 5;
      CHECK(begin >= early && begin <= late + slack);
      CHECK_NEAR(at[i][1] - at[i][0] - join / 2, length, join / 2 + slack);
    }
    if (n == 2) {
      CHECK_NEAR(at[1][0] - at[0][0], RATE / 5, slack);
    }
  }
}

typedef struct {
  const df_stage* stage;
  bool            heard; // some messages are for this plugin
  atomic_bool     over;
  double          seconds;
} flood;

// Send as fast as it goes: messages, broken ones, and 64 KB at a time
static void*
send_flood(void* const handle)
{
  static char   large[65507];
  flood* const  f     = (flood*)handle;
  const int64_t start = clock_now();
  const int     s     = df_udp_open(NULL, "127.0.0.1", f->stage->port);
  df_rng        rng   = df_rng_make(3U, 0U, 0U);
  char          a[64];
  char          packet[1024];
  memset(large, '/', sizeof(large));
  for (int i = 0; i < FLOOD; ++i) {
    const float v[]  = {1.0f + (float)(i % 8)};
    const char* name = i % 2 ? "/dforce/1/noise" : "/elsewhere/noise";
    if (f->heard) {
      name = df_stage_path(f->stage, i % 2 ? "steps" : "horizon", a);
    }
    size_t size = df_udp_message(packet, name, "f", v, NULL);
    if (i % 7 == 3) { // cut short, and noise in what is left
      size = df_rng_below(&rng, (uint32_t)size);
      for (size_t k = 12U; k < size; k += 5U) {
        packet[k] = (char)df_rng_below(&rng, 256U);
      }
    }
    const bool big = i % 100 == 50;
    (void)send(s, big ? large : packet, big ? sizeof(large) : size, 0);
  }
  (void)close(s);
  f->seconds = (double)(clock_now() - start) / 1e9;
  atomic_store(&f->over, true);
  return NULL;
}

// The first pings may find the queue full
static void
check_listens(const df_stage* const s)
{
  const struct timeval wait = {1, 0};
  char                 a[64];
  char                 packet[1024];
  ssize_t              size = -1;
  CHECK(!setsockopt(s->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)));
  for (int i = 0; i < 30 && size < 0; ++i) {
    df_udp_send(s->socket, df_stage_path(s, "ping", a), "", NULL, NULL);
    size = recv(s->socket, packet, sizeof(packet), 0);
  }
  CHECK(size > 0 && !strcmp(packet, df_stage_path(s, "pong", a)));
}

/// Packets as fast as they can be sent change no bit of what is trusted
/// nor, sent to others, of a continuation; and the plugin listens still.
static void
test_flood(const float noise, const bool heard)
{
  enum { BLOCK = 256 };
  const df_stage s     = df_stage_make(module, &bundles, DF_UDP_OSC);
  df_host* const plain = df_stage_host(module, &bundles, 0);
  flood          f     = {&s, heard, false, 0.0};
  df_rng         rng   = df_rng_make(6U, 0U, 0U);
  float          input[BLOCK];
  pthread_t      thread;
  bool           flooding = false;
  int            blocks   = 0;
  df_host_send_speed(plain, 0, 1.0f); // both begin anew
  df_host_send_speed(s.host, 0, 1.0f);
  while (!atomic_load(&f.over)) {
    if (blocks == RATE / BLOCK / 2) { // half a second to go on from
      *df_host_control(plain, DF_PORT_NOISE)  = noise;
      *df_host_control(s.host, DF_PORT_NOISE) = noise;
      CHECK(!pthread_create(&thread, NULL, send_flood, &f));
      flooding = true;
    }
    fill_noise(&rng, input, BLOCK);
    memcpy(df_host_in(plain, 0), input, sizeof(input));
    memcpy(df_host_in(s.host, 0), input, sizeof(input));
    df_host_run(plain, BLOCK);
    df_host_run(s.host, BLOCK);
    const float* const out = df_host_out(s.host, 0);
    for (int i = 0; i < BLOCK; ++i) {
      CHECK(isfinite(out[i]));
    }
    CHECK(!memcmp(df_host_out(plain, 0), out, sizeof(input)));
    CHECK(noise > 0.0f || !memcmp(out, input, sizeof(input)));
    ++blocks;
  }
  CHECK(flooding && !pthread_join(thread, NULL));
  CHECK(noise == 0.0f || memcmp(df_host_out(plain, 0), input, sizeof(input)));
  check_listens(&s);
  (void)printf("noise %g: %.0f packets a second, %d blocks\n",
               (double)noise,
               FLOOD / f.seconds,
               blocks);
  df_host_free(plain);
  df_stage_end(&s);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  df_bundles_make(&bundles, argv[2]);
  const df_stage s = df_stage_make(module, &bundles, DF_UDP_OSC);
  test_noise(&s);
  test_subscribe(&s);
  test_errors(&s);
  test_load(&s);
  test_times(&s);
  test_controls(&s);
  test_end(&s);
  test_last_word(&s); // ends the socket
  df_stage_end(&s);
  test_flood(0.0f, true);
  test_flood(1.0f, false);
  df_bundles_remove(&bundles);
  return 0;
}
