#include "core/nn/weights.h"

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "tests/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// A name of its own for each process, as tests run side by side
static char path[64];

static float matrix[6]  = {1.0f, -2.5f, 0.0f, 3.25f, 1e-3f, 65504.0f};
static float vector[3]  = {0.1f, 1e30f, -1e-30f};
static float numbers[6] = {0};

static const df_text texts[] = {
  {"format", "dforce"},
  {"model.width", "192"},
  {"train.licence", "CC0 \xe2\x80\x94 \"quoted\"\nsecond line"},
};

static df_named
named(const char* const name,
      const bool        half,
      const int         d0,
      const int         d1,
      float* const      values)
{
  df_named one = {{0}, d1 ? 2 : 1, {d0, d1}, half, values};
  (void)snprintf(one.name, sizeof(one.name), "%s", name);
  return one;
}

static void
save_example(void)
{
  const df_named both[] = {named("matrix", true, 2, 3, matrix),
                           named("vector", false, 3, 0, vector)};
  CHECK(df_weights_save(path, both, 2, texts, 3, NULL) == DF_OK);
}

static df_status
open_bytes(const void* const bytes, const size_t size, df_note* const note)
{
  FILE* const file = fopen(path, "wb");
  CHECK(file && fwrite(bytes, 1U, size, file) == size && !fclose(file));
  df_weights*     weights = NULL;
  const df_status status  = df_weights_open(path, &weights, note);
  CHECK(!weights == (status != DF_OK));
  df_weights_close(weights);
  return status;
}

/// Open a file of this header and `data` bytes of zeros behind it.
static df_status
open_header(const char* const header, const size_t data, df_note* const note)
{
  uint8_t      bytes[1024] = {0};
  const size_t length      = strlen(header);
  CHECK(8U + length + data <= sizeof(bytes));
  df_bytes_put_u64(bytes, length);
  memcpy(bytes + 8, header, length);
  return open_bytes(bytes, 8U + length + data, note);
}

/// What was saved comes back: 32 bits exactly, 16 bits to half an ulp, words.
static void
test_round_trip(void)
{
  save_example();
  df_weights* weights = NULL;
  CHECK(df_weights_open(path, &weights, NULL) == DF_OK);
  CHECK(df_weights_count(weights) == 2);
  CHECK(!strcmp(df_weights_shape(weights, 0).name, "vector"));

  float          read[6] = {0};
  const df_named want    = named("matrix", false, 2, 3, read);
  CHECK(df_weights_read(weights, &want, NULL) == DF_OK);
  for (int i = 0; i < 6; ++i) {
    CHECK_NEAR(read[i], matrix[i], fabs((double)matrix[i]) / 2048.0);
  }
  const df_named other = named("vector", false, 3, 0, read);
  CHECK(df_weights_read(weights, &other, NULL) == DF_OK);
  CHECK(!memcmp(read, vector, sizeof(vector)));
  CHECK(df_weights_rest(weights, NULL) == DF_OK);

  for (int i = 0; i < 3; ++i) {
    CHECK(!strcmp(df_weights_text(weights, texts[i].key), texts[i].text));
  }
  CHECK(!df_weights_text(weights, "nothing"));

  int width = 0;
  CHECK(df_weights_setting(weights,
                           (df_setting){"model.width", &width, 8, 1024},
                           NULL) == DF_OK);
  CHECK(width == 192);
  df_note note = {{0}};
  CHECK(df_weights_setting(weights,
                           (df_setting){"model.width", &width, 8, 100},
                           &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "model.width: want 8..100, file has \"192\""));
  df_weights_close(weights);
}

/// A file cut short after any byte is refused.
static void
test_truncated(void)
{
  save_example();
  df_file file = {0};
  CHECK(df_file_map(path, &file, NULL) == DF_OK);
  const size_t   size  = file.size;
  uint8_t* const bytes = (uint8_t*)malloc(size);
  CHECK(bytes);
  memcpy(bytes, file.data, size);
  df_file_unmap(&file);
  for (size_t n = 0U; n < size; ++n) {
    CHECK(open_bytes(bytes, n, NULL) == DF_E_FORMAT);
  }
  CHECK(open_bytes(bytes, size, NULL) == DF_OK);
  free(bytes);
}

/// Any byte of the header may be wrong: never a crash, never a read outside.
static void
test_flipped(void)
{
  save_example();
  df_file file = {0};
  CHECK(df_file_map(path, &file, NULL) == DF_OK);
  const size_t   size  = file.size;
  uint8_t* const bytes = (uint8_t*)malloc(size);
  CHECK(bytes);
  memcpy(bytes, file.data, size);
  df_file_unmap(&file);
  for (size_t n = 0U; n < size; ++n) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[n] ^= (uint8_t)(1U << bit);
      FILE* const out = fopen(path, "wb");
      CHECK(out && fwrite(bytes, 1U, size, out) == size && !fclose(out));
      df_weights* weights = NULL;
      if (!df_weights_open(path, &weights, NULL)) {
        const df_named  want   = named("matrix", true, 2, 3, numbers);
        const df_status status = df_weights_read(weights, &want, NULL);
        CHECK(status == DF_OK || status == DF_E_NONE || status == DF_E_SHAPE ||
              status == DF_E_FINITE);
      }
      df_weights_close(weights);
      bytes[n] ^= (uint8_t)(1U << bit);
    }
  }
  free(bytes);
}

