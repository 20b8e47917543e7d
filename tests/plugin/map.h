#ifndef DF_TESTS_PLUGIN_MAP_H
#define DF_TESTS_PLUGIN_MAP_H

#include "tests/check.h"

#include <lv2/urid/urid.h>

#include <string.h>

/// The smallest urid:map: a list.
typedef struct {
  char words[64][128];
  int  count;
} df_test_map;

static inline LV2_URID
df_test_map_map(LV2_URID_Map_Handle handle, const char* const uri)
{
  df_test_map* const map = (df_test_map*)handle;
  int                at  = 0;
  while (at < map->count && strcmp(map->words[at], uri)) {
    ++at;
  }
  if (at == map->count) {
    CHECK(at < 64 && strlen(uri) < 128U);
    memcpy(map->words[at], uri, strlen(uri) + 1U);
    ++map->count;
  }
  return (LV2_URID)at + 1U;
}

static inline LV2_URID_Map
df_test_map_feature(df_test_map* const map)
{
  return (LV2_URID_Map){map, df_test_map_map};
}

#endif // DF_TESTS_PLUGIN_MAP_H
