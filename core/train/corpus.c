#include "core/train/corpus.h"

#include "core/audio/sound.h"
#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/train/basis.h"
#include "core/train/take.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// Stream of random numbers (base/rng.h), apart from others of training.
#define STREAM_SPLIT 0x6330U

/// Tokens that are kept at once: more sound has fewer variants.
#define TOKENS_MOST 600000.0

/// Variants at the start; the others join as the run goes on.
#define VARIANTS_FIRST 3

/// Takes made together at each refresh, so that the pool has work.
#define TOGETHER 4

/// Least sound to train on, seconds.
#define SECONDS_LEAST 2.0

typedef struct {
  char**       names;  ///< [count]
  df_material* sounds; ///< [count]
  int          count;
  df_take*     takes; ///< [take_count]
  int          take_count;
} side;

struct df_corpus {
  df_train_config config;
  side            train;
  side            validation;
  int             variants;
  int64_t         made; ///< Takes made so far, generations counted
  df_arena        arena;
  df_codec*       codec;
};

/// Samples that hold `tokens` tokens whatever the shift of their frames.
static size_t
samples_for(const df_train_config* const config, const int tokens)
{
  return ((size_t)tokens + 2U) * df_take_hop(&config->codec) +
         (size_t)config->codec.window;
}

static double
detune_most(const df_train_config* const config)
{
  return pow(2.0, config->cents / 1200.0);
}

// Reading

/// Make a copy of a sound that is long enough for a clip: repeated if need be.
static df_status
add_item(side* const                  to,
         const df_train_config* const config,
         const char* const            name,
         const float* const           x,
         const size_t                 n)
{
  const double need =
    1.0 + detune_most(config) * (double)samples_for(config, config->tokens);
  const size_t least = (size_t)need;
  const size_t whole = n < least ? least : n;
  const size_t chars = strlen(name) + 1U;
  const size_t count = (size_t)to->count + 1U;
  char** const names = (char**)realloc(to->names, count * sizeof(char*));
  if (!names) {
    return DF_E_NOMEM;
  }
  to->names = names;
  df_material* const sounds =
    (df_material*)realloc(to->sounds, count * sizeof(df_material));
  if (!sounds) {
    return DF_E_NOMEM;
  }
  to->sounds = sounds;

  char* const        copy = (char*)malloc(chars);
  df_material* const file = &sounds[to->count];
  *file = (df_material){(float*)malloc(whole * sizeof(float)), whole, n};
  names[to->count++] = copy;
  if (!copy || !file->x) {
    return DF_E_NOMEM;
  }
  memcpy(copy, name, chars);
  for (size_t at = 0U; at < whole; at += n) {
    memcpy(file->x + at, x, (whole - at < n ? whole - at : n) * sizeof(float));
  }
  return DF_OK;
}

static df_status
list_paths(const char* const* const paths,
           const int                count,
           df_sound_list* const     list,
           df_note* const           note)
{
  for (int i = 0; i < count; ++i) {
    const df_status status = df_sound_list_add(list, paths[i], note);
    if (status) {
      return status;
    }
  }
  return DF_OK;
}

/// Choose which of n files validate: the tenth with the lowest draws.
static void
choose(const uint64_t seed, const size_t n, bool* const chosen)
{
  size_t want = (n + 5U) / 10U;
  want        = want ? want : 1U;
  for (size_t done = 0U; done < want && n > 1U; ++done) {
    size_t   best   = n;
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0U; i < n; ++i) {
      df_rng         rng  = df_rng_make(seed, STREAM_SPLIT, i);
      const uint64_t draw = df_rng_bits(&rng);
      if (!chosen[i] && draw <= lowest) {
        lowest = draw;
        best   = i;
      }
    }
    chosen[best] = true;
  }
}

/// Read files into a side each, or one file into both.
static df_status
read_files(df_corpus* const           self,
           const df_sound_list* const list,
           const bool* const          chosen,
           const bool                 split,
           side* const                rest,
           df_note* const             note)
{
  df_status status = DF_OK;
  for (size_t i = 0U; i < list->count && !status; ++i) {
    df_sound    sound = {0};
    const char* path  = list->paths[i];
    status = df_sound_load(path, self->config.codec.rate, &sound, note);
    if (!status && split && list->count == 1U && sound.n >= 6U) {
      const size_t head = sound.n - sound.n / 6U;
      status = add_item(&self->train, &self->config, path, sound.x, head);
      if (!status) {
        status = add_item(&self->validation,
                          &self->config,
                          path,
                          sound.x + head,
                          sound.n - head);
      }
    } else if (!status) {
      side* const to = split && chosen[i] ? &self->validation : rest;
      status         = add_item(to, &self->config, path, sound.x, sound.n);
    }
    df_sound_free(&sound);
  }
  return status;
}