/// A tensor that is wrong, missing or too many is named with both shapes.
static void
test_wrong_tensors_are_named(void)
{
  save_example();
  df_weights* weights = NULL;
  df_note     note    = {{0}};
  CHECK(df_weights_open(path, &weights, NULL) == DF_OK);
  const df_named turned = named("matrix", true, 3, 2, numbers);
  CHECK(df_weights_read(weights, &turned, &note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "matrix: want [3,2], file has [2,3]"));
  const df_named absent = named("tensor", true, 3, 2, numbers);
  CHECK(df_weights_read(weights, &absent, &note) == DF_E_NONE);
  CHECK(strstr(note.text, "tensor: want [3,2], file has none"));
  const df_named right = named("matrix", true, 2, 3, numbers);
  CHECK(df_weights_read(weights, &right, &note) == DF_OK);
  CHECK(df_weights_rest(weights, &note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "vector: not wanted, file has [3]"));
  df_weights_close(weights);
}

/// Headers that lie about sizes, types or order are refused by name.
static void
test_lying_headers(void)
{
  static const struct {
    const char* header;
    size_t      data;
    const char* says;
  } cases[] = {
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     8U,
     NULL},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     9U,
     "tensors fill 8"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     7U,
     "a: data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
     8U,
     "a: data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
     8U,
     "a: [3] of F32 does not fill its 8 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
     4U,
     NULL},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
     0U,
     "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
     4U,
     "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
     4U,
     "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],"
     "\"data_offsets\":[0,4]}}",
     4U,
     "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647,"
     "4],\"data_offsets\":[0,4]}}",
     4U,
     "does not fill"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999],"
     "\"data_offsets\":[0,4]}}",
     4U,
     "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[0,99999999999999999999]}}",
     4U,
     "header"},
    {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
     4U,
     "a: dtype: want F16 or F32, file has BF16"},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4U, "file has none"},
    {"{\"a\":7}", 0U, "a: dtype"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
     "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
     8U,
     "duplicate"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
     6U,
     "b: starts at byte 2, a ends at 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
     12U,
     "b: starts at byte 8, a ends at 4"},
    {"{\"\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
     4U,
     "name"},
    {"{\"__metadata__\":[]}", 0U, "not an object"},
    {"{\"__metadata__\":{\"k\":1}}", 0U, "\"k\" is not a string"},
    {"{\"__metadata__\":{}}", 0U, NULL},
    {"{} trailing", 0U, "header"},
    {"[1]", 0U, "not a safetensors file"},
    {"{", 0U, "not a safetensors file"},
    {"{\"a\"", 0U, "header"},
  };
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    df_note         note   = {{0}};
    const df_status status = open_header(cases[i].header, cases[i].data, &note);
    if (cases[i].says ? status != DF_E_FORMAT || !strstr(note.text, path) ||
                          !strstr(note.text, cases[i].says)
                      : status != DF_OK) {
      (void)fprintf(stderr, "%s\n%s\n", cases[i].header, note.text);
    }
    CHECK(cases[i].says
            ? status == DF_E_FORMAT && strstr(note.text, cases[i].says)
            : status == DF_OK);
  }
}

/// A header longer than the file, or than the limit, is not read.
static void
test_header_length(void)
{
  uint8_t bytes[64] = {0};
  memset(bytes, ' ', sizeof(bytes));
  bytes[8]                 = '{';
  bytes[9]                 = '}';
  const uint64_t lengths[] = {
    0U, 1U, 57U, DF_WEIGHTS_HEADER_MAX + 1U, UINT64_MAX, UINT64_MAX - 7U};
  for (size_t i = 0U; i < sizeof(lengths) / sizeof(lengths[0]); ++i) {
    df_bytes_put_u64(bytes, lengths[i]);
    CHECK(open_bytes(bytes, sizeof(bytes), NULL) == DF_E_FORMAT);
  }
  df_bytes_put_u64(bytes, 56U);
  CHECK(open_bytes(bytes, sizeof(bytes), NULL) == DF_OK);
}

