#include "plugin/forecaster.h"

#include "core/base/arena.h"
#include "core/base/ring.h"
#include "core/base/rng.h"
#include "core/forecast/live.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/series/quantile.h"
#include "plugin/bell.h"
#include "plugin/denormals.h"
#include "plugin/spawn.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// A thread that falls further behind loses rows
#define JOBS 1024

// Forecasts that nobody has looked at; one more is dropped
#define RESULTS 8

typedef enum { LOAD, ROW, ASK, CALL } job_kind;

typedef struct {
  job_kind   kind;
  bool       forecast;
  bool       must; // somebody waits for this very forecast
  uint32_t   epoch;
  int64_t    origin; // row that follows
  df_futures futures;
  float      row[DF_CV];
  void (*call)(void*);
  void* self;
} job;

struct df_forecaster {
  const df_guest* guest;
  df_arena        arena;   // holds the rings
  df_ring*        jobs;    // audio to thread
  df_ring*        results; // thread to audio
  pthread_t       thread;
  sem_t           work; // posted at every job, and to stop
  df_bell         news; // rings at the end of every job
  atomic_bool     stop;
  atomic_uint     done;
  atomic_int      status;  // df_model_status
  atomic_int      columns; // 0 without a model
  df_choice       choice;  // audio's, but the thread's while it loads

  // Audio
  uint32_t        epoch;
  int64_t         count;
  unsigned        submitted;
  bool            wait;
  struct timespec until;

  // With the guard: the thread, and those who tell and foresee
  pthread_mutex_t   guard;
  df_forecast_model model;
  df_live*          live;
  double*           row;    // [D]
  uint32_t          living; // epoch of `live`
  bool              complained;
  df_outlook        outlook;
};

static void
forget(df_forecaster* const self)
{
  const df_calendar calendar = df_schema_calendar(&self->model.schema);
  df_live_free(self->live);
  self->live       = NULL;
  self->complained = false;
  if (self->model.base && df_live_make(&self->model, &calendar, &self->live)) {
    self->live = NULL; // no memory: no forecast
  }
}

static void
drop(df_forecaster* const self)
{
  df_live_free(self->live);
  self->live = NULL;
  df_forecast_model_free(&self->model);
  free(self->row);
  self->row = NULL;
}

static void
load(df_forecaster* const self, const uint32_t epoch)
{
  char    path[DF_PATH_MAX];
  df_note note = {""};
  int     D    = 0;
  drop(self);
  df_status st = df_guest_find(self->guest,
                               DF_MODELS_SERIES,
                               self->choice.path,
                               self->choice.slot,
                               path,
                               &note);
  if (!st) {
    st = df_forecast_model_load(path, &self->model, &note);
  }
  if (!st) {
    D         = df_base_series(self->model.base);
    self->row = (double*)malloc((size_t)D * sizeof(double));
    st        = self->row ? DF_OK : DF_E_NOMEM;
  }
  if (st) {
    D = 0;
    drop(self);
    df_guest_say(self->guest, st, &note);
  }
  forget(self);
  self->living = epoch;
  atomic_store(&self->columns, D < DF_CV ? D : DF_CV);
  atomic_store(&self->status, (int)df_guest_status(st, path));
}

static void
push(df_forecaster* const self, const job* const j)
{
  const int D = self->live ? df_base_series(self->model.base) : 0;
  for (int d = 0; d < D; ++d) {
    self->row[d] = d < DF_CV ? (double)j->row[d] : (double)NAN;
  }
  if (D) {
    df_live_push(self->live, self->row);
  }
}

static float
real(const double value)
{
  return (float)fmin(fmax(value, -(double)FLT_MAX), (double)FLT_MAX);
}

