#ifndef _GNU_SOURCE
#define _GNU_SOURCE // RTLD_NEXT
#endif

#include "tests/hosts/watch.h"

#include "tests/hosts/host.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
  !defined(__GLIBC__)
#define CANNOT_WATCH 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CANNOT_WATCH 1
#endif
#endif

static _Thread_local bool        watching;
static _Thread_local const char* caught;

void
df_watch_begin(void)
{
  caught   = NULL;
  watching = true;
}

const char*
df_watch_end(void)
{
  watching = false;
  return caught;
}

#ifdef CANNOT_WATCH

bool
df_watch_works(void)
{
  return false;
}

#else

bool
df_watch_works(void)
{
  return true;
}

// What the host does when the plugin calls it is the host's affair
static void
see(const char* const name)
{
  if (watching && !caught && !df_host_is_called()) {
    caught = name;
  }
}

void*
__libc_malloc(size_t size);
void*
__libc_calloc(size_t count, size_t size);
void*
__libc_realloc(void* block, size_t size);
void*
__libc_memalign(size_t alignment, size_t size);
void
__libc_free(void* block);

#define SEEN __attribute__((visibility("default")))

SEEN void*
malloc(const size_t size)
{
  see("malloc");
  return __libc_malloc(size);
}

SEEN void*
calloc(const size_t count, const size_t size)
{
  see("calloc");
  return __libc_calloc(count, size);
}

SEEN void*
realloc(void* const block, const size_t size)
{
  see("realloc");
  return __libc_realloc(block, size);
}

SEEN void*
aligned_alloc(const size_t alignment, const size_t size)
{
  see("aligned_alloc");
  return __libc_memalign(alignment, size);
}

SEEN int
posix_memalign(void** const out, const size_t alignment, const size_t size)
{
  see("posix_memalign");
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : 12; // ENOMEM
}

SEEN void
free(void* const block)
{
  see("free");
  __libc_free(block);
}

// See the call, then pass it on to the next function of this name
#define PASS_ON(result, name, parameters, arguments)                           \
  SEEN result name parameters                                                  \
  {                                                                            \
    see(#name);                                                                \
    void* const next         = dlsym(RTLD_NEXT, #name);                        \
    result(*call) parameters = NULL;                                           \
    memcpy(&call, &next, sizeof(call));                                        \
    return call arguments;                                                     \
  }

PASS_ON(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
PASS_ON(int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
PASS_ON(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
PASS_ON(int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
PASS_ON(int, pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
PASS_ON(int,
        pthread_create,
        (pthread_t * thread,
         const pthread_attr_t* with,
         void* (*start)(void*),
         void* handle),
        (thread, with, start, handle))
PASS_ON(int, pthread_join, (pthread_t thread, void** result), (thread, result))
PASS_ON(int, sem_wait, (sem_t * sem), (sem))
PASS_ON(int,
        sem_timedwait,
        (sem_t * sem, const struct timespec* until),
        (sem, until))
PASS_ON(int, usleep, (useconds_t time), (time))
PASS_ON(int,
        nanosleep,
        (const struct timespec* time, struct timespec* rest),
        (time, rest))
PASS_ON(int, poll, (struct pollfd * list, nfds_t n, int time), (list, n, time))
PASS_ON(FILE*, fopen, (const char* path, const char* mode), (path, mode))
PASS_ON(int, fclose, (FILE * file), (file))
PASS_ON(size_t,
        fwrite,
        (const void* from, size_t size, size_t n, FILE* file),
        (from, size, n, file))
PASS_ON(int,
        vfprintf,
        (FILE * file, const char* format, va_list arguments),
        (file, format, arguments))
PASS_ON(ssize_t, read, (int file, void* to, size_t size), (file, to, size))
PASS_ON(ssize_t,
        write,
        (int file, const void* from, size_t size),
        (file, from, size))
PASS_ON(int, close, (int file), (file))
PASS_ON(int, access, (const char* path, int mode), (path, mode))
PASS_ON(int, socket, (int domain, int type, int name), (domain, type, name))
PASS_ON(ssize_t,
        send,
        (int to, const void* from, size_t size, int flags),
        (to, from, size, flags))
PASS_ON(ssize_t,
        recv,
        (int from, void* to, size_t size, int flags),
        (from, to, size, flags))
PASS_ON(ssize_t,
        sendto,
        (int                    to,
         const void*            from,
         size_t                 size,
         int                    flags,
         const struct sockaddr* address,
         socklen_t              length),
        (to, from, size, flags, address, length))
PASS_ON(ssize_t,
        recvfrom,
        (int              from,
         void*            to,
         size_t           size,
         int              flags,
         struct sockaddr* address,
         socklen_t*       length),
        (from, to, size, flags, address, length))

// The mode is there only with some flags, and reading it does no harm
SEEN int
open(const char* const path, const int flags, ...)
{
  see("open");
  va_list list;
  va_start(list, flags);
  const mode_t mode = va_arg(list, mode_t);
  va_end(list);
  return openat(AT_FDCWD, path, flags, mode);
}

#endif
