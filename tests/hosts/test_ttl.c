#include "plugin/ports.h"
#include "plugin/series_ports.h"
#include "plugin/uris.h"
#include "tests/check.h"

#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/port-props/port-props.h>
#include <lv2/presets/presets.h>

#include <string.h>

/// The Turtle says what the code does.  Argument: the bundle.

static LilvWorld* world;

static LilvNode*
uri(const char* const words)
{
  return lilv_new_uri(world, words);
}

static bool
is_a(const LilvPlugin* const plugin,
     const LilvPort* const   port,
     const char* const class)
{
  LilvNode* const node = uri(class);
  const bool      is   = lilv_port_is_a(plugin, port, node);
  lilv_node_free(node);
  return is;
}

static bool
has(const LilvPlugin* const plugin,
    const LilvPort* const   port,
    const char* const       property)
{
  LilvNode* const node = uri(property);
  const bool      is   = lilv_port_has_property(plugin, port, node);
  lilv_node_free(node);
  return is;
}

static void
check_control(const LilvPlugin* const   plugin,
              const LilvPort* const     port,
              const df_port_info* const info)
{
  LilvNode* initial = NULL;
  LilvNode* minimum = NULL;
  LilvNode* maximum = NULL;
  lilv_port_get_range(plugin, port, &initial, &minimum, &maximum);
  CHECK(initial && minimum && maximum);
  CHECK(lilv_node_as_float(initial) == info->initial);
  CHECK(lilv_node_as_float(minimum) == info->minimum);
  CHECK(lilv_node_as_float(maximum) == info->maximum);
  lilv_node_free(initial);
  lilv_node_free(minimum);
  lilv_node_free(maximum);
  CHECK(is_a(plugin, port, LILV_URI_CONTROL_PORT));
  CHECK(is_a(plugin, port, LILV_URI_INPUT_PORT) ==
        (info->kind == DF_PORT_INPUT));
  CHECK(info->whole == (has(plugin, port, LV2_CORE__integer) ||
                        has(plugin, port, LV2_CORE__toggled)));
}

/// Index, symbol, type, range and default of each port are those of the table.
static void
test_ports(const LilvPlugin* const plugin, const int channels)
{
  CHECK(lilv_plugin_get_num_ports(plugin) ==
        (uint32_t)(2 * channels + DF_PORT_COUNT));
  for (int i = 0; i < 2 * channels; ++i) {
    const LilvPort* const port =
      lilv_plugin_get_port_by_index(plugin, (uint32_t)i);
    CHECK(!strcmp(lilv_node_as_string(lilv_port_get_symbol(plugin, port)),
                  df_port_audio(channels, i)));
    CHECK(is_a(plugin, port, LILV_URI_AUDIO_PORT));
    CHECK(has(plugin, port, LV2_CORE__connectionOptional));
    CHECK(is_a(plugin, port, LILV_URI_INPUT_PORT) == (i < channels));
  }
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    const df_port_info* const info = df_port_about((df_port)i);
    const LilvPort* const     port =
      lilv_plugin_get_port_by_index(plugin, (uint32_t)(2 * channels + i));
    CHECK(!strcmp(lilv_node_as_string(lilv_port_get_symbol(plugin, port)),
                  info->symbol));
    CHECK(has(plugin, port, LV2_CORE__connectionOptional));
    if (info->kind == DF_PORT_ATOM) {
      CHECK(is_a(plugin, port, LILV_URI_ATOM_PORT));
      CHECK(is_a(plugin, port, LILV_URI_INPUT_PORT) == (i == DF_PORT_CONTROL));
    } else {
      check_control(plugin, port, info);
    }
  }
}

static void
check_designation(const LilvPlugin* const plugin,
                  const int               channels,
                  const df_port           port,
                  const char* const       designation)
{
  LilvNode* const class      = uri(LILV_URI_CONTROL_PORT);
  LilvNode* const       node = uri(designation);
  const LilvPort* const found =
    lilv_plugin_get_port_by_designation(plugin, class, node);
  CHECK(found && lilv_port_get_index(plugin, found) ==
                   (uint32_t)(2 * channels + (int)port));
  lilv_node_free(class);
  lilv_node_free(node);
}

/// What hosts look for by meaning is found, nothing is required, and the
/// offline port can be seen in jalv.
static void
test_meaning(const LilvPlugin* const plugin, const int channels)
{
  check_designation(plugin, channels, DF_PORT_ENABLED, LV2_CORE__enabled);
  check_designation(
    plugin, channels, DF_PORT_FREEWHEEL, LV2_CORE__freeWheeling);
  check_designation(plugin, channels, DF_PORT_LATENCY, LV2_CORE__latency);
  CHECK(lilv_plugin_has_latency(plugin));
  CHECK(lilv_plugin_get_latency_port_index(plugin) ==
        (uint32_t)(2 * channels + DF_PORT_LATENCY));
  LilvNodes* const required = lilv_plugin_get_required_features(plugin);
  CHECK(lilv_nodes_size(required) == 0U);
  lilv_nodes_free(required);
  const LilvPort* const wheel = lilv_plugin_get_port_by_index(
    plugin, (uint32_t)(2 * channels + DF_PORT_FREEWHEEL));
  CHECK(!has(plugin, wheel, LV2_PORT_PROPS__notOnGUI));
  CHECK(lilv_plugin_verify(plugin));
}

