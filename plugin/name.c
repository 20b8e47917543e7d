#include "plugin/name.h"

#include <string.h>

void
df_name_begin(df_name* const name)
{
  name->guard   = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  name->text[0] = '\0';
  atomic_init(&name->renamed, false);
}

bool
df_name_set(df_name* const name, const char* const text)
{
  const size_t length = strlen(text);
  for (size_t i = 0U; i < length; ++i) {
    if (text[i] <= ' ' || text[i] > '~' || strchr("#*,/?[]{}", text[i])) {
      return false;
    }
  }
  if (length >= DF_NAME_MAX) {
    return false;
  }
  (void)pthread_mutex_lock(&name->guard);
  memcpy(name->text, text, length + 1U);
  (void)pthread_mutex_unlock(&name->guard);
  return true;
}

bool
df_name_rename(df_name* const name, const char* const text)
{
  const bool done = df_name_set(name, text);
  if (done) {
    atomic_store(&name->renamed, true);
  }
  return done;
}

bool
df_name_renamed(df_name* const name)
{
  return atomic_exchange(&name->renamed, false);
}

void
df_name_get(df_name* const name, char* const to)
{
  (void)pthread_mutex_lock(&name->guard);
  memcpy(to, name->text, DF_NAME_MAX);
  (void)pthread_mutex_unlock(&name->guard);
}
