#include "core/series/base.h"

#include "tests/check.h"
#include "tests/golden/series.h"

#include <string.h>

/// The base against the NumPy of tests/ref/series.py, which also says what the
/// table is.
enum { ROWS = 720, D = 5, H = 3, SEASON = 6, FEW = 48, UNKNOWN = 41 };

/// As the golden file has it.
static const double tolerance = 2e-5;

static void
fill(double* const values, const int every)
{
  static const double keep[] = {0.9, 0.7, -0.5};
  static const double turn[] = {0.0, 1.0, 2.5};
  static const double size[] = {0.20, 0.15, 0.10};
  double              f[3]   = {0.0, 0.0, 0.0};
  double              e[3 + D];
  for (int t = 0; t < ROWS; ++t) {
    for (int j = 0; j < 3 + D; ++j) {
      const double i = t * (3 + D) + j;
      e[j]           = sin(0.7 * i * i);
    }
    for (int j = 0; j < 3; ++j) {
      f[j] = keep[j] * f[j] + e[j];
    }
    for (int d = 0; d < D; ++d) {
      double y = 2.0 + 0.5 * sin(6.283185307179586 * (t + d) / SEASON) +
                 0.01 * (d + 1) * e[3 + d];
      for (int j = 0; j < 3; ++j) {
        y += cos(1.3 * d + turn[j]) * size[j] * f[j];
      }
      values[t * D + d] = exp(y);
    }
  }
  for (int i = 0; i < ROWS * D && every; i += every) {
    values[i] = (double)NAN;
  }
}

static const float*
find(df_base* const base, const char* const name)
{
  df_named list[DF_BASE_ARRAYS];
  for (int i = df_base_arrays(base, list); i-- > 0;) {
    if (!strcmp(list[i].name, name)) {
      return list[i].values;
    }
  }
  return NULL;
}

static void
check(df_base* const      base,
      const char* const   name,
      const double* const want,
      const size_t        size)
{
  const float* const got = find(base, name);
  CHECK(got);
  for (size_t i = 0U; i < size / sizeof(double); ++i) {
    CHECK_NEAR(got[i], want[i], tolerance * fmax(1.0, fabs(want[i])));
  }
}

/// What the direct forecast from the table's end says of n, whichever way the
/// factors point.
static void
check_direct(df_base* const            base,
             const df_base_view* const view,
             const double* const       want)
{
  float              direct[H * D];
  const int          k          = df_base_config_of(base)->factors;
  const float* const factors    = find(base, "series.factors");
  const float* const variance   = find(base, "series.variance");
  const float* const importance = find(base, "series.importance");
  df_base_direct(view, ROWS, direct);
  for (int i = 0; i < H * D; ++i) {
    double n = 0.0;
    for (int j = 0; j < k; ++j) {
      n += (double)direct[i / D * k + j] * sqrt((double)variance[j]) *
           (double)factors[j * D + i % D];
    }
    CHECK_NEAR(n / (double)importance[i % D], want[i], tolerance);
  }
}

typedef struct {
  int           every; // of the values one is missing; 0: none
  int           factors;
  int           season; // 0: changes from row to row
  int           profile;
  const double* weight; // NULL where there is none
  size_t        weight_size;
  const double* phase_mean; // NULL where there is none
  const double* phase_scale;
  size_t        phase_scale_size;
  const double* importance;
  const double* variance;
  const double* back;
  const double* spread;
  const double* by_phase;
  const double* volatility; // [1]
  const double* follow;     // NULL where there is no remainder
  const double* path;       // NULL where a remainder is drawn
  const double* unknown;    // of the newest rows; NULL where all is known
} golden;

