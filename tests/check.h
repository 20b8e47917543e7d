#ifndef DF_TESTS_CHECK_H
#define DF_TESTS_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/// Checks that stay on in release and exit non-zero, naming the place.

#define CHECK(truth)                                                           \
  do {                                                                         \
    if (!(truth)) {                                                            \
      (void)fprintf(                                                           \
        stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth);          \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/// |got - want| <= tolerance; NaN fails.
#define CHECK_NEAR(got, want, tolerance)                                       \
  do {                                                                         \
    const double check_got  = (double)(got);                                   \
    const double check_want = (double)(want);                                  \
    if (!(fabs(check_got - check_want) <= (tolerance))) {                      \
      (void)fprintf(stderr,                                                    \
                    "%s:%d: %s: got %.9g, want %.9g, tolerance %g\n",          \
                    __FILE__,                                                  \
                    __LINE__,                                                  \
                    #got,                                                      \
                    check_got,                                                 \
                    check_want,                                                \
                    (double)(tolerance));                                      \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/// Exit status by which meson counts a test as skipped.
#define CHECK_SKIP 77

#endif // DF_TESTS_CHECK_H
