#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"

#include <math.h>
#include <string.h>

/// A minute of sound, and 200 changes of the model: nobody hears them.
/// Arguments: dforce.so, make_model.

#define RATE 48000
#define BLOCK 256
#define SECONDS 60
#define EVERY 56 // cycles, 0.3 s: 200 times a minute

static float sent[SECONDS * RATE];
static float heard[SECONDS * RATE];

// Plucked tones, an attack each quarter of a second
static float
pluck(const int t)
{
  const float since = (float)(t % (RATE / 4)) / (float)RATE;
  const float pitch = 220.0f * (float)(1 + t / (RATE / 4) % 4);
  return 0.3f * expf(-6.0f * since) * sinf(6.2831853f * pitch * since);
}

// Swap by slot, and by path one time in four
static void
swap(df_host* const host, const int count, const df_bundles* const bundles)
{
  if (count % 4 == 2) {
    df_host_send_path(host, 3, bundles->other);
  } else {
    float* const slot = df_host_control(host, DF_PORT_MODEL);
    *slot             = 1.0f - *slot;
  }
}

// Play a minute; how many models were taken up
static int
play(const char* const       module,
     const df_bundles* const bundles,
     const float             lookahead)
{
  const df_host_options o      = {.module   = module,
                                  .bundle   = bundles->full,
                                  .rate     = RATE,
                                  .channels = 1,
                                  .worker   = DF_HOST_LATER};
  df_host* const        host   = df_host_make(&o);
  const float* const    status = df_host_control(host, DF_PORT_MODEL_STATUS);
  int                   swaps  = 0;
  *df_host_control(host, DF_PORT_LOOKAHEAD) = lookahead;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_run(host, 16384U); // the first fade
  for (int cycle = 0; cycle < SECONDS * RATE / BLOCK; ++cycle) {
    const int at = cycle * BLOCK;
    for (int i = 0; i < BLOCK; ++i) {
      sent[at + i] = df_host_in(host, 0)[i] = pluck(at + i);
    }
    if (cycle % EVERY == 4) {
      swap(host, cycle / EVERY, bundles);
    }
    df_host_run(host, BLOCK);
    memcpy(heard + at, df_host_out(host, 0), sizeof(float) * BLOCK);
    swaps += *status == (float)DF_MODEL_LOADING;
    (void)df_host_work(host);
  }
  CHECK(*status == (float)DF_MODEL_READY);
  df_host_free(host);
  return swaps;
}

/// Trusted sound passes bit for bit through all of them, in its place, also
/// with a look-ahead that is a whole number of hops of both models.
static void
test_trusted(const char* const module, const df_bundles* const bundles)
{
  const float lookaheads[] = {0.0f, 96.0f};
  for (int k = 0; k < 2; ++k) {
    const size_t delay = (size_t)(k * 96 * RATE / 1000);
    CHECK(play(module, bundles, lookaheads[k]) >= 195);
    CHECK(!memcmp(heard + delay, sent, sizeof(sent) - sizeof(float) * delay));
  }
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  df_bundles bundles;
  df_bundles_make(&bundles, argv[2]);
  test_trusted(argv[1], &bundles);
  df_bundles_remove(&bundles);
  return 0;
}
