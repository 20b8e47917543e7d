#include "core/audio/bridge.h"

#include "core/audio/stft.h"
#include "core/tensor/kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define FEWEST 16    // samples to fit to
#define SHORT 256    // coefficients that one side of a gap must bear
#define STILL 1e-12f // mean square of silence
#define LANES 8
#define DITHER 1e-5f // of the rms

struct df_bridge {
  int     context;
  int     order;
  int     gap;
  float*  forward;  // [2 context] errors of prediction from the past
  float*  backward; // [2 context] and from the future
  double* a;        // [order + 1]
  double* b;        // [order + 1] autocorrelation of the error filter
  float*  test;     // [2 context]
  float*  tested;   // [order]
  double* right;    // [gap] right side of the normal equations
  double* filter;   // [gap] predictor of the normal equations' recursion
  double* fill;     // [gap]
};

/// A stretch of prediction errors: E[i] and r[i] belong together.
typedef struct {
  float* E;
  float* r;
  size_t n;
} stretch;

df_status
df_bridge_make(df_arena* const   arena,
               const int         context,
               const int         order,
               const int         gap,
               df_bridge** const out)
{
  if (context < FEWEST || context > 65536 || order < 1 || order > 4096 ||
      gap < 0 || gap > 65536) {
    return DF_E_ARG;
  }
  const size_t     two    = 2U * (size_t)context;
  const df_bridge  b      = {context,
                             order,
                             gap,
                             DF_TAKE(arena, two, float),
                             DF_TAKE(arena, two, float),
                             DF_TAKE(arena, (size_t)order + 1U, double),
                             DF_TAKE(arena, (size_t)order + 1U, double),
                             DF_TAKE(arena, two, float),
                             DF_TAKE(arena, (size_t)order, float),
                             DF_TAKE(arena, (size_t)gap, double),
                             DF_TAKE(arena, (size_t)gap, double),
                             DF_TAKE(arena, (size_t)gap, double)};
  df_bridge* const bridge = DF_TAKE(arena, 1U, df_bridge);
  if (!bridge) {
    return df_arena_status(arena);
  }
  *bridge = b;
  *out    = bridge;
  return DF_OK;
}

static float
safe(const float x)
{
  return fabsf(x) <= DF_STFT_LOUDEST ? x : 0.0f;
}

/// Take x[n] in as a stretch at place `at` of the work space.
///
/// A trace of noise is added, the same every time: without it a few pure tones
/// are explained by as few coefficients, which rounding then makes worthless.
static stretch
take(df_bridge* const b, const float* const x, const int n, const size_t at)
{
  stretch s     = {b->forward + at, b->backward + at, (size_t)n};
  double  power = 0.0;
  for (int i = 0; i < n; ++i) {
    s.E[i] = safe(x[i]);
    power += (double)s.E[i] * (double)s.E[i];
  }
  const float rms   = n ? (float)sqrt(power / n) : 0.0f;
  uint32_t    state = 1U;
  for (int i = 0; i < n; ++i) {
    state = 1664525U * state + 1013904223U; // Knuth and Lewis
    s.E[i] += DITHER * rms * ((float)(state >> 8U) * 0x1p-22f - 2.0f);
    s.r[i] = s.E[i];
  }
  return s;
}

/// Subtract from each error what k of its partner explains.
static void
reflect(float* const E, float* const r, const float k, const size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    const float e = E[i];
    E[i]          = e - k * r[i];
    r[i]          = r[i] - k * e;
  }
}

