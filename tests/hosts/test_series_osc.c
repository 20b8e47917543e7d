#include "tests/check.h"
#include "tests/hosts/series_host.h"
#include "tests/plugin/udp.h"

/// `urn:dforce:series` by OSC: rows pushed, forecasts fetched, controls set.
/// Arguments: dforce.so, the folder of the presets.

#define SEEN 300
#define AHEAD 16

static df_series_host* host;
static int             s; // the socket
static int             port;
static char            packet[1024];

static const char*
path(const char* const name)
{
  static char words[64];
  (void)snprintf(words, sizeof(words), "/dforce/%d/%s", port, name);
  return words;
}

// Run for a while, as time goes by
static void
run(const int cycles)
{
  for (int i = 0; i < cycles; ++i) {
    host->descriptor->run(host->handle, 16U);
    (void)usleep(1000U);
  }
}

// Run until there is an answer, 30 s at most
static void
run_on(void)
{
  char byte = 0;
  for (int i = 0; i < 30000; ++i) {
    if (recv(s, &byte, 1U, MSG_PEEK | MSG_DONTWAIT) > 0) {
      break;
    }
    run(1);
  }
}

// The next answer is an error that holds these words
static void
expect_error(const char* const words)
{
  run_on();
  const size_t size  = df_udp_expect(s, path("error"), packet);
  bool         found = false;
  for (size_t i = 0U; i < size && !found; ++i) {
    found = !strncmp(packet + i, words, strlen(words));
  }
  if (!found) {
    (void)fprintf(stderr, "no error \"%s\"\n", words);
  }
  CHECK(found);
}

// The next answer is `name` with a row's number and a value for each series
static void
expect_row(const char* const name, const int row, float* const values)
{
  run_on();
  const size_t size = df_udp_expect(s, path(name), packet);
  const char*  at   = packet + size - 4U * (1U + DF_CV);
  uint32_t     word = 0U;
  CHECK(!memcmp(at - 12, ",iffffffff\0\0", 12U));
  memcpy(&word, at, 4U);
  CHECK((int)ntohl(word) == row);
  for (int d = 0; d < DF_CV; ++d) {
    memcpy(&word, at + 4 + 4 * d, 4U);
    word = ntohl(word);
    memcpy(&values[d], &word, 4U);
    CHECK(isfinite(values[d]));
  }
}

static void
send_number(const char* const name, const float value)
{
  df_udp_send(s, path(name), "f", &value, NULL);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  float  last[DF_CV];
  float  row[DF_CV] = {0.0f};
  float  value[DF_CV];
  float  mean[DF_CV];
  double error = 0.0;
  double held  = 0.0;
  host         = df_series_host_make(argv[1], argv[2], 1000.0, true);
  CHECK(df_series_host_settle(host) == DF_MODEL_READY);
  host->control[DF_SERIES_OSC_PORT] = (float)DF_UDP_SERIES_OSC;
  for (int i = 0; i < 5000 && host->control[DF_SERIES_OSC_BOUND] <= 0.0f; ++i) {
    run(1);
  }
  port = (int)host->control[DF_SERIES_OSC_BOUND];
  CHECK(port >= DF_UDP_SERIES_OSC);
  s = df_udp_open(NULL, "127.0.0.1", port);
  df_udp_send(s, path("ping"), "", NULL, NULL);
  (void)df_udp_expect(s, path("pong"), packet);

  // Rows come from the inputs, unless the rate is 0, and must fit; a control
  // counts for what is sent right after it
  df_udp_send(s, path("push"), "ffffffff", row, NULL);
  expect_error("rows come from the inputs");
  send_number("rate", 0.0f);
  df_udp_send(s, path("push"), "fff", row, NULL);
  expect_error("wanted push with 8 values");
  send_number("forecast", 0.0f);
  expect_error("wanted forecast n");

  for (int t = 0; t < SEEN; ++t) {
    df_series_law(t, row);
    memcpy(last, row, sizeof(last));
    row[t % DF_CV] = t % 50 == 7 ? NAN : row[t % DF_CV]; // missing
    df_udp_send(s, path("push"), "ffffffff", row, NULL);
    if (t % 20 == 19) {
      df_udp_send(s, path("ping"), "", NULL, NULL);
      (void)df_udp_expect(s, path("pong"), packet);
    }
  }
  send_number("forecast", (float)AHEAD);
  for (int h = 0; h < AHEAD; ++h) {
    df_series_law(SEEN + h, row);
    expect_row("forecast", h + 1, value);
    expect_row("mean", h + 1, mean);
    for (int d = 0; d < DF_CV; ++d) {
      error += (double)((value[d] - row[d]) * (value[d] - row[d]));
      held += (double)((last[d] - row[d]) * (last[d] - row[d]));
      CHECK(fabsf(value[d] - mean[d]) < 0.2f); // median and mean of 32 futures
    }
  }
  (void)printf("RMSE %.3f, last value %.3f\n",
               sqrt(error / (AHEAD * DF_CV)),
               sqrt(held / (AHEAD * DF_CV)));
  CHECK(error < 0.1 * held);

  float low[DF_CV];
  send_number("quantile", 0.05f);
  send_number("forecast", 1.0f);
  send_number("quantile", 0.95f);
  send_number("forecast", 1.0f);
  expect_row("forecast", 1, low);
  expect_row("mean", 1, mean);
  expect_row("forecast", 1, value);
  for (int d = 0; d < DF_CV; ++d) {
    CHECK(low[d] < mean[d] && mean[d] < value[d]);
  }
  expect_row("mean", 1, mean);

  // Controls are set by their symbols, as those of the other plugins are
  send_number("noise", 0.25f);
  run(20);
  df_udp_send(s, path("get"), "s", NULL, "noise");
  CHECK(df_udp_expect(s, path("noise"), packet) > 0U);
  df_udp_send(s, path("nonsense"), "", NULL, NULL);
  expect_error("no such method");
  (void)close(s);
  host->descriptor->deactivate(host->handle);
  df_series_host_free(host);
  return 0;
}
