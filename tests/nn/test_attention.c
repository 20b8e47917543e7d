#include "tests/nn/gradient.h"

#include "core/nn/attention.h"

#include <string.h>

// Clips longer than a tile of queries, memory shorter than a clip
enum { B = 2, T = 72, H = 6, HEADS = 2, D = 2, MEMORY = 41 };
enum { WIDE = HEADS * D, ROWS = 2 * B * T };

typedef struct {
  df_attention a;
  df_real      qkv[ROWS * 3 * WIDE];
  df_real      o[ROWS * WIDE];
  df_real      dout[ROWS * WIDE];
  df_real*     kept;
  df_real*     work;
} layer;

static double
loss(void* const self)
{
  layer* const l = (layer*)self;
  df_attention_forward(NULL, df_kernels_best(), &l->a, l->qkv, l->kept, l->o);
  double sum = 0.0;
  for (int i = l->a.context ? 0 : B * T * WIDE; i < ROWS * WIDE; ++i) {
    sum += (double)(l->dout[i] * l->o[i]);
  }
  return sum;
}

static void
make(layer* const l, const int memory, const bool context)
{
  df_rng rng = df_rng_make(4U, 0U, 0U);
  memset(l, 0, sizeof(*l));
  l->a = (df_attention){{B, T, H}, HEADS, D, memory, context};
  gradient_draw(&rng, l->qkv, ROWS * 3 * WIDE, 1.0);
  gradient_draw(&rng, l->dout, ROWS * WIDE, 1.0);
  l->kept = (df_real*)calloc(df_attention_kept(&l->a), sizeof(df_real));
  l->work = (df_real*)calloc(df_attention_work(&l->a), sizeof(df_real));
  CHECK(l->kept && l->work);
}

static void
drop(layer* const l)
{
  free(l->work);
  free(l->kept);
}

// Does the token at (stream, t) see the one at (other, j) of the same clip?
static bool
sees(const int memory,
     const int window,
     const int t,
     const int other,
     const int j)
{
  const int b = t / H * H;
  if (!window) {
    return !other && j <= t && j > t - memory;
  }
  return other ? j / H * H == b : j < b && j >= b - memory;
}

// One head of one token by the formula
static void
plain(const layer* const l,
      const int          clip,
      const int          window,
      const int          t,
      const int          head,
      double* const      out)
{
  const int            me    = window * B * T + clip * T + t;
  const df_real* const q     = l->qkv + me * 3 * WIDE + head * D;
  double               total = 0.0;
  for (int i = 0; i < D; ++i) {
    out[i] = 0.0;
  }
  for (int other = 0; other < 2; ++other) {
    for (int j = 0; j < T; ++j) {
      const int            row = other * B * T + clip * T + j;
      const df_real* const k   = l->qkv + row * 3 * WIDE + WIDE + head * D;
      if (sees(l->a.memory, window, t, other, j)) {
        double score = 0.0;
        for (int i = 0; i < D; ++i) {
          score += (double)(q[i] * k[i]);
        }
        total += exp(score);
        for (int i = 0; i < D; ++i) {
          out[i] += exp(score) * (double)k[WIDE + i];
        }
      }
    }
  }
  for (int i = 0; i < D; ++i) {
    out[i] /= total;
  }
}

/// Each token's answer is the softmax sum over what the page lets it see.
static void
test_forward_is_the_formula(void)
{
  static const int memories[] = {1, MEMORY, T + 10};
  for (int n = 0; n < 3; ++n) {
    layer l;
    make(&l, memories[n], true);
    (void)loss(&l);
    for (int row = 0; row < ROWS; ++row) {
      for (int head = 0; head < HEADS; ++head) {
        double want[D];
        plain(&l, row / T % B, row / (B * T), row % T, head, want);
        for (int i = 0; i < D; ++i) {
          CHECK_NEAR(l.o[row * WIDE + head * D + i], want[i], 1e-12);
        }
      }
    }
    drop(&l);
  }
}

/// Gradients by q, k and v are derivatives, with context asking and without.
static void
test_gradient(void)
{
  for (int context = 0; context < 2; ++context) {
    layer          l;
    const size_t   n    = ROWS * 3 * WIDE;
    df_real* const dqkv = (df_real*)malloc(n * sizeof(df_real));
    CHECK(dqkv);
    make(&l, MEMORY, context);
    (void)loss(&l);
    df_attention_backward(
      NULL, df_kernels_best(), &l.a, l.qkv, l.kept, l.dout, dqkv, l.work);
    gradient_check("qkv", loss, &l, l.qkv, dqkv, n, 300U);
    free(dqkv);
    drop(&l);
  }
}

int
main(void)
{
  test_forward_is_the_formula();
  test_gradient();
  return 0;
}
