#include "tests/golden/nn.h"
#include "tests/nn/gradient.h"
#include "tests/nn/wave.h"

#include "core/nn/gru.h"

enum { N = 3, D = 4 };

typedef struct {
  df_real a[N * 3 * D];
  df_real h[N * 3 * D];
  df_real state[N * D];
  df_real gates[N * 4 * D];
  df_real next[N * D];
  df_real dnext[N * D];
} step;

static double
loss(void* const self)
{
  step* const s = (step*)self;
  df_gru(NULL,
         df_kernels_best(),
         N,
         D,
         s->a,
         3 * D,
         s->h,
         s->state,
         D,
         s->gates,
         4 * D,
         s->next,
         D);
  double sum = 0.0;
  for (int i = 0; i < N * D; ++i) {
    sum += (double)(s->dnext[i] * s->next[i]);
  }
  return sum;
}

static step
make(void)
{
  step s = {0};
  wave(1.0, s.a, COUNT(s.a));
  wave(2.0, s.h, COUNT(s.h));
  wave(3.0, s.state, COUNT(s.state));
  wave(4.0, s.dnext, COUNT(s.dnext));
  return s;
}

/// Same numbers as the reference.
static void
test_golden(void)
{
  step s = make();
  (void)loss(&s);
  for (size_t i = 0U; i < COUNT(golden_gru); ++i) {
    CHECK_NEAR(s.next[i], golden_gru[i], 1e-12);
  }
}

/// Gradients by both inputs and by the state's straight way are derivatives.
static void
test_gradient(void)
{
  step    s             = make();
  df_real da[N * 3 * D] = {0};
  df_real dh[N * 3 * D] = {0};
  df_real dstate[N * D] = {0};
  (void)loss(&s);
  df_gru_backward(NULL,
                  N,
                  D,
                  s.gates,
                  4 * D,
                  s.state,
                  D,
                  s.dnext,
                  D,
                  da,
                  dh,
                  3 * D,
                  dstate,
                  D);
  gradient_check("a", loss, &s, s.a, da, N * 3 * D, N * 3 * D);
  gradient_check("h", loss, &s, s.h, dh, N * 3 * D, N * 3 * D);
  gradient_check("state", loss, &s, s.state, dstate, N * D, N * D);
}

int
main(void)
{
  test_golden();
  test_gradient();
  return 0;
}
