#include "plugin/controls.h"

#include "tests/check.h"

#include <math.h>

/// Nothing connected: the defaults.
static void
test_unconnected(void)
{
  void* const       ports[DF_PORT_COUNT] = {NULL};
  const df_controls c                    = df_controls_read(ports);
  CHECK(c.enabled && !c.offline && !c.voice.wait);
  CHECK(c.noise == 0.0f && c.voice.mix == 1.0f && c.slot == 0);
  CHECK_NEAR(c.voice.fade, 0.02, 1e-7);
}

/// `wait` and `freewheel` together say whether a cycle is offline.
static void
test_offline(void)
{
  const bool want[3][2] = {{false, true}, {false, false}, {true, true}};
  for (int w = 0; w < 3; ++w) {
    for (int f = 0; f < 2; ++f) {
      float wait                 = (float)w;
      float wheel                = (float)f;
      void* ports[DF_PORT_COUNT] = {NULL};
      ports[DF_PORT_WAIT]        = &wait;
      ports[DF_PORT_FREEWHEEL]   = &wheel;
      CHECK(df_controls_read(ports).offline == want[w][f]);
      CHECK(df_controls_read(ports).voice.wait == want[w][f]);
    }
  }
}

/// Not enabled, all input is trusted.
static void
test_disabled(void)
{
  float enabled              = 0.0f;
  float noise                = 1.0f;
  void* ports[DF_PORT_COUNT] = {NULL};
  ports[DF_PORT_ENABLED]     = &enabled;
  ports[DF_PORT_NOISE]       = &noise;
  CHECK(df_controls_read(ports).noise == 0.0f);
  enabled = NAN; // no value: the default
  CHECK(df_controls_read(ports).noise == 1.0f);
}

int
main(void)
{
  test_unconnected();
  test_offline();
  test_disabled();
  return 0;
}