/// NaN and infinities are neither written nor read.
static void
test_not_finite(void)
{
  const float bad[]  = {NAN, INFINITY, -INFINITY};
  df_note     note   = {{0}};
  float       one[2] = {1.0f, 0.0f};
  for (int i = 0; i < 3; ++i) {
    one[1]             = bad[i];
    const df_named bit = named("bad", false, 2, 0, one);
    CHECK(df_weights_save(path, &bit, 1, NULL, 0, &note) == DF_E_FINITE);
    CHECK(strstr(note.text, "bad: number 1"));
  }
  one[1]              = 70000.0f; // finite, but not in 16 bits
  const df_named over = named("over", true, 2, 0, one);
  CHECK(df_weights_save(path, &over, 1, NULL, 0, &note) == DF_E_FINITE);

  uint8_t           bytes[128] = {0};
  const char* const header =
    "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}";
  const size_t length = strlen(header);
  df_bytes_put_u64(bytes, length);
  memcpy(bytes + 8, header, length);
  bytes[8U + length + 1U] = 0x7c; // infinity
  CHECK(open_bytes(bytes, 10U + length, NULL) == DF_OK);
  df_weights* weights = NULL;
  CHECK(df_weights_open(path, &weights, NULL) == DF_OK);
  const df_named want = named("a", false, 1, 0, one);
  CHECK(df_weights_read(weights, &want, &note) == DF_E_FINITE);
  df_weights_close(weights);
}

/// Names and keys are given once, and a path must lead somewhere.
static void
test_save_refuses(void)
{
  const df_named twice[]    = {named("a", false, 3, 0, vector),
                               named("a", true, 3, 0, vector)};
  const df_named nameless   = named("", false, 3, 0, vector);
  const df_text  same_key[] = {{"k", "1"}, {"k", "2"}};
  const df_text  not_utf8   = {"k", "\xff"};
  df_note        note       = {{0}};
  CHECK(df_weights_save(path, twice, 2, NULL, 0, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "\"a\" given twice"));
  CHECK(df_weights_save(path, &nameless, 1, NULL, 0, &note) == DF_E_ARG);
  CHECK(df_weights_save(path, twice, 1, same_key, 2, &note) == DF_E_ARG);
  CHECK(df_weights_save(path, twice, 1, &not_utf8, 1, &note) == DF_E_ARG);
  CHECK(df_weights_save("/nowhere/at/all", twice, 1, NULL, 0, &note) ==
        DF_E_IO);
  CHECK(strstr(note.text, "/nowhere/at/all"));
  df_weights* weights = NULL;
  CHECK(df_weights_open("/nowhere/at/all", &weights, &note) == DF_E_NONE);
}

/// Two million numbers load; the time is printed for the curious.
static void
test_large(void)
{
  const int    rows  = 1024;
  const int    cols  = 2048;
  const size_t count = (size_t)rows * (size_t)cols;
  float* const big   = (float*)malloc(count * sizeof(float));
  CHECK(big);
  for (size_t i = 0U; i < count; ++i) {
    big[i] = 0.001f * (float)(i % 4096U) - 2.0f;
  }
  for (int half = 0; half < 2; ++half) {
    const df_named tensor = named("big", half == 1, rows, cols, big);
    CHECK(df_weights_save(path, &tensor, 1, NULL, 0, NULL) == DF_OK);
    struct timespec from;
    struct timespec to;
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    df_weights* weights = NULL;
    CHECK(df_weights_open(path, &weights, NULL) == DF_OK);
    CHECK(df_weights_read(weights, &tensor, NULL) == DF_OK);
    df_weights_close(weights);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    printf("2 M numbers of %d bits loaded in %.1f ms\n",
           half ? 16 : 32,
           1e3 * (double)(to.tv_sec - from.tv_sec) +
             1e-6 * (double)(to.tv_nsec - from.tv_nsec));
    CHECK_NEAR(big[5000], 0.001 * 904.0 - 2.0, 1e-3);
  }
  free(big);
}

/// Python with nothing but NumPy reads the same numbers.
static void
test_python(const char* const script)
{
  char command[1024];
  if (system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0) {
    printf("no Python with NumPy here: reading by Python not tested\n");
    return;
  }
  save_example();
  (void)snprintf(
    command, sizeof(command), "/usr/bin/python3 %s %s", script, path);
  CHECK(system(command) == 0);
}

int
main(const int argc, char** const argv)
{
  (void)argc;
  (void)snprintf(path, sizeof(path), "weights-%ld.tmp", (long)getpid());
  test_round_trip();
  test_truncated();
  test_flipped();
  test_wrong_tensors_are_named();
  test_lying_headers();
  test_header_length();
  test_not_finite();
  test_save_refuses();
  test_large();

  // tests/ref lies beside this file
  char        script[512];
  const char* slash = strrchr(__FILE__, '/');
  (void)snprintf(script,
                 sizeof(script),
                 "%.*s/../ref/safetensors.py",
                 slash ? (int)(slash - __FILE__) : 1,
                 slash ? __FILE__ : ".");
  (void)argv;
  test_python(script);
  (void)unlink(path);
  return 0;
}