/// The same of the series plugin: control voltages, then its table; it finds
/// its model and its controls, and needs nothing.
static void
test_series(const LilvPlugin* const plugin)
{
  CHECK(lilv_plugin_get_num_ports(plugin) ==
        (uint32_t)(2 * DF_CV + DF_SERIES_COUNT));
  for (int i = 0; i < 2 * DF_CV + DF_SERIES_COUNT; ++i) {
    const LilvPort* const port =
      lilv_plugin_get_port_by_index(plugin, (uint32_t)i);
    const char* const symbol =
      lilv_node_as_string(lilv_port_get_symbol(plugin, port));
    char want[32];
    CHECK(has(plugin, port, LV2_CORE__connectionOptional));
    if (i < 2 * DF_CV) {
      (void)snprintf(
        want, sizeof(want), "%s_%d", i < DF_CV ? "in" : "out", i % DF_CV + 1);
      CHECK(!strcmp(symbol, want) && is_a(plugin, port, LV2_CORE__CVPort));
      CHECK(is_a(plugin, port, LILV_URI_INPUT_PORT) == (i < DF_CV));
      continue;
    }
    const df_port_info* const info =
      df_series_about((df_series_port)(i - 2 * DF_CV));
    CHECK(!strcmp(symbol, info->symbol));
    if (info->kind == DF_PORT_ATOM) {
      CHECK(is_a(plugin, port, LILV_URI_ATOM_PORT));
    } else {
      check_control(plugin, port, info);
    }
  }
  LilvNodes* const required = lilv_plugin_get_required_features(plugin);
  CHECK(lilv_nodes_size(required) == 0U);
  lilv_nodes_free(required);
  CHECK(lilv_plugin_verify(plugin));
}

typedef struct {
  int bad;
  int count;
} tally;

static void
check_value(const char* const symbol,
            void* const       handle,
            const void* const value,
            const uint32_t    size,
            const uint32_t    type)
{
  tally* const self = (tally*)handle;
  (void)type;
  for (int i = 0; i < DF_PORT_COUNT; ++i) {
    const df_port_info* const info = df_port_about((df_port)i);
    if (!strcmp(info->symbol, symbol) && info->kind == DF_PORT_INPUT) {
      const float now = *(const float*)value;
      self->bad +=
        size == sizeof(float) && df_port_value((df_port)i, &now) == now ? 0 : 1;
      ++self->count;
      return;
    }
  }
  ++self->bad; // no such port
}

static LV2_URID
map_uri(const LV2_URID_Map_Handle handle, const char* const words)
{
  (void)handle;
  return !strcmp(words, LV2_ATOM__Float) ? 7U : 1U;
}

/// There are twelve presets or more, and each value is in its port's range.
static void
test_presets(const LilvPlugin* const plugin)
{
  LV2_URID_Map     map     = {NULL, map_uri};
  LilvNode* const  preset  = uri(LV2_PRESETS__Preset);
  LilvNodes* const presets = lilv_plugin_get_related(plugin, preset);
  CHECK(lilv_nodes_size(presets) >= 12U);
  LILV_FOREACH(nodes, i, presets)
  {
    const LilvNode* const node = lilv_nodes_get(presets, i);
    CHECK(lilv_world_load_resource(world, node) >= 0); // 0: loaded before
    LilvState* const state = lilv_state_new_from_world(world, &map, node);
    CHECK(state && lilv_state_get_label(state));
    tally self = {0, 0};
    lilv_state_emit_port_values(state, check_value, &self);
    if (self.bad || self.count < 5) {
      (void)fprintf(stderr,
                    "%s: %d values, %d bad\n",
                    lilv_node_as_string(node),
                    self.count,
                    self.bad);
    }
    CHECK(self.bad == 0 && self.count >= 5);
    lilv_state_free(state);
  }
  lilv_nodes_free(presets);
  lilv_node_free(preset);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 2);
  CHECK(!setenv("LV2_PATH", "/usr/lib/lv2", 1));
  world = lilv_world_new();
  CHECK(world);
  lilv_world_load_all(world);
  char folder[4096];
  CHECK(snprintf(folder, sizeof(folder), "%s/", argv[1]) > 0);
  LilvNode* const bundle = lilv_new_file_uri(world, NULL, folder);
  lilv_world_load_bundle(world, bundle);
  const LilvPlugins* const plugins = lilv_world_get_all_plugins(world);
  for (int channels = 1; channels <= 2; ++channels) {
    LilvNode* const name = uri(channels == 2 ? DF_URI_STEREO : DF_URI_MONO);
    const LilvPlugin* const plugin = lilv_plugins_get_by_uri(plugins, name);
    CHECK(plugin);
    test_ports(plugin, channels);
    test_meaning(plugin, channels);
    test_presets(plugin);
    lilv_node_free(name);
  }
  LilvNode* const         name   = uri(DF_URI_SERIES);
  const LilvPlugin* const plugin = lilv_plugins_get_by_uri(plugins, name);
  CHECK(plugin);
  test_series(plugin);
  lilv_node_free(name);
  lilv_node_free(bundle);
  lilv_world_free(world);
  return 0;
}
