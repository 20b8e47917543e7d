#include "plugin/guest.h"

#include "plugin/events.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Whose what was restored is
enum { NOBODY, WAITING, IN_HAND };

void
df_guest_begin(df_guest* const                 guest,
               const double                    rate,
               const char* const               bundle,
               const LV2_Feature* const* const features)
{
  LV2_URID_Map* map = NULL;
  for (int i = 0; features && features[i]; ++i) {
    const char* const uri  = features[i]->URI;
    void* const       data = features[i]->data;
    if (!uri || !data) {
      continue; // some hosts end their list with an empty feature
    }
    if (!strcmp(uri, LV2_URID__map)) {
      map = (LV2_URID_Map*)data;
    } else if (!strcmp(uri, LV2_LOG__log)) {
      guest->log = (const LV2_Log_Log*)data;
    } else if (!strcmp(uri, LV2_WORKER__schedule)) {
      guest->schedule = (const LV2_Worker_Schedule*)data;
    }
  }
  guest->mapped = map != NULL;
  df_uris_map(&guest->uris, map);
  if (!guest->mapped) {
    guest->log = NULL; // its levels are numbers of the map
  }
  guest->rate = rate >= 1.0 && rate <= 1e6 ? rate : 0.0;
  guest->slot = -1;
  df_name_begin(&guest->name);
  atomic_init(&guest->post, NOBODY);
  (void)snprintf(
    guest->bundle, sizeof(guest->bundle), "%s", bundle ? bundle : "");
}

void
df_guest_say(const df_guest* const guest,
             const df_status       st,
             const df_note* const  note)
{
  if (guest->log && guest->log->printf) {
    (void)guest->log->printf(guest->log->handle,
                             guest->uris.log_Error,
                             "dforce: %s\n",
                             note->text[0] ? note->text : df_status_text(st));
  }
}

void
df_guest_choose(df_guest* const   guest,
                const int         slot,
                const char* const path,
                const size_t      length)
{
  if (length >= sizeof(guest->choice.path)) {
    guest->tell = true;
    return;
  }
  guest->choice.slot = slot;
  memcpy(guest->choice.path, path, length);
  guest->choice.path[length] = '\0';
  ++guest->choice_count;
  guest->tell = true;
  df_snapshot_write(&guest->saved, &guest->choice);
}

// Get hold of what was restored; whose it was
static int
seize(df_guest* const guest)
{
  int was = atomic_load(&guest->post);
  while (was == IN_HAND ||
         !atomic_compare_exchange_weak(&guest->post, &was, IN_HAND)) {
    (void)sched_yield();
    was = atomic_load(&guest->post);
  }
  return was;
}

bool
df_guest_restore(df_guest* const guest, const int slot, const char* const path)
{
  const size_t length = strlen(path);
  if (length >= sizeof(guest->restored.path)) {
    return false;
  }
  (void)seize(guest);
  guest->restored.slot = slot;
  memcpy(guest->restored.path, path, length + 1U);
  atomic_store(&guest->post, WAITING);
  return true;
}

void
df_guest_take(df_guest* const guest)
{
  int was = WAITING;
  if (atomic_compare_exchange_strong(&guest->post, &was, IN_HAND)) {
    const df_choice* const c = &guest->restored;
    df_guest_choose(guest, c->slot, c->path, strlen(c->path));
    guest->slot = -1; // the port's next value is taken as it comes
    atomic_store(&guest->post, NOBODY);
  }
}

void
df_guest_chosen(df_guest* const guest, df_choice* const out)
{
  const int was = seize(guest);
  if (was == WAITING) {
    *out = guest->restored;
  } else {
    df_snapshot_read(&guest->saved, out);
  }
  atomic_store(&guest->post, was);
}

void
df_guest_follow(df_guest* const guest, const int slot)
{
  if (slot != guest->slot && guest->slot >= 0 && guest->choice.path[0] &&
      slot != guest->choice.slot) {
    df_guest_choose(guest, slot, "", 0U);
  }
  guest->slot = slot;
}

void
df_guest_notify(df_guest* const guest, LV2_Atom_Sequence* const notify)
{
  df_news news = {guest->tell ? guest->choice.path : NULL,
                  df_name_renamed(&guest->name) || guest->unsaved};
  if (guest->mapped) {
    df_events_notify(&guest->uris, notify, &news);
  }
  guest->tell    = news.path;
  guest->unsaved = news.unsaved;
}

df_status
df_guest_find(const df_guest* const guest,
              const df_models_kind  kind,
              const char* const     chosen,
              const int             slot,
              char* const           path,
              df_note* const        note)
{
  if (chosen[0]) {
    memcpy(path, chosen, strlen(chosen) + 1U);
    return DF_OK;
  }
  path[0] = '\0';
  return df_models_find(kind, guest->bundle, slot, path, DF_PATH_MAX, note);
}

df_model_status
df_guest_status(const df_status st, const char* const path)
{
  if (!st) {
    return DF_MODEL_READY;
  }
  return st == DF_E_NONE && (!path[0] || access(path, F_OK)) ? DF_MODEL_MISSING
                                                             : DF_MODEL_REFUSED;
}
