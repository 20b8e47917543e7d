#include "core/engine/memory.h"

#include "core/audio/bands.h"
#include "core/audio/recall.h"

#include <math.h>
#include <string.h>

// What the lag search reads
#define SECONDS 7.0

// Tokens, however many a second there are
#define MOST 4096

struct df_memory {
  int       C;
  double    rate;
  int       reach;  // Tokens that the lag search reads
  int       kept;   // Twice as many
  float*    tokens; // [kept, C] ring
  float*    bands;  // [kept, DF_BANDS] ring
  bool*     heard;  // [kept]
  int64_t   first;  // Oldest token in the ring's present run
  int64_t   end;    // One past the newest token
  int64_t   newest; // No token after it was heard; -1: none at all
  int64_t   looked; // `newest` when last looked back; -2: look again
  df_recall recall;
  float*    recent; // [reach, DF_BANDS]
  float     loudest[DF_BANDS];
  float     softest;
  float*    levels; // [reach] of heard tokens
};

df_status
df_memory_make(df_arena* const   arena,
               const int         C,
               const double      rate,
               df_memory** const out)
{
  const double     wanted = ceil(SECONDS * rate);
  const int        reach  = wanted < MOST ? (int)wanted : MOST;
  const size_t     kept   = 2U * (size_t)reach;
  df_memory* const self   = DF_TAKE(arena, 1U, df_memory);
  float* const     tokens = DF_TAKE(arena, kept * (size_t)C, float);
  float* const     bands  = DF_TAKE(arena, kept * DF_BANDS, float);
  bool* const      heard  = DF_TAKE(arena, kept, bool);
  float* const     recent = DF_TAKE(arena, (size_t)reach * DF_BANDS, float);
  float* const     levels = DF_TAKE(arena, (size_t)reach, float);
  if (!self || !recent) {
    return df_arena_status(arena);
  }
  self->C      = C;
  self->rate   = rate;
  self->reach  = reach;
  self->kept   = (int)kept;
  self->tokens = tokens;
  self->bands  = bands;
  self->heard  = heard;
  self->recent = recent;
  self->levels = levels;
  df_memory_reset(self);
  *out = self;
  return DF_OK;
}

void
df_memory_reset(df_memory* const self)
{
  self->first  = 0;
  self->end    = 0;
  self->newest = -1;
  self->looked = -1;
  self->recall = (df_recall){0, 0.0f};
}

static size_t
place(const df_memory* const self, const int64_t n)
{
  return (size_t)(n % self->kept);
}

// False: not kept
static bool
store(df_memory* const   self,
      const int64_t      n,
      const float* const token,
      const bool         heard)
{
  if (self->newest >= n) { // what came after is void
    self->newest = n - 1;
    self->looked = -2;
  }
  if (!heard && n > self->newest + self->reach) {
    return false;
  }
  memcpy(self->tokens + place(self, n) * (size_t)self->C,
         token,
         (size_t)self->C * sizeof(float));
  self->heard[place(self, n)] = heard;
  if (n > self->end) {
    self->first = n; // tokens were passed over
  }
  self->end = n + 1;
  if (heard) {
    self->newest = n;
  }
  if (self->first < self->end - self->kept) {
    self->first = self->end - self->kept;
  }
  return true;
}

void
df_memory_hear(df_memory* const   self,
               const int64_t      n,
               const float* const token,
               const float* const bands)
{
  (void)store(self, n, token, true);
  memcpy(
    self->bands + place(self, n) * DF_BANDS, bands, DF_BANDS * sizeof(float));
}

void
df_memory_keep(df_memory* const   self,
               const int64_t      n,
               const float* const token,
               const float* const bands,
               const bool         heard)
{
  if (store(self, n, token, heard)) {
    memcpy(
      self->bands + place(self, n) * DF_BANDS, bands, DF_BANDS * sizeof(float));
  }
}

// The level that a twentieth of them lies below; reorders them
static float
soft_level(float* const levels, const int count)
{
  const int rank = count / 20;
  for (int i = 0; i <= rank && i < count; ++i) {
    for (int j = i + 1; j < count; ++j) {
      if (levels[j] < levels[i]) {
        const float swap = levels[i];
        levels[i]        = levels[j];
        levels[j]        = swap;
      }
    }
  }
  return count ? levels[rank] : -INFINITY;
}

void
df_memory_look_back(df_memory* const self, const int64_t n)
{
  if (self->looked == self->newest || n < 1) {
    return;
  }
  self->looked = self->newest;
  const int64_t low =
    n - self->reach > self->first ? n - self->reach : self->first;
  const int rows  = n > low ? (int)(n - low) : 0;
  int       count = 0;
  for (int i = 0; i < rows; ++i) {
    const float* const from = self->bands + place(self, low + i) * DF_BANDS;
    memcpy(self->recent + (size_t)i * DF_BANDS, from, DF_BANDS * sizeof(float));
    if (self->heard[place(self, low + i)]) {
      for (int b = 0; b < DF_BANDS; ++b) {
        self->loudest[b] = count ? fmaxf(self->loudest[b], from[b]) : from[b];
      }
      self->levels[count++] = df_bands_level(from);
    }
  }
  self->recall  = df_recall_find(self->recent, rows, self->rate);
  self->softest = soft_level(self->levels, count);
}

const float*
df_memory_recall(const df_memory* const self,
                 const int64_t          n,
                 float* const           confidence)
{
  const int64_t lag = self->recall.lag;
  if (lag < 1) {
    return NULL;
  }
  // The newest multiple of the lag before n that may have been heard
  const int64_t over = n - lag - self->newest;
  int64_t       m    = n - lag - (over > 0 ? (over + lag - 1) / lag * lag : 0);
  for (; m >= self->first && m >= 0; m -= lag) {
    if (m < self->end && self->heard[place(self, m)]) {
      *confidence = self->recall.confidence;
      return self->tokens + place(self, m) * (size_t)self->C;
    }
  }
  return NULL;
}

const float*
df_memory_loudest(const df_memory* const self)
{
  return self->looked >= 0 ? self->loudest : NULL;
}

float
df_memory_softest(const df_memory* const self)
{
  return self->looked >= 0 ? self->softest : -INFINITY;
}
