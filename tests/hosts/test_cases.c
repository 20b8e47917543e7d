#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"

#include "core/base/rng.h"

#include <math.h>
#include <string.h>

/// What odd hosts do, one by one.  Arguments: dforce.so, make_model.

static df_bundles  bundles;
static const char* module;

static df_host_options
options(const int channels)
{
  return (df_host_options){.module   = module,
                           .bundle   = bundles.full,
                           .rate     = 48000.0,
                           .channels = channels,
                           .worker   = DF_HOST_THREAD};
}

static void
fill(df_host* const host, const uint64_t seed, const int channels)
{
  for (int c = 0; c < channels; ++c) {
    df_rng rng = df_rng_make(seed, (uint64_t)c, 0U);
    df_rng_normal(&rng, df_host_in(host, c), DF_HOST_BLOCK);
    for (int i = 0; i < DF_HOST_BLOCK; ++i) {
      df_host_in(host, c)[i] *= 0.1f;
    }
  }
}

static bool
is_finite(df_host* const host, const int channels, const uint32_t n)
{
  for (int c = 0; c < channels; ++c) {
    for (uint32_t i = 0U; i < n; ++i) {
      if (!(fabsf(df_host_out(host, c)[i]) < 1e7f)) {
        return false;
      }
    }
  }
  return true;
}

// Out is in, bit for bit
static bool
is_dry(df_host* const host, const int channels, const uint32_t n)
{
  for (int c = 0; c < channels; ++c) {
    if (memcmp(df_host_in(host, c), df_host_out(host, c), sizeof(float) * n)) {
      return false;
    }
  }
  return true;
}

/// Without a model sound passes and the status says so, in every noise.
static void
test_no_model(void)
{
  for (int channels = 1; channels <= 2; ++channels) {
    df_host_options o   = options(channels);
    o.bundle            = bundles.empty;
    df_host* const host = df_host_make(&o);
    CHECK(df_host_settle(host) == DF_MODEL_MISSING);
    *df_host_control(host, DF_PORT_NOISE) = 1.0f;
    fill(host, 1U, channels);
    df_host_run(host, 1000U);
    CHECK(is_dry(host, channels, 1000U));
    CHECK(*df_host_control(host, DF_PORT_LATENCY) == 0.0f);
    df_host_free(host);
  }
}

/// A file that is no model is refused, one that is absent missing, and the log
/// names it; sound passes.
static void
test_bad_model(void)
{
  char path[128];
  (void)snprintf(path, sizeof(path), "%s/junk.safetensors", bundles.root);
  FILE* const file = fopen(path, "w");
  CHECK(file && fputs("not a model at all", file) >= 0 && !fclose(file));
  const df_host_options o    = options(2);
  df_host* const        host = df_host_make(&o);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_send_path(host, 0, path);
  CHECK(df_host_settle(host) == DF_MODEL_REFUSED);
  CHECK(strstr(df_host_logged(host), path));
  df_host_send_path(host, 0, "/no/such/file.safetensors");
  CHECK(df_host_settle(host) == DF_MODEL_MISSING);
  CHECK(strstr(df_host_logged(host), "/no/such/file.safetensors"));
  df_host_send_path(host, 0, bundles.root); // a folder
  CHECK(df_host_settle(host) == DF_MODEL_REFUSED);
  df_host_run(host, 2000U); // the model's fade
  fill(host, 2U, 2);
  df_host_run(host, 2000U);
  CHECK(is_dry(host, 2, 2000U));
  df_host_send_path(host, 0, bundles.other);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  *df_host_control(host, DF_PORT_MODEL) = 63.0f; // a turn outweighs the path
  CHECK(df_host_settle(host) == DF_MODEL_MISSING);
  df_host_free(host);
}

