#include "plugin/models.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".safetensors"
#define FIRST "default" SUFFIX

// A search for the file with `left` others before it
typedef struct {
  const char* folder; // below a data folder
  int         left;
  char*       path;
  size_t      size;
} search;

static bool
set_path(char* const       path,
         const size_t      size,
         const char* const a,
         const char* const b)
{
  const int n = snprintf(path, size, "%s/%s", a, b);
  return n > 0 && (size_t)n < size;
}

static int
is_model(const struct dirent* const entry)
{
  const size_t length = strlen(entry->d_name);
  const size_t suffix = strlen(SUFFIX);
  return entry->d_name[0] != '.' && length > suffix &&
         !strcmp(entry->d_name + length - suffix, SUFFIX);
}

// Names by byte, whatever the locale; the default model before all others
static int
compare(const struct dirent** const a, const struct dirent** const b)
{
  const bool a_first = !strcmp((*a)->d_name, FIRST);
  const bool b_first = !strcmp((*b)->d_name, FIRST);
  return a_first != b_first ? (a_first ? -1 : 1)
                            : strcmp((*a)->d_name, (*b)->d_name);
}

// Look through one folder; true when the file is found
static bool
look_in(search* const self, const char* const folder)
{
  struct dirent** names = NULL;
  const int       count = scandir(folder, &names, is_model, compare);
  bool            found = false;
  for (int i = 0; i < count; ++i) {
    if (!found && self->left-- == 0) {
      found = set_path(self->path, self->size, folder, names[i]->d_name);
    }
    free(names[i]);
  }
  free(names);
  return found;
}

// Look through the folder below a data folder
static bool
look_below(search* const self, const char* const data)
{
  char folder[DF_PATH_MAX];
  return data[0] == '/' &&
         set_path(folder, sizeof(folder), data, self->folder) &&
         look_in(self, folder);
}

static bool
look_at_home(search* const self)
{
  const char* const data = getenv("XDG_DATA_HOME");
  if (data && data[0]) {
    return look_below(self, data);
  }
  const char* const home = getenv("HOME");
  char              folder[DF_PATH_MAX];
  return home && set_path(folder, sizeof(folder), home, ".local/share") &&
         look_below(self, folder);
}

static bool
look_in_system(search* const self)
{
  const char* const dirs = getenv("XDG_DATA_DIRS");
  const char*       at = dirs && dirs[0] ? dirs : "/usr/local/share:/usr/share";
  while (at[0]) {
    const size_t length = strcspn(at, ":");
    char         folder[DF_PATH_MAX];
    if (length < sizeof(folder)) {
      memcpy(folder, at, length);
      folder[length] = '\0';
      if (look_below(self, folder)) {
        return true;
      }
    }
    at += length + (at[length] == ':' ? 1U : 0U);
  }
  return false;
}

static bool
look_in_bundle(search* const        self,
               const df_models_kind kind,
               const char* const    bundle)
{
  char folder[DF_PATH_MAX];
  return kind == DF_MODELS_AUDIO
           ? look_in(self, bundle)
           : set_path(folder, sizeof(folder), bundle, "series") &&
               look_in(self, folder);
}

df_status
df_models_find(const df_models_kind kind,
               const char* const    bundle,
               const int            slot,
               char* const          path,
               const size_t         size,
               df_note* const       note)
{
  search self = {kind == DF_MODELS_AUDIO ? "dforce/models" : "dforce/series",
                 slot,
                 path,
                 size};
  if ((bundle && look_in_bundle(&self, kind, bundle)) || look_at_home(&self) ||
      look_in_system(&self)) {
    return DF_OK;
  }
  return df_note_set(note,
                     DF_E_NONE,
                     "no model in slot %d: put a %s file into "
                     "~/.local/share/%s, or choose another slot",
                     slot,
                     SUFFIX,
                     self.folder);
}
