#include "plugin/ports.h"

#include "core/engine/settings.h"
#include "tests/check.h"

#include <math.h>
#include <string.h>

/// Every port has a symbol of its own and a range that holds its default.
static void
test_table(void)
{
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    const df_port_info* const info = df_port_about((df_port)i);
    CHECK(info->symbol && info->symbol[0]);
    for (int j = 0; j < i; ++j) {
      CHECK(strcmp(info->symbol, df_port_about((df_port)j)->symbol));
    }
    if (info->kind != DF_PORT_ATOM) {
      CHECK(info->minimum < info->maximum);
      CHECK(info->initial >= info->minimum && info->initial <= info->maximum);
    }
  }
  CHECK(!strcmp(df_port_audio(1, 1), "out"));
  CHECK(!strcmp(df_port_audio(2, 2), "out_left"));
}

/// Whatever a host writes into a control, the value lies in the range.
static void
test_any_value(void)
{
  const float wild[] = {NAN,
                        -NAN,
                        INFINITY,
                        -INFINITY,
                        1e30f,
                        -1e30f,
                        0.49f,
                        -0.0f,
                        1e-40f,
                        3.5f,
                        64.4f,
                        1e9f};
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    const df_port_info* const info = df_port_about((df_port)i);
    CHECK(df_port_value((df_port)i, NULL) == info->initial);
    for (size_t k = 0; k < sizeof(wild) / sizeof(wild[0]); ++k) {
      const float value = df_port_value((df_port)i, &wild[k]);
      CHECK(value >= info->minimum && value <= info->maximum);
      CHECK(!info->whole || value == roundf(value));
    }
  }
}

/// The defaults are those of the engine.
static void
test_defaults(void)
{
  const df_settings s = df_settings_default();
  CHECK(df_port_value(DF_PORT_HORIZON, NULL) == s.horizon);
  CHECK(df_port_value(DF_PORT_SLOPE, NULL) == s.slope);
  CHECK(df_port_value(DF_PORT_STEPS, NULL) == s.steps);
  CHECK(df_port_value(DF_PORT_GUIDANCE, NULL) == s.guidance);
  CHECK(df_port_value(DF_PORT_RECALL, NULL) == s.recall);
  CHECK(df_port_value(DF_PORT_MEMORY, NULL) == s.memory);
  CHECK(df_port_value(DF_PORT_MEMORY_NOISE, NULL) == s.memory_noise);
  CHECK(df_port_value(DF_PORT_HEAT, NULL) == s.heat);
  CHECK(df_port_value(DF_PORT_AIM_LEVEL, NULL) == s.aim_level);
  CHECK(df_port_value(DF_PORT_AIM_BRIGHT, NULL) == s.aim_bright);
  CHECK(df_port_value(DF_PORT_AIM, NULL) == s.aim);
  CHECK((uint32_t)df_port_value(DF_PORT_SEED, NULL) == s.seed);
}

int
main(void)
{
  test_table();
  test_any_value();
  test_defaults();
  return 0;
}
