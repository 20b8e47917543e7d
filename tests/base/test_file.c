#define _POSIX_C_SOURCE 200809L

#include "core/base/file.h"

#include "tests/check.h"

#include <string.h>
#include <unistd.h>

/// What is written is what is mapped; a second write replaces the first.
static void
test_replace_and_map(const char* const dir)
{
  char path[512];
  (void)snprintf(path, sizeof(path), "%s/f", dir);
  df_file file;
  CHECK(df_file_replace(path, "abc", 3U, NULL) == DF_OK);
  CHECK(df_file_replace(path, "defg", 4U, NULL) == DF_OK);
  CHECK(df_file_map(path, &file, NULL) == DF_OK);
  CHECK(file.size == 4U && !memcmp(file.data, "defg", 4U));
  df_file_unmap(&file);
  CHECK(!file.data);
  CHECK(df_file_replace(path, "", 0U, NULL) == DF_OK);
  CHECK(df_file_map(path, &file, NULL) == DF_OK);
  CHECK(file.size == 0U);
  df_file_unmap(&file);
  CHECK(!unlink(path));
}

/// Errors name the path.
static void
test_errors(const char* const dir)
{
  char    path[512];
  df_file file;
  df_note note = {""};
  (void)snprintf(path, sizeof(path), "%s/none", dir);
  CHECK(df_file_map(path, &file, &note) == DF_E_NONE);
  CHECK(strstr(note.text, path));
  CHECK(df_file_map(dir, &file, &note) == DF_E_IO);
  (void)snprintf(path, sizeof(path), "%s/none/f", dir);
  CHECK(df_file_replace(path, "a", 1U, &note) == DF_E_IO);
  CHECK(strstr(note.text, path));
}

int
main(void)
{
  char dir[] = "/tmp/dforce-test-file-XXXXXX";
  CHECK(mkdtemp(dir));
  test_replace_and_map(dir);
  test_errors(dir);
  CHECK(!rmdir(dir));
  return 0;
}
