#include "core/cli/preview.h"

#include "core/engine/engine.h"
#include "core/engine/instrument.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS 10.0
#define HEARD 0.4 // of it

/// Hops that the engine keeps readable; it is read at once.
#define REACH 8

/// Feed `heard` hops of x, then silence that is not to be trusted.
static void
play(df_engine* const   engine,
     const float* const x,
     const int          hop,
     const int64_t      heard,
     const int64_t      hops,
     float* const       out)
{
  float* const nothing = out + hops * hop; // the last hop, still zero
  memcpy(out, x, (size_t)(heard * hop) * sizeof(float));
  for (int64_t i = 0; i < hops; ++i) {
    const bool         real = i < heard;
    const float* const in   = real ? x + i * hop : nothing;
    df_engine_take(engine, in, hop, 0, real ? hop : 0, real ? 0.0f : 1.0f);
    if (i == heard) {
      df_engine_begin(engine, heard * hop);
    }
    if (!real) {
      df_engine_speak(engine, (i + 1) * hop);
      df_engine_read(engine, i * hop, hop, out + i * hop);
    }
  }
}

df_status
df_preview_make(const char* const      model,
                const df_corpus* const corpus,
                df_preview* const      out,
                df_note* const         note)
{
  const df_codec_config* const codec = &df_corpus_codec(corpus)->config;
  int64_t                      count = 0;
  const float* const           x     = df_corpus_sound(corpus, true, 0, &count);
  const int64_t                most  = (int64_t)(SECONDS * codec->rate);
  const int64_t  hops       = (count < most ? count : most) / codec->hop;
  const int64_t  heard      = (int64_t)(HEARD * (double)hops);
  df_instrument* instrument = NULL;
  df_engine*     engine     = NULL;

  *out             = (df_preview){0};
  df_status status = df_instrument_load(model, &instrument, note);
  if (!status) {
    status = df_engine_make(instrument, REACH, &engine);
  }
  float* const made =
    (float*)calloc((size_t)((hops + 1) * codec->hop), sizeof(float));
  if (!status && !made) {
    status = DF_E_NOMEM;
  }
  if (status) {
    free(made);
  } else {
    play(engine, x, codec->hop, heard, hops, made);
    out->made   = made;
    out->sounds = (df_report_sounds){
      .truth = x,
      .made  = made,
      .about = "Heard up to the line, continued by the model after it",
      .count = hops * codec->hop > 0 ? hops * codec->hop : 1,
      .rate  = codec->rate,
      .from  = (double)(heard * codec->hop) / codec->rate,
    };
  }
  df_engine_free(engine);
  df_instrument_free(instrument);
  return status;
}

void
df_preview_free(df_preview* const preview)
{
  free(preview->made);
  *preview = (df_preview){0};
}
