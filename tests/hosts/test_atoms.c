#include "tests/check.h"
#include "tests/hosts/bundles.h"
#include "tests/hosts/host.h"

#include "core/base/rng.h"

#include <string.h>

/// Odd atoms in a running plugin: times at the end of a cycle and beyond it,
/// messages too long to mean anything, and what is no message at all.
/// Arguments: dforce.so, make_model.

#define N 64U

static df_bundles bundles;

static void
play(df_host* const host)
{
  df_rng rng = df_rng_make(4U, 0U, 0U);
  df_rng_normal(&rng, df_host_in(host, 0), N);
  df_host_run(host, N);
}

// At the level `was` and, at noise 0, dry in this cycle; at `next` in the next
static void
check_levels(df_host* const host, const float was, const float next)
{
  const float* const level = df_host_control(host, DF_PORT_LEVEL);
  play(host);
  CHECK(*level == was);
  CHECK(was > 0.0f ||
        !memcmp(df_host_in(host, 0), df_host_out(host, 0), N * sizeof(float)));
  play(host);
  CHECK(*level == next);
}

// An empty list ends any other; then the fade back to the input
static void
end_list(df_host* const host)
{
  const float none = 0.0f;
  df_host_send_levels(host, 0, &none, 0U);
  df_host_run(host, DF_HOST_BLOCK);
  CHECK(*df_host_control(host, DF_PORT_LEVEL) == 0.0f);
}

/// What comes at the end of a cycle, one sample past its last, or claims to
/// come later yet, begins with the next; what is late begins at once.
static void
test_times(df_host* const host)
{
  const float   list[]  = {0.5f, 0.5f, 0.5f, 0.5f};
  const int64_t ends[]  = {N, N + 1000, INT64_MAX};
  const int64_t early[] = {-1, INT64_MIN};
  for (int i = 0; i < 3; ++i) {
    df_host_send_levels(host, ends[i], list, 4U);
    check_levels(host, 0.0f, 0.5f);
    end_list(host);
  }
  for (int i = 0; i < 2; ++i) {
    df_host_send_levels(host, early[i], list, 4U);
    check_levels(host, 0.5f, 0.5f);
    end_list(host);
  }
  for (int i = 0; i < 3; ++i) {
    const char* const path = i % 2 ? "/absent" : bundles.other;
    df_host_send_path(host, ends[i], path);
    df_host_send_get(host, ends[i]);
    play(host);
    CHECK(df_host_told(host) && !strcmp(df_host_told(host), path));
    CHECK(df_host_settle(host) == (i % 2 ? DF_MODEL_MISSING : DF_MODEL_READY));
  }
}

/// A list that comes while the model loads keeps its time: it is in force when
/// that has come, and ends as it would have.
static void
test_early(const char* const module)
{
  const df_host_options o    = {.module   = module,
                                .bundle   = bundles.full,
                                .rate     = 48000.0,
                                .channels = 1,
                                .worker   = DF_HOST_LATER};
  df_host* const        host = df_host_make(&o);
  float                 list[100];
  for (int i = 0; i < 100; ++i) {
    list[i] = 0.5f;
  }
  df_host_send_levels(host, 0, list, 100U);
  for (int i = 0; i < 200; ++i) { // 12 frames of a model in the box
    df_host_run(host, N);
  }
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  df_host_run(host, DF_HOST_BLOCK);
  CHECK(*df_host_control(host, DF_PORT_LEVEL) == 0.5f);
  for (int i = 0; i < 7; ++i) { // 100 frames of this one, 512 samples each
    df_host_run(host, DF_HOST_BLOCK / 2U);
  }
  CHECK(*df_host_control(host, DF_PORT_LEVEL) == 0.0f);
  df_host_free(host);
}

/// A path longer than any is not taken, and answered by the one in force; of a
/// list longer than can be kept the beginning is.
static void
test_sizes(df_host* const host)
{
  static char  path[12000];
  static float list[3000];
  memset(path, 'x', sizeof(path) - 1U);
  path[0] = '/';
  df_host_send_path(host, 0, bundles.other);
  play(host);
  play(host);
  CHECK(!df_host_told(host));
  df_host_send_path(host, 1, path);
  play(host);
  CHECK(df_host_told(host) && !strcmp(df_host_told(host), bundles.other));
  for (int i = 0; i < 3000; ++i) {
    list[i] = 0.25f;
  }
  df_host_send_levels(host, 0, list, 3000U);
  check_levels(host, 0.25f, 0.25f);
  end_list(host);
}

/// An event that is larger than its sequence ends it, and what is no sequence
/// (an empty port, a chunk of the host's capacity) says nothing.
static void
test_damage(df_host* const host)
{
  const df_uris* const uris = df_host_uris(host);
  struct {
    LV2_Atom_Sequence    sequence;
    LV2_Atom_Event       event;
    LV2_Atom_Object_Body body;
  } port = {.sequence = {{sizeof(port) - sizeof(LV2_Atom), uris->atom_Sequence},
                         {0U, 0U}},
            .event    = {{0}, {sizeof(port.body), uris->atom_Object}},
            .body     = {0U, uris->patch_Get}};
  const uint32_t index = df_host_index(host, DF_PORT_CONTROL);
  df_host_connect(host, index, &port);
  play(host);
  CHECK(df_host_told(host)); // so far all is well
  const uint32_t sizes[] = {
    sizeof(port.body) + 1U, 1U << 20U, UINT32_MAX - 8U, UINT32_MAX};
  for (int i = 0; i < 4; ++i) {
    port.event.body.size = sizes[i];
    check_levels(host, 0.0f, 0.0f);
    CHECK(!df_host_told(host));
  }
  port.event.body.size    = sizeof(port.body);
  port.sequence.atom.type = uris->atom_Float;
  check_levels(host, 0.0f, 0.0f);
  CHECK(!df_host_told(host));
  port.sequence.atom = (LV2_Atom){0U, 0U};
  check_levels(host, 0.0f, 0.0f);
  CHECK(!df_host_told(host));
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  df_bundles_make(&bundles, argv[2]);
  const df_host_options o              = {.module   = argv[1],
                                          .bundle   = bundles.full,
                                          .rate     = 48000.0,
                                          .channels = 1,
                                          .worker   = DF_HOST_INSIDE};
  df_host* const        host           = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  CHECK(df_host_settle(host) == DF_MODEL_READY);
  test_times(host);
  test_sizes(host);
  test_damage(host);
  df_host_free(host);
  test_early(argv[1]);
  df_bundles_remove(&bundles);
  return 0;
}
