#define _POSIX_C_SOURCE 200809L

#include "core/base/file.h"

#include "tests/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
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

/// A link stays one and its file is replaced; a pipe is written to, and a
/// device that is full says so.
static void
test_links_and_devices(const char* const dir)
{
  char        path[512];
  char        link[512];
  struct stat info;
  df_file     file;
  df_note     note     = {""};
  char        bytes[4] = "";
  (void)snprintf(path, sizeof(path), "%s/f", dir);
  (void)snprintf(link, sizeof(link), "%s/l", dir);
  CHECK(df_file_replace(path, "abc", 3U, NULL) == DF_OK);
  CHECK(!symlink("f", link));
  CHECK(df_file_replace(link, "defg", 4U, NULL) == DF_OK);
  CHECK(!lstat(link, &info) && S_ISLNK(info.st_mode));
  CHECK(df_file_is_same(path, link) && df_file_is_same(path, path));
  CHECK(!df_file_is_same(path, dir) && !df_file_is_same(dir, dir));
  CHECK(df_file_map(path, &file, NULL) == DF_OK && file.size == 4U);
  df_file_unmap(&file);
  CHECK(!unlink(link) && !unlink(path));

  CHECK(!mkfifo(path, 0600));
  const int pipe = open(path, O_RDWR);
  CHECK(pipe >= 0);
  CHECK(df_file_replace(path, "hij", 3U, NULL) == DF_OK);
  CHECK(!lstat(path, &info) && S_ISFIFO(info.st_mode));
  CHECK(read(pipe, bytes, sizeof(bytes)) == 3 && !strcmp(bytes, "hij"));
  CHECK(!close(pipe) && !unlink(path));
  if (!lstat("/dev/full", &info) && S_ISCHR(info.st_mode)) {
    CHECK(df_file_replace("/dev/full", "a", 1U, &note) == DF_E_IO);
    CHECK(strstr(note.text, "/dev/full: ") &&
          strstr(note.text, strerror(ENOSPC)));
    CHECK(!lstat("/dev/full", &info) && S_ISCHR(info.st_mode));
  }
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
  test_links_and_devices(dir);
  test_errors(dir);
  CHECK(!rmdir(dir));
  return 0;
}
