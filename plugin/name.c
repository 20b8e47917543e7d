#include "plugin/name.h"

#include <string.h>

void
df_name_begin(df_name* const name)
{
  name->guard   = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  name->text[0] = '\0';
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

void
df_name_get(df_name* const name, char* const to)
{
  (void)pthread_mutex_lock(&name->guard);
  memcpy(to, name->text, DF_NAME_MAX);
  (void)pthread_mutex_unlock(&name->guard);
}
