#ifndef DF_TESTS_HOSTS_BUNDLES_H
#define DF_TESTS_HOSTS_BUNDLES_H

#include "tests/check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Two folders to instantiate from: one with small models, one without.
typedef struct {
  char root[64];
  char full[96];   ///< Holds default.safetensors and other.safetensors
  char empty[96];  ///< Holds none
  char other[128]; ///< Path of other.safetensors
} df_bundles;

/// Make the folders and let `make_model` write the models; hide all models
/// installed on this machine.
static inline void
df_bundles_make(df_bundles* const bundles, const char* const make_model)
{
  char command[1024];
  (void)snprintf(bundles->root, sizeof(bundles->root), "/tmp/dforce-XXXXXX");
  CHECK(mkdtemp(bundles->root));
  (void)snprintf(
    bundles->full, sizeof(bundles->full), "%s/full", bundles->root);
  (void)snprintf(
    bundles->empty, sizeof(bundles->empty), "%s/empty", bundles->root);
  (void)snprintf(bundles->other,
                 sizeof(bundles->other),
                 "%s/other.safetensors",
                 bundles->full);
  CHECK(!mkdir(bundles->full, 0700) && !mkdir(bundles->empty, 0700));
  (void)snprintf(command,
                 sizeof(command),
                 "'%s' %s/default.safetensors && '%s' %s 16000 128 2",
                 make_model,
                 bundles->full,
                 make_model,
                 bundles->other);
  CHECK(!system(command));
  CHECK(!setenv("XDG_DATA_HOME", bundles->empty, 1));
  CHECK(!setenv("XDG_DATA_DIRS", bundles->empty, 1));
}

static inline void
df_bundles_remove(const df_bundles* const bundles)
{
  char command[128];
  (void)snprintf(command, sizeof(command), "rm -r %s", bundles->root);
  CHECK(!system(command));
}

#endif // DF_TESTS_HOSTS_BUNDLES_H
