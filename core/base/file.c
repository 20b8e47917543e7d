#define _XOPEN_SOURCE 700

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

df_status
df_file_map(const char* const path, df_file* const out, df_note* const note)
{
  *out         = (df_file){NULL, 0U};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const df_status status = errno == ENOENT ? DF_E_NONE : DF_E_IO;
    return df_note_set(note, status, "%s: %s", path, strerror(errno));
  }
  struct stat info;
  if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
    (void)close(fd);
    return df_note_set(note, DF_E_IO, "%s: not a regular file", path);
  }
  const size_t size = (size_t)info.st_size;
  void*        data = NULL;
  if (size) {
    data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
      (void)close(fd);
      return df_note_set(note, DF_E_IO, "%s: %s", path, strerror(errno));
    }
  }
  (void)close(fd);
  *out = (df_file){data, size};
  return DF_OK;
}

void
df_file_unmap(df_file* const file)
{
  if (file->data) {
    (void)munmap((void*)(size_t)file->data, file->size);
  }
  *file = (df_file){NULL, 0U};
}

bool
df_file_is_same(const char* const path, const char* const other)
{
  struct stat a;
  struct stat b;
  return !stat(path, &a) && !stat(other, &b) && S_ISREG(a.st_mode) &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
write_all(const int fd, const char* data, size_t size)
{
  while (size) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return -1;
    }
    data += n;
    size -= (size_t)n;
  }
  return 0;
}

/// Whether there is something here that cannot be replaced by a file.
static bool
is_special(const char* const path)
{
  struct stat info;
  return !stat(path, &info) && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static df_status
write_into(const char* const path,
           const void* const data,
           const size_t      size,
           df_note* const    note)
{
  const int fd     = open(path, O_WRONLY | O_CLOEXEC);
  const int failed = fd < 0 || write_all(fd, (const char*)data, size);
  const int error  = errno;
  if ((fd >= 0 && close(fd)) || failed) {
    return df_note_set(
      note, DF_E_IO, "%s: %s", path, strerror(failed ? error : errno));
  }
  return DF_OK;
}

/// As df_file_replace, of what is no link.
static df_status
replace(const char* const path,
        const void* const data,
        const size_t      size,
        df_note* const    note)
{
  const size_t length = strlen(path) + 32U;
  char* const  beside = (char*)malloc(length);
  if (!beside) {
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", path);
  }
  (void)snprintf(beside, length, "%s.%ld.part", path, (long)getpid());
  const int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    const int error = errno;
    free(beside);
    return df_note_set(note, DF_E_IO, "%s: %s", path, strerror(error));
  }
  const int failed = write_all(fd, (const char*)data, size) || fsync(fd);
  const int error  = errno;
  if (close(fd) || failed || rename(beside, path)) {
    const int why = failed ? error : errno;
    (void)unlink(beside);
    free(beside);
    return df_note_set(note, DF_E_IO, "%s: %s", path, strerror(why));
  }
  free(beside);
  return DF_OK;
}

df_status
df_file_replace(const char* const path,
                const void* const data,
                const size_t      size,
                df_note* const    note)
{
  if (is_special(path)) {
    return write_into(path, data, size, note);
  }
  char* const     real   = realpath(path, NULL); // NULL where there is none yet
  const df_status status = replace(real ? real : path, data, size, note);
  free(real);
  return status;
}
