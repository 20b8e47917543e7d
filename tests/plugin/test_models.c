#include "plugin/models.h"

#include "tests/check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/dforce-models-XXXXXX";

static void
path_of(char* const path, const char* const name)
{
  CHECK(snprintf(path, DF_PATH_MAX, "%s/%s", root, name) > 0);
}

static void
make_folder(const char* const name)
{
  char path[DF_PATH_MAX];
  path_of(path, name);
  CHECK(!mkdir(path, 0700));
}

static void
make_file(const char* const name)
{
  char path[DF_PATH_MAX];
  path_of(path, name);
  FILE* const file = fopen(path, "w");
  CHECK(file && !fclose(file));
}

static void
set(const char* const variable, const char* const name)
{
  char path[DF_PATH_MAX];
  path_of(path, name);
  CHECK(!setenv(variable, path, 1));
}

static df_models_kind kind;

// Slot `slot` is the file `name` below root; NULL: there is none
static void
expect(const char* const bundle, const int slot, const char* const name)
{
  char            folder[DF_PATH_MAX];
  char            want[DF_PATH_MAX];
  char            got[DF_PATH_MAX];
  df_note         note = {""};
  const df_status st =
    df_models_find(kind,
                   bundle ? (path_of(folder, bundle), folder) : NULL,
                   slot,
                   got,
                   sizeof(got),
                   &note);
  if (!name) {
    CHECK(st == DF_E_NONE && strstr(note.text, "safetensors"));
    return;
  }
  path_of(want, name);
  CHECK(st == DF_OK && !strcmp(got, want));
}

/// Nothing installed: said in words, not found in a folder of others.
static void
test_none(void)
{
  make_folder("empty");
  set("HOME", "empty");
  set("XDG_DATA_DIRS", "empty");
  CHECK(!unsetenv("XDG_DATA_HOME"));
  expect("empty", 0, NULL);
  expect("absent", 0, NULL);
  expect(NULL, 0, NULL);
}

/// The bundle's default, the bundle's others by name, the user's, the system's.
static void
test_order(void)
{
  make_folder("bundle");
  make_file("bundle/b.safetensors");
  make_file("bundle/a.safetensors");
  make_file("bundle/default.safetensors");
  make_file("bundle/.hidden.safetensors");
  make_file("bundle/dforce.so");
  make_folder("home");
  make_folder("home/.local");
  make_folder("home/.local/share");
  make_folder("home/.local/share/dforce");
  make_folder("home/.local/share/dforce/models");
  make_file("home/.local/share/dforce/models/mine.safetensors");
  make_folder("system");
  make_folder("system/dforce");
  make_folder("system/dforce/models");
  make_file("system/dforce/models/all.safetensors");
  set("HOME", "home");
  char dirs[DF_PATH_MAX];
  path_of(dirs, "system");
  char both[DF_PATH_MAX + 32];
  (void)snprintf(both, sizeof(both), "/nowhere::relative:%s", dirs);
  CHECK(!setenv("XDG_DATA_DIRS", both, 1));

  expect("bundle", 0, "bundle/default.safetensors");
  expect("bundle", 1, "bundle/a.safetensors");
  expect("bundle", 2, "bundle/b.safetensors");
  expect("bundle", 3, "home/.local/share/dforce/models/mine.safetensors");
  expect("bundle", 4, "system/dforce/models/all.safetensors");
  expect("bundle", 5, NULL);
  expect("empty", 0, "home/.local/share/dforce/models/mine.safetensors");

  set("XDG_DATA_HOME", "system");
  expect("empty", 0, "system/dforce/models/all.safetensors");
}

/// Models of series lie in folders of their own, and sound does not see them.
static void
test_series(void)
{
  make_folder("bundle/series");
  make_file("bundle/series/default.safetensors");
  make_folder("system/dforce/series");
  make_file("system/dforce/series/tide.safetensors");
  expect("bundle", 0, "bundle/default.safetensors");
  expect("bundle", 3, "system/dforce/models/all.safetensors");
  kind = DF_MODELS_SERIES;
  expect("bundle", 0, "bundle/series/default.safetensors");
  expect("bundle", 1, "system/dforce/series/tide.safetensors");
  expect("bundle", 2, "system/dforce/series/tide.safetensors"); // found twice
  expect("bundle", 3, NULL);
}

int
main(void)
{
  CHECK(mkdtemp(root));
  test_none();
  test_order();
  test_series();
  char command[64];
  (void)snprintf(command, sizeof(command), "rm -r %s", root);
  return system(command) ? 1 : 0;
}