/// At noise 0 the input passes bit for bit, also while a model arrives, in
/// blocks of every size, in place, and with the channels crossed in place.
static void
test_dry(void)
{
  const uint32_t blocks[] = {1U, 0U, 3U, 64U, 1U, 511U, 512U, 8192U, 16384U};
  for (int channels = 1; channels <= 2; ++channels) {
    const df_host_options o    = options(channels);
    df_host* const        host = df_host_make(&o);
    for (size_t k = 0; k < 6U * sizeof(blocks) / sizeof(blocks[0]); ++k) {
      const uint32_t n = blocks[k % (sizeof(blocks) / sizeof(blocks[0]))];
      fill(host, k, channels);
      df_host_run(host, n);
      CHECK(is_dry(host, channels, n));
    }
    CHECK(df_host_settle(host) == DF_MODEL_READY);

    static float keep[2][DF_HOST_BLOCK];
    for (int crossed = 0; crossed < channels; ++crossed) {
      fill(host, 99U, channels);
      for (int c = 0; c < channels; ++c) {
        memcpy(keep[c], df_host_in(host, c), sizeof(keep[c]));
        df_host_connect(host,
                        (uint32_t)(channels + c),
                        df_host_in(host, (c + crossed) % channels));
      }
      df_host_run(host, 5000U);
      for (int c = 0; c < channels; ++c) {
        CHECK(!memcmp(df_host_in(host, (c + crossed) % channels),
                      keep[c],
                      sizeof(float) * 5000U));
      }
    }
    df_host_free(host);
  }
}

/// With look-ahead the dry signal is delayed by just the latency told, also
/// while not enabled, when the engine idles.
static void
test_latency(void)
{
  static float in[2][DF_HOST_BLOCK];
  for (int enabled = 1; enabled >= 0; --enabled) {
    const df_host_options o                   = options(2);
    df_host* const        host                = df_host_make(&o);
    *df_host_control(host, DF_PORT_LOOKAHEAD) = 100.0f;
    *df_host_control(host, DF_PORT_ENABLED)   = (float)enabled;
    CHECK(df_host_settle(host) == DF_MODEL_READY);
    const size_t latency = (size_t)*df_host_control(host, DF_PORT_LATENCY);
    CHECK(latency > 4000U && latency < 5600U); // 4800, in hops of 512
    *df_host_control(host, DF_PORT_NOISE) = enabled ? 0.0f : 1.0f;
    for (int k = 0; k < 3; ++k) { // silence out the fade
      memset(df_host_in(host, 0), 0, sizeof(float) * DF_HOST_BLOCK);
      memset(df_host_in(host, 1), 0, sizeof(float) * DF_HOST_BLOCK);
      df_host_run(host, 4096U);
    }
    fill(host, 5U, 2);
    for (int c = 0; c < 2; ++c) {
      memcpy(in[c], df_host_in(host, c), sizeof(in[c]));
    }
    df_host_run(host, DF_HOST_BLOCK);
    for (int c = 0; c < 2; ++c) {
      CHECK(!memcmp(df_host_out(host, c) + latency,
                    in[c],
                    sizeof(float) * (DF_HOST_BLOCK - latency)));
    }
    df_host_free(host);
  }
}

/// A whole block in many cycles: the plugin waits a few seconds for its engine
/// in each, too short for all of a block on a slow machine.
static void
run_by_cycles(df_host* const host, const int channels)
{
  enum { CYCLE = 1024 };
  static float come[2][DF_HOST_BLOCK];
  static float gone[2][DF_HOST_BLOCK];
  const size_t size = sizeof(float) * CYCLE;
  for (int c = 0; c < channels; ++c) {
    memcpy(come[c], df_host_in(host, c), sizeof(come[c]));
  }
  for (int i = 0; i < DF_HOST_BLOCK; i += CYCLE) {
    for (int c = 0; c < channels; ++c) {
      memcpy(df_host_in(host, c), come[c] + i, size);
    }
    df_host_run(host, CYCLE);
    for (int c = 0; c < channels; ++c) {
      memcpy(gone[c] + i, df_host_out(host, c), size);
    }
  }
  for (int c = 0; c < channels; ++c) {
    memcpy(df_host_out(host, c), gone[c], sizeof(gone[c]));
  }
}