/// Read one list of paths; with `split` some of its files go to validation.
static df_status
read_paths(df_corpus* const         self,
           const char* const* const paths,
           const int                count,
           const bool               split,
           side* const              to,
           df_note* const           note)
{
  df_sound_list list   = {0};
  df_status     status = list_paths(paths, count, &list, note);
  bool* const   chosen = (bool*)calloc(list.count + 1U, sizeof(bool));
  if (!status && !chosen) {
    status = DF_E_NOMEM;
  }
  if (!status) {
    choose(self->config.seed, list.count, chosen);
    status = read_files(self, &list, chosen, split, to, note);
  }
  free(chosen);
  df_sound_list_free(&list);
  return status;
}

static df_status
take_takes(df_corpus* const self, df_note* const note)
{
  const double seconds = df_corpus_seconds(self, false);
  if (!(seconds >= SECONDS_LEAST)) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "want at least %g s of sound to train on, found %.2f s",
                       SECONDS_LEAST,
                       seconds);
  }
  const double tokens = seconds * (double)self->config.codec.rate /
                        (double)df_take_hop(&self->config.codec);
  const double most           = fmax(1.0, floor(TOKENS_MOST / tokens));
  self->variants              = (int)fmin((double)self->config.variants, most);
  self->train.take_count      = self->train.count * self->variants;
  self->validation.take_count = self->validation.count;
  self->train.takes =
    (df_take*)calloc((size_t)self->train.take_count, sizeof(df_take));
  self->validation.takes =
    (df_take*)calloc((size_t)self->validation.take_count, sizeof(df_take));
  return self->train.takes && self->validation.takes ? DF_OK : DF_E_NOMEM;
}

df_status
df_corpus_open(const df_train_config* const config,
               const char* const* const     paths,
               const int                    path_count,
               const char* const* const     validation,
               const int                    validation_count,
               df_corpus** const            out,
               df_note* const               note)
{
  *out                  = NULL;
  df_corpus* const self = (df_corpus*)calloc(1U, sizeof(df_corpus));
  if (!self) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  self->config     = *config;
  df_status status = read_paths(
    self, paths, path_count, validation_count == 0, &self->train, note);
  if (!status && validation_count) {
    status = read_paths(
      self, validation, validation_count, false, &self->validation, note);
  }
  if (!status) {
    status = take_takes(self, note);
  }
  if (!status) {
    status = df_codec_make(&self->arena, &config->codec, &self->codec, note);
  }
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = df_codec_make(&self->arena, &config->codec, &self->codec, note);
  }
  if (status) {
    df_corpus_free(self);
    return status == DF_E_NOMEM ? df_note_set(note, status, "out of memory")
                                : status;
  }
  *out = self;
  return DF_OK;
}

static void
free_side(side* const of)
{
  for (int i = 0; i < of->count; ++i) {
    free(of->names[i]);
    free(of->sounds[i].x);
  }
  for (int i = 0; of->takes && i < of->take_count; ++i) {
    df_take_free(&of->takes[i]);
  }
  free(of->names);
  free(of->sounds);
  free(of->takes);
}

void
df_corpus_free(df_corpus* const corpus)
{
  if (corpus) {
    free_side(&corpus->train);
    free_side(&corpus->validation);
    df_arena_free(&corpus->arena);
    free(corpus);
  }
}

// Takes

static int
first_variants(const df_corpus* const self)
{
  return self->variants < VARIANTS_FIRST ? self->variants : VARIANTS_FIRST;
}

/// Takes to make at once, one piece each.
typedef struct {
  df_corpus* corpus;
  int64_t    from; ///< Number of the first making; ignored for validation
  bool       validation;
  df_status* status;
} making;

static void
make_take(void* const data, const int index)
{
  const making* const of   = (const making*)data;
  df_corpus* const    self = of->corpus;
  if (of->validation) {
    const df_material* const file = &self->validation.sounds[index];
    of->status[index]             = df_take_make(
      self->codec, file->x, file->n, 0U, &self->validation.takes[index]);
    return;
  }
  const int64_t number = of->from + index;
  const int64_t takes  = self->train.take_count;
  const int     slot   = (int)(number % takes);
  const int     file   = slot % self->train.count;
  df_version    how    = df_version_draw(
    &self->config, file, slot / self->train.count, number / takes);
  size_t       n = 0U;
  float* const y = df_version_apply(&how, &self->train.sounds[file], &n);
  of->status[index] =
    y ? df_take_make(self->codec, y, n, how.shift, &self->train.takes[slot])
      : DF_E_NOMEM;
  free(y);
}

