#include "core/engine/watch.h"

#include "tests/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { RATE = 48000, N = 20 * RATE, D = DF_WATCH_RUN };

static float x[N];
static float y[N];
static bool  lost[N];

// What becomes of x; y and lost are set back by the delay
static int
watch(const bool on, const float noise)
{
  df_watch w     = df_watch_make(RATE);
  int      count = 0;
  for (int i = 0; i < N + D; ++i) {
    float sample = i < N ? x[i] : 0.1f;
    float level  = noise;
    df_watch_next(&w, on, 1, &sample, &level);
    if (i >= D) {
      y[i - D]    = sample;
      lost[i - D] = level >= 1.0f;
      count += lost[i - D];
    }
  }
  return count;
}

static void
tone(const float peak)
{
  for (int i = 0; i < N; ++i) {
    x[i] = peak * sinf(0.05f * (float)i + 0.02f);
  }
}

/// Sound passes bit for bit, a fixed delay later; runs of zeros shorter than
/// the limit too.
static void
test_passes(void)
{
  tone(0.3f);
  memset(x + 5000, 0, (D - 1) * sizeof(float));
  CHECK(watch(true, 0.25f) == 0);
  CHECK(!memcmp(x, y, sizeof(x)));
}

/// A run that cuts the sound off is lost from its first zero to its last.
static void
test_cut(void)
{
  const int lengths[] = {D, D + 1, 1000, RATE};
  for (int k = 0; k < 4; ++k) {
    tone(0.3f);
    memset(x + 5000, 0, (size_t)lengths[k] * sizeof(float));
    CHECK(watch(true, 0.0f) == lengths[k]);
    CHECK(lost[5000] && lost[4999 + lengths[k]]);
    CHECK(!memcmp(x, y, sizeof(x)));
    CHECK(watch(false, 0.0f) == 0);
  }
}

/// Silence is not lost: neither before any sound, nor when it has died away,
/// nor beyond ten seconds of it.
static void
test_silence(void)
{
  memset(x, 0, sizeof(x));
  CHECK(watch(true, 0.0f) == 0);
  tone(0.3f);
  for (int i = 0; i < N; ++i) {
    const float fade = 1.0f - (float)i / RATE;
    x[i] *= fade > 0.0f ? fade : 0.0f;
  }
  CHECK(watch(true, 0.0f) == 0);
  tone(0.3f);
  memset(x + RATE, 0, (size_t)(N - RATE) * sizeof(float));
  const int count = watch(true, 0.0f);
  CHECK(count >= 10 * RATE - D && count <= 10 * RATE);
  CHECK(lost[RATE] && !lost[N - 1]);
}

/// Samples that are no numbers are lost, with a few after them; what comes out
/// is finite, watched or not.
static void
test_bad(void)
{
  const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f};
  for (int k = 0; k < 4; ++k) {
    for (int on = 0; on < 2; ++on) {
      tone(0.3f);
      x[7000]         = bad[k];
      const int count = watch(on, 0.0f);
      CHECK(lost[7000] == (on == 1) && !lost[6999]);
      CHECK(count <= 100 && y[7000] == 0.0f);
      for (int i = 0; i < N; ++i) {
        CHECK(fabsf(y[i]) < 1.0f);
      }
    }
  }
}

// As watch(true, 0), the host declaring `samples` lost at sample `at`
static int
declare(const int at, const int64_t samples)
{
  df_watch w     = df_watch_make(RATE);
  int      count = 0;
  for (int i = 0; i < N + D; ++i) {
    float sample = i < N ? x[i] : 0.1f;
    float level  = 0.0f;
    if (i == at) {
      df_watch_declare(&w, samples);
    }
    df_watch_next(&w, true, 1, &sample, &level);
    if (i >= D) {
      y[i - D]    = sample;
      lost[i - D] = level >= 1.0f;
      count += lost[i - D];
    }
  }
  return count;
}

/// Zeros where the host has lost samples are lost, few as they are, and from
/// silence too; sound there, and zeros later or beyond that number, are not.
static void
test_declared(void)
{
  tone(0.3f);
  memset(x + 5000, 0, 7U * sizeof(float));
  CHECK(watch(true, 0.0f) == 0);
  CHECK(declare(5000, 100) == 7 && lost[5000] && lost[5006]);
  CHECK(!memcmp(x, y, sizeof(x)));
  CHECK(declare(5000, 4) == 4 && lost[5003] && !lost[5004]);
  CHECK(declare(5004, 100) == 3 && !lost[5003] && lost[5004]);
  CHECK(declare(4999, 100) == 0);
  CHECK(declare(5007, 100) == 0);
  CHECK(declare(5000, 0) == 0 && declare(5000, -5) == 0);

  // A sound that has died away before, and begins in the hole
  tone(0.3f);
  for (int i = 0; i < N; ++i) {
    const float fade = 1.0f - (float)i / RATE;
    x[i]             = i < 60000 ? x[i] * (fade > 0.0f ? fade : 0.0f) : x[i];
  }
  memset(x + 60000, 0, 20U * sizeof(float));
  CHECK(watch(true, 0.0f) == 0);
  CHECK(declare(59990, 64) == 30 && lost[59990] && lost[60019]);

  // Nothing was heard at all
  memset(x, 0, sizeof(x));
  CHECK(declare(5000, 1000) == 0);
}

int
main(void)
{
  test_passes();
  test_cut();
  test_silence();
  test_bad();
  test_declared();
  return 0;
}
