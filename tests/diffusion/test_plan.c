#include "core/diffusion/plan.h"

#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int*
make(const df_plan_kind kind,
     const int          S,
     const int          H,
     const double       u,
     int* const         rows)
{
  *rows             = df_plan_rows(kind, S, H, u);
  int* const matrix = (int*)calloc((size_t)*rows * (size_t)H, sizeof(int));
  CHECK(matrix);
  df_plan_fill(kind, S, H, u, matrix);
  return matrix;
}

static void
check_equal(const df_plan_kind kind,
            const int          S,
            const int          H,
            const double       u,
            const int* const   want,
            const int          want_rows)
{
  int        rows   = 0;
  int* const matrix = make(kind, S, H, u, &rows);
  CHECK(rows == want_rows);
  CHECK(!memcmp(matrix, want, sizeof(int) * (size_t)(rows * H)));
  free(matrix);
}

/// Invariant 7: the examples of the papers' code, written out.
static void
test_examples(void)
{
  static const int pyramid[] = {
    3, 3, 3, 2, 3, 3, 1, 2, 3, 0, 1, 2, 0, 0, 1, 0, 0, 0};
  check_equal(DF_PLAN_PYRAMID, 3, 3, 1.0, pyramid, 6);
  static const int single[] = {3, 3, 2, 3, 1, 3, 0, 3, 0, 2, 0, 1, 0, 0};
  check_equal(DF_PLAN_AUTOREGRESSIVE, 3, 2, 0.0, single, 7);
  static const int full[] = {2, 2, 1, 1, 0, 0};
  check_equal(DF_PLAN_FULL, 2, 2, 7.0, full, 3);
  // Both ends first, a true mirror
  static const int trapezoid[] = {3, 3, 3, 3, 3, 2, 3, 3, 3, 2, 1, 2, 3, 2, 1,
                                  0, 1, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
  check_equal(DF_PLAN_TRAPEZOID, 3, 5, 1.0, trapezoid, 6);
}

/// Invariant 7: the pyramid's two ends are full sequence and autoregressive.
static void
test_ends(void)
{
  for (int S = 1; S <= 12; S += 3) {
    for (int H = 1; H <= 9; H += 2) {
      int        rows = 0;
      int* const full = make(DF_PLAN_FULL, S, H, 0.0, &rows);
      check_equal(DF_PLAN_PYRAMID, S, H, 0.0, full, rows);
      free(full);
      int* const single = make(DF_PLAN_AUTOREGRESSIVE, S, H, 0.0, &rows);
      check_equal(DF_PLAN_PYRAMID, S, H, (double)S, single, rows);
      free(single);
    }
  }
}

/// Invariant 8: first row all S, last row all 0, and no row before it; each
/// column falls by 0 or 1; rows do not fall over tokens; the height.
static void
test_laws(void)
{
  static const double slopes[] = {0.0, 0.1, 0.3, 0.5, 1.0, 1.7, 2.0, 5.0, 9.0};
  for (int i = 0; i < 9; ++i) {
    for (int S = 1; S <= 7; ++S) {
      for (int H = 1; H <= 21; H += 4) {
        const double u      = slopes[i];
        int          rows   = 0;
        int* const   matrix = make(DF_PLAN_PYRAMID, S, H, u, &rows);
        CHECK(rows == S + (int)floor((H - 1) * u + 1e-9) + 1);
        for (int t = 0; t < H; ++t) {
          CHECK(matrix[t] == S);
          CHECK(matrix[(rows - 1) * H + t] == 0);
        }
        CHECK(matrix[(rows - 1) * H - 1] > 0); // the last row is needed
        for (int m = 0; m + 1 < rows; ++m) {
          for (int t = 0; t < H; ++t) {
            const int drop = matrix[m * H + t] - matrix[(m + 1) * H + t];
            CHECK(drop == 0 || drop == 1);
            CHECK(t == 0 || matrix[m * H + t] >= matrix[m * H + t - 1]);
          }
        }
        free(matrix);

        int* const both = make(DF_PLAN_TRAPEZOID, S, H, u, &rows);
        CHECK(rows == S + (int)floor((H - 1) / 2 * u + 1e-9) + 1);
        for (int m = 0; m < rows; ++m) {
          for (int t = 0; t < H; ++t) {
            CHECK(both[m * H + t] == both[m * H + H - 1 - t]);
          }
        }
        CHECK(both[0] == S && both[(rows - 1) * H + H / 2] == 0);
        free(both);
      }
    }
  }
}

/// The ladder is trunc(-1 + i K / S), one up, from clean to K.
static void
test_ladder(void)
{
  int ladder[1001];
  df_plan_ladder(1000, 50, ladder);
  CHECK(ladder[0] == 0 && ladder[1] == 20 && ladder[2] == 40);
  CHECK(ladder[50] == 1000);
  df_plan_ladder(1000, 1000, ladder);
  for (int i = 0; i <= 1000; ++i) {
    CHECK(ladder[i] == i);
  }
  for (int K = 1; K <= 300; K += 13) {
    for (int S = 1; S <= K; ++S) {
      df_plan_ladder(K, S, ladder);
      CHECK(ladder[0] == 0 && ladder[S] == K);
      for (int i = 1; i <= S; ++i) {
        CHECK(ladder[i] > ladder[i - 1]);
        CHECK(ladder[i] == (int)trunc(-1.0 + (double)i * K / S + 1e-9) + 1);
      }
    }
  }
  int plan[4] = {2, 1, 0, 2};
  df_plan_ladder(64, 2, ladder);
  df_plan_levels(plan, 4, ladder);
  CHECK(plan[0] == 64 && plan[1] == 32 && plan[2] == 0 && plan[3] == 64);
}

int
main(void)
{
  test_examples();
  test_ends();
  test_laws();
  test_ladder();
  return 0;
}
