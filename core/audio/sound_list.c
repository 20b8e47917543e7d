#include "core/audio/sound.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/// A folder on the way down; one that is its own ancestor is a loop of links.
typedef struct level {
  const struct level* above;
  dev_t               device;
  ino_t               file;
} level;

static bool
loops(const level* const here)
{
  for (const level* l = here->above; l; l = l->above) {
    if (l->device == here->device && l->file == here->file) {
      return true;
    }
  }
  return false;
}

/// The ending tells, so that notes and pictures in a folder are passed over.
static bool
is_sound(const char* const name)
{
  static const char* const endings[] = {"wav",
                                        "flac",
                                        "ogg",
                                        "oga",
                                        "opus",
                                        "mp3",
                                        "aif",
                                        "aiff",
                                        "aifc",
                                        "au",
                                        "caf",
                                        "w64",
                                        "rf64"};

  const char* const dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < sizeof(endings) / sizeof(*endings); ++i) {
    if (!strcasecmp(dot + 1, endings[i])) {
      return true;
    }
  }
  return false;
}

/// Take over `path` as the last of the list.
static df_status
append(df_sound_list* const list, char* const path)
{
  char** const more =
    (char**)realloc(list->paths, (list->count + 1U) * sizeof(char*));
  if (!more) {
    free(path);
    return DF_E_NOMEM;
  }
  list->paths                = more;
  list->paths[list->count++] = path;
  return DF_OK;
}

/// "folder/name", owned by the caller.
static char*
join(const char* const folder, const char* const name)
{
  const size_t size = strlen(folder) + strlen(name) + 2U;
  char* const  path = (char*)malloc(size);
  if (path) {
    (void)snprintf(path, size, "%s/%s", folder, name);
  }
  return path;
}

static df_status
add_folder(df_sound_list* const list,
           const char* const    folder,
           const level* const   here,
           df_note* const       note)
{
  DIR* const dir = opendir(folder);
  if (!dir) {
    return df_note_set(note, DF_E_IO, "%s: %s", folder, strerror(errno));
  }
  df_status            status = DF_OK;
  const struct dirent* entry  = NULL;
  while (status == DF_OK && (entry = readdir(dir))) {
    if (entry->d_name[0] == '.') {
      continue;
    }
    struct stat about;
    char* const path = join(folder, entry->d_name);
    if (!path) {
      status = DF_E_NOMEM;
    } else if (stat(path, &about)) {
      free(path); // a link to nowhere
    } else if (S_ISDIR(about.st_mode)) {
      const level below = {here, about.st_dev, about.st_ino};
      status = loops(&below) ? DF_OK : add_folder(list, path, &below, note);
      free(path);
    } else if (S_ISREG(about.st_mode) && is_sound(entry->d_name)) {
      status = append(list, path);
    } else {
      free(path);
    }
  }
  (void)closedir(dir);
  return status;
}

static int
compare(const void* const a, const void* const b)
{
  return strcmp(*(char* const*)a, *(char* const*)b);
}

df_status
df_sound_list_add(df_sound_list* const list,
                  const char* const    path,
                  df_note* const       note)
{
  struct stat  about;
  const size_t before = list->count;
  df_status    status = DF_OK;
  if (stat(path, &about)) {
    return df_note_set(note, DF_E_NONE, "%s: no such file or folder", path);
  }
  if (S_ISDIR(about.st_mode)) {
    const level top = {NULL, about.st_dev, about.st_ino};
    status          = add_folder(list, path, &top, note);
    if (status == DF_OK && list->count == before) {
      return df_note_set(note, DF_E_NONE, "%s: no sound files in it", path);
    }
  } else {
    char* const copy = strdup(path);
    status           = copy ? append(list, copy) : DF_E_NOMEM;
  }
  if (list->count > 1U) {
    qsort(list->paths, list->count, sizeof(char*), compare);
  }
  return status == DF_E_NOMEM ? df_note_set(note, status, "%s: no memory", path)
                              : status;
}

void
df_sound_list_free(df_sound_list* const list)
{
  for (size_t i = 0; i < list->count; ++i) {
    free(list->paths[i]);
  }
  free(list->paths);
  *list = (df_sound_list){NULL, 0U};
}
