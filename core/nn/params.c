#include "core/nn/params.h"

#include <assert.h>
#include <string.h>

size_t
df_params_add(df_params* const  params,
              const char* const name,
              const int         d0,
              const int         d1,
              const int         d2,
              const df_init     init,
              const double      spread)
{
  assert(params->count < DF_PARAMS_MAX);
  assert(d0 > 0 && d1 >= 0 && d2 >= 0 && (d1 || !d2));
  assert(strlen(name) < sizeof(params->list[0].name));

  const size_t    rows = (size_t)d0;
  const size_t    more = (size_t)(d1 ? d1 : 1) * (size_t)(d2 ? d2 : 1);
  df_param* const p    = &params->list[params->count++];

  *p       = (df_param){.rank   = d2 ? 3 : (d1 ? 2 : 1),
                        .dims   = {d0, d1, d2},
                        .offset = params->total,
                        .count  = rows * more,
                        .init   = init,
                        .spread = spread};
  p->decay = p->rank > 1;
  memcpy(p->name, name, strlen(name) + 1U);
  params->total += p->count;
  return p->offset;
}

const df_param*
df_params_find(const df_params* const params, const char* const name)
{
  for (int i = 0; i < params->count; ++i) {
    if (!strcmp(params->list[i].name, name)) {
      return &params->list[i];
    }
  }
  return NULL;
}

void
df_params_init(const df_params* const params,
               const uint64_t         seed,
               df_real* const         theta)
{
  for (int i = 0; i < params->count; ++i) {
    const df_param* const p   = &params->list[i];
    df_real* const        to  = theta + p->offset;
    df_rng                rng = df_rng_make(seed, 0U, (uint64_t)i);
    for (size_t n = 0U; n < p->count;) {
      float  draw[64];
      size_t some = p->count - n;
      some        = some < 64U ? some : 64U;
      df_rng_normal(&rng, draw, 64U);
      for (size_t j = 0U; j < some; ++j) {
        to[n + j] = p->init == DF_INIT_NORMAL ? (df_real)(p->spread * draw[j])
                    : p->init == DF_INIT_ONE  ? (df_real)1
                                              : (df_real)0;
      }
      n += some;
    }
  }
}
