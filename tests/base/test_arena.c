#include "core/base/arena.h"

#include "tests/check.h"

#include <stdint.h>

/// Measuring gives a size in which the same takes fit, aligned and zeroed.
static void
test_measure_then_carve(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  CHECK(!DF_TAKE(&arena, 3U, char));
  CHECK(!DF_TAKE(&arena, 5U, double));
  CHECK(df_arena_allocate(&arena) == DF_OK);
  char* const   a = DF_TAKE(&arena, 3U, char);
  double* const b = DF_TAKE(&arena, 5U, double);
  CHECK(a && b && (uintptr_t)b % DF_ARENA_ALIGN == 0U);
  CHECK(a[2] == 0 && b[4] == 0.0);
  CHECK(df_arena_status(&arena) == DF_OK);
  df_arena_free(&arena);
  CHECK(!arena.base && !arena.size);
}

/// A take that does not fit fails, and every later one with it.
static void
test_failure_sticks(void)
{
  char     memory[256];
  df_arena arena = {memory, sizeof(memory), 0U, false};
  CHECK(!DF_TAKE(&arena, 1024U, char));
  CHECK(!DF_TAKE(&arena, 1U, char));
  CHECK(df_arena_status(&arena) == DF_E_NOMEM);
}

/// A size that overflows is refused, also when only measuring.
static void
test_overflow(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  CHECK(!df_arena_take(&arena, SIZE_MAX / 2U, 16U));
  CHECK(df_arena_status(&arena) == DF_E_NOMEM);
  CHECK(df_arena_allocate(&arena) == DF_E_NOMEM);
}

int
main(void)
{
  test_measure_then_carve();
  test_failure_sticks();
  test_overflow();
  return 0;
}
