#include "tests/check.h"
#include "tests/hosts/host.h"

#include <jack/jack.h>
#include <sndfile.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// Instances of the plugin in a client of a running JACK server, in real time.
///
///     bench_realtime MODULE BUNDLE CLIP INSTANCES SECONDS MODE
///
/// MODE is `mixed` (4 s of trust, 4 s of the model, in turn), `model` (after 4
/// s of trust that do not count), `trust` or `bypass`.  No instances show what
/// the server does by itself.  Prints how long run() took, all instances
/// together (half of the cycles, all but one in a thousand, in ten thousand,
/// the longest), the cycles missed, the hops that came late, the process's
/// share of a core, engine threads included, and what the host of a virtual
/// machine kept for itself, which no clock of ours tells from our own time.
/// tests/bench/realtime.sh brings the server and the load.

enum { INSTANCES = 16, TURN = 4, WARM = 5 }; // Seconds

enum { MOST_CYCLES = 1 << 22 };

typedef struct {
  df_host*       hosts[INSTANCES];
  int            count;
  const char*    mode;
  const float*   clip; // [frames][channels]
  sf_count_t     frames;
  int            channels;
  sf_count_t     at; // Samples since the start
  sf_count_t     rate;
  atomic_bool    counts;
  atomic_ullong  cycles;
  float*         took; // [MOST_CYCLES] seconds; written by the process thread
  double         worst_cpu;
  atomic_int     missed;
  jack_client_t* client;
} bench;

