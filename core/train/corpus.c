#include "core/train/corpus.h"

#include "core/audio/bands.h"
#include "core/audio/sound.h"
#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/base/rng.h"

#include <samplerate.h>

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// Streams of random numbers (base/rng.h), apart from those of the trainer.
enum { STREAM_SPLIT = 0x6330, STREAM_TAKE };

/// Tokens that are kept at once: more sound has fewer variants.
#define TOKENS_MOST 600000.0

/// Variants at the start; the others join as the run goes on.
#define VARIANTS_FIRST 3

/// Takes made together at each refresh, so that the pool has work.
#define TOGETHER 4

/// Tokens that the basis is fitted to, at most.
#define FIT_MOST 20000

/// Least sound to train on, seconds.
#define SECONDS_LEAST 2.0

typedef struct {
  char*    name;
  float*   x;
  size_t   n;       ///< Samples at x, repeated ones counted
  size_t   own;     ///< Of them, those before any repeat
  uint64_t hash;
} item;

typedef struct {
  item*    files;
  int      count;
  df_take* takes;
  int      take_count;
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

static size_t
token_hop(const df_train_config* const config)
{
  return (size_t)config->codec.hop * (size_t)config->codec.frames;
}

/// Samples that hold `tokens` tokens whatever the shift of their frames.
static size_t
samples_for(const df_train_config* const config, const int tokens)
{
  return ((size_t)tokens + 2U) * token_hop(config) +
         (size_t)config->codec.window;
}

static double
detune_most(const df_train_config* const config)
{
  return pow(2.0, config->cents / 1200.0);
}

// Reading

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
  item*        files = (item*)realloc(
    to->files, ((size_t)to->count + 1U) * sizeof(item));
  if (!files) {
    return DF_E_NOMEM;
  }
  to->files  = files;
  item* file = &files[to->count];
  *file      = (item){(char*)malloc(chars),
                      (float*)malloc(whole * sizeof(float)),
                      whole,
                      n,
                      hash_bytes(14695981039346656037U, x, n * sizeof(float))};
  ++to->count;
  if (!file->name || !file->x) {
    return DF_E_NOMEM;
  }
  memcpy(file->name, name, chars);
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
                        (double)token_hop(&self->config);
  const double most    = fmax(1.0, floor(TOKENS_MOST / tokens));
  self->variants       = (int)fmin((double)self->config.variants, most);
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
  df_status status = read_paths(self,
                                paths,
                                path_count,
                                validation_count == 0,
                                &self->train,
                                note);
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
free_take(df_take* const take)
{
  free(take->tokens);
  free(take->bands);
  *take = (df_take){0};
}

static void
free_side(side* const of)
{
  for (int i = 0; i < of->count; ++i) {
    free(of->files[i].name);
    free(of->files[i].x);
  }
  for (int i = 0; of->takes && i < of->take_count; ++i) {
    free_take(&of->takes[i]);
  }
  free(of->files);
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

// Tokens

/// How a version of a file differs from it.
typedef struct {
  double ratio; ///< Of pitch
  float  gain;  ///< Of amplitude
  size_t shift; ///< Samples before the first frame
} change;

static change
draw_change(const df_corpus* const self,
            const int              file,
            const int              variant,
            const int64_t          generation)
{
  const df_train_config* const config = &self->config;
  // 2^12 files, 2^6 variants and 2^46 generations stay apart
  const uint64_t index = ((uint64_t)generation << 18U) |
                         ((uint64_t)variant << 12U) | (uint64_t)file % 4096U;
  df_rng         rng   = df_rng_make(config->seed, STREAM_TAKE, index);
  const double   cents = config->cents * (2.0 * df_rng_uniform(&rng) - 1.0);
  const double   gain  = config->gain * (2.0 * df_rng_uniform(&rng) - 1.0);
  const uint32_t hop   = (uint32_t)token_hop(config);
  return (change){pow(2.0, cents / 1200.0),
                  (float)pow(10.0, gain / 20.0),
                  (size_t)df_rng_below(&rng, hop)};
}

/// Resample and scale into fresh memory; `*n` becomes the new length.
static float*
change_sound(const change how, const item* const file, size_t* const n)
{
  const size_t room = (size_t)((double)file->n / how.ratio) + 64U;
  float* const y    = (float*)malloc(room * sizeof(float));
  if (!y) {
    return NULL;
  }
  SRC_DATA data = {
    .data_in       = file->x,
    .data_out      = y,
    .input_frames  = (long)file->n,
    .output_frames = (long)room,
    .src_ratio     = 1.0 / how.ratio,
  };
  if (how.ratio == 1.0) {
    memcpy(y, file->x, file->n * sizeof(float));
    *n = file->n;
  } else if (src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 1)) {
    free(y);
    return NULL;
  } else {
    *n = (size_t)data.output_frames_gen;
  }
  for (size_t i = 0U; i < *n; ++i) {
    y[i] *= how.gain;
  }
  return y;
}

/// Analyser in an arena of its own; each piece of work makes one.
static df_status
make_stft(const df_codec_config* const config,
          df_arena* const              arena,
          df_stft** const              out)
{
  *out             = NULL;
  df_status status = df_stft_make(arena, config->window, config->hop, out);
  if (!status) {
    status = df_arena_allocate(arena);
  }
  return status ? status
                : df_stft_make(arena, config->window, config->hop, out);
}

/// Tokenise n samples from a shift on.
static df_status
tokenise(const df_corpus* const self,
         const float* const     x,
         const size_t           n,
         const size_t           shift,
         df_take* const         out)
{
  const df_codec* const  codec = self->codec;
  const df_codec_config* of    = &codec->config;
  const size_t           hop   = token_hop(&self->config);
  const size_t           C     = (size_t)of->dims;
  const size_t size  = (size_t)of->frames * (size_t)codec->bins;
  const size_t start = shift + (size_t)of->window / 2U;
  const size_t count = n > start + hop ? (n - start - hop) / hop : 0U;
  df_arena     arena = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  df_status    status = make_stft(of, &arena, &stft);
  float* const y      = (float*)malloc(2U * size * sizeof(float));
  df_take      take   = {(int)count,
                         (float*)malloc((count + 1U) * C * sizeof(float)),
                         (float*)malloc((count + 1U) * DF_BANDS * sizeof(float))};
  if (!status && (!y || !take.tokens || !take.bands)) {
    status = DF_E_NOMEM;
  }
  for (size_t t = 0U; t < count && !status; ++t) {
    df_stft_log_frames(stft,
                       x,
                       (int64_t)n,
                       (int64_t)(start + t * hop),
                       of->frames,
                       codec->floor,
                       y);
    df_codec_encode(codec, y, take.tokens + t * C, y + size);
    df_bands_pool(
      of->rate, of->window, of->frames, y, take.bands + t * DF_BANDS);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  free(y);
  if (status) {
    free_take(&take);
    return status;
  }
  free_take(out);
  *out = take;
  return DF_OK;
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
    const item* const file = &self->validation.files[index];
    of->status[index] =
      tokenise(self, file->x, file->n, 0U, &self->validation.takes[index]);
    return;
  }
  const int64_t number = of->from + index;
  const int64_t takes  = self->train.take_count;
  const int     slot   = (int)(number % takes);
  const change  how    = draw_change(self,
                                 slot % self->train.count,
                                 slot / self->train.count,
                                 number / takes);
  size_t        n      = 0U;
  float* const  y =
    change_sound(how, &self->train.files[slot % self->train.count], &n);
  of->status[index] =
    y ? tokenise(self, y, n, how.shift, &self->train.takes[slot]) : DF_E_NOMEM;
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

/// Log-magnitudes to fit the basis to, evenly from all training sound.
typedef struct {
  const df_corpus* corpus;
  float*           y;
  size_t           count;  ///< Tokens
  size_t           stride; ///< Samples between them
  df_status*       status;
  int              pieces;
} fitting;

static void
fit_piece(void* const data, const int index)
{
  const fitting* const         of     = (const fitting*)data;
  const df_corpus* const       self   = of->corpus;
  const df_codec_config* const config = &self->codec->config;
  const size_t                 size =
    (size_t)config->frames * (size_t)self->codec->bins;
  df_arena arena    = {NULL, 0U, 0U, false};
  df_stft* stft     = NULL;
  of->status[index] = make_stft(config, &arena, &stft);

  // Token i stands at sample i * stride of all files laid end to end
  size_t token = 0U;
  size_t at    = 0U;
  for (int f = 0; f < self->train.count && !of->status[index]; ++f) {
    const item* const file = &self->train.files[f];
    for (; at < file->own && token < of->count; at += of->stride, ++token) {
      if (token % (size_t)of->pieces == (size_t)index) {
        df_stft_log_frames(stft,
                           file->x,
                           (int64_t)file->n,
                           (int64_t)at,
                           config->frames,
                           self->codec->floor,
                           of->y + token * size);
      }
    }
    at -= at < file->own ? at : file->own;
  }
  df_stft_free(stft);
  df_arena_free(&arena);
}

static df_status
fit(df_corpus* const self, df_pool* const pool, df_note* const note)
{
  const size_t dims = (size_t)self->codec->config.dims;
  const size_t size =
    (size_t)self->codec->config.frames * (size_t)self->codec->bins;
  size_t total = 0U;
  for (int f = 0; f < self->train.count; ++f) {
    total += self->train.files[f].own;
  }
  // One each token; fewer of much sound, overlapping ones of little
  size_t count = total / token_hop(&self->config);
  count        = count < 4U * dims ? 4U * dims : count;
  count        = count > FIT_MOST ? FIT_MOST : count;
  count        = count > total ? total : count;

  const int  pieces = 4 * df_pool_threads(pool);
  fitting    of     = {self,
                       (float*)calloc(count * size, sizeof(float)),
                       count,
                       total / count,
                       (df_status*)calloc((size_t)pieces, sizeof(df_status)),
                       pieces};
  df_status  status = of.y && of.status ? DF_OK : DF_E_NOMEM;
  if (!status) {
    df_pool_run(pool, pieces, fit_piece, &of);
  }
  for (int i = 0; i < pieces && !status; ++i) {
    status = of.status[i];
  }
  if (status) {
    (void)df_note_set(note, status, "cannot fit tokens: out of memory");
  } else {
    status = df_codec_fit(self->codec, of.y, (int)count, note);
  }
  free(of.status);
  free(of.y);
  return status;
}

df_status
df_corpus_tokenise(df_corpus* const self,
                   df_pool* const   pool,
                   df_note* const   note)
{
  const int first =
    self->variants < VARIANTS_FIRST ? self->variants : VARIANTS_FIRST;
  df_status status = fit(self, pool, note);
  if (!status) {
    status = make_takes(
      self, true, 0, self->validation.take_count, pool, note);
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
  const int first =
    self->variants < VARIANTS_FIRST ? self->variants : VARIANTS_FIRST;
  const int64_t due = (int64_t)first * self->train.count +
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
  return which(corpus, validation)->files[file].name;
}

const float*
df_corpus_sound(const df_corpus* const corpus,
                const bool             validation,
                const int              file,
                int64_t* const         count)
{
  const item* const of = &which(corpus, validation)->files[file];
  *count               = (int64_t)of->own;
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
    sum += (double)of->files[i].own / (double)corpus->config.codec.rate;
  }
  return sum;
}

uint64_t
df_corpus_fingerprint(const df_corpus* const corpus)
{
  uint64_t hash = 14695981039346656037U;
  for (int v = 0; v < 2; ++v) {
    const side* const of = which(corpus, v == 1);
    for (int i = 0; i < of->count; ++i) {
      hash = hash_bytes(hash, &of->files[i].hash, sizeof(uint64_t));
      hash = hash_bytes(hash, &of->files[i].own, sizeof(size_t));
    }
    hash = hash_bytes(hash, &v, sizeof(v));
  }
  return hash;
}
