#include "plugin/rig.h"

#include <math.h>
#include <stdlib.h>

df_status
df_loaded_make(const char* const path,
               df_loaded** const out,
               df_note* const    note)
{
  df_loaded* const loaded = (df_loaded*)calloc(1U, sizeof(df_loaded));
  if (!loaded) {
    return DF_E_NOMEM;
  }
  const df_status st = df_instrument_load(path, &loaded->instrument, note);
  if (st) {
    free(loaded);
    return st;
  }
  loaded->users = 1;
  *out          = loaded;
  return DF_OK;
}

void
df_loaded_drop(df_loaded* const loaded)
{
  if (loaded && --loaded->users == 0) {
    df_instrument_free(loaded->instrument);
    free(loaded);
  }
}

static int
hops(const df_loaded* const loaded, const float lookahead)
{
  const df_codec_config* const config =
    &df_instrument_codec(loaded->instrument)->config;
  const double hop = 1000.0 * (double)config->hop / (double)config->rate;
  return (int)fmin(round((double)lookahead / hop), 256.0);
}

// The voice's memory is measured, then taken
static df_status
make_voice(df_rig* const rig, const double rate, const int channels)
{
  const df_codec_config* const config =
    &df_instrument_codec(rig->loaded->instrument)->config;
  for (int pass = 0; pass < 2; ++pass) {
    const df_status st = df_voice_make(&rig->arena,
                                       rate,
                                       (double)config->rate,
                                       config->hop,
                                       channels,
                                       rig->lookahead,
                                       rig->watched,
                                       df_thread_door(rig->thread),
                                       &rig->voice);
    if (st) {
      return st;
    }
    if (!pass && df_arena_allocate(&rig->arena)) {
      return DF_E_NOMEM;
    }
  }
  return DF_OK;
}

df_status
df_rig_make(df_loaded* const loaded,
            const double     rate,
            const int        channels,
            const float      lookahead,
            const bool       watched,
            df_rig** const   out,
            df_note* const   note)
{
  df_rig* const rig = (df_rig*)calloc(1U, sizeof(df_rig));
  if (!rig) {
    return DF_E_NOMEM;
  }
  rig->loaded    = loaded;
  rig->lookahead = hops(loaded, lookahead);
  rig->watched   = watched;
  ++loaded->users;
  df_status st =
    df_link_make(loaded->instrument, rate, rig->lookahead, &rig->link, note);
  if (!st) {
    st = df_thread_make(rig->link, &rig->thread);
  }
  if (!st) {
    st = make_voice(rig, rate, channels);
  }
  if (st) {
    df_rig_free(rig);
    return st;
  }
  *out = rig;
  return DF_OK;
}

void
df_rig_free(df_rig* const rig)
{
  if (rig) {
    df_thread_free(rig->thread);
    df_link_free(rig->link);
    df_arena_free(&rig->arena);
    df_loaded_drop(rig->loaded);
    free(rig);
  }
}

int
df_rig_hops(const df_rig* const rig, const float lookahead)
{
  return hops(rig->loaded, lookahead);
}

double
df_rig_frame(const df_rig* const rig, const double rate)
{
  const df_codec_config* const config =
    &df_instrument_codec(rig->loaded->instrument)->config;
  return rate * config->hop * config->frames / config->rate;
}

void
df_rig_reset(df_rig* const rig)
{
  df_thread_reset(rig->thread);
  df_voice_reset(rig->voice);
}

void
df_rig_restart(df_rig* const rig)
{
  df_thread_reset(rig->thread);
  df_voice_restart(rig->voice);
}