/// Burg's recursion over `count` stretches; b->a receives the predictor.
static int
burg(df_bridge* const b, stretch* const s, const int count, const int order)
{
  const df_kernels* const kernels = df_kernels_best();
  double                  sound   = 0.0;
  double                  samples = 0.0;
  for (int c = 0; c < count; ++c) {
    sound += (double)kernels->dot(s[c].E, s[c].E, s[c].n);
    samples += (double)s[c].n;
  }
  if (!(sound > (double)STILL * samples)) {
    return 0;
  }

  double* const a = b->a;
  for (int m = 0; m < order; ++m) {
    double cross = 0.0;
    double power = 0.0;
    for (int c = 0; c < count; ++c) {
      if (s[c].n < 2U) {
        s[c].n = 0U;
        continue;
      }
      s[c].E += 1; // the error at t meets the backward one at t - 1
      s[c].n -= 1U;
      cross += (double)kernels->dot(s[c].E, s[c].r, s[c].n);
      power += (double)kernels->dot(s[c].E, s[c].E, s[c].n);
      power += (double)kernels->dot(s[c].r, s[c].r, s[c].n);
    }
    if (!(power > 0.0)) {
      return m;
    }
    const double k = fmax(-0.9999999, fmin(0.9999999, 2.0 * cross / power));
    for (int c = 0; c < count; ++c) {
      reflect(s[c].E, s[c].r, (float)k, s[c].n);
    }
    for (int i = 0; 2 * i < m; ++i) {
      const double low = a[i];
      a[i]             = low - k * a[m - 1 - i];
      if (i != m - 1 - i) {
        a[m - 1 - i] -= k * low;
      }
    }
    a[m] = k;
  }
  return order;
}

/// Most coefficients that so many samples can bear.
static int
bearable(const df_bridge* const b, const int n)
{
  if (n < FEWEST) {
    return 0;
  }
  return n / 3 < b->order ? n / 3 : b->order;
}

int
df_bridge_fit(df_bridge* const   bridge,
              const float* const x,
              const int          n,
              float* const       a)
{
  const int count = n < bridge->context ? n : bridge->context;
  int       order = bearable(bridge, count);
  if (order) {
    stretch s = take(bridge, x + (n - count), count, 0U);
    order     = burg(bridge, &s, 1, order);
  }
  for (int i = 0; i < bridge->order; ++i) {
    a[i] = i < order ? (float)bridge->a[i] : 0.0f;
  }
  return order;
}

void
df_bridge_extend(const float* const a,
                 const int          order,
                 float* const       x,
                 const int          n,
                 const int          m)
{
  const int from  = n > order ? n - order : 0;
  float     limit = 0.0f;
  for (int i = from; i < n; ++i) {
    limit = fmaxf(limit, 2.0f * fabsf(safe(x[i])));
  }
  for (int t = n; t < n + m; ++t) {
    const int          reach      = t < order ? t : order;
    const float* const past       = x + t - 1;
    float              sum[LANES] = {0.0f}; // independent, to run at once
    int                k          = 0;
    for (; k + LANES <= reach; k += LANES) {
      for (int j = 0; j < LANES; ++j) {
        sum[j] += a[k + j] * past[-k - j];
      }
    }
    for (; k < reach; ++k) {
      sum[0] += a[k] * past[-k];
    }
    float y = 0.0f;
    for (int j = 0; j < LANES; ++j) {
      y += sum[j];
    }
    x[t] = isfinite(y) ? fmaxf(-limit, fminf(limit, y)) : 0.0f;
  }
}

float
df_bridge_backtest(df_bridge* const   bridge,
                   const float* const x,
                   const int          n,
                   const int          m)
{
  const float worst = -60.0f;
  const float best  = 120.0f;
  if (m < 1 || m > bridge->context || n <= m) {
    return worst;
  }
  const int    past  = n - m < bridge->context ? n - m : bridge->context;
  float* const y     = bridge->test;
  const float* truth = x + (n - m);
  memcpy(y, truth - past, sizeof(*y) * (size_t)past);
  const int order = df_bridge_fit(bridge, y, past, bridge->tested);
  df_bridge_extend(bridge->tested, order, y, past, m);

  double sound = 0.0;
  double error = 0.0;
  for (int i = 0; i < m; ++i) {
    const double d = (double)safe(truth[i]) - (double)y[past + i];
    sound += (double)safe(truth[i]) * (double)safe(truth[i]);
    error += d * d;
  }
  if (!order || !(sound > (double)STILL * m)) {
    return worst;
  }
  const double snr = 10.0 * log10(sound / fmax(error, 1e-12 * sound));
  return fmaxf(worst, fminf(best, (float)snr));
}

