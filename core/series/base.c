#include "core/series/base.h"

#include "core/series/base_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char*
df_transform_name(const int transform)
{
  static const char* const names[] = {"none", "log", "log1p"};
  return names[transform];
}

df_base_config
df_base_config_guess(const df_table* const table, const int horizon)
{
  const int season = df_calendar_season(&table->calendar);
  return (df_base_config){
    .horizon    = horizon,
    .season     = season,
    .anchored   = season ? 1 : 0,
    .transform  = DF_TRANSFORM_NONE,
    .difference = season ? 0 : 1,
    .profile    = DF_PROFILE_MEAN,
    .scale      = season ? DF_BASE_LEVELS : DF_BASE_CHANGES,
    .factors    = table->series < 24 ? table->series : 24,
    .context    = horizon < 24 ? 24 : horizon,
    .reach      = 1000000,
  };
}

df_status
df_base_make(df_base** const out)
{
  *out = (df_base*)calloc(1U, sizeof(df_base));
  return *out ? DF_OK : DF_E_NOMEM;
}

void
df_base_free(df_base* const base)
{
  if (base) {
    free(base->mean);
    free(base->deviation);
    free(base->weight);
    free(base->profile);
    free(base->phase_scale);
    free(base->importance);
    free(base->factors);
    free(base->variance);
    free(base->direct);
    free(base->by_origin);
    free(base->spread);
    free(base->by_phase);
    free(base->follow);
    free(base->remainder);
    free(base);
  }
}

const df_base_config*
df_base_config_of(const df_base* const base)
{
  return &base->config;
}

int
df_base_series(const df_base* const base)
{
  return base->series;
}

int
df_base_learnt(const df_base* const base)
{
  return base->learnt;
}

int
df_base_side_count(const df_base* const base)
{
  const int k = base->config.factors;
  return DF_CALENDAR_FEATURES + (k < DF_BASE_SEEN ? k : DF_BASE_SEEN) +
         (k < DF_BASE_AHEAD ? k : DF_BASE_AHEAD) + 2;
}

int
df_base_settings(df_base* const base, df_setting out[DF_BASE_SETTINGS])
{
  const df_setting list[DF_BASE_SETTINGS] = {
    {"series.horizon", &base->config.horizon, 1, DF_BASE_HORIZON},
    {"series.season", &base->config.season, 0, 100000},
    {"series.anchored", &base->config.anchored, 0, 1},
    {"series.transform", &base->config.transform, 0, 2},
    {"series.difference", &base->config.difference, 0, 1},
    {"series.profile", &base->config.profile, 0, DF_PROFILES - 1},
    {"series.scale", &base->config.scale, 0, 10000},
    {"series.factors", &base->config.factors, 1, DF_BASE_FACTORS},
    {"series.context", &base->config.context, 1, 512},
    {"series.reach", &base->config.reach, 1, 1000000},
    {"series.floor", &base->config.floor, 0, 1},
    {"series.series", &base->series, 1, DF_TABLE_SERIES},
    {"series.rows", &base->learnt, 1, 2147483647},
    {"series.pool", &base->pool, 0, DF_BASE_POOL},
    {"series.pool_phase", &base->pool_phase, 0, 100000},
    {"series.origins", &base->origins, 0, DF_BASE_ORIGINS},
    {"series.profiles", &base->profiles, 0, 7 * DF_BASE_PHASES},
  };
  memcpy(out, list, sizeof(list));
  return DF_BASE_SETTINGS;
}

static float*
take(const size_t count, bool* const fits)
{
  float* const x = (float*)calloc(count ? count : 1U, sizeof(float));
  *fits          = *fits && x;
  return x;
}

df_status
df_base_reserve(df_base* const base, df_note* const note)
{
  const df_base_config* const c     = &base->config;
  const df_base_reach         reach = df_base_reach_of(c);
  const size_t                D     = (size_t)base->series;
  const size_t                H     = (size_t)c->horizon;
  const size_t                k     = (size_t)c->factors;
  bool                        fits  = true;
  if (c->factors > base->series) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "series.factors: want at most %d, one a series, found "
                       "%d",
                       base->series,
                       c->factors);
  }
  base->features = df_base_reach_features(c, &reach) + (base->profiles ? 1 : 0);
  base->phases   = df_base_told(c) <= DF_BASE_PHASES ? df_base_told(c) : 1;
  if (base->origins > base->phases) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "series.origins: want at most %d, the phases of a "
                       "season, found %d",
                       base->phases,
                       base->origins);
  }

  base->mean        = take(D, &fits);
  base->deviation   = take(D, &fits);
  base->weight      = take(D * (size_t)base->features, &fits);
  base->profile     = take((size_t)base->profiles * D, &fits);
  base->phase_scale = take((size_t)base->phases * D, &fits);
  base->importance  = take(D, &fits);
  base->factors     = take(k * D, &fits);
  base->variance    = take(k + 1, &fits);
  base->direct      = take(H * DF_BASE_RECENT * k * k, &fits);
  base->by_origin =
    take((size_t)base->origins * H * DF_BASE_RECENT * k * k, &fits);
  base->spread    = take(H * k, &fits);
  base->by_phase  = take((size_t)base->phases * k, &fits);
  base->follow    = take(H * D * 2U, &fits);
  base->remainder = take((size_t)base->pool * D, &fits);
  return fits ? DF_OK : DF_E_NOMEM;
}

int
df_base_arrays(df_base* const base, df_named out[DF_BASE_ARRAYS])
{
  const int      D      = base->series;
  const int      H      = base->config.horizon;
  const int      k      = base->config.factors;
  const df_named list[] = {
    {"series.mean", 1, {D}, false, base->mean},
    {"series.deviation", 1, {D}, false, base->deviation},
    {"series.phase_scale", 2, {base->phases, D}, false, base->phase_scale},
    {"series.importance", 1, {D}, false, base->importance},
    {"series.factors", 2, {k, D}, false, base->factors},
    {"series.variance", 1, {k + 1}, false, base->variance},
    {"series.direct", 3, {H, DF_BASE_RECENT * k, k}, false, base->direct},
    {"series.by_origin",
     4,
     {base->origins, H, DF_BASE_RECENT * k, k},
     false,
     base->by_origin},
    {"series.spread", 2, {H, k}, false, base->spread},
    {"series.by_phase", 2, {base->phases, k}, false, base->by_phase},
    {"series.weight", 2, {D, base->features}, false, base->weight},
    {"series.phase_mean", 2, {base->profiles, D}, false, base->profile},
    {"series.follow", 3, {H, D, 2}, false, base->follow},
    {"series.remainder", 2, {base->pool, D}, true, base->remainder},
  };
  int count = 0;
  for (size_t i = 0U; i < sizeof(list) / sizeof(list[0]); ++i) {
    const bool none = (list[i].values == base->weight && !base->features) ||
                      (list[i].values == base->profile && !base->profiles) ||
                      (list[i].values == base->by_origin && !base->origins) ||
                      (!base->pool && (list[i].values == base->follow ||
                                       list[i].values == base->remainder));
    if (!none) {
      out[count++] = list[i];
    }
  }
  return count;
}
