#include "plugin/events.h"

#include <lv2/atom/util.h>

#include <math.h>
#include <string.h>

// Value of a key in an object of `size` body bytes, or NULL; unlike
// lv2_atom_object_get, never reads beyond the object
DF_RT
static const LV2_Atom*
get(const LV2_Atom_Object_Body* const body,
    const uint32_t                    size,
    const LV2_URID                    key)
{
  const char* const base = (const char*)body;
  size_t            at   = sizeof(*body);
  while (at + sizeof(LV2_Atom_Property_Body) <= size) {
    const LV2_Atom_Property_Body* const property =
      (const LV2_Atom_Property_Body*)(const void*)(base + at);
    const size_t end = at + sizeof(*property) + property->value.size;
    if (end > size) {
      return NULL;
    }
    if (property->key == key) {
      const void* const value =
        base + at + offsetof(LV2_Atom_Property_Body, value);
      return (const LV2_Atom*)value;
    }
    at = lv2_atom_pad_size((uint32_t)end);
  }
  return NULL;
}

DF_RT
static bool
is(const LV2_Atom* const atom, const LV2_URID type, const size_t size)
{
  return atom && type && atom->type == type && atom->size >= size;
}

// A number of any type; false when it is none
DF_RT
static bool
number(const df_uris* const uris, const LV2_Atom* const atom, float* const out)
{
  const void* const body = atom ? atom + 1 : NULL;
  if (is(atom, uris->atom_Float, sizeof(float))) {
    memcpy(out, body, sizeof(float));
  } else if (is(atom, uris->atom_Double, sizeof(double))) {
    double value = 0.0;
    memcpy(&value, body, sizeof(value));
    *out = (float)value;
  } else if (is(atom, uris->atom_Int, sizeof(int32_t))) {
    int32_t value = 0;
    memcpy(&value, body, sizeof(value));
    *out = (float)value;
  } else if (is(atom, uris->atom_Long, sizeof(int64_t))) {
    int64_t value = 0;
    memcpy(&value, body, sizeof(value));
    *out = (float)value;
  } else {
    return false;
  }
  return *out == *out;
}

// A whole number of any type; false when it is none
DF_RT
static bool
whole(const df_uris* const uris, const LV2_Atom* const atom, int64_t* const out)
{
  float value = 0.0f;
  if (is(atom, uris->atom_Long, sizeof(*out))) {
    memcpy(out, atom + 1, sizeof(*out));
    return true;
  }
  if (!number(uris, atom, &value) || !(fabsf(value) < 1e9f)) {
    return false;
  }
  *out = (int64_t)value;
  return true;
}

// The property that a patch message is about; 0: all
DF_RT
static LV2_URID
subject(const df_uris* const              uris,
        const LV2_Atom_Object_Body* const body,
        const uint32_t                    size)
{
  const LV2_Atom* const atom = get(body, size, uris->patch_property);
  LV2_URID              urid = 0U;
  if (is(atom, uris->atom_URID, sizeof(urid))) {
    memcpy(&urid, atom + 1, sizeof(urid));
  }
  return urid;
}

// Where the next of `count` things goes; without room, in the place of the last
DF_RT
static int
place(int* const count, const int most)
{
  *count = *count < most ? *count + 1 : most;
  return *count - 1;
}

// A list of noise levels: a vector of floats
DF_RT
static void
read_levels(const df_uris* const  uris,
            const LV2_Atom* const value,
            const uint32_t        frame,
            df_events* const      out)
{
  LV2_Atom_Vector_Body body;
  if (!is(value, uris->atom_Vector, sizeof(body))) {
    return;
  }
  memcpy(&body, value + 1, sizeof(body));
  if (body.child_size == sizeof(float) && body.child_type == uris->atom_Float) {
    const int at   = place(&out->list_count, DF_EVENTS_LISTS);
    out->lists[at] = (df_list){frame,
                               (const char*)(value + 1) + sizeof(body),
                               (value->size - sizeof(body)) / sizeof(float)};
  }
}

DF_RT
static void
add_break(df_events* const out, const uint32_t frame, const int64_t lost)
{
  const int at    = place(&out->count, DF_EVENTS_BREAKS);
  out->breaks[at] = (df_break){frame, lost};
}

// Where the transport is, and how fast
DF_RT
static void
read_position(const df_uris* const              uris,
              const LV2_Atom_Object_Body* const body,
              const uint32_t                    size,
              const uint32_t                    frame,
              const int64_t                     most,
              df_transport* const               transport,
              df_events* const                  out)
{
  float   speed = transport->speed;
  int64_t place = 0;
  (void)number(uris, get(body, size, uris->time_speed), &speed);
  if (transport->speed <= 0.0f && speed > 0.0f) {
    add_break(out, frame, 0);
  }
  const bool steady = transport->speed == 1.0f && speed == 1.0f;
  transport->placed = transport->placed && steady;
  transport->speed  = speed;
  if (whole(uris, get(body, size, uris->time_frame), &place) &&
      place > INT64_MIN / 2 && place < INT64_MAX / 2) {
    const int64_t next = place - (int64_t)frame;
    const int64_t lost = next - transport->next;
    if (transport->placed && lost > 0 && lost <= most) {
      add_break(out, frame, lost);
    }
    transport->next   = next;
    transport->placed = speed == 1.0f;
  }
}

