#include "core/model/layout.h"

#include "core/nn/embed.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// A matrix drawn from N(0, spread^2) and a zero bias, under one name
static df_layout_linear
matrix(df_params* const  params,
       const char* const prefix,
       const char* const name,
       const int         out,
       const int         in,
       const int         bias,
       const double      spread)
{
  char             full[sizeof(params->list[0].name)];
  df_layout_linear at = {0U, 0U};
  (void)snprintf(full, sizeof(full), "%s%s.weight", prefix, name);
  at.weight = df_params_add(params,
                            full,
                            out,
                            in,
                            0,
                            spread > 0.0 ? DF_INIT_NORMAL : DF_INIT_ZERO,
                            spread);
  (void)snprintf(full, sizeof(full), "%s%s.bias", prefix, name);
  at.bias = df_params_add(params, full, bias, 0, 0, DF_INIT_ZERO, 0.0);
  return at;
}

static df_layout_linear
linear(df_params* const  params,
       const char* const prefix,
       const char* const name,
       const int         out,
       const int         in,
       const double      spread)
{
  return matrix(params, prefix, name, out, in, out, spread);
}

// Within a layer: `pieces` matrices of their own stacked
static df_layout_linear
hidden(df_params* const  params,
       const char* const prefix,
       const char* const name,
       const int         out,
       const int         in,
       const int         pieces,
       const double      spread)
{
  const int              index = params->count;
  const df_layout_linear at    = linear(params, prefix, name, out, in, spread);
  params->list[index].pieces   = pieces;
  return at;
}

static void
block(const df_model_config* const config,
      df_params* const             params,
      const int                    index,
      df_layout_block* const       b)
{
  const int    d     = config->width;
  const int    m     = config->mlp;
  const double into  = 1.0 / sqrt((double)d);
  const double added = 1.0 / sqrt(2.0 * config->layers);

  char prefix[24];
  (void)snprintf(prefix, sizeof(prefix), "blocks.%d.", index);

  b->norm1 = linear(params, prefix, "norm1", 2 * d, DF_EMBED, 0.02);
  if (config->backbone == DF_BACKBONE_GRU) {
    b->input = hidden(params, prefix, "gru.input", 3 * d, d, 3, into);
    b->state = hidden(params, prefix, "gru.state", 3 * d, d, 3, into);

    char name[sizeof(params->list[0].name)];
    (void)snprintf(name, sizeof(name), "%sgru.start", prefix);
    b->start = df_params_add(params, name, d, 0, 0, DF_INIT_ZERO, 0.0);
  } else {
    b->conv = matrix(params, prefix, "conv", config->conv, d, d, 0.2);
    b->qkv  = hidden(params, prefix, "attn.qkv", 3 * d, d, 3, into);
    b->out  = hidden(params, prefix, "attn.out", d, d, 1, into * added);
  }
  b->norm2 = linear(params, prefix, "norm2", 2 * d, DF_EMBED, 0.02);
  b->up    = hidden(params, prefix, "mlp.up", m, d, 1, into);
  b->down =
    hidden(params, prefix, "mlp.down", d, m, 1, added / sqrt((double)m));
}

void
df_layout_make(const df_model_config* const config,
               df_params* const             params,
               df_layout* const             layout)
{
  assert(config->layers <= DF_LAYOUT_BLOCKS);
  memset(params, 0, sizeof(*params));
  memset(layout, 0, sizeof(*layout));

  const int    d    = config->width;
  const int    C    = config->token;
  const double into = 1.0 / sqrt((double)C);

  layout->input = linear(params, "", "input", d, C, into);
  layout->window =
    df_params_add(params, "input.window", d, 0, 0, DF_INIT_ZERO, 0.0);
  if (config->recall) {
    layout->recall =
      df_params_add(params, "recall.weight", d, C, 0, DF_INIT_NORMAL, into);
    layout->confidence =
      df_params_add(params, "recall.confidence", d, 0, 0, DF_INIT_ZERO, 0.0);
  }
  if (config->side) {
    layout->side = df_params_add(params,
                                 "side.weight",
                                 d,
                                 config->side,
                                 0,
                                 DF_INIT_NORMAL,
                                 1.0 / sqrt((double)config->side));
  }
  for (int i = 0; i < config->layers; ++i) {
    block(config, params, i, &layout->blocks[i]);
  }
  layout->head_norm = linear(params, "", "head.norm", 2 * d, DF_EMBED, 0.02);
  layout->head      = linear(params, "", "head", C, d, 0.0);
}
