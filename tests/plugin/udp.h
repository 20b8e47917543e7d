#ifndef DF_TESTS_PLUGIN_UDP_H
#define DF_TESTS_PLUGIN_UDP_H

#include "tests/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// A raw UDP socket that talks to a port on this machine.

/// Where each test's instances begin to look for a port.  They try a hundred,
/// and tests run side by side: none may meet the other's plugin or its packets.
/// All are below the ports that the system gives away by itself.
enum {
  DF_UDP_SERVER       = 17000,
  DF_UDP_CROWD        = 17200,
  DF_UDP_OSC          = 17400,
  DF_UDP_INSTANCES    = 17600,
  DF_UDP_ELSEWHERE    = 17800,
  DF_UDP_RT           = 18000,
  DF_UDP_RT_ELSEWHERE = 18200,
  DF_UDP_STATE        = 18400,
  DF_UDP_EXAMPLES     = 18600,
  DF_UDP_SERIES       = 18800,
  DF_UDP_SERIES_OSC   = 19000,
  DF_UDP_SERIES_WIDE  = 19200
};

/// Connected to `to`:port, and bound to `from` if not NULL.
static inline int
df_udp_open(const char* const from, const char* const to, const int port)
{
  const int          s  = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET};
  struct timeval wait   = {30, 0}; // an answer that never comes fails the test
  CHECK(s >= 0);
  CHECK(!setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)));
  if (from) {
    CHECK(inet_pton(AF_INET, from, &at.sin_addr) == 1);
    CHECK(!bind(s, (const struct sockaddr*)&at, sizeof(at)));
  }
  CHECK(inet_pton(AF_INET, to, &at.sin_addr) == 1);
  at.sin_port = htons((uint16_t)port);
  CHECK(!connect(s, (const struct sockaddr*)&at, sizeof(at)));
  return s;
}

/// Append a string, padded as OSC wants it.
static inline size_t
df_udp_text(char* const to, const char* const text)
{
  const size_t length = strlen(text);
  const size_t padded = length / 4U * 4U + 4U;
  memset(to, 0, padded);
  memcpy(to, text, length);
  return padded;
}

static inline size_t
df_udp_word(char* const to, const uint32_t word)
{
  const uint32_t big = htonl(word);
  memcpy(to, &big, sizeof(big));
  return sizeof(big);
}

/// A message with arguments of these types: of f, i, d, h the next number, of s
/// the word, of T and F nothing.
static inline size_t
df_udp_message(char* const       to,
               const char* const path,
               const char* const types,
               const float*      numbers,
               const char*       word)
{
  char   tags[64];
  size_t at = df_udp_text(to, path);
  CHECK(strlen(types) < sizeof(tags) - 1U);
  (void)snprintf(tags, sizeof(tags), ",%s", types);
  at += df_udp_text(to + at, tags);
  for (const char* t = types; *t; ++t) {
    uint32_t bits = 0U;
    if (*t == 'f') {
      memcpy(&bits, numbers++, sizeof(bits));
      at += df_udp_word(to + at, bits);
    } else if (*t == 'i') {
      at += df_udp_word(to + at, (uint32_t)(int32_t)*numbers++);
    } else if (*t == 'd' || *t == 'h') {
      const double  real = (double)*numbers;
      const int64_t more = (int64_t)*numbers++;
      uint64_t      wide = 0U;
      memcpy(&wide, *t == 'd' ? (const void*)&real : &more, sizeof(wide));
      at += df_udp_word(to + at, (uint32_t)(wide >> 32U));
      at += df_udp_word(to + at, (uint32_t)wide);
    } else if (*t == 's') {
      at += df_udp_text(to + at, word ? word : "");
    }
  }
  return at;
}

/// Send one message.
static inline void
df_udp_send(const int         s,
            const char* const path,
            const char* const types,
            const float*      numbers,
            const char*       word)
{
  char         packet[1024];
  const size_t size = df_udp_message(packet, path, types, numbers, word);
  CHECK(send(s, packet, size, 0) == (ssize_t)size);
}

/// A bundle of one message, with a time tag, ns since 1970.
static inline size_t
df_udp_bundle(char* const       packet,
              const int64_t     time,
              const char* const path,
              const char* const types,
              const float*      numbers)
{
  const int64_t second = INT64_C(1000000000);
  size_t        n      = df_udp_text(packet, "#bundle");
  n += df_udp_word(packet + n, (uint32_t)(time / second + 2208988800));
  n += df_udp_word(
    packet + n, (uint32_t)(((uint64_t)(time % second) << 32U) / 1000000000U));
  const size_t m = df_udp_message(packet + n + 4U, path, types, numbers, NULL);
  return n + df_udp_word(packet + n, (uint32_t)m) + m;
}

/// Send one message in a bundle with a time tag, ns since 1970.
static inline void
df_udp_send_at(const int         s,
               const int64_t     time,
               const char* const path,
               const char* const types,
               const float*      numbers)
{
  char         packet[1024];
  const size_t n = df_udp_bundle(packet, time, path, types, numbers);
  CHECK(send(s, packet, n, 0) == (ssize_t)n);
}

/// Wait for the next packet; its path is `path`.  Returns its size.
static inline size_t
df_udp_expect(const int s, const char* const path, char* const packet)
{
  memset(packet, 0, 1024U);
  const ssize_t size = recv(s, packet, 1023U, 0);
  if (size <= 0 || strcmp(packet, path) != 0) {
    (void)fprintf(stderr, "wanted %s, got '%s'\n", path, packet);
  }
  CHECK(size > 0 && !strcmp(packet, path));
  return (size_t)size;
}

/// The next packet of this path
static inline size_t
df_udp_await(const int ear, const char* const wanted, char* const packet)
{
  for (int i = 0; i < 100; ++i) {
    memset(packet, 0, 1024U);
    const ssize_t size = recv(ear, packet, 1023U, 0);
    CHECK(size > 0);
    if (!strcmp(packet, wanted)) {
      return (size_t)size;
    }
  }
  (void)fprintf(stderr, "%s never comes\n", wanted);
  CHECK(false);
  return 0U;
}

#endif // DF_TESTS_PLUGIN_UDP_H
