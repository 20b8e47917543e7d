#include "plugin/remote.h"

#include "core/base/arena.h"
#include "core/base/ring.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The clock follows the host's by this part of the difference, each cycle
#define FOLLOW 0.05

// Beyond this difference it starts anew, ns
#define JUMP 1e8

struct df_remote {
  const df_port_table* table;
  double               rate;
  df_arena             arena; // holds the queue
  df_ring*             queue; // sender to audio

  // Sender
  uint32_t order;
  bool     hasty;   // something was sent to happen at once,
  unsigned sent_in; // when so many cycles were over

  // Shared
  atomic_uint    cycles;  // over
  atomic_int     waiting; // in the queue and the heap
  _Atomic(float) shown[DF_PORTS_MOST];
  _Atomic(float) list[DF_REMOTE_LISTS][DF_REMOTE_LIST];
  atomic_int     length[DF_REMOTE_LISTS];

  // Audio
  df_remote_change heap[DF_REMOTE_COUNT]; // the first due at 0
  int              count;
  float            value[DF_PORTS_MOST];
  float            seen[DF_PORTS_MOST]; // the host's value, last cycle
  bool             held[DF_PORTS_MOST];
  void*            host[DF_PORTS_MOST];
  void*            view[DF_PORTS_MOST];
  float            whole;   // 1
  bool             in_hole; // till when:
  int64_t          hole_end;
  bool             loads;
  bool             draws;
  bool             drawing; // a lane is on its way
  bool             ended;   // one has been since the last cycle began
  uint32_t         lane;    // `first` of the one that is or was
  uint32_t         gone;    // `first` of the one that has ended
  bool             running; // the clock is
  int64_t          begin;   // of this cycle, ns
  int64_t          end;
  uint32_t         n;
};

df_status
df_remote_make(const df_port_table* const table,
               const double               rate,
               df_remote** const          out)
{
  df_remote* const r = (df_remote*)calloc(1U, sizeof(df_remote));
  if (!r) {
    return DF_E_NOMEM;
  }
  r->table = table;
  r->rate  = rate;
  atomic_init(&r->waiting, 0);
  atomic_init(&r->cycles, 0U);
  for (int i = 0; i < table->count; ++i) {
    atomic_init(&r->shown[i], table->infos[i].initial);
  }
  for (int pass = 0; pass < 2; ++pass) {
    const df_status st = df_ring_make(
      &r->arena, DF_REMOTE_COUNT, sizeof(df_remote_change), &r->queue);
    if (st || (!pass && df_arena_allocate(&r->arena))) {
      df_remote_free(r);
      return DF_E_NOMEM;
    }
  }
  df_remote_reset(r);
  *out = r;
  return DF_OK;
}

void
df_remote_free(df_remote* const remote)
{
  if (remote) {
    df_arena_free(&remote->arena);
    free(remote);
  }
}

bool
df_remote_send(df_remote* const        remote,
               df_remote_change* const changes,
               const int               count)
{
  if (atomic_load(&remote->waiting) + count > DF_REMOTE_COUNT) {
    return false;
  }
  (void)atomic_fetch_add(&remote->waiting, count);
  for (int i = 0; i < count; ++i) {
    changes[i].first = remote->order - (uint32_t)i;
    changes[i].order = remote->order++;
    (void)df_ring_push(remote->queue, &changes[i]); // room for all that wait
    remote->hasty |= !changes[i].time;
  }
  remote->sent_in = atomic_load(&remote->cycles);
  return true;
}

void
df_remote_settle(df_remote* const remote)
{
  const struct timespec wait = {0, 1000000};
  for (int i = 0; i < 500 && remote->hasty &&
                  atomic_load(&remote->cycles) - remote->sent_in < 2U;
       ++i) {
    (void)nanosleep(&wait, NULL);
  }
  remote->hasty = false;
}

float
df_remote_read(const df_remote* const remote, const int port)
{
  return atomic_load_explicit(&remote->shown[port], memory_order_relaxed);
}

