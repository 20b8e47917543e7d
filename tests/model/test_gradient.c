#include "tests/model/scene.h"
#include "tests/nn/gradient.h"

static double
loss(void* const self)
{
  scene* const s = (scene*)self;
  scene_forward(s);
  double sum = 0.0;
  for (size_t i = 0U; i < s->numbers; ++i) {
    sum += (double)s->dx0[i] * (double)s->x0[i];
  }
  return sum;
}

static void
check_network(const df_model_config config, const bool recall)
{
  scene s;
  scene_make(&s, config, 2, 12, 3, NULL, 5U);
  if (!recall) {
    s.in.recall     = NULL;
    s.in.confidence = NULL;
  }
  scene_backward(&s);
  const df_params* const params = &s.model->params;
  for (int i = 0; i < params->count; ++i) {
    const df_param* const p = &params->list[i];
    gradient_check(p->name,
                   loss,
                   &s,
                   s.theta + p->offset,
                   s.grad + p->offset,
                   p->count,
                   12U);
  }
  gradient_check("window", loss, &s, s.window, s.dwindow, s.numbers, 24U);
  scene_free(&s);
}

/// Every tensor's gradient, and the window's, is the derivative of the loss
/// with its sign: attention, convolution, both norms, recall, both streams.
static void
test_transformer_gradient(void)
{
  check_network(scene_config(DF_BACKBONE_TRANSFORMER), true);
}

/// The same for the GRU, through 12 steps of context and windows of 3 that
/// start from it, learned start included (invariant 16 of the method).
static void
test_gru_gradient(void)
{
  check_network(scene_config(DF_BACKBONE_GRU), true);
}

/// Without recall its tensors get no gradient, and the others' stay right.
static void
test_gradient_without_recall(void)
{
  check_network(scene_config(DF_BACKBONE_TRANSFORMER), false);
  check_network(scene_config(DF_BACKBONE_GRU), false);
}

/// One layer is first and last at once; memory longer than the clip; a wide
/// convolution; one token a block.
static void
test_gradient_of_other_shapes(void)
{
  df_model_config c = scene_config(DF_BACKBONE_TRANSFORMER);
  c.layers          = 1;
  c.context         = 40;
  c.conv            = 5;
  check_network(c, true);
  c.context = 1;
  c.conv    = 1;
  c.recall  = false;
  check_network(c, true);
}

/// Backward adds: twice gives twice.
static void
test_gradient_is_added(void)
{
  scene s;
  scene_make(&s, scene_config(DF_BACKBONE_TRANSFORMER), 1, 8, 4, NULL, 6U);
  scene_backward(&s);
  const size_t   n    = s.model->params.total;
  df_real* const once = (df_real*)malloc(n * sizeof(df_real));
  CHECK(once);
  memcpy(once, s.grad, n * sizeof(df_real));
  df_network_backward(s.network, s.theta, &s.in, s.dx0, s.grad, NULL);
  for (size_t i = 0U; i < n; ++i) {
    CHECK_NEAR(s.grad[i], 2 * once[i], 1e-12 * (1.0 + fabs((double)once[i])));
  }
  free(once);
  scene_free(&s);
}

int
main(void)
{
  test_transformer_gradient();
  test_gru_gradient();
  test_gradient_without_recall();
  test_gradient_of_other_shapes();
  test_gradient_is_added();
  return 0;
}