static void
compare(const golden* const want)
{
  static double  values[ROWS * D];
  char           names[D][DF_TABLE_NAME] = {"a", "b", "c", "d", "e"};
  df_table       table  = {.rows = ROWS, .series = D, .values = values};
  df_base*       base   = NULL;
  df_base_view*  view   = NULL;
  df_base_config config = {.horizon    = H,
                           .season     = want->season,
                           .anchored   = want->season ? 1 : 0,
                           .transform  = want->season ? DF_TRANSFORM_LOG
                                                      : DF_TRANSFORM_NONE,
                           .difference = want->season ? 0 : 1,
                           .profile    = want->profile,
                           .scale      = 28,
                           .factors    = want->factors,
                           .context    = 24,
                           .reach      = ROWS};
  table.names           = names;
  fill(values, want->every);
  CHECK(df_base_fit(&config, &table, ROWS, &base, NULL) == DF_OK);
  CHECK(df_base_view_make(base, &table, &view, NULL) == DF_OK);
  if (want->weight) {
    check(base, "series.weight", want->weight, want->weight_size);
  }
  if (want->phase_mean) {
    check(base,
          "series.phase_mean",
          want->phase_mean,
          sizeof(golden_phased_phase_mean));
  }
  if (want->follow) {
    check(base, "series.follow", want->follow, sizeof(golden_holed_follow));
  }
  check(base,
        "series.spread",
        want->spread,
        (size_t)(H * want->factors) * sizeof(double));
  check(base,
        "series.by_phase",
        want->by_phase,
        (size_t)((want->season ? want->season : 1) * want->factors) *
          sizeof(double));
  check(base, "series.phase_scale", want->phase_scale, want->phase_scale_size);
  check(base,
        "series.importance",
        want->importance,
        sizeof(golden_whole_importance));
  check(base,
        "series.variance",
        want->variance,
        (size_t)want->factors * sizeof(double));
  check_direct(base, view, want->back);
  CHECK_NEAR(df_base_volatility(view, ROWS), want->volatility[0], tolerance);
  if (want->path) {
    float       direct[H * D];
    const float still[H * D] = {0.0f};
    double      path[H * D];
    df_rng      rng = df_rng_make(1U, 0U, 0U);
    df_base_direct(view, ROWS, direct);
    df_base_path(view, ROWS, direct, still, 1.0, &rng, path);
    for (int i = 0; i < H * D; ++i) {
      CHECK_NEAR(path[i], want->path[i], tolerance * want->path[i]);
    }
  }
  for (int i = 0; i < UNKNOWN && want->unknown; ++i) {
    CHECK_NEAR(
      df_base_unknown(view, ROWS - UNKNOWN + i), want->unknown[i], tolerance);
  }
  df_base_view_free(view);
  df_base_free(base);
}

int
main(void)
{
  compare(&(golden){.factors          = D,
                    .profile          = DF_PROFILE_MEAN,
                    .season           = SEASON,
                    .weight           = golden_whole_weight,
                    .weight_size      = sizeof(golden_whole_weight),
                    .phase_scale      = golden_whole_phase_scale,
                    .phase_scale_size = sizeof(golden_whole_phase_scale),
                    .importance       = golden_whole_importance,
                    .variance         = golden_whole_variance,
                    .back             = golden_whole_back,
                    .spread           = golden_whole_spread,
                    .by_phase         = golden_whole_by_phase,
                    .volatility       = golden_whole_volatility,
                    .path             = golden_whole_path});
  compare(&(golden){.every            = 41,
                    .factors          = 3,
                    .profile          = DF_PROFILE_MEAN,
                    .season           = SEASON,
                    .weight           = golden_holed_weight,
                    .weight_size      = sizeof(golden_holed_weight),
                    .phase_scale      = golden_holed_phase_scale,
                    .phase_scale_size = sizeof(golden_holed_phase_scale),
                    .importance       = golden_holed_importance,
                    .variance         = golden_holed_variance,
                    .back             = golden_holed_back,
                    .spread           = golden_holed_spread,
                    .by_phase         = golden_holed_by_phase,
                    .volatility       = golden_holed_volatility,
                    .follow           = golden_holed_follow,
                    .unknown          = golden_holed_unknown});
  compare(&(golden){.factors          = D,
                    .profile          = DF_PROFILE_MEAN,
                    .phase_scale      = golden_steps_phase_scale,
                    .phase_scale_size = sizeof(golden_steps_phase_scale),
                    .importance       = golden_steps_importance,
                    .variance         = golden_steps_variance,
                    .back             = golden_steps_back,
                    .spread           = golden_steps_spread,
                    .by_phase         = golden_steps_by_phase,
                    .volatility       = golden_steps_volatility,
                    .path             = golden_steps_path});
  compare(&(golden){.factors          = D,
                    .profile          = DF_PROFILE_PHASE,
                    .season           = SEASON,
                    .weight           = golden_phased_weight,
                    .weight_size      = sizeof(golden_phased_weight),
                    .phase_mean       = golden_phased_phase_mean,
                    .phase_scale      = golden_phased_phase_scale,
                    .phase_scale_size = sizeof(golden_phased_phase_scale),
                    .importance       = golden_phased_importance,
                    .variance         = golden_phased_variance,
                    .back             = golden_phased_back,
                    .spread           = golden_phased_spread,
                    .by_phase         = golden_phased_by_phase,
                    .volatility       = golden_phased_volatility,
                    .path             = golden_phased_path});
  compare(&(golden){.factors          = D,
                    .season           = FEW,
                    .profile          = DF_PROFILE_MEAN,
                    .weight           = golden_few_weight,
                    .weight_size      = sizeof(golden_few_weight),
                    .phase_scale      = golden_few_phase_scale,
                    .phase_scale_size = sizeof(golden_few_phase_scale),
                    .importance       = golden_few_importance,
                    .variance         = golden_few_variance,
                    .back             = golden_few_back,
                    .spread           = golden_few_spread,
                    .by_phase         = golden_few_by_phase,
                    .volatility       = golden_few_volatility,
                    .path             = golden_few_path});
  return 0;
}
