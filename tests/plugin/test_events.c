#include "plugin/events.h"

#include "tests/check.h"
#include "tests/plugin/map.h"
#include "tests/plugin/unsaved.h"

#include <lv2/atom/forge.h>

#include <math.h>
#include <string.h>

#define SIZE 4096

// Frames that the transport may jump
#define MOST 48000

typedef union {
  LV2_Atom_Sequence sequence;
  uint8_t           bytes[SIZE];
} buffer;

typedef struct {
  LV2_Atom_Forge       forge;
  LV2_Atom_Forge_Frame frame;
  df_uris              uris;
  buffer               in;
} bench;

static void
begin(bench* const b)
{
  static df_test_map map;
  LV2_URID_Map       feature = df_test_map_feature(&map);
  lv2_atom_forge_init(&b->forge, &feature);
  df_uris_map(&b->uris, &feature);
  lv2_atom_forge_set_buffer(&b->forge, b->in.bytes, SIZE);
  lv2_atom_forge_sequence_head(&b->forge, &b->frame, 0U);
}

static void
set_path(bench* const b, const int64_t time, const char* const path)
{
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_frame_time(&b->forge, time);
  lv2_atom_forge_object(&b->forge, &object, 0U, b->uris.patch_Set);
  lv2_atom_forge_key(&b->forge, b->uris.patch_property);
  lv2_atom_forge_urid(&b->forge, b->uris.model_path);
  lv2_atom_forge_key(&b->forge, b->uris.patch_value);
  lv2_atom_forge_path(&b->forge, path, (uint32_t)strlen(path));
  lv2_atom_forge_pop(&b->forge, &object);
}

static void
set_speed(bench* const b, const int64_t time, const float speed)
{
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_frame_time(&b->forge, time);
  lv2_atom_forge_object(&b->forge, &object, 0U, b->uris.time_Position);
  lv2_atom_forge_key(&b->forge, b->uris.time_speed);
  lv2_atom_forge_float(&b->forge, speed);
  lv2_atom_forge_pop(&b->forge, &object);
}

/// A path set is seen, the newest one; starts are seen where they are, times
/// brought into the cycle.
static void
test_read(void)
{
  bench        b;
  df_events    events;
  df_transport transport = {0.0f, false, 0};
  begin(&b);
  set_path(&b, 0, "/a.safetensors");
  set_speed(&b, -3, 0.0f);
  set_speed(&b, 10, 1.0f);
  set_speed(&b, 20, 1.0f); // rolls already
  set_path(&b, 30, "/b.safetensors");
  set_speed(&b, 40, 0.0f);
  set_speed(&b, 256, 1.0f); // beyond the last sample
  set_speed(&b, 250, 0.0f); // and back in time
  set_speed(&b, 99999, 2.0f);
  df_events_read(&b.uris, &b.in.sequence, 128U, MOST, &transport, &events);
  CHECK(events.path && events.length == 14U);
  CHECK(!memcmp(events.path, "/b.safetensors", 14U));
  CHECK(!events.asked && transport.speed == 2.0f);
  CHECK(events.count == 3);
  CHECK(events.breaks[0].frame == 10U && events.breaks[1].frame == 128U);
  CHECK(events.breaks[2].frame == 128U && events.breaks[2].lost == 0);
}

/// More starts than there are places keep the last one.
static void
test_many_starts(void)
{
  bench        b;
  df_events    events;
  df_transport transport = {0.0f, false, 0};
  begin(&b);
  for (int i = 0; i < 20; ++i) {
    set_speed(&b, 2 * i, 1.0f);
    set_speed(&b, 2 * i + 1, 0.0f);
  }
  df_events_read(&b.uris, &b.in.sequence, 128U, MOST, &transport, &events);
  CHECK(events.count == DF_EVENTS_BREAKS);
  CHECK(events.breaks[DF_EVENTS_BREAKS - 1].frame == 38U);
}