void
df_remote_reset(df_remote* const remote)
{
  df_remote_change change;
  while (df_ring_pull(remote->queue, &change)) {
  }
  atomic_store(&remote->waiting, 0);
  remote->count   = 0;
  remote->in_hole = false;
  remote->whole   = 1.0f;
  remote->loads   = false;
  remote->draws   = false;
  remote->drawing = false;
  remote->ended   = false;
  remote->running = false;
  memset(remote->held, 0, sizeof(remote->held));
}

DF_RT
static bool
before(const df_remote_change* const a, const df_remote_change* const b)
{
  return a->time != b->time ? a->time < b->time
                            : (int32_t)(a->order - b->order) < 0;
}

DF_RT
static void
put(df_remote* const r, const df_remote_change* const change)
{
  int i = r->count++;
  while (i > 0 && before(change, &r->heap[(i - 1) / 2])) {
    r->heap[i] = r->heap[(i - 1) / 2];
    i          = (i - 1) / 2;
  }
  r->heap[i] = *change;
}

DF_RT
static df_remote_change
get(df_remote* const r)
{
  const df_remote_change first = r->heap[0];
  const df_remote_change last  = r->heap[--r->count];
  int                    i     = 0;
  for (int k = 1; k < r->count; k = 2 * i + 1) {
    if (k + 1 < r->count && before(&r->heap[k + 1], &r->heap[k])) {
      ++k;
    }
    if (!before(&r->heap[k], &last)) {
      break;
    }
    r->heap[i] = r->heap[k];
    i          = k;
  }
  r->heap[i] = last;
  return first;
}

// Something else is said of a port
DF_RT
static void
end_lane(df_remote* const r, const int port)
{
  if (port == r->table->noise && r->drawing) {
    r->drawing = false;
    r->ended   = true;
    r->gone    = r->lane;
  }
}

// What is left of a lane that has ended makes room
DF_RT
static void
clear_lane(df_remote* const r)
{
  const int count = r->count;
  r->count        = 0;
  for (int i = 0; i < count; ++i) {
    const df_remote_change change = r->heap[i];
    if (change.kind != DF_REMOTE_LANE || change.first != r->gone) {
      put(r, &change); // at most in its own place
    }
  }
  (void)atomic_fetch_sub(&r->waiting, count - r->count);
  r->ended = false;
}

// What counts for one port
DF_RT
static void
look(df_remote* const r, const int port)
{
  r->view[port] = r->held[port] ? (void*)&r->value[port] : r->host[port];
  if (port == r->table->noise && r->in_hole) {
    r->view[port] = &r->whole;
  }
}

DF_RT
static void
hold(df_remote* const r, const df_remote_change* const c)
{
  r->held[c->port]  = true;
  r->value[c->port] = df_port_clamp(&r->table->infos[c->port], &c->value);
}

DF_RT
static void
make_change(df_remote* const r, const df_remote_change* const c)
{
  const int noise = r->table->noise;
  if (c->kind == DF_REMOTE_LANE && c->order != c->first &&
      !(r->drawing && r->lane == c->first)) {
    return; // of one that has ended
  }
  switch (c->kind) {
  case DF_REMOTE_LANE:
    if (c->order == c->first) {
      end_lane(r, c->port);
      r->drawing = true;
      r->lane    = c->first;
    }
    hold(r, c);
    break;
  case DF_REMOTE_SET:
    end_lane(r, c->port);
    hold(r, c);
    break;
  case DF_REMOTE_FREE:
    end_lane(r, c->port);
    r->held[c->port] = false;
    r->in_hole &= c->port != noise;
    break;
  case DF_REMOTE_HOLE:
    r->hole_end = r->in_hole && r->hole_end > c->until ? r->hole_end : c->until;
    r->in_hole  = true;
    break;
  case DF_REMOTE_LOAD:
    hold(r, c);
    r->loads = true;
    break;
  }
  r->draws |= c->port == noise;
  look(r, c->port);
}

DF_RT
static void
follow_clock(df_remote* const r, const int64_t now)
{
  const double gap = (double)(now - r->end);
  r->begin =
    r->running && fabs(gap) < JUMP ? r->end + (int64_t)(FOLLOW * gap) : now;
  r->end     = r->begin + (int64_t)((double)r->n / r->rate * 1e9);
  r->running = true;
}

