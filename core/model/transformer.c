#include "core/model/transformer.h"

#include "core/nn/attention.h"
#include "core/nn/conv.h"
#include "core/nn/linear.h"
#include "core/nn/rotary.h"

#include <math.h>
#include <stddef.h>

typedef struct {
  df_real* y;    // [2BT,d] after the convolution
  df_real* qkv;  // [2BT,3d] q and k turned
  df_real* kept; // probabilities
  df_real* o;    // [2BT,d] heads side by side
} layer;

struct df_transformer {
  layer    layers[DF_LAYOUT_BLOCKS];
  df_real* turns; // [T,D] cosines and sines

  // Gradients on their way through one layer
  df_real* dqkv; // [2BT,3d]
  df_real* dy;   // [2BT,d], first by o, then by the convolution's result
  df_real* work;
  df_real* conv_work;
};

static df_attention
attention(const df_model_config* const config,
          const df_streams             s,
          const bool                   last)
{
  return (df_attention){
    s, config->heads, config->width / config->heads, config->context, !last};
}

df_status
df_transformer_make(df_arena* const              arena,
                    const df_model_config* const config,
                    const int                    B,
                    const int                    T,
                    df_transformer** const       out)
{
  const size_t       d    = (size_t)config->width;
  const size_t       rows = 2U * (size_t)B * (size_t)T;
  const int          D    = config->width / config->heads;
  const int          H    = T < config->horizon ? T : config->horizon;
  const df_attention a    = attention(config, (df_streams){B, T, H}, false);

  df_transformer* const self = DF_TAKE(arena, 1U, df_transformer);
  df_transformer        made = {
           .turns = DF_TAKE(arena, (size_t)T * (size_t)D, df_real),
           .dqkv  = DF_TAKE(arena, rows * 3U * d, df_real),
           .dy    = DF_TAKE(arena, rows * d, df_real),
           .work  = DF_TAKE(arena, df_attention_work(&a), df_real),
           .conv_work =
             DF_TAKE(arena, df_conv_work(B, config->width, config->conv), df_real),
  };
  for (int i = 0; i < config->layers; ++i) {
    made.layers[i] = (layer){
      .y    = DF_TAKE(arena, rows * d, df_real),
      .qkv  = DF_TAKE(arena, rows * 3U * d, df_real),
      .kept = DF_TAKE(arena, df_attention_kept(&a), df_real),
      .o    = DF_TAKE(arena, rows * d, df_real),
    };
  }
  if (!arena->base || arena->failed) {
    return df_arena_status(arena);
  }
  df_rotary_table(T, D, made.turns);
  *self = made;
  *out  = self;
  return DF_OK;
}

// Turn q (scaled as well) and k, or turn their gradients back
static void
turn(const df_transformer* const self,
     const df_mixer* const       m,
     const bool                  back,
     df_real* const              qkv)
{
  const int      d     = m->config->width;
  const int      heads = m->config->heads;
  const int      D     = d / heads;
  const int      half  = m->s.B * m->s.T;
  const int      first = m->last ? half : 0; // rows that ask
  const df_real  scale = (df_real)(1.0 / sqrt((double)D));
  df_real* const q     = qkv + (size_t)first * 3U * (size_t)d;
  df_rotary(m->pool,
            2 * half - first,
            m->s.T,
            heads,
            D,
            self->turns,
            back,
            scale,
            q,
            3 * d);
  df_rotary(
    m->pool, 2 * half, m->s.T, heads, D, self->turns, back, 1, qkv + d, 3 * d);
}