/// `auto` costs 32 samples of latency and nothing else while all is well;
/// zeros and samples that are no numbers are filled, unless not enabled.
static void
test_auto(void)
{
  static float x[DF_HOST_BLOCK];
  for (int enabled = 1; enabled >= 0; --enabled) {
    const df_host_options o                 = options(1);
    df_host* const        host              = df_host_make(&o);
    *df_host_control(host, DF_PORT_AUTO)    = 1.0f;
    *df_host_control(host, DF_PORT_ENABLED) = (float)enabled;
    *df_host_control(host, DF_PORT_WAIT)    = (float)DF_WAIT_ALWAYS;
    CHECK(df_host_settle(host) == DF_MODEL_READY);
    CHECK(*df_host_control(host, DF_PORT_LATENCY) == 32.0f);
    for (int i = 0; i < DF_HOST_BLOCK; ++i) {
      x[i] = 0.3f * sinf(0.05f * (float)i + 0.1f);
    }
    memset(x + 9000, 0, sizeof(float) * 600U);
    x[12000] = NAN;
    memcpy(df_host_in(host, 0), x, sizeof(x));
    run_by_cycles(host, 1);
    const float* const y = df_host_out(host, 0) + 32;
    CHECK(!memcmp(x, y, sizeof(float) * 9000U));
    double power = 0.0;
    for (int i = 9000; i < 9600; ++i) {
      power += (double)(y[i] * y[i]) / 600.0;
    }
    CHECK(enabled ? power > 0.01 : power == 0.0);
    CHECK(fabsf(y[12000]) < 0.6f && (y[12000] != 0.0f) == (enabled == 1));
    CHECK(is_finite(host, 1, DF_HOST_BLOCK));
    df_host_free(host);
  }
}

/// With look-ahead a short gap is filled from both sides, in both channels,
/// each by itself, and the input follows on it bit for bit.
static void
test_short_gap(void)
{
  enum { GAP = 9000, LENGTH = 480 };
  static float          x[2][DF_HOST_BLOCK];
  const df_host_options o                   = options(2);
  df_host* const        host                = df_host_make(&o);
  *df_host_control(host, DF_PORT_AUTO)      = 1.0f;
  *df_host_control(host, DF_PORT_LOOKAHEAD) = 100.0f;
  *df_host_control(host, DF_PORT_WAIT)      = (float)DF_WAIT_ALWAYS;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  const int d = (int)*df_host_control(host, DF_PORT_LATENCY);
  CHECK(d > 3000 && d < 6000);
  for (int i = 0; i < DF_HOST_BLOCK; ++i) {
    x[0][i] = 0.3f * sinf(0.05f * (float)i + 0.1f);
    x[1][i] = 0.2f * sinf(0.083f * (float)i) - 0.1f * sinf(0.3f * (float)i);
  }
  for (int c = 0; c < 2; ++c) {
    float* const in = df_host_in(host, c);
    memcpy(in, x[c], sizeof(x[c]));
    memset(in + GAP, 0, sizeof(float) * LENGTH);
  }
  run_by_cycles(host, 2);
  for (int c = 0; c < 2; ++c) {
    const float* const y    = df_host_out(host, c) + d;
    const int          rest = DF_HOST_BLOCK - d - GAP - LENGTH;
    for (int i = GAP; i < GAP + LENGTH; ++i) {
      CHECK_NEAR(y[i], x[c][i], 0.01);
    }
    CHECK(!memcmp(x[c], y, sizeof(float) * (size_t)GAP));
    CHECK(!memcmp(
      x[c] + GAP + LENGTH, y + GAP + LENGTH, sizeof(float) * (size_t)rest));
  }
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  df_host_free(host);
}