// Futures of what follows the newest row, [samples,H,D]; the caller frees them
static df_status
draw(const df_forecaster* const self,
     const df_futures* const    futures,
     const int64_t              origin,
     double** const             paths)
{
  const int       H      = df_base_config_of(self->model.base)->horizon;
  const int       D      = df_base_series(self->model.base);
  const size_t    count  = (size_t)futures->samples * (size_t)H * (size_t)D;
  df_paths_config config = df_paths_config_default();
  config.steady          = true; // while it plays, rows are its own
  config.samples         = futures->samples;
  config.seed =
    df_rng_make(futures->seed, DF_FORECASTER_STREAM, (uint64_t)origin).key;
  *paths = (double*)malloc(count * sizeof(double));
  return *paths ? df_live_forecast(self->live, &config, *paths) : DF_E_NOMEM;
}

// Quantile and median of each value of the outlook
static df_status
sum_up(df_forecaster* const self, const job* const j, const int rows)
{
  const int     H      = df_base_config_of(self->model.base)->horizon;
  const int     D      = df_base_series(self->model.base);
  const int     n      = j->futures.samples;
  double*       paths  = NULL;
  double* const sorted = (double*)malloc((size_t)n * sizeof(double));
  df_status     st =
    sorted ? draw(self, &j->futures, j->origin, &paths) : DF_E_NOMEM;
  for (int h = 0; h < rows && !st; ++h) {
    for (int d = 0; d < D && d < DF_CV; ++d) {
      df_quantile_sort(paths, n, H, D, h, d, sorted);
      const double at            = (double)j->futures.quantile;
      self->outlook.value[h][d]  = real(df_quantile(sorted, n, at));
      self->outlook.middle[h][d] = real(df_quantile(sorted, n, 0.5));
    }
  }
  free(paths);
  free(sorted);
  return st;
}