static df_status
make_takes(df_corpus* const self,
           const bool       validation,
           const int64_t    from,
           const int        count,
           df_pool* const   pool,
           df_note* const   note)
{
  df_status* const status =
    (df_status*)calloc((size_t)count + 1U, sizeof(df_status));
  making of = {self, from, validation, status};
  if (!status) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  df_pool_run(pool, count, make_take, &of);
  df_status worst = DF_OK;
  for (int i = 0; i < count && !worst; ++i) {
    worst = status[i];
  }
  free(status);
  return worst ? df_note_set(note, worst, "cannot tokenise: out of memory")
               : DF_OK;
}

df_status
df_corpus_tokenise(df_corpus* const self,
                   df_pool* const   pool,
                   df_note* const   note)
{
  const int first  = first_variants(self);
  df_status status = df_basis_fit(self->codec,
                                  &self->config,
                                  self->train.sounds,
                                  self->train.count,
                                  first,
                                  pool,
                                  note);
  if (!status) {
    status = make_takes(self, true, 0, self->validation.take_count, pool, note);
  }
  if (!status) {
    self->made = (int64_t)first * self->train.count;
    status     = make_takes(self, false, 0, (int)self->made, pool, note);
  }
  return status;
}

df_status
df_corpus_refresh(df_corpus* const self,
                  const int64_t    step,
                  df_pool* const   pool,
                  df_note* const   note)
{
  const int     first = first_variants(self);
  const int64_t due   = (int64_t)first * self->train.count +
                      TOGETHER * (step / self->config.refresh);
  // Of those made over again since, only the last generation is needed
  const int64_t takes = self->train.take_count;
  const int64_t from  = due - takes > self->made ? due - takes : self->made;
  if (due <= self->made) {
    return DF_OK;
  }
  self->made = due;
  return make_takes(self, false, from, (int)(due - from), pool, note);
}

// What there is

static const side*
which(const df_corpus* const corpus, const bool validation)
{
  return validation ? &corpus->validation : &corpus->train;
}

const df_codec*
df_corpus_codec(const df_corpus* const corpus)
{
  return corpus->codec;
}

int
df_corpus_files(const df_corpus* const corpus, const bool validation)
{
  return which(corpus, validation)->count;
}

const char*
df_corpus_name(const df_corpus* const corpus,
               const bool             validation,
               const int              file)
{
  return which(corpus, validation)->names[file];
}

const float*
df_corpus_sound(const df_corpus* const corpus,
                const bool             validation,
                const int              file,
                int64_t* const         count)
{
  const df_material* const of = &which(corpus, validation)->sounds[file];
  *count                      = (int64_t)of->own;
  return of->x;
}

int
df_corpus_takes(const df_corpus* const corpus, const bool validation)
{
  const int64_t made = corpus->made;
  const int     all  = which(corpus, validation)->take_count;
  return !validation && made < all ? (int)made : all;
}

const df_take*
df_corpus_take(const df_corpus* const corpus,
               const bool             validation,
               const int              index)
{
  return &which(corpus, validation)->takes[index];
}

double
df_corpus_seconds(const df_corpus* const corpus, const bool validation)
{
  const side* const of  = which(corpus, validation);
  double            sum = 0.0;
  for (int i = 0; i < of->count; ++i) {
    sum += (double)of->sounds[i].own / (double)corpus->config.codec.rate;
  }
  return sum;
}

/// FNV-1a (Fowler, Noll and Vo).
static uint64_t
hash_bytes(uint64_t hash, const void* const data, const size_t size)
{
  const unsigned char* const bytes = (const unsigned char*)data;
  for (size_t i = 0U; i < size; ++i) {
    hash = (hash ^ bytes[i]) * 1099511628211U;
  }
  return hash;
}

uint64_t
df_corpus_fingerprint(const df_corpus* const corpus)
{
  uint64_t hash = 14695981039346656037U;
  for (int v = 0; v < 2; ++v) {
    const side* const of = which(corpus, v == 1);
    for (int i = 0; i < of->count; ++i) {
      const df_material* const file = &of->sounds[i];
      hash = hash_bytes(hash, file->x, file->own * sizeof(float));
      hash = hash_bytes(hash, &file->own, sizeof(size_t));
    }
    hash = hash_bytes(hash, &v, sizeof(v));
  }
  return hash;
}