/// Zeros too few to be noticed are filled where the host says that it has lost
/// samples, in a message or by a transport that jumps ahead: the same way, for
/// all cycles; elsewhere they pass.
static void
test_xrun(void)
{
  enum { HOLE = 9003, LENGTH = 20, CYCLE = 250 };
  static float x[DF_HOST_BLOCK];
  static float y[4][DF_HOST_BLOCK];
  for (int i = 0; i < DF_HOST_BLOCK; ++i) {
    const bool hole = i >= HOLE && i < HOLE + LENGTH;
    x[i]            = hole ? 0.0f : 0.3f * sinf(0.05f * (float)i + 0.1f);
  }
  for (int way = 0; way < 4; ++way) {
    const df_host_options o              = options(1);
    df_host* const        host           = df_host_make(&o);
    *df_host_control(host, DF_PORT_AUTO) = 1.0f;
    *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
    CHECK(df_host_settle(host) == DF_MODEL_READY);
    df_host_send_position(host, 0, 500, 1.0f);
    for (int at = 0; at < DF_HOST_BLOCK;) {
      const int n   = at + CYCLE < DF_HOST_BLOCK ? CYCLE : DF_HOST_BLOCK - at;
      const int one = way == 3 ? 1 : n; // in cycles of a sample
      for (int i = 0; i < n; i += one) {
        if (HOLE >= at + i && HOLE < at + i + one) {
          const int frame = HOLE - at - i;
          if (way == 1) {
            df_host_send_xrun(host, frame, 64);
          } else if (way > 1) {
            df_host_send_position(host, frame, 500 + HOLE + 64, 1.0f);
          }
        }
        memcpy(df_host_in(host, 0), x + at + i, sizeof(float) * (size_t)one);
        df_host_run(host, (uint32_t)one);
        memcpy(
          y[way] + at + i, df_host_out(host, 0), sizeof(float) * (size_t)one);
      }
      at += n;
    }
    df_host_free(host);
  }
  CHECK(!memcmp(x, y[0] + 32, sizeof(float) * (DF_HOST_BLOCK - 32U)));
  CHECK(!memcmp(y[1], y[2], sizeof(y[1])) && !memcmp(y[1], y[3], sizeof(y[1])));
  CHECK(!memcmp(x, y[1] + 32, sizeof(float) * (size_t)HOLE));
  double power = 0.0;
  for (int i = HOLE; i < HOLE + LENGTH; ++i) {
    power += (double)(y[1][i + 32] * y[1][i + 32]) / LENGTH;
  }
  CHECK(power > 0.01);
}

/// Any port may be unconnected, and all of them.
static void
test_null_ports(void)
{
  for (int channels = 1; channels <= 2; ++channels) {
    const df_host_options o     = options(channels);
    const uint32_t        count = (uint32_t)(2 * channels + DF_PORT_COUNT);
    df_host* const        host  = df_host_make(&o);
    CHECK(df_host_settle(host) == DF_MODEL_READY);
    for (uint32_t i = 0U; i <= count + 3U; ++i) { // three that do not exist
      df_host_connect(host, i, NULL);
      fill(host, i, channels);
      df_host_run(host, 100U);
    }
    df_host_run(host, 0U);
    df_host_run(host, 10000U);
    df_host_free(host);
  }
}

/// The smallest buffer for notes, of 8 bytes or none, does no harm, and the
/// path is told as soon as there is room.
static void
test_capacity(void)
{
  const df_host_options o    = options(2);
  df_host* const        host = df_host_make(&o);
  df_host_set_capacity(host, 8U);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_send_path(host, 0, bundles.other);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_set_capacity(host, 0U);
  df_host_send_get(host, 0);
  df_host_run(host, 64U);
  CHECK(!df_host_told(host));
  df_host_set_capacity(host, DF_HOST_ATOMS);
  df_host_run(host, 64U);
  CHECK(df_host_told(host) && !strcmp(df_host_told(host), bundles.other));
  df_host_run(host, 64U);
  CHECK(!df_host_told(host)); // once is enough
  df_host_send_get(host, 700);
  df_host_run(host, 64U);
  CHECK(df_host_told(host));
  df_host_free(host);
}