void
df_transformer_forward(df_transformer* const self,
                       const df_mixer* const m,
                       const df_real* const  in,
                       df_real* const        x)
{
  const df_layout_block* const at    = m->at;
  const df_real* const         theta = m->theta;
  const layer* const           l     = &self->layers[m->layer];
  const int                    d     = m->config->width;
  const int                    half  = m->s.B * m->s.T;
  const size_t                 mid   = (size_t)half * (size_t)d; // window rows
  const df_attention           a     = attention(m->config, m->s, m->last);
  const df_real* const         qkv   = theta + at->qkv.weight;
  const df_real* const         bias  = theta + at->qkv.bias;

  df_conv(m->pool,
          m->s,
          d,
          m->config->conv,
          in,
          theta + at->conv.weight,
          theta + at->conv.bias,
          l->y);
  if (m->last) { // of context only k and v, below q in the matrix
    df_linear(m->pool,
              half,
              2 * d,
              d,
              l->y,
              d,
              qkv + (size_t)d * (size_t)d,
              bias + d,
              false,
              l->qkv + d,
              3 * d);
    df_linear(m->pool,
              half,
              3 * d,
              d,
              l->y + mid,
              d,
              qkv,
              bias,
              false,
              l->qkv + 3U * mid,
              3 * d);
  } else {
    df_linear(
      m->pool, 2 * half, 3 * d, d, l->y, d, qkv, bias, false, l->qkv, 3 * d);
  }
  turn(self, m, false, l->qkv);
  df_attention_forward(m->pool, m->kernels, &a, l->qkv, l->kept, l->o);

  const size_t skip = m->last ? mid : 0U;
  df_linear(m->pool,
            m->last ? half : 2 * half,
            d,
            d,
            l->o + skip,
            d,
            theta + at->out.weight,
            theta + at->out.bias,
            true,
            x + skip,
            d);
}

void
df_transformer_backward(df_transformer* const self,
                        const df_mixer* const m,
                        const df_real* const  in,
                        const df_real* const  dx,
                        df_real* const        din,
                        df_real* const        grad)
{
  const df_layout_block* const at     = m->at;
  const df_real* const         theta  = m->theta;
  const layer* const           l      = &self->layers[m->layer];
  const int                    d      = m->config->width;
  const int                    half   = m->s.B * m->s.T;
  const size_t                 mid    = (size_t)half * (size_t)d;
  const size_t                 square = (size_t)d * (size_t)d;
  const df_attention           a      = attention(m->config, m->s, m->last);
  const df_real* const         qkv    = theta + at->qkv.weight;
  df_real* const               dA     = grad + at->qkv.weight;
  df_real* const               db     = grad + at->qkv.bias;

  const size_t skip = m->last ? mid : 0U;
  df_linear_backward(m->pool,
                     m->last ? half : 2 * half,
                     d,
                     d,
                     l->o + skip,
                     d,
                     theta + at->out.weight,
                     dx + skip,
                     d,
                     false,
                     self->dy + skip,
                     grad + at->out.weight,
                     grad + at->out.bias);
  df_attention_backward(
    m->pool, m->kernels, &a, l->qkv, l->kept, self->dy, self->dqkv, self->work);
  turn(self, m, true, self->dqkv);

  if (m->last) {
    df_linear_backward(m->pool,
                       half,
                       2 * d,
                       d,
                       l->y,
                       d,
                       qkv + square,
                       self->dqkv + d,
                       3 * d,
                       false,
                       self->dy,
                       dA + square,
                       db + d);
    df_linear_backward(m->pool,
                       half,
                       3 * d,
                       d,
                       l->y + mid,
                       d,
                       qkv,
                       self->dqkv + 3U * mid,
                       3 * d,
                       false,
                       self->dy + mid,
                       dA,
                       db);
  } else {
    df_linear_backward(m->pool,
                       2 * half,
                       3 * d,
                       d,
                       l->y,
                       d,
                       qkv,
                       self->dqkv,
                       3 * d,
                       false,
                       self->dy,
                       dA,
                       db);
  }
  df_conv_backward(m->pool,
                   m->s,
                   d,
                   m->config->conv,
                   in,
                   theta + at->conv.weight,
                   self->dy,
                   din,
                   grad + at->conv.weight,
                   grad + at->conv.bias,
                   self->conv_work);
}