/// patch:Get asks; what is not ours or not a sequence is passed over.
static void
test_others(void)
{
  bench                b;
  df_events            events;
  df_transport         transport = {0.0f, false, 0};
  LV2_Atom_Forge_Frame object;
  begin(&b);
  lv2_atom_forge_frame_time(&b.forge, 0);
  lv2_atom_forge_object(&b.forge, &object, 0U, b.uris.patch_Get);
  lv2_atom_forge_pop(&b.forge, &object);
  lv2_atom_forge_frame_time(&b.forge, 1);
  lv2_atom_forge_int(&b.forge, 3);
  df_events_read(&b.uris, &b.in.sequence, 64U, MOST, &transport, &events);
  CHECK(events.asked && !events.path && !events.count);

  df_events_read(&b.uris, NULL, 64U, MOST, &transport, &events);
  CHECK(!events.asked);
  b.in.sequence.atom.type = b.uris.atom_Float;
  df_events_read(&b.uris, &b.in.sequence, 64U, MOST, &transport, &events);
  CHECK(!events.asked);
}

/// A sequence cut short or with any word made wrong is read without harm (the
/// sanitizer watches), and never gives a path beyond the buffer.
static void
test_malformed(void)
{
  for (int at = 0; at < 200; at += 4) {
    for (int k = 0; k < 3; ++k) {
      const uint32_t wrong[] = {0U, 0xFFFFFFFFU, 0x7FFFFFF8U};
      bench          b;
      df_events      events;
      df_transport   transport = {0.0f, false, 0};
      begin(&b);
      set_path(&b, 0, "/some/where.safetensors");
      set_speed(&b, 3, 1.0f);
      const uint32_t size  = b.in.sequence.atom.size;
      uint8_t* const exact = (uint8_t*)malloc(size + sizeof(LV2_Atom));
      CHECK(exact);
      if (at >= 8) { // the host's own size is true
        memcpy(b.in.bytes + at, &wrong[k], 4U);
      } else {
        b.in.sequence.atom.size = (uint32_t)at * 3U + (uint32_t)k;
      }
      memcpy(exact, b.in.bytes, size + sizeof(LV2_Atom));
      df_events_read(&b.uris,
                     (const LV2_Atom_Sequence*)(const void*)exact,
                     64U,
                     MOST,
                     &transport,
                     &events);
      if (events.path) {
        CHECK(events.path > (const char*)exact);
        CHECK(events.path + events.length <=
              (const char*)exact + size + sizeof(LV2_Atom));
      }
      free(exact);
    }
  }
}

/// The path is told in full, and that there is something to save, where there
/// is room; what is not told is kept.  Less room than an empty sequence is left
/// alone.
static void
test_notify(void)
{
  bench b;
  begin(&b);
  const char* const path = "/x/y.safetensors";
  bool              both = false;
  for (uint32_t room = 0U; room < 200U; ++room) {
    for (int with = 0; with < 4; ++with) {
      df_news news = {with & 1 ? path : NULL, with & 2};
      buffer  out;
      memset(&out, 0xAA, sizeof(out));
      out.sequence.atom.size = room;
      out.sequence.atom.type = 99U;
      df_events_notify(&b.uris, &out.sequence, &news);
      for (size_t i = room + sizeof(LV2_Atom); i < SIZE; ++i) {
        CHECK(out.bytes[i] == 0xAA);
      }
      const bool told  = (with & 1) && !news.path;
      const bool saved = (with & 2) && !news.unsaved;
      if (room < 8U) {
        CHECK(!told && !saved && out.sequence.atom.type == 99U);
        continue;
      }
      CHECK(out.sequence.atom.type == b.uris.atom_Sequence);
      CHECK((out.sequence.atom.size > 8U) == (told || saved));
      CHECK(df_says_unsaved(&b.uris, &out.sequence) == saved);
      // What was written is what is understood
      df_transport transport = {0.0f, false, 0};
      df_events    events;
      df_events_read(&b.uris, &out.sequence, 64U, MOST, &transport, &events);
      CHECK(told ? events.path && !strcmp(events.path, path) : !events.path);
      both |= told && saved;
    }
  }
  CHECK(both);
  df_news news = {path, true};
  df_events_notify(&b.uris, NULL, &news);
  CHECK(news.path && news.unsaved);
}