/// Without features, with an empty one, with NULL for the list: it plays.
static void
test_no_features(void)
{
  for (int k = 0; k < 3; ++k) {
    df_host_options o                     = options(2);
    o.worker                              = DF_HOST_NONE;
    o.no_map                              = true;
    o.odd_end                             = k == 1;
    o.no_list                             = k == 2;
    df_host* const host                   = df_host_make(&o);
    *df_host_control(host, DF_PORT_WAIT)  = (float)DF_WAIT_ALWAYS;
    *df_host_control(host, DF_PORT_NOISE) = 1.0f;
    fill(host, 3U, 2);
    for (int i = 0; i < 5000; ++i) {
      df_host_run(host, 1U);
    }
    CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
    df_host_free(host);
  }
}

/// Every rate of a host is played; one that nobody means passes sound.
static void
test_rates(void)
{
  const double rates[] = {8000.0,
                          11025.0,
                          22050.0,
                          44100.0,
                          48000.0,
                          88200.0,
                          96000.0,
                          176400.0,
                          192000.0,
                          0.0,
                          -1.0,
                          NAN,
                          1e12,
                          1.0};
  for (size_t k = 0; k < sizeof(rates) / sizeof(rates[0]); ++k) {
    df_host_options o            = options(1);
    o.rate                       = rates[k];
    df_host* const        host   = df_host_make(&o);
    const df_model_status status = df_host_settle(host);
    CHECK(status == (rates[k] >= 8000.0 && rates[k] < 1e6 ? DF_MODEL_READY
                                                          : DF_MODEL_REFUSED));
    df_host_run(host, 4096U);
    fill(host, k, 1);
    df_host_run(host, 4096U);
    CHECK(is_dry(host, 1, 4096U));
    *df_host_control(host, DF_PORT_WAIT)  = (float)DF_WAIT_ALWAYS;
    *df_host_control(host, DF_PORT_NOISE) = 1.0f;
    for (int i = 0; i < 3; ++i) {
      df_host_run(host, 8192U);
      CHECK(is_finite(host, 1, 8192U));
    }
    df_host_free(host);
  }
}

/// Several instances live side by side and do not hear each other.
static void
test_instances(void)
{
  df_host* hosts[8];
  for (int k = 0; k < 8; ++k) {
    df_host_options o = options(1 + k % 2);
    o.worker          = (df_host_worker)(k % 4);
    hosts[k]          = df_host_make(&o);
  }
  for (int k = 0; k < 8; ++k) {
    CHECK(df_host_settle(hosts[k]) == DF_MODEL_READY);
  }
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 8; ++k) {
      fill(hosts[k], (uint64_t)(8 * i + k), 1 + k % 2);
      df_host_run(hosts[k], 700U);
      CHECK(is_dry(hosts[k], 1 + k % 2, 700U));
    }
  }
  for (int k = 7; k >= 0; --k) {
    df_host_free(hosts[k]);
  }
}

/// NaN, infinity and giants in the input come out finite, at every noise.
static void
test_wild_input(void)
{
  const float wild[]      = {NAN, INFINITY, -INFINITY, 3e38f, -1e30f, 1e-42f};
  const float noise[]     = {0.0f, 0.3f, 1.0f};
  const df_host_options o = options(2);
  df_host* const        host           = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  for (int k = 0; k < 3; ++k) {
    *df_host_control(host, DF_PORT_NOISE) = noise[k];
    for (int i = 0; i < 5; ++i) {
      fill(host, (uint64_t)i, 2);
      for (int j = 0; j < 4096; j += 1 + i * 7) {
        df_host_in(host, j % 2)[j] = wild[(j + i) % 6];
      }
      df_host_run(host, 4096U);
      CHECK(is_finite(host, 2, 4096U));
    }
  }
  df_host_free(host);
}