static double
seconds(const clockid_t clock)
{
  struct timespec t = {0, 0};
  (void)clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float
noise_at(const bench* const b)
{
  const sf_count_t second = b->at / b->rate;
  return !strcmp(b->mode, "mixed")   ? (float)(second / TURN % 2)
         : !strcmp(b->mode, "model") ? (float)(second >= TURN)
                                     : 0.0f;
}

static int
process(const jack_nframes_t n, void* const handle)
{
  bench* const b = (bench*)handle;
  if (n > DF_HOST_BLOCK) {
    return 1;
  }
  for (int k = 0; k < b->count; ++k) {
    for (int c = 0; c < 2; ++c) {
      float* const in = df_host_in(b->hosts[k], c);
      for (jack_nframes_t i = 0; i < n; ++i) {
        const sf_count_t t = (b->at + (sf_count_t)i) % b->frames;
        in[i]              = b->clip[t * b->channels + c % b->channels];
      }
    }
    *df_host_control(b->hosts[k], DF_PORT_NOISE) = noise_at(b);
  }
  const double wall = seconds(CLOCK_MONOTONIC);
  const double cpu  = seconds(CLOCK_THREAD_CPUTIME_ID);
  for (int k = 0; k < b->count; ++k) {
    df_host_run(b->hosts[k], n);
  }
  if (atomic_load(&b->counts)) {
    const double own            = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    const double all            = seconds(CLOCK_MONOTONIC) - wall;
    b->worst_cpu                = own > b->worst_cpu ? own : b->worst_cpu;
    const unsigned long long at = atomic_fetch_add(&b->cycles, 1U);
    b->took[at % MOST_CYCLES]   = (float)all;
  }
  b->at += (sf_count_t)n;
  return 0;
}

static int
count_missed(void* const handle)
{
  bench* const b = (bench*)handle;
  (void)atomic_fetch_add(&b->missed, atomic_load(&b->counts) ? 1 : 0);
  return 0;
}

static void
load_clip(bench* const b, const char* const path)
{
  SF_INFO        info = {0};
  SNDFILE* const file = sf_open(path, SFM_READ, &info);
  CHECK(file && info.frames > 0);
  float* const clip =
    (float*)calloc((size_t)info.frames, sizeof(float) * (size_t)info.channels);
  CHECK(clip && sf_readf_float(file, clip, info.frames) == info.frames);
  (void)sf_close(file);
  b->clip     = clip;
  b->frames   = info.frames;
  b->channels = info.channels;
}

static void
make_hosts(bench* const b, char** const argv)
{
  const df_host_options o = {.module   = argv[1],
                             .bundle   = argv[2],
                             .rate     = (double)b->rate,
                             .channels = 2,
                             .worker   = DF_HOST_THREAD};
  for (int k = 0; k < b->count; ++k) {
    b->hosts[k] = df_host_make(&o);
    CHECK(df_host_settle(b->hosts[k]) == DF_MODEL_READY);
    *df_host_control(b->hosts[k], DF_PORT_SEED) = (float)k;
    *df_host_control(b->hosts[k], DF_PORT_ENABLED) =
      (float)(strcmp(b->mode, "bypass") != 0);
  }
}

static double
late_hops(const bench* const b)
{
  double late = 0.0;
  for (int k = 0; k < b->count; ++k) {
    late += (double)*df_host_control(b->hosts[k], DF_PORT_LATE);
  }
  return late;
}

static int
compare(const void* const a, const void* const b)
{
  const float x = *(const float*)a;
  const float y = *(const float*)b;
  return (x > y) - (x < y);
}

// Seconds that the machine's own host took from all cores, or 0
static double
stolen(void)
{
  unsigned long long v[8] = {0};
  FILE* const        file = fopen("/proc/stat", "r");
  if (file) {
    const int count = fscanf(file,
                             "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
                             &v[0],
                             &v[1],
                             &v[2],
                             &v[3],
                             &v[4],
                             &v[5],
                             &v[6],
                             &v[7]);
    v[7]            = count == 8 ? v[7] : 0U;
    (void)fclose(file);
  }
  return (double)v[7] / (double)sysconf(_SC_CLK_TCK);
}

static void
report(bench* const b, const double wall, const double cpu, const int rt)
{
  const double period =
    (double)jack_get_buffer_size(b->client) / (double)b->rate;
  const size_t all   = (size_t)atomic_load(&b->cycles);
  const size_t count = all < MOST_CYCLES ? all : MOST_CYCLES;
  qsort(b->took, count, sizeof(float), compare);
  size_t long_ones = 0U;
  while (long_ones < count &&
         (double)b->took[count - 1U - long_ones] > period) {
    ++long_ones;
  }
  (void)printf("%d instance%s, %s, %.0f s, %s: run() of %.0f us: half at most "
               "%.0f us, 99.9 %% %.0f, 99.99 %% %.0f, all %.0f (own time "
               "%.0f), %zu longer than a cycle; %d xruns in %zu cycles, CPU "
               "%.1f %% of a core",
               b->count,
               b->count == 1 ? "" : "s",
               b->mode,
               wall,
               rt ? "real-time priority" : "no real-time priority",
               1e6 * period,
               1e6 * (double)b->took[count / 2U],
               1e6 * (double)b->took[(size_t)((double)count * 0.999)],
               1e6 * (double)b->took[(size_t)((double)count * 0.9999)],
               1e6 * (double)b->took[count - 1U],
               1e6 * b->worst_cpu,
               long_ones,
               atomic_load(&b->missed),
               all,
               100.0 * cpu / wall);
}

int
main(const int argc, char** const argv)
{
  static bench b;
  CHECK(argc == 7);
  b.count          = atoi(argv[4]);
  const int length = atoi(argv[5]);
  b.mode           = argv[6];
  CHECK(b.count >= 0 && b.count <= INSTANCES && length >= 1);
  b.took = (float*)calloc(MOST_CYCLES, sizeof(float));
  CHECK(b.took);
  load_clip(&b, argv[3]);
  jack_status_t status = (jack_status_t)0;
  b.client = jack_client_open("bench_realtime", JackNoStartServer, &status);
  CHECK(b.client);
  b.rate = (sf_count_t)jack_get_sample_rate(b.client);
  make_hosts(&b, argv);
  CHECK(!jack_set_process_callback(b.client, process, &b));
  CHECK(!jack_set_xrun_callback(b.client, count_missed, &b));
  CHECK(!jack_activate(b.client));

  (void)sleep(WARM);
  const double late = late_hops(&b);
  const double wall = seconds(CLOCK_MONOTONIC);
  const double cpu  = seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double gone = stolen();
  atomic_store(&b.counts, true);
  (void)sleep((unsigned)length);
  const double used = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  const double took = seconds(CLOCK_MONOTONIC) - wall;
  const int    rt   = jack_is_realtime(b.client);
  CHECK(!jack_deactivate(b.client)); // the numbers are ours from here on
  CHECK(atomic_load(&b.cycles) > 0U);
  report(&b, took, used, rt);
  (void)printf(
    ", %.0f hops late, %.2f s stolen\n", late_hops(&b) - late, stolen() - gone);
  (void)jack_client_close(b.client);
  for (int k = 0; k < b.count; ++k) {
    df_host_free(b.hosts[k]);
  }
  free((void*)b.clip);
  free(b.took);
  return 0;
}