/// A list of levels is a vector of floats; no other vector, and no other value,
/// is one.
static void
test_levels(void)
{
  const float   list[3]  = {0.5f, 0.25f, 1.0f};
  const int32_t whole[3] = {1, 2, 3};
  for (int kind = 0; kind < 3; ++kind) {
    bench                b;
    df_transport         transport = {0.0f, false, 0};
    df_events            e;
    LV2_Atom_Forge_Frame object;
    begin(&b);
    lv2_atom_forge_frame_time(&b.forge, 7);
    lv2_atom_forge_object(&b.forge, &object, 0U, b.uris.patch_Set);
    lv2_atom_forge_key(&b.forge, b.uris.patch_property);
    lv2_atom_forge_urid(&b.forge, b.uris.levels);
    lv2_atom_forge_key(&b.forge, b.uris.patch_value);
    if (kind == 0) {
      lv2_atom_forge_vector(
        &b.forge, sizeof(float), b.uris.atom_Float, 3U, list);
    } else if (kind == 1) {
      lv2_atom_forge_vector(
        &b.forge, sizeof(int32_t), b.uris.atom_Int, 3U, whole);
    } else {
      lv2_atom_forge_float(&b.forge, 0.5f);
    }
    lv2_atom_forge_pop(&b.forge, &object);
    lv2_atom_forge_pop(&b.forge, &b.frame);
    df_events_read(&b.uris, &b.in.sequence, 64U, MOST, &transport, &e);
    CHECK(e.list_count == (kind == 0));
    if (kind == 0) {
      CHECK(e.lists[0].count == 3U && e.lists[0].frame == 7U);
      CHECK(!memcmp(e.lists[0].values, list, sizeof(list)));
    }
  }
}

/// Lists of one cycle come in order, each at its frame; of more than are told
/// apart the last one counts.
static void
test_lists(void)
{
  bench        b;
  df_transport transport = {0.0f, false, 0};
  df_events    e;
  begin(&b);
  for (int i = 0; i < DF_EVENTS_LISTS + 3; ++i) {
    LV2_Atom_Forge_Frame object;
    const float          level = 0.01f * (float)i;
    lv2_atom_forge_frame_time(&b.forge, 5 * i);
    lv2_atom_forge_object(&b.forge, &object, 0U, b.uris.patch_Set);
    lv2_atom_forge_key(&b.forge, b.uris.patch_property);
    lv2_atom_forge_urid(&b.forge, b.uris.levels);
    lv2_atom_forge_key(&b.forge, b.uris.patch_value);
    lv2_atom_forge_vector(
      &b.forge, sizeof(float), b.uris.atom_Float, 1U, &level);
    lv2_atom_forge_pop(&b.forge, &object);
  }
  lv2_atom_forge_pop(&b.forge, &b.frame);
  df_events_read(&b.uris, &b.in.sequence, 64U, MOST, &transport, &e);
  CHECK(e.list_count == DF_EVENTS_LISTS);
  for (int i = 0; i < DF_EVENTS_LISTS; ++i) {
    const int   which = i < DF_EVENTS_LISTS - 1 ? i : DF_EVENTS_LISTS + 2;
    const float want  = 0.01f * (float)which;
    CHECK(e.lists[i].frame == (uint32_t)(5 * which));
    CHECK(!memcmp(e.lists[i].values, &want, sizeof(want)));
  }
}

static void
set_place(bench* const b, const int64_t time, const int64_t place, float speed)
{
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_frame_time(&b->forge, time);
  lv2_atom_forge_object(&b->forge, &object, 0U, b->uris.time_Position);
  lv2_atom_forge_key(&b->forge, b->uris.time_frame);
  lv2_atom_forge_long(&b->forge, place);
  lv2_atom_forge_key(&b->forge, b->uris.time_speed);
  lv2_atom_forge_float(&b->forge, speed);
  lv2_atom_forge_pop(&b->forge, &object);
}

