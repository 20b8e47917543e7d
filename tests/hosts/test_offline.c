#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"

#include "core/base/rng.h"

#include <math.h>
#include <string.h>

/// Offline renders are complete and the same every time.  Arguments:
/// dforce.so, make_model.

#define N (48000 * 2)
#define LOST 40960 // a multiple of every block size tried
#define BACK 69632 // so is this

static df_bundles  bundles;
static const char* module;
static float       input[2][N];
static float       first[2][N];
static float       other[2][N];

static df_host_options
options(const df_host_worker worker)
{
  return (df_host_options){.module   = module,
                           .bundle   = bundles.full,
                           .rate     = 48000.0,
                           .channels = 2,
                           .worker   = worker};
}

static void
make_input(void)
{
  df_rng rng = df_rng_make(4U, 0U, 0U);
  df_rng_normal(&rng, input[0], N);
  for (int i = 0; i < N; ++i) {
    const float t = (float)i / 48000.0f;
    const float y = 0.2f * sinf(2764.6f * t) * expf(-3.0f * fmodf(t, 0.25f));
    input[1][i]   = y + 0.003f * input[0][i];
    input[0][i]   = y;
  }
}

static void
part(df_host* const host,
     float (*const out)[N],
     const size_t   from,
     const size_t   to,
     const float    noise,
     const uint32_t block)
{
  const float* const in[2]              = {input[0] + from, input[1] + from};
  float* const       at[2]              = {out[0] + from, out[1] + from};
  *df_host_control(host, DF_PORT_NOISE) = noise;
  df_host_play(host, in, at, to - from, block);
}

// The whole piece, lost in its middle
static void
play(df_host* const host, float (*const out)[N], const uint32_t block)
{
  part(host, out, 0U, LOST, 0.0f, block);
  part(host, out, LOST, BACK, 1.0f, block);
  part(host, out, BACK, N, 0.0f, block);
}

static void
render(const df_host_worker worker,
       const uint32_t       block,
       const float          lookahead,
       float (*const out)[N])
{
  const df_host_options o                   = options(worker);
  df_host* const        host                = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT)      = (float)DF_WAIT_ALWAYS;
  *df_host_control(host, DF_PORT_LOOKAHEAD) = lookahead;
  play(host, out, block);
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  df_host_free(host);
}

static bool
same(float (*const a)[N], float (*const b)[N])
{
  return !memcmp(a, b, sizeof(float) * 2U * N);
}

/// Samples depend neither on the block size nor on how the model was loaded;
/// the first block waits for it.
static void
test_blocks(void)
{
  const uint32_t blocks[]     = {64U, 256U, 1024U, 8192U, 32U, 1U};
  const float    lookaheads[] = {0.0f, 120.0f};
  for (int l = 0; l < 2; ++l) {
    render(DF_HOST_THREAD, 128U, lookaheads[l], first);
    for (size_t k = 0; k < sizeof(blocks) / sizeof(blocks[0]); ++k) {
      const df_host_worker worker = k % 3 == 0   ? DF_HOST_NONE
                                    : k % 3 == 1 ? DF_HOST_INSIDE
                                                 : DF_HOST_THREAD;
      render(worker, blocks[k], lookaheads[l], other);
      CHECK(same(first, other));
    }
  }
}

/// A curve drawn by automation, one value a block, gives the same at all blocks
/// between which its values change.
static void
test_curve(void)
{
  const uint32_t blocks[] = {1024U, 64U, 256U, 512U};
  for (size_t k = 0; k < sizeof(blocks) / sizeof(blocks[0]); ++k) {
    const df_host_options o              = options(DF_HOST_THREAD);
    df_host* const        host           = df_host_make(&o);
    *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
    for (size_t at = 0U; at + 1024U <= N; at += 1024U) {
      const float noise = 0.5f - 0.5f * cosf(0.15f * (float)(at / 1024U));
      part(host, k ? other : first, at, at + 1024U, noise, blocks[k]);
      CHECK(*df_host_control(host, DF_PORT_LEVEL) == noise);
    }
    df_host_free(host);
    CHECK(!k || same(first, other));
  }
}

