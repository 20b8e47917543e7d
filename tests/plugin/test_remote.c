#include "plugin/remote.h"

#include "core/base/rng.h"
#include "tests/check.h"

#define START INT64_C(1700000000000000000)
#define RATE 48000.0

static int64_t
at_sample(const int64_t sample)
{
  return START + (int64_t)((double)sample / RATE * 1e9);
}

static void
set(df_remote* const remote,
    const df_port    port,
    const float      value,
    const int64_t    time)
{
  df_remote_change change = {
    .kind = DF_REMOTE_SET, .port = (int)port, .value = value, .time = time};
  CHECK(df_remote_send(remote, &change, 1));
}

static void
let_go(df_remote* const remote, const int64_t time)
{
  df_remote_change change = {
    .kind = DF_REMOTE_FREE, .port = DF_PORT_NOISE, .time = time};
  CHECK(df_remote_send(remote, &change, 1));
}

static void
dig(df_remote* const remote, const int64_t from, const int64_t until)
{
  df_remote_change change = {.kind  = DF_REMOTE_HOLE,
                             .port  = DF_PORT_NOISE,
                             .time  = at_sample(from),
                             .until = at_sample(until)};
  CHECK(df_remote_send(remote, &change, 1));
}

static float
value(const df_remote* const remote, const df_port port)
{
  return df_port_value(port, (const float*)df_remote_ports(remote)[port]);
}

/// What is sent holds until the host's value changes, or until it is let go.
static void
test_owner(void)
{
  float      noise                = 0.25f;
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  ports[DF_PORT_NOISE]            = &noise;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  df_remote_begin(remote, ports, START, 64U);
  CHECK(value(remote, DF_PORT_NOISE) == 0.25f);
  set(remote, DF_PORT_NOISE, 0.5f, 0);
  set(remote, DF_PORT_HORIZON, 1e9f, 0);
  for (int i = 1; i < 4; ++i) {
    df_remote_begin(remote, ports, at_sample(64 * i), 64U);
    CHECK(df_remote_apply(remote, 0U) == (i == 1));
    CHECK(value(remote, DF_PORT_NOISE) == 0.5f);
    CHECK(value(remote, DF_PORT_HORIZON) == 64.0f); // within its range
  }
  noise = 0.75f;
  df_remote_begin(remote, ports, at_sample(256), 64U);
  CHECK(value(remote, DF_PORT_NOISE) == 0.75f);
  set(remote, DF_PORT_NOISE, 0.5f, 0);
  let_go(remote, 0);
  df_remote_begin(remote, ports, at_sample(320), 64U);
  CHECK(df_remote_apply(remote, 0U));
  CHECK(value(remote, DF_PORT_NOISE) == 0.75f);
  df_remote_free(remote);
}

/// A word on noise is one, also where it changes nothing; the end of a hole is
/// none, nor what is said of other controls.
static void
test_draws(void)
{
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  for (int i = 0; i < 5; ++i) {
    switch (i) {
    case 0:
      set(remote, DF_PORT_NOISE, 0.0f, 0);
      break;
    case 1:
      set(remote, DF_PORT_MIX, 0.5f, 0);
      break;
    case 2:
      dig(remote, 0, 192);
      break; // to the next round
    case 4:
      let_go(remote, 0);
      break;
    }
    df_remote_begin(remote, ports, at_sample(64 * i), 64U);
    CHECK(!df_remote_draws(remote));
    CHECK(df_remote_apply(remote, 0U));
    CHECK(df_remote_draws(remote) == (i % 2 == 0));
    CHECK(!df_remote_draws(remote));
  }
  df_remote_free(remote);
}