/// sum_i a[i] b[-i], i = 0 .. n-1.
static double
convolve(const double* const a, const double* const b, const int n)
{
  double sum[LANES] = {0.0}; // independent, to run at once
  int    i          = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int j = 0; j < LANES; ++j) {
      sum[j] += a[i + j] * b[-i - j];
    }
  }
  for (; i < n; ++i) {
    sum[0] += a[i] * b[-i];
  }
  double all = 0.0;
  for (int j = 0; j < LANES; ++j) {
    all += sum[j];
  }
  return all;
}

/// Solve T y = z for the symmetric Toeplitz matrix T[i,j] = t(|i - j|), where
/// t(l) = b[l] up to `order` and 0 beyond (Levinson's recursion).
static void
solve_toeplitz(const double* const b,
               const int           order,
               const double* const z,
               double* const       f,
               double* const       y,
               const int           n)
{
  // A trace of white noise keeps the smallest eigenvalue above rounding
  const double first = b[0] * (1.0 + 1e-10);
  double       error = first;
  for (int m = 0; m < n; ++m) {
    const int    near = m > order ? m - order : 0;
    const double want = z[m] - convolve(y + near, b + (m - near), m - near);
    // f predicts row m from those before: f[i] multiplies row m - 1 - i
    const double add = want / error;
    for (int i = 0; i < m; ++i) {
      y[i] -= add * f[m - 1 - i];
    }
    y[m] = add;
    if (m + 1 == n) {
      break;
    }
    const double next  = m + 1 <= order ? b[m + 1] : 0.0;
    const double cross = next - convolve(f + near, b + (m - near), m - near);
    const double k     = cross / error;
    for (int i = 0; 2 * i < m; ++i) {
      const double low = f[i];
      f[i]             = low - k * f[m - 1 - i];
      if (i != m - 1 - i) {
        f[m - 1 - i] -= k * low;
      }
    }
    f[m] = k;
    error *= 1.0 - k * k;
    error = fmax(error, 1e-14 * first);
  }
}

void
df_bridge_span(df_bridge* const   bridge,
               const float* const left,
               const int          nl,
               const float* const right,
               const int          nr,
               float* const       y,
               const int          gap)
{
  df_bridge* const b  = bridge;
  const int        cl = nl < b->context ? nl : b->context;
  const int        cr = nr < b->context ? nr : b->context;
  memset(y, 0, sizeof(*y) * (size_t)gap);
  int order = bearable(b, cl > cr ? cl : cr);
  // What lies beyond a side counts as silence: no longer than either, unless
  // that is too short to be of use
  const int least = nl < nr ? nl : nr;
  const int known = least > SHORT ? least : SHORT;
  order           = least > 0 && known < order ? known : order;
  if (order) {
    stretch s[2] = {take(b, left + (nl - cl), cl, 0U),
                    take(b, right, cr, (size_t)b->context)};
    order        = burg(b, s, 2, order);
  }
  if (!order || gap < 1) {
    return;
  }

  // Autocorrelation of the error filter 1, -a[0], -a[1], ...
  for (int lag = 0; lag <= order; ++lag) {
    double sum = lag ? -b->a[lag - 1] : 1.0;
    for (int k = 0; k + lag < order; ++k) {
      sum += b->a[k] * b->a[k + lag];
    }
    b->b[lag] = sum;
  }
  float limit = 0.0f;
  for (int i = 0; i < gap; ++i) {
    double sum = 0.0;
    for (int lag = i + 1; lag <= order && lag - i <= nl; ++lag) {
      sum += b->b[lag] * (double)safe(left[nl - (lag - i)]);
    }
    for (int lag = gap - i; lag <= order && lag - (gap - i) < nr; ++lag) {
      sum += b->b[lag] * (double)safe(right[lag - (gap - i)]);
    }
    b->right[i] = -sum;
  }
  for (int i = 0; i < order; ++i) {
    limit = i < nl ? fmaxf(limit, 2.0f * fabsf(safe(left[nl - 1 - i]))) : limit;
    limit = i < nr ? fmaxf(limit, 2.0f * fabsf(safe(right[i]))) : limit;
  }
  solve_toeplitz(b->b, order, b->right, b->filter, b->fill, gap);
  for (int i = 0; i < gap; ++i) {
    const float v = (float)b->fill[i];
    y[i]          = v > -limit ? (v < limit ? v : limit) : -limit;
  }
}
