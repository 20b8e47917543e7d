#define _POSIX_C_SOURCE 200809L

#include "core/engine/instrument.h"

#include "core/model/model.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char   path[] = "/tmp/dforce-test-instrument-XXXXXX";
static char*  bytes;
static size_t size;

static void
read_file(void)
{
  FILE* const file = fopen(path, "rb");
  CHECK(file);
  CHECK(!fseek(file, 0L, SEEK_END));
  size  = (size_t)ftell(file);
  bytes = (char*)malloc(size);
  CHECK(bytes && !fseek(file, 0L, SEEK_SET));
  CHECK(fread(bytes, 1U, size, file) == size);
  CHECK(!fclose(file));
}

static void
write_file(const size_t n)
{
  FILE* const file = fopen(path, "wb");
  CHECK(file);
  CHECK(fwrite(bytes, 1U, n, file) == n);
  CHECK(!fclose(file));
}

static df_status
load(df_note* const note)
{
  df_instrument*  instrument = NULL;
  const df_status status     = df_instrument_load(path, &instrument, note);
  CHECK(status || instrument);
  CHECK(!status || !instrument);
  df_instrument_free(instrument);
  return status;
}

// Replace text of the header by as much other text
static char*
replace(const char* const old, const char* const new)
{
  const size_t n  = strlen(old);
  char*        at = NULL;
  for (size_t i = 0; i + n < size && !at; ++i) {
    at = memcmp(bytes + i, old, n) ? NULL : bytes + i;
  }
  CHECK(at && strlen(new) == n);
  memcpy(at, new, n);
  return at;
}

/// What was saved plays: network and codec of one size.
static void
test_loads(void)
{
  df_note        note       = {""};
  df_instrument* instrument = NULL;
  CHECK(df_instrument_load(path, &instrument, &note) == DF_OK);
  const df_codec* const codec = df_instrument_codec(instrument);
  CHECK(codec->config.rate == RIG_RATE);
  CHECK(codec->config.dims ==
        df_predictor_config(df_instrument_predictor(instrument))->token);
  df_instrument_free(instrument);
  df_instrument_free(NULL);
}

/// A file that is not there, or is cut short anywhere, is refused.
static void
test_broken(void)
{
  df_note        note       = {""};
  df_instrument* instrument = NULL;
  CHECK(df_instrument_load("/nowhere/at/all", &instrument, &note) == DF_E_NONE);
  CHECK(strstr(note.text, "/nowhere/at/all"));
  for (size_t k = 0; k < 40U; ++k) {
    write_file(k < 12U ? k : k * (size - 1U) / 40U);
    CHECK(load(&note) != DF_OK);
  }
  write_file(size - 1U);
  CHECK(load(&note) != DF_OK);
  write_file(size);
  CHECK(load(&note) == DF_OK);
}

/// A tensor that is missing or has another size is named.
static void
test_wrong(void)
{
  static const char* const names[4] = {
    "codec.mean", "codec.ceiling", "codec.basis", "codec.scale"};
  df_note note = {""};
  for (int i = 0; i < 4; ++i) {
    char quoted[32];
    char other[32];
    (void)snprintf(quoted, sizeof(quoted), "\"%s\"", names[i]);
    (void)snprintf(other, sizeof(other), "\"%s\"", names[i]);
    other[7]       = 'X';
    char* const at = replace(quoted, other);
    write_file(size);
    CHECK(load(&note) != DF_OK);
    CHECK(strstr(note.text, names[i]));
    memcpy(at, quoted, strlen(quoted));
  }
  char* const at = replace("\"codec.dims\":\"24\"", "\"codec.dims\":\"23\"");
  write_file(size);
  CHECK(load(&note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "codec."));
  memcpy(at, "\"codec.dims\":\"24\"", 17U);
  char* const hop = replace("\"codec.hop\":\"256\"", "\"codec.hop\":\"999\"");
  write_file(size);
  CHECK(load(&note) != DF_OK); // above half a window
  memcpy(hop, "\"codec.hop\":\"256\"", 17U);
  write_file(size);
  CHECK(load(&note) == DF_OK);
}

int
main(void)
{
  CHECK(close(mkstemp(path)) == 0);
  rig_save(path);
  read_file();
  test_loads();
  test_broken();
  test_wrong();
  free(bytes);
  CHECK(!unlink(path));
  return 0;
}