/// Each change is made at its sample, whatever the order of sending and the
/// size of the block, also when the host wakes by turns early and late.
static void
test_times(void)
{
  for (uint32_t n = 1U; n <= 1024U; n *= 4U) {
    void*      ports[DF_PORT_COUNT] = {NULL};
    df_remote* remote               = NULL;
    df_rng     rng                  = df_rng_make(n, 0U, 0U);
    CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
    for (int i = 0; i < 1000; ++i) {
      const int k = i * 7 % 1000;
      set(remote, DF_PORT_NOISE, (float)k / 1000.0f, at_sample(100 + 5 * k));
    }
    int next = 0;
    for (int64_t t = 0; t < 6000; t += n) {
      // Early and late by turns, by up to 20 microseconds; a twentieth of it
      // is less than the half sample that rounding forgives
      const int64_t late = t ? (int64_t)df_rng_below(&rng, 40000U) - 20000 : 0;
      df_remote_begin(remote, ports, at_sample(t) + late, n);
      for (uint32_t at = df_remote_next(remote); at < n;
           at          = df_remote_next(remote)) {
        CHECK(t + (int64_t)at == 100 + 5 * next);
        CHECK(df_remote_apply(remote, at));
        CHECK(value(remote, DF_PORT_NOISE) == (float)next / 1000.0f);
        ++next;
      }
    }
    CHECK(next == 1000);
    df_remote_free(remote);
  }
}

/// Within a hole, and where holes overlap, the noise is 1; after the last it is
/// what it was before.
static void
test_holes(void)
{
  float      noise                = 0.25f;
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  ports[DF_PORT_NOISE]            = &noise;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  dig(remote, 10, 30);
  dig(remote, 20, 40);
  dig(remote, 25, 30);
  for (int t = 0; t < 60; ++t) {
    df_remote_begin(remote, ports, at_sample(t), 1U);
    (void)df_remote_apply(remote, 0U);
    CHECK(value(remote, DF_PORT_NOISE) == (t >= 10 && t < 40 ? 1.0f : 0.25f));
  }
  df_remote_free(remote);
}

/// A hole under way ends when noise is let go, not when it is set; one to come
/// still comes.
static void
test_end_of_hole(void)
{
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  dig(remote, 10, 1000);
  dig(remote, 50, 60);
  set(remote, DF_PORT_NOISE, 0.5f, at_sample(20));
  let_go(remote, at_sample(40));
  for (int t = 0; t < 70; ++t) {
    const bool hole = (t >= 10 && t < 40) || (t >= 50 && t < 60);
    df_remote_begin(remote, ports, at_sample(t), 1U);
    (void)df_remote_apply(remote, 0U);
    CHECK(value(remote, DF_PORT_NOISE) == (hole ? 1.0f : 0.0f));
  }
  df_remote_free(remote);
}

static void
draw(df_remote* const remote,
     const float      from,
     const int64_t    at,
     const int        every,
     const int        count)
{
  static df_remote_change lane[DF_REMOTE_COUNT];
  for (int i = 0; i < count; ++i) {
    lane[i] = (df_remote_change){.kind  = DF_REMOTE_LANE,
                                 .port  = DF_PORT_NOISE,
                                 .value = from + 0.01f * (float)i,
                                 .time  = at_sample(at + every * i)};
  }
  CHECK(df_remote_send(remote, lane, count));
}

/// A lane goes on until its last value, which stays; another lane, a value set
/// or let go, and the host's own move end it for good.  A hole does not, nor
/// does a word on another port.
static void
test_lanes(void)
{
  enum { TO_THE_LAST, LANE, SET, FREE, HOST, HOLE, OTHER, WAYS };
  for (int way = 0; way < WAYS; ++way) {
    float      noise                = 0.0f;
    void*      ports[DF_PORT_COUNT] = {NULL};
    df_remote* remote               = NULL;
    ports[DF_PORT_NOISE]            = &noise;
    CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
    draw(remote, 0.1f, 10, 10, 8); // to sample 80
    for (int t = 0; t < 120; ++t) {
      if (t == 35) {
        switch (way) {
        case LANE:
          draw(remote, 0.5f, 35, 10, 3);
          break;
        case SET:
          set(remote, DF_PORT_NOISE, 0.75f, 0);
          break;
        case FREE:
          let_go(remote, 0);
          break;
        case HOST:
          noise = 0.25f;
          break;
        case HOLE:
          dig(remote, 35, 45);
          break;
        case OTHER:
          set(remote, DF_PORT_MIX, 0.75f, 0);
          break;
        }
      }
      df_remote_begin(remote, ports, at_sample(t), 1U);
      (void)df_remote_apply(remote, 0U);
      const int step = t < 80 ? t / 10 - 1 : 7;
      float     want = t < 10 ? 0.0f : 0.1f + 0.01f * (float)step;
      if (t >= 35) {
        const int more = t < 55 ? (t - 35) / 10 : 2;
        want           = way == LANE             ? 0.5f + 0.01f * (float)more
                         : way == SET            ? 0.75f
                         : way == FREE           ? 0.0f
                         : way == HOST           ? 0.25f
                         : way == HOLE && t < 45 ? 1.0f
                                                 : want;
      }
      CHECK_NEAR(value(remote, DF_PORT_NOISE), want, 1e-6);
    }
    df_remote_free(remote);
  }
}

