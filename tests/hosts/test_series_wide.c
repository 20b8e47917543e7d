#include "core/series/table.h"
#include "tests/check.h"
#include "tests/hosts/series_host.h"
#include "tests/plugin/udp.h"

/// A model of more series than `urn:dforce:series` has inputs: OSC pushes and
/// fetches whole rows.  (test_series_table.c plays it by its first 8 alone.)
/// Arguments: dforce.so, a folder with series/default.safetensors, the table,
/// rows to forecast.

#define WIDEST 32

static df_series_host* host;
static int             s; // the socket
static char            packet[1024];

static const char*
path(const char* const name)
{
  static char words[64];
  (void)snprintf(words,
                 sizeof(words),
                 "/dforce/%d/%s",
                 (int)host->control[DF_SERIES_OSC_BOUND],
                 name);
  return words;
}

static void
run(void)
{
  host->descriptor->run(host->handle, 16U);
  (void)usleep(1000U);
}

static void
push(const double* const row, const int D)
{
  char  types[WIDEST + 1] = "";
  float values[WIDEST];
  for (int d = 0; d < D; ++d) {
    types[d]     = 'f';
    types[d + 1] = '\0';
    values[d]    = (float)row[d];
  }
  df_udp_send(s, path("push"), types, values, NULL);
  df_udp_send(s, path("ping"), "", NULL, NULL);
}

static void
listen_to(const int port)
{
  host->control[DF_SERIES_OSC_PORT] = (float)port;
  for (int i = 0; i < 30000 && host->control[DF_SERIES_OSC_BOUND] <= 0.0f;
       ++i) {
    run();
  }
  CHECK(host->control[DF_SERIES_OSC_BOUND] > 0.0f);
  s = df_udp_open(NULL, "127.0.0.1", (int)host->control[DF_SERIES_OSC_BOUND]);
}

// The next answer is a row of `name`
static void
expect_row(const char* const name, const int row, const int D, float* values)
{
  const size_t size = df_udp_expect(s, path(name), packet);
  const size_t head = strlen(packet) / 4U * 4U + 4U;
  uint32_t     word = 0U;
  CHECK(strspn(packet + head + 2, "f") == (size_t)D);
  CHECK(size > 4U * (size_t)(D + 1));
  const char* const at = packet + size - 4 * (D + 1);
  memcpy(&word, at, 4U);
  CHECK((int)ntohl(word) == row);
  for (int d = 0; d < D; ++d) {
    memcpy(&word, at + 4 * (d + 1), 4U);
    word = ntohl(word);
    memcpy(&values[d], &word, 4U);
    CHECK(isfinite(values[d]));
  }
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 5);
  df_table  table = {0};
  df_note   note  = {""};
  const int ahead = (int)strtol(argv[4], NULL, 10);
  CHECK(!df_table_load(argv[3], &table, &note));
  const int D     = table.series;
  const int known = table.rows - ahead;
  CHECK(D > DF_CV && D <= WIDEST && ahead > 0 && known > ahead);
  host = df_series_host_make(argv[1], argv[2], 1000.0, true);
  CHECK(df_series_host_settle(host) == DF_MODEL_READY);
  host->control[DF_SERIES_RATE] = 0.0f;
  run();
  listen_to(DF_UDP_SERIES_WIDE);

  // A row of as many as there are inputs is not one of this model
  char words[64];
  (void)snprintf(words, sizeof(words), "wanted push with %d values", D);
  push(table.values, DF_CV);
  const size_t size = df_udp_expect(s, path("error"), packet);
  const size_t head = strlen(packet) / 4U * 4U + 4U; // then ",ss", the address
  const size_t more = strlen(packet + head + 4U) / 4U * 4U + 8U;
  CHECK(head + more < size);
  CHECK(!strncmp(packet + head + more, words, strlen(words)));
  (void)df_udp_expect(s, path("pong"), packet);

  for (int t = 0; t < known; ++t) {
    push(table.values + (size_t)t * (size_t)D, D);
    (void)df_udp_expect(s, path("pong"), packet);
  }
  const double* const last  = table.values + (size_t)(known - 1) * (size_t)D;
  double              error = 0.0;
  double              held  = 0.0;
  const float         rows  = (float)ahead;
  df_udp_send(s, path("forecast"), "f", &rows, NULL);
  for (int h = 0; h < ahead; ++h) {
    const double* const truth = table.values + (size_t)(known + h) * (size_t)D;
    float               value[WIDEST];
    float               mean[WIDEST];
    expect_row("forecast", h + 1, D, value);
    expect_row("mean", h + 1, D, mean);
    for (int d = DF_CV; d < D; ++d) { // those that no input has
      error += fabs((double)value[d] - truth[d]);
      held += fabs(last[d] - truth[d]);
    }
  }
  (void)printf("series beyond %d, mean absolute error %.4g, last %.4g\n",
               DF_CV,
               error / (ahead * (D - DF_CV)),
               held / (ahead * (D - DF_CV)));
  CHECK(error < 0.5 * held);
  (void)close(s);
  host->descriptor->deactivate(host->handle);
  df_series_host_free(host);
  df_table_free(&table);
  return 0;
}