DF_RT
static void
read_object(const df_uris* const              uris,
            const LV2_Atom_Object_Body* const body,
            const uint32_t                    size,
            const uint32_t                    frame,
            const int64_t                     most,
            df_transport* const               transport,
            df_events* const                  out)
{
  if (body->otype == uris->patch_Get) {
    const LV2_URID what = subject(uris, body, size);
    out->asked |= !what || what == uris->model_path;
  } else if (body->otype == uris->patch_Set) {
    const LV2_URID        what  = subject(uris, body, size);
    const LV2_Atom* const value = get(body, size, uris->patch_value);
    int64_t               lost  = 0;
    if (what == uris->levels) {
      read_levels(uris, value, frame, out);
    } else if (what == uris->xrun && whole(uris, value, &lost) && lost > 0) {
      add_break(out, frame, lost);
    } else if (what == uris->model_path && (is(value, uris->atom_Path, 0U) ||
                                            is(value, uris->atom_String, 0U))) {
      out->path   = (const char*)value + sizeof(*value);
      out->length = strnlen(out->path, value->size);
    }
  } else if (body->otype == uris->time_Position) {
    read_position(uris, body, size, frame, most, transport, out);
  }
}

DF_RT
static void
read_all(const df_uris* const           uris,
         const LV2_Atom_Sequence* const sequence,
         const uint32_t                 n,
         const int64_t                  most,
         df_transport* const            transport,
         df_events* const               out)
{
  if (!sequence || sequence->atom.type != uris->atom_Sequence ||
      sequence->atom.size < sizeof(LV2_Atom_Sequence_Body)) {
    return;
  }
  const char* const base = (const char*)&sequence->body;
  const size_t      size = sequence->atom.size;
  size_t            at   = sizeof(LV2_Atom_Sequence_Body);
  uint32_t          seen = 0U; // breaks stay in order
  while (at + sizeof(LV2_Atom_Event) <= size) {
    const LV2_Atom_Event* const event =
      (const LV2_Atom_Event*)(const void*)(base + at);
    const size_t end = at + sizeof(*event) + event->body.size;
    if (end > size) {
      return;
    }
    const int64_t  time  = event->time.frames;
    const uint32_t frame = time <= 0 ? 0U : (time > n ? n : (uint32_t)time);
    seen                 = frame > seen ? frame : seen;
    if ((event->body.type == uris->atom_Object ||
         event->body.type == uris->atom_Blank) &&
        event->body.size >= sizeof(LV2_Atom_Object_Body)) {
      read_object(uris,
                  (const LV2_Atom_Object_Body*)(event + 1),
                  event->body.size,
                  seen,
                  most,
                  transport,
                  out);
    }
    at = lv2_atom_pad_size((uint32_t)end);
  }
}

void
df_events_read(const df_uris* const           uris,
               const LV2_Atom_Sequence* const sequence,
               const uint32_t                 n,
               const int64_t                  most,
               df_transport* const            transport,
               df_events* const               out)
{
  memset(out, 0, sizeof(*out));
  read_all(uris, sequence, n, most, transport, out);
  transport->next += n;
}

// Append one property to an object at `at`; returns the place after it
DF_RT
static char*
put(char* const       at,
    const LV2_URID    key,
    const LV2_URID    type,
    const void* const value,
    const uint32_t    size)
{
  const LV2_Atom_Property_Body head = {key, 0U, {size, type}};
  const uint32_t               room = lv2_atom_pad_size(size);
  memcpy(at, &head, sizeof(head));
  memset(at + sizeof(head), 0, room);
  memcpy(at + sizeof(head), value, size);
  return at + sizeof(head) + room;
}

// Append an object at the cycle's first sample; returns the place for its
// properties, or NULL where there is no room
DF_RT
static char*
append(const df_uris* const     uris,
       LV2_Atom_Sequence* const port,
       const uint32_t           capacity,
       const LV2_URID           kind,
       const uint32_t           properties)
{
  const LV2_Atom_Object_Body body  = {0U, kind};
  const uint32_t             size  = (uint32_t)sizeof(body) + properties;
  const LV2_Atom_Event       event = {{0}, {size, uris->atom_Object}};
  const uint32_t             total = (uint32_t)sizeof(event) + size;
  if (capacity - port->atom.size < total) {
    return NULL;
  }
  char* const at = (char*)port + sizeof(port->atom) + port->atom.size;
  memcpy(at, &event, sizeof(event));
  memcpy(at + sizeof(event), &body, sizeof(body));
  port->atom.size += total;
  return at + sizeof(event) + sizeof(body);
}

void
df_events_notify(const df_uris* const     uris,
                 LV2_Atom_Sequence* const port,
                 df_news* const           news)
{
  if (!port || port->atom.size < sizeof(LV2_Atom_Sequence_Body)) {
    return; // less than an empty sequence: leave it as it is
  }
  const uint32_t capacity = port->atom.size;
  port->atom.type         = uris->atom_Sequence;
  port->atom.size         = (uint32_t)sizeof(LV2_Atom_Sequence_Body);
  port->body.unit         = 0U;
  port->body.pad          = 0U;
  if (news->path) {
    const uint32_t length = (uint32_t)strlen(news->path) + 1U;
    const uint32_t size   = 2U * (uint32_t)sizeof(LV2_Atom_Property_Body) +
                          lv2_atom_pad_size((uint32_t)sizeof(LV2_URID)) +
                          lv2_atom_pad_size(length);
    char* at = append(uris, port, capacity, uris->patch_Set, size);
    if (at) {
      at = put(at,
               uris->patch_property,
               uris->atom_URID,
               &uris->model_path,
               (uint32_t)sizeof(LV2_URID));
      (void)put(at, uris->patch_value, uris->atom_Path, news->path, length);
      news->path = NULL;
    }
  }
  if (news->unsaved &&
      append(uris, port, capacity, uris->state_StateChanged, 0U)) {
    news->unsaved = false;
  }
}