/// Levels sent ahead do what the same curve does when drawn, whatever the block
/// and wherever in one they come; a list ends the one before, also in a block.
static void
test_levels(void)
{
  const float    list[6]   = {0.0f, 1.0f, 1.0f, 1.0f, 0.5f, 0.0f};
  const float    before[5] = {0.0f, 1.0f, 1.0f, 0.2f, 0.2f};
  const uint32_t frame     = 512U;       // of the model: 256 samples at 24 kHz
  const uint32_t turn      = 3U * frame; // from one list to the other
  const uint32_t blocks[]  = {512U, 1024U, 64U, 4096U};
  for (int k = 0; k < 5; ++k) {
    const df_host_options o              = options(DF_HOST_THREAD);
    df_host* const        host           = df_host_make(&o);
    float(*const out)[N]                 = k ? other : first;
    *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
    part(host, out, 0U, LOST, 0.0f, 1024U);
    if (k == 0) {
      for (uint32_t i = 0U; i < 6U; ++i) {
        const size_t at = LOST + i * frame;
        part(host, out, at, at + frame, list[i], frame);
      }
      part(host, out, LOST + 6U * frame, BACK, 0.0f, 1024U);
    } else {
      const uint32_t block = blocks[k - 1];
      const uint32_t split = turn / block * block;
      df_host_send_levels(host, 0, before, 5U);
      part(host, out, LOST, LOST + split, 0.0f, block);
      df_host_send_levels(host, turn - split, list + 3, 3U);
      part(host, out, LOST + split, BACK, 0.0f, block);
    }
    part(host, out, BACK, N, 0.0f, 1024U);
    df_host_free(host);
    CHECK(!k || same(first, other));
  }
}

/// New engines take over at the same sample whatever the block: what is asked
/// for while one is still listening waits until it has faded in, or until the
/// transport starts.
static void
test_takeover(void)
{
  const uint32_t blocks[] = {256U, 4096U, 777U};
  const size_t   at       = LOST + 20000U;
  for (int starts = 0; starts < 2; ++starts) {
    for (int k = 0; k < 3; ++k) {
      const df_host_options o              = options(DF_HOST_THREAD);
      df_host* const        host           = df_host_make(&o);
      float(*const out)[N]                 = k ? other : first;
      *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
      part(host, out, 0U, LOST - 20000U, 0.0f, blocks[k]);
      part(host, out, LOST - 20000U, LOST - 10000U, 1.0f, blocks[k]);
      *df_host_control(host, DF_PORT_LOOKAHEAD) = 100.0f;
      part(host, out, LOST - 10000U, LOST, 1.0f, blocks[k]);
      *df_host_control(host, DF_PORT_AUTO) = 1.0f;
      part(host, out, LOST, at, 1.0f, blocks[k]);
      if (starts) {
        df_host_send_speed(host, 100, 1.0f);
      }
      part(host, out, at, N, 1.0f, blocks[k]);
      df_host_free(host);
      CHECK(!k || same(first, other));
    }
  }
}

/// The lost part is played by the model: it is neither silence nor the input,
/// and what was trusted passed bit for bit.
static void
test_wet(void)
{
  render(DF_HOST_THREAD, 128U, 0.0f, first);
  CHECK(!memcmp(first[0], input[0], sizeof(float) * LOST));
  double power = 0.0;
  double apart = 0.0;
  for (int i = LOST + 4800; i < BACK; ++i) {
    power += (double)(first[0][i] * first[0][i]);
    apart += fabs((double)(first[0][i] - input[0][i]));
  }
  CHECK(power / (BACK - LOST) > 1e-8);
  CHECK(apart > 0.0);
}