static bool
is_input(const df_port port)
{
  return df_port_about(port)->kind == DF_PORT_INPUT;
}

/// Any value in any control port: finite sound, meters within their ranges.
static void
test_wild_controls(void)
{
  const float wild[] = {NAN, INFINITY, -INFINITY, 1e30f, -5.0f, 0.5f, 2.0f};
  const df_host_options o    = options(1);
  df_host* const        host = df_host_make(&o);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_rng rng = df_rng_make(1U, 2U, 3U);
  for (int i = 0; i < 300; ++i) {
    for (int p = DF_PORT_ENABLED; p < DF_PORT_COUNT; ++p) {
      if (is_input((df_port)p) && df_rng_below(&rng, 4U) == 0U) {
        *df_host_control(host, (df_port)p) = wild[df_rng_below(&rng, 7U)];
      }
    }
    fill(host, (uint64_t)i, 1);
    df_host_run(host, 300U);
    CHECK(is_finite(host, 1, 300U));
    for (int p = DF_PORT_LATENCY; p < DF_PORT_COUNT; ++p) {
      const float* const value = df_host_control(host, (df_port)p);
      CHECK(is_input((df_port)p) || df_port_value((df_port)p, value) == *value);
    }
  }
  df_host_free(host);
}

/// Work refused is asked for again; work done within the request, later, or
/// never before the end is as good.
static void
test_workers(void)
{
  for (int w = DF_HOST_INSIDE; w <= DF_HOST_THREAD; ++w) {
    df_host_options o   = options(2);
    o.worker            = (df_host_worker)w;
    o.refuse            = 5;
    df_host* const host = df_host_make(&o);
    CHECK(df_host_settle(host) == DF_MODEL_READY);
    for (int k = 0; k < 4; ++k) { // old rigs go back
      *df_host_control(host, DF_PORT_MODEL) = (float)(1 - k % 2);
      CHECK(df_host_settle(host) == DF_MODEL_READY);
      *df_host_control(host, DF_PORT_LOOKAHEAD) = 50.0f * (float)k;
      df_host_run(host, 512U);
    }
    df_host_free(host);
  }
  df_host_options o = options(2);
  o.worker          = DF_HOST_LATER;
  df_host* host     = df_host_make(&o);
  df_host_run(host, 64U);
  df_host_free(host); // its load is never done

  host = df_host_make(&o);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  *df_host_control(host, DF_PORT_MODEL) = 1.0f;
  df_host_run(host, 64U);
  CHECK(df_host_work(host) == 1);
  df_host_run(host, 4096U);
  df_host_run(host, 64U);
  df_host_free(host); // the old rig is never asked for
}

/// Deactivate and activate keep the model.
static void
test_activate(void)
{
  const df_host_options o    = options(2);
  df_host* const        host = df_host_make(&o);
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  for (int k = 0; k < 5; ++k) {
    df_host_deactivate(host);
    df_host_activate(host);
    fill(host, (uint64_t)k, 2);
    df_host_run(host, 1024U);
    CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
    CHECK(is_dry(host, 2, 1024U));
  }
  df_host_free(host);

  df_host* const unused = df_host_make(&o); // scanned, never run
  df_host_free(unused);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  df_bundles_make(&bundles, argv[2]);
  test_no_model();
  test_bad_model();
  test_dry();
  test_latency();
  test_auto();
  test_short_gap();
  test_xrun();
  test_null_ports();
  test_capacity();
  test_no_features();
  test_rates();
  test_instances();
  test_wild_input();
  test_wild_controls();
  test_workers();
  test_activate();
  df_bundles_remove(&bundles);
  return 0;
}