/// What is left of a lane that has ended makes room for others.
static void
test_room_of_lanes(void)
{
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  for (int i = 0; i < 100; ++i) {
    draw(remote, 0.0f, 100 * i, 1000, DF_REMOTE_COUNT / 2);
    for (int k = 0; k < 2; ++k) { // begun, the one before it cleared
      df_remote_begin(remote, ports, at_sample(100 * i + 50 * k), 50U);
      (void)df_remote_apply(remote, 0U);
    }
  }
  df_remote_free(remote);
}

/// What does not fit is refused whole; what waits is never lost; reset forgets.
static void
test_full(void)
{
  static df_remote_change many[DF_REMOTE_COUNT];
  void*                   ports[DF_PORT_COUNT] = {NULL};
  df_remote*              remote               = NULL;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  for (int i = 0; i < DF_REMOTE_COUNT; ++i) {
    many[i] = (df_remote_change){.kind  = DF_REMOTE_SET,
                                 .port  = DF_PORT_NOISE,
                                 .value = 0.5f,
                                 .time  = at_sample(1000)};
  }
  CHECK(df_remote_send(remote, many, DF_REMOTE_COUNT - 1));
  df_remote_begin(remote, ports, START, 64U);
  CHECK(!df_remote_send(remote, many, 2));
  CHECK(df_remote_send(remote, many, 1));
  CHECK(!df_remote_send(remote, many, 1));
  df_remote_begin(remote, ports, at_sample(64), 64U);
  CHECK(df_remote_next(remote) == 64U);
  df_remote_reset(remote);
  CHECK(df_remote_send(remote, many, DF_REMOTE_COUNT));
  df_remote_begin(remote, ports, at_sample(1000), 64U);
  CHECK(df_remote_apply(remote, 0U));
  CHECK(df_remote_send(remote, many, DF_REMOTE_COUNT));
  df_remote_free(remote);
  df_remote_free(NULL);
}

/// The sender reads what audio shows, and audio hears once of a model.
static void
test_both_ways(void)
{
  void*      ports[DF_PORT_COUNT] = {NULL};
  df_remote* remote               = NULL;
  CHECK(!df_remote_make(df_port_audio_table(), RATE, &remote));
  CHECK(df_remote_read(remote, DF_PORT_HORIZON) == 16.0f);
  df_remote_put(remote, DF_PORT_LEVEL, 0.5f);
  CHECK(df_remote_read(remote, DF_PORT_LEVEL) == 0.5f);
  df_remote_change load = {
    .kind = DF_REMOTE_LOAD, .port = DF_PORT_MODEL, .value = 3.0f};
  CHECK(df_remote_send(remote, &load, 1));
  df_remote_begin(remote, ports, START, 64U);
  CHECK(!df_remote_loads(remote));
  CHECK(df_remote_apply(remote, 0U));
  CHECK(value(remote, DF_PORT_MODEL) == 3.0f);
  CHECK(df_remote_loads(remote) && !df_remote_loads(remote));
  df_remote_free(remote);
}

int
main(void)
{
  test_owner();
  test_draws();
  test_times();
  test_holes();
  test_end_of_hole();
  test_lanes();
  test_room_of_lanes();
  test_full();
  test_both_ways();
  return 0;
}
