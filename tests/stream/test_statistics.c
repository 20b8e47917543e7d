#include "tests/stream/scene.h"

/// Variance, as a share of q, that DDIM leaves in a Gaussian of variance q with
/// the exact estimate: finite steps average some of it away.
static double
kept(const df_schedule* const s,
     const double             q,
     const int                steps,
     const double             eta)
{
  double v = 1.0;
  for (int i = steps; i > 1; --i) {
    const int    from   = (K * i + steps - 1) / steps;
    const int    to     = (K * (i - 1) + steps - 1) / steps;
    const double a      = df_schedule_signal(s, from);
    const double b      = df_schedule_noise(s, from);
    const double a_to   = df_schedule_signal(s, to);
    const double b_to   = df_schedule_noise(s, to);
    const double random = eta * sqrt(1.0 - a * a / (a_to * a_to)) * b_to / b;
    const double keep   = sqrt(b_to * b_to - random * random) / b;
    const double gain   = a * q / (a * a * q + b * b);
    const double whole  = keep + (a_to - keep * a) * gain;
    v                   = whole * whole * v + random * random;
  }
  const int    last = (K + steps - 1) / steps;
  const double a    = df_schedule_signal(s, last);
  const double b    = df_schedule_noise(s, last);
  const double gain = a * q / (a * a * q + b * b);
  return gain * gain * v / q;
}

/// Invariant 26 for the stream: with the exact predictor the rolling window
/// continues an AR(1) as the process would, at any slope and eta: mean 0, its
/// correlations, and the variance that the number of passes can keep.
static void
test_rolling_statistics(void)
{
  enum { C = 64, H = 8, N = 300 };
  static const struct {
    float slope;
    float eta;
    int   passes; // a token
  } cases[]      = {{0.0f, 1.0f, 64},
                    {0.5f, 1.0f, 64},
                    {1.0f, 1.0f, 64},
                    {1.0f, 0.0f, 64},
                    {3.0f, 1.0f, 22}};
  float* const x = (float*)calloc(N * C, sizeof(float));
  CHECK(x);
  for (int i = 0; i < 5; ++i) {
    scene s;
    begin(&s, C, H, cases[i].slope, 8);
    s.settings.eta          = cases[i].eta;
    s.settings.memory_noise = 0.0f;
    df_stream_set(s.stream, &s.settings);
    feed(&s, 0, 1);
    pull(&s, N, x);
    const int n      = (N - 2) * C;
    double    mean   = 0.0;
    double    cov[3] = {0.0, 0.0, 0.0};
    for (int j = 0; j < n; ++j) {
      mean += (double)x[j] / n;
      for (int lag = 0; lag < 3; ++lag) {
        cov[lag] += (double)x[j] * (double)x[j + lag * C] / n;
      }
    }
    // An AR(1) of 0.9 has one free draw in 19 for the mean, in 9.5 for power;
    // four standard errors.  A token's innovation has variance 0.19; tokens
    // that fall together keep more of theirs.
    const double slack = 4.0 * sqrt(2.0 * 9.5 / n);
    const double share =
      kept(s.predictor.schedule, 0.19, cases[i].passes, (double)cases[i].eta);
    CHECK_NEAR(mean, 0.0, 4.0 * sqrt(19.0 / n));
    CHECK(cov[0] > share - slack && cov[0] < 1.0 + slack);
    CHECK_NEAR(cov[1] / cov[0], 0.9, 4.0 * sqrt(0.19 / n));
    CHECK_NEAR(cov[2] / cov[0], 0.81, 8.0 * sqrt(0.19 / n));
    end(&s);
  }
  free(x);
}

/// With the spread about estimates known, a Gaussian keeps all of its variance
/// at any number of passes; with heat 0 none is drawn.
static void
test_spread_keeps_variance(void)
{
  enum { C = 64, N = 600 };
  static const int horizons[3] = {4, 8, 16};
  float* const     x           = (float*)calloc(N * C, sizeof(float));
  CHECK(x);
  for (int i = 0; i < 3; ++i) {
    for (int heat = 0; heat < 2; ++heat) {
      scene s;
      begin(&s, C, horizons[i], 1.0f, 1);
      s.predictor.phi = 0.0; // tokens independent, variance 1
      for (int k = 1; k <= K; ++k) {
        const double a = df_schedule_signal(s.predictor.schedule, k);
        const double b = df_schedule_noise(s.predictor.schedule, k);
        for (int c = 0; c < C; ++c) {
          s.predictor.spread[k][c] = (float)(b / sqrt(a * a + b * b));
        }
      }
      s.settings.eta          = (float)heat;
      s.settings.memory_noise = 0.0f;
      df_stream_set(s.stream, &s.settings);
      pull(&s, N, x);
      double power = 0.0;
      for (int j = 0; j < N * C; ++j) {
        power += (double)x[j] * (double)x[j] / (N * C);
      }
      // Four standard errors of the variance of N C independent draws
      const double slack = 4.0 * sqrt(2.0 / (N * C));
      const double share = kept(s.predictor.schedule, 1.0, horizons[i], 0.0);
      CHECK_NEAR(power, heat ? 1.0 : share, slack);
      end(&s);
    }
  }
  free(x);
}

int
main(void)
{
  test_rolling_statistics();
  test_spread_keeps_variance();
  return 0;
}