// A cycle of 64 in which the transport is told to be at `place` at frame 16;
// how many samples were lost by that
static int64_t
jump(df_transport* const transport, const int64_t place, const float speed)
{
  bench     b;
  df_events events;
  begin(&b);
  set_place(&b, 16, place, speed);
  df_events_read(&b.uris, &b.in.sequence, 64U, MOST, transport, &events);
  const df_break* const last = &events.breaks[events.count - 1];
  return !events.count ? 0 : last->frame == 16U ? last->lost : -1;
}

/// A transport that goes ahead of what was played has lost samples; one that
/// starts, goes on, is located far ahead or back, or is not at speed 1, has
/// not.
static void
test_jumps(void)
{
  df_transport t = {0.0f, false, 0};
  CHECK(jump(&t, 1000, 1.0f) == 0);         // it starts
  CHECK(jump(&t, 1064, 1.0f) == 0);         // and goes on
  CHECK(jump(&t, 1128 + 256, 1.0f) == 256); // four cycles were lost
  CHECK(jump(&t, 1192 + 256, 1.0f) == 0);   // it is used to that
  CHECK(jump(&t, 1256 + 256 + MOST, 1.0f) == MOST);
  CHECK(jump(&t, 200000, 1.0f) == 0); // located
  CHECK(jump(&t, 500, 1.0f) == 0);    // back: a loop
  CHECK(jump(&t, 700, 0.0f) == 0);    // it stops
  CHECK(jump(&t, 900, 1.0f) == 0);    // and starts elsewhere
  CHECK(jump(&t, 1100, 2.0f) == 0);   // not at speed 1
  CHECK(jump(&t, 1300, 1.0f) == 0);
  CHECK(jump(&t, INT64_MAX, 1.0f) == 0);
  CHECK(jump(&t, INT64_MIN, 1.0f) == 0);
  CHECK(jump(&t, 1492 + 10, 1.0f) == 10); // those were nowhere

  // Hosts tell only what changes: cycles without a word count
  df_events events;
  for (int i = 0; i < 10; ++i) {
    df_events_read(&(bench){0}.uris, NULL, 64U, MOST, &t, &events);
    CHECK(!events.count);
  }
  CHECK(jump(&t, 1566 + 640 + 5, 1.0f) == 5);
}

/// Samples that the host says it has lost, a whole number of any type.
static void
test_xrun(void)
{
  for (int kind = 0; kind < 5; ++kind) {
    bench                b;
    df_transport         transport = {0.0f, false, 0};
    df_events            e;
    LV2_Atom_Forge_Frame object;
    begin(&b);
    lv2_atom_forge_frame_time(&b.forge, 7);
    lv2_atom_forge_object(&b.forge, &object, 0U, b.uris.patch_Set);
    lv2_atom_forge_key(&b.forge, b.uris.patch_property);
    lv2_atom_forge_urid(&b.forge, b.uris.xrun);
    lv2_atom_forge_key(&b.forge, b.uris.patch_value);
    if (kind == 0) {
      lv2_atom_forge_int(&b.forge, 300);
    } else if (kind == 1) {
      lv2_atom_forge_long(&b.forge, 300);
    } else if (kind == 2) {
      lv2_atom_forge_float(&b.forge, 300.0f);
    } else if (kind == 3) {
      lv2_atom_forge_int(&b.forge, -300);
    } else {
      lv2_atom_forge_float(&b.forge, NAN);
    }
    lv2_atom_forge_pop(&b.forge, &object);
    lv2_atom_forge_pop(&b.forge, &b.frame);
    df_events_read(&b.uris, &b.in.sequence, 64U, MOST, &transport, &e);
    CHECK(e.count == (kind < 3));
    CHECK(!e.count || (e.breaks[0].frame == 7U && e.breaks[0].lost == 300));
  }
}

int
main(void)
{
  test_read();
  test_many_starts();
  test_others();
  test_malformed();
  test_notify();
  test_levels();
  test_lists();
  test_jumps();
  test_xrun();
  return 0;
}