void
df_remote_begin(df_remote* const   remote,
                void* const* const ports,
                const int64_t      now,
                const uint32_t     n)
{
  remote->n = n;
  follow_clock(remote, now);
  for (int i = 0; i < remote->table->count; ++i) {
    remote->host[i] = ports[i];
    if (remote->table->infos[i].kind == DF_PORT_INPUT) {
      const float said =
        df_port_clamp(&remote->table->infos[i], (const float*)ports[i]);
      if (said != remote->seen[i]) {
        end_lane(remote, i);
        remote->held[i] = false;
      }
      remote->seen[i] = said;
    }
    look(remote, i);
  }
  if (remote->ended) {
    clear_lane(remote);
  }
  df_remote_change next;
  while (df_ring_pull(remote->queue, &next)) {
    put(remote, &next);
  }
}

// The next that is due is the end of a hole
DF_RT
static bool
is_closing(const df_remote* const r)
{
  return r->in_hole && (!r->count || r->hole_end <= r->heap[0].time);
}

uint32_t
df_remote_next(const df_remote* const remote)
{
  if (!remote->count && !remote->in_hole) {
    return remote->n;
  }
  const int64_t time =
    is_closing(remote) ? remote->hole_end : remote->heap[0].time;
  const double wait = (double)(time - remote->begin) / 1e9;
  const double at   = fmax(0.0, rint(wait * remote->rate));
  return at < (double)remote->n ? (uint32_t)at : remote->n;
}

bool
df_remote_apply(df_remote* const remote, const uint32_t at)
{
  bool any = false;
  while (at < remote->n && df_remote_next(remote) <= at) {
    if (is_closing(remote)) {
      remote->in_hole = false;
      look(remote, remote->table->noise);
    } else {
      const df_remote_change next = get(remote);
      (void)atomic_fetch_sub(&remote->waiting, 1);
      make_change(remote, &next);
    }
    any = true;
  }
  return any;
}

void* const*
df_remote_ports(const df_remote* const remote)
{
  return remote->view;
}

bool
df_remote_loads(df_remote* const remote)
{
  const bool loads = remote->loads;
  remote->loads    = false;
  return loads;
}

bool
df_remote_draws(df_remote* const remote)
{
  const bool draws = remote->draws;
  remote->draws    = false;
  return draws;
}

DF_RT
static void
show(df_remote* const remote, const int port, const float value)
{
  atomic_store_explicit(&remote->shown[port], value, memory_order_relaxed);
}

void
df_remote_put(df_remote* const remote, const int port, const float value)
{
  const df_port_info* const info = &remote->table->infos[port];
  const float shown = fminf(fmaxf(value, info->minimum), info->maximum);
  show(remote, port, shown);
  if (remote->host[port]) {
    *(float*)remote->host[port] = shown;
  }
}

void
df_remote_show_inputs(df_remote* const remote)
{
  for (int i = 0; i < remote->table->count; ++i) {
    const df_port_info* const info = &remote->table->infos[i];
    if (info->kind == DF_PORT_INPUT) {
      show(remote, i, df_port_clamp(info, (const float*)remote->view[i]));
    }
  }
  (void)atomic_fetch_add(&remote->cycles, 1U);
}

int
df_remote_read_list(const df_remote* const remote,
                    const df_remote_list   list,
                    float* const           values)
{
  const int count =
    atomic_load_explicit(&remote->length[list], memory_order_acquire);
  for (int i = 0; i < count; ++i) {
    values[i] =
      atomic_load_explicit(&remote->list[list][i], memory_order_relaxed);
  }
  return count;
}

void
df_remote_show_list(df_remote* const     remote,
                    const df_remote_list list,
                    const float* const   values,
                    const int            count)
{
  const int n = count < DF_REMOTE_LIST ? count : DF_REMOTE_LIST;
  for (int i = 0; i < n; ++i) {
    atomic_store_explicit(
      &remote->list[list][i], values[i], memory_order_relaxed);
  }
  atomic_store_explicit(&remote->length[list], n, memory_order_release);
}