/// Free-wheeling does what `wait` always does, unless `wait` says never.
static void
test_freewheel(void)
{
  render(DF_HOST_THREAD, 256U, 0.0f, first);
  const df_host_options o                   = options(DF_HOST_INSIDE);
  df_host* const        host                = df_host_make(&o);
  *df_host_control(host, DF_PORT_FREEWHEEL) = 1.0f;
  play(host, other, 256U);
  df_host_free(host);
  CHECK(same(first, other));
}

/// When the transport starts, or after activate, all begins anew: the render
/// is that of a fresh instance.
static void
test_anew(void)
{
  render(DF_HOST_THREAD, 256U, 60.0f, first);
  const df_host_options o                   = options(DF_HOST_THREAD);
  df_host* const        host                = df_host_make(&o);
  *df_host_control(host, DF_PORT_LOOKAHEAD) = 60.0f;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  part(host, other, 0U, 30000U, 1.0f, 333U); // in real time, in disorder
  *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  part(host, other, 0U, 30000U, 0.4f, 333U);
  // What was sent before the start still comes out, in its place
  const size_t latency = (size_t)*df_host_control(host, DF_PORT_LATENCY);
  CHECK(latency > 2000U);
  df_host_send_speed(host, 0, 1.0f);
  play(host, other, 256U);
  for (int c = 0; c < 2; ++c) {
    const size_t rest = sizeof(float) * (N - latency);
    CHECK(
      !memcmp(other[c], input[c] + 30000U - latency, sizeof(float) * latency));
    CHECK(!memcmp(other[c] + latency, first[c] + latency, rest));
  }

  df_host_deactivate(host);
  df_host_activate(host);
  play(host, other, 256U);
  CHECK(same(first, other));

  // A start within a block: what follows it is the same
  df_host_send_speed(host, 0, 0.0f);
  df_host_run(host, 64U);
  df_host_send_speed(host, 100, 1.0f);
  *df_host_control(host, DF_PORT_NOISE) = 0.0f;
  const size_t n                        = latency + 512U;
  memcpy(df_host_in(host, 0) + 100, input[0], sizeof(float) * n);
  memcpy(df_host_in(host, 1) + 100, input[1], sizeof(float) * n);
  df_host_run(host, 100U + (uint32_t)n);
  CHECK(!memcmp(df_host_out(host, 0) + 100 + latency,
                first[0] + latency,
                sizeof(float) * 512U));
  df_host_free(host);
}

/// Another seed is heard; the same one twice is not.
static void
test_seed(void)
{
  float values[3] = {5.0f, 6.0f, 5.0f};
  float tail[3][2000];
  for (int k = 0; k < 3; ++k) {
    const df_host_options o              = options(DF_HOST_THREAD);
    df_host* const        host           = df_host_make(&o);
    *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
    *df_host_control(host, DF_PORT_SEED) = values[k];
    play(host, other, 512U);
    memcpy(tail[k], other[0] + BACK - 2000, sizeof(tail[k]));
    df_host_free(host);
  }
  CHECK(memcmp(tail[0], tail[1], sizeof(tail[0])));
  CHECK(!memcmp(tail[0], tail[2], sizeof(tail[0])));
}

/// In real time, far faster than the engine can follow, nothing waits, and
/// sound stays finite; frames that came late are counted.
static void
test_real_time(void)
{
  const df_host_options o               = options(DF_HOST_THREAD);
  df_host* const        host            = df_host_make(&o);
  *df_host_control(host, DF_PORT_STEPS) = 8.0f;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  play(host, other, 64U);
  for (int i = 0; i < N; ++i) {
    CHECK(fabsf(other[0][i]) < 100.0f && fabsf(other[1][i]) < 100.0f);
  }
  CHECK(*df_host_control(host, DF_PORT_LATE) > 0.0f);
  df_host_free(host);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  df_bundles_make(&bundles, argv[2]);
  make_input();
  test_blocks();
  test_curve();
  test_levels();
  test_takeover();
  test_wet();
  test_freewheel();
  test_anew();
  test_seed();
  test_real_time();
  df_bundles_remove(&bundles);
  return 0;
}