static void
forecast(df_forecaster* const self, const job* const j)
{
  struct timespec begin;
  struct timespec end;
  (void)clock_gettime(CLOCK_MONOTONIC, &begin);
  df_outlook* const out = &self->outlook;
  out->epoch            = j->epoch;
  out->origin           = j->origin;
  out->futures          = j->futures;
  out->columns          = atomic_load(&self->columns);
  out->rows             = 0;
  if (self->live) {
    const int       H    = df_base_config_of(self->model.base)->horizon;
    const int       rows = H < DF_BASE_HORIZON ? H : DF_BASE_HORIZON;
    const df_status st   = sum_up(self, j, rows);
    out->rows            = st ? 0 : rows;
    if (st && st != DF_E_AGAIN && !self->complained) {
      const df_note note = {""};
      df_guest_say(self->guest, st, &note);
      self->complained = true;
    }
  }
  (void)clock_gettime(CLOCK_MONOTONIC, &end);
  out->seconds = (float)((double)(end.tv_sec - begin.tv_sec) +
                         (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
  (void)df_ring_push(self->results, out);
}

static void
finish(df_forecaster* const self)
{
  (void)atomic_fetch_add(&self->done, 1U);
  df_bell_ring(&self->news);
}

// Do all jobs; of the forecasts that nobody waits for, the last one alone
static void
work(df_forecaster* const self)
{
  job  j;
  job  last;
  bool any = false;
  while (df_ring_pull(self->jobs, &j)) {
    if (j.kind == CALL) {
      j.call(j.self);
      finish(self);
      continue;
    }
    (void)pthread_mutex_lock(&self->guard);
    if (j.kind == LOAD) {
      load(self, j.epoch);
    } else if (j.epoch != self->living) {
      forget(self);
      self->living = j.epoch;
    }
    if (j.kind == ROW) {
      push(self, &j);
    }
    any = any || j.forecast;
    if (j.forecast && j.must) {
      forecast(self, &j);
      any = false;
    } else if (j.forecast) {
      last = j;
    } else if (any && j.kind != ASK) {
      any = false; // it would follow another row than was meant
    }
    (void)pthread_mutex_unlock(&self->guard);
    finish(self);
  }
  if (any) {
    (void)pthread_mutex_lock(&self->guard);
    forecast(self, &last);
    (void)pthread_mutex_unlock(&self->guard);
    df_bell_ring(&self->news);
  }
}

static void*
serve(void* const handle)
{
  df_forecaster* const self = (df_forecaster*)handle;
  (void)df_denormals_off();
  for (;;) {
    while (sem_wait(&self->work)) {
    }
    if (atomic_load(&self->stop)) {
      return NULL;
    }
    work(self);
  }
}

static df_status
make_rings(df_forecaster* const self)
{
  for (int pass = 0; pass < 2; ++pass) {
    if (df_ring_make(&self->arena, JOBS, sizeof(job), &self->jobs) ||
        df_ring_make(
          &self->arena, RESULTS, sizeof(df_outlook), &self->results) ||
        (!pass && df_arena_allocate(&self->arena))) {
      return DF_E_NOMEM;
    }
  }
  return DF_OK;
}

df_status
df_forecaster_make(const df_guest* const guest, df_forecaster** const out)
{
  df_forecaster* const self = (df_forecaster*)calloc(1U, sizeof(df_forecaster));
  if (!self) {
    return DF_E_NOMEM;
  }
  self->guest = guest;
  atomic_init(&self->stop, false);
  atomic_init(&self->done, 0U);
  atomic_init(&self->columns, 0);
  atomic_init(&self->status, (int)DF_MODEL_READY);
  df_status st    = make_rings(self);
  bool      sem   = !st && !sem_init(&self->work, 0, 0U);
  bool      bell  = sem && df_bell_make(&self->news);
  bool      guard = bell && !pthread_mutex_init(&self->guard, NULL);
  if (guard && df_spawn(&self->thread, serve, self)) {
    *out = self;
    return DF_OK;
  }
  if (guard) {
    (void)pthread_mutex_destroy(&self->guard);
  }
  if (bell) {
    df_bell_free(&self->news);
  }
  if (sem) {
    (void)sem_destroy(&self->work);
  }
  df_arena_free(&self->arena);
  free(self);
  return st ? st : DF_E_AGAIN;
}

void
df_forecaster_free(df_forecaster* const self)
{
  if (self) {
    atomic_store(&self->stop, true);
    (void)sem_post(&self->work);
    (void)pthread_join(self->thread, NULL);
    df_bell_free(&self->news);
    (void)sem_destroy(&self->work);
    drop(self);
    (void)pthread_mutex_destroy(&self->guard);
    df_arena_free(&self->arena);
    free(self);
  }
}

static bool
is_done(void* const handle)
{
  df_forecaster* const self = (df_forecaster*)handle;
  return atomic_load(&self->done) == self->submitted;
}

void
df_forecaster_cycle(df_forecaster* const         self,
                    const struct timespec* const until)
{
  self->wait = until != NULL;
  if (until) {
    self->until = *until;
    if (atomic_load(&self->status) == (int)DF_MODEL_LOADING) {
      (void)df_bell_wait(&self->news, until, is_done, self);
    }
  }
}

DF_RT
static bool
submit(df_forecaster* const self, job* const j)
{
  j->must = self->wait;
  if (!df_ring_push(self->jobs, j)) {
    if (!self->wait ||
        !df_bell_wait(&self->news, &self->until, is_done, self) ||
        !df_ring_push(self->jobs, j)) {
      return false;
    }
  }
  ++self->submitted;
  (void)sem_post(&self->work);
  return true;
}

bool
df_forecaster_load(df_forecaster* const self, const df_choice* const choice)
{
  if (atomic_load(&self->status) == (int)DF_MODEL_LOADING) {
    return false;
  }
  job       j       = {.kind = LOAD, .epoch = self->epoch + 1U};
  const int before  = atomic_load(&self->status);
  self->choice.slot = choice->slot;
  memcpy(self->choice.path, choice->path, strlen(choice->path) + 1U);
  atomic_store(&self->columns, 0);
  atomic_store(&self->status, (int)DF_MODEL_LOADING);
  if (!submit(self, &j)) {
    atomic_store(&self->status, before);
    return false;
  }
  df_forecaster_reset(self);
  if (self->wait) {
    (void)df_bell_wait(&self->news, &self->until, is_done, self);
  }
  return true;
}

df_model_status
df_forecaster_status(const df_forecaster* const self)
{
  return (df_model_status)atomic_load(&self->status);
}

int
df_forecaster_columns(const df_forecaster* const self)
{
  return atomic_load(&self->columns);
}

void
df_forecaster_reset(df_forecaster* const self)
{
  ++self->epoch;
  self->count = 0;
}

bool
df_forecaster_push(df_forecaster* const    self,
                   const float* const      row,
                   const df_futures* const futures)
{
  job j = {.kind     = ROW,
           .forecast = futures != NULL,
           .epoch    = self->epoch,
           .origin   = ++self->count};
  memcpy(j.row, row, sizeof(j.row));
  if (futures) {
    j.futures = *futures;
  }
  return submit(self, &j);
}

bool
df_forecaster_ask(df_forecaster* const self, const df_futures* const futures)
{
  job j = {.kind     = ASK,
           .forecast = true,
           .epoch    = self->epoch,
           .origin   = self->count,
           .futures  = *futures};
  return submit(self, &j);
}

bool
df_forecaster_look(df_forecaster* const self, df_outlook* const out)
{
  bool any = false;
  if (self->wait) {
    (void)df_bell_wait(&self->news, &self->until, is_done, self);
  }
  while (df_ring_pull(self->results, out)) {
    any = true;
  }
  return any;
}

bool
df_forecaster_call(df_forecaster* const self,
                   void (*const call)(void*),
                   void* const of)
{
  job j = {.kind = CALL, .call = call, .self = of};
  return submit(self, &j);
}

df_status
df_forecaster_tell(df_forecaster* const self,
                   const double* const  row,
                   const int            count,
                   int* const           D)
{
  (void)pthread_mutex_lock(&self->guard);
  *D = self->live ? df_base_series(self->model.base) : 0;
  if (*D && *D == count) {
    df_live_push(self->live, row);
  }
  (void)pthread_mutex_unlock(&self->guard);
  return !*D ? DF_E_NONE : (*D == count ? DF_OK : DF_E_SHAPE);
}

// Quantile and mean over the futures of each value
static df_status
sum_all(const double* const     paths,
        const df_futures* const futures,
        const int               H,
        const int               D,
        const int               rows,
        float** const           value,
        float** const           mean)
{
  const int     n      = futures->samples;
  const size_t  count  = (size_t)rows * (size_t)D;
  double* const sorted = (double*)malloc((size_t)n * sizeof(double));
  *value               = (float*)malloc(count * sizeof(float));
  *mean                = (float*)malloc(count * sizeof(float));
  if (!sorted || !*value || !*mean) {
    free(sorted);
    return DF_E_NOMEM;
  }
  for (size_t i = 0U; i < count; ++i) {
    const int h   = (int)(i / (size_t)D);
    const int d   = (int)(i % (size_t)D);
    double    sum = 0.0;
    df_quantile_sort(paths, n, H, D, h, d, sorted);
    for (int k = 0; k < n; ++k) {
      sum += sorted[k];
    }
    (*value)[i] = real(df_quantile(sorted, n, (double)futures->quantile));
    (*mean)[i]  = real(sum / n);
  }
  free(sorted);
  return DF_OK;
}

df_status
df_forecaster_foresee(df_forecaster* const    self,
                      const df_futures* const futures,
                      int* const              rows,
                      int* const              D,
                      float** const           value,
                      float** const           mean)
{
  double*   paths = NULL;
  int       H     = 0;
  df_status st    = DF_E_NONE;
  *value          = NULL;
  *mean           = NULL;
  (void)pthread_mutex_lock(&self->guard);
  if (self->live) {
    H  = df_base_config_of(self->model.base)->horizon;
    *D = df_base_series(self->model.base);
    st = draw(self, futures, df_live_count(self->live), &paths);
  }
  (void)pthread_mutex_unlock(&self->guard);
  if (!st) {
    *rows = *rows < H ? *rows : H;
    st    = sum_all(paths, futures, H, *D, *rows, value, mean);
  }
  free(paths);
  return st;
}

int64_t
df_forecaster_count(const df_forecaster* const self)
{
  return self->count;
}

uint32_t
df_forecaster_epoch(const df_forecaster* const self)
{
  return self->epoch;
}
