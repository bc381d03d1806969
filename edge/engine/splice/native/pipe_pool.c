/*
 * Pipes for splice. A connection has one only while bytes are in it, so a few serve many; those that were not needed for a
 * while are closed. Where there is no pipe to be had the bytes are copied instead.
 */
#include "engine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct pipe_pair *make(void);
static void destroy(struct pool *pool, struct pipe_pair *pair);
static void close_pair(struct pipe_pair *pair);

/*
 * A large pipe is what makes splicing cheap: each turn of it costs two system calls, however much it moves. Four times as
 * much moves a GB for a tenth less, and lets a slow receiver hold four times as much.
 */
#define PIPE_BYTES (256 * 1024)

/* A smaller one than this is not worth its system calls: copying is cheaper. */
#define LEAST_PIPE_BYTES (128 * 1024)

/* Each stream whose receiver does not keep up holds one, full: 256 MiB in the kernel at most. */
#define MOST_PIPES 1024

/* Pipes take two descriptors each of those that connections live on: at most a thirty-second part of them. */
#define DESCRIPTORS_PER_PIPE 64

void pool_open(struct pool *pool) {
  struct rlimit descriptors;
  uint64_t most = MOST_PIPES;
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur / DESCRIPTORS_PER_PIPE < most)
    most = descriptors.rlim_cur / DESCRIPTORS_PER_PIPE;
  memset(pool, 0, sizeof *pool);
  pool->bound = (uint32_t)(most < 4 ? 4 : most);
  pool->most = pool->bound;
}

/* An empty pipe, or NULL where there are too many or none can be made. */
struct pipe_pair *pool_take(struct pool *pool) {
  struct pipe_pair *pair = pool->free;
  if (pair != NULL) {
    pool->free = pair->next;
    pool->free_count -= 1;
    if (pool->free_count < pool->least_free) pool->least_free = pool->free_count;
    return pair;
  }
  pool->least_free = 0;
  if (pool->count >= pool->most) return NULL;
  pair = make();
  /* Not tried again before some are given up: it would fail as before, for each read of a long stream. */
  if (pair == NULL) pool->most = pool->count;
  else pool->count += 1;
  return pair;
}

/* Takes it back, empty. */
void pool_give_back(struct pool *pool, struct pipe_pair *pair) {
  pair->next = pool->free;
  pool->free = pair;
  pool->free_count += 1;
}

/* Closes a pipe that still has something in it: emptying it would cost more than a new one. */
void pool_discard(struct pool *pool, struct pipe_pair *pair) {
  destroy(pool, pair);
}

/* Closes what nobody has needed since the last time. What could not be made may be tried again. */
void pool_trim(struct pool *pool) {
  for (; pool->least_free > 0 && pool->free != NULL; pool->least_free -= 1) {
    struct pipe_pair *pair = pool->free;
    pool->free = pair->next;
    pool->free_count -= 1;
    destroy(pool, pair);
  }
  pool->least_free = pool->free_count;
  pool->most = pool->bound;
}

void pool_close(struct pool *pool) {
  pool->least_free = pool->free_count;
  pool_trim(pool);
}

static struct pipe_pair *make(void) {
  struct pipe_pair *pair = malloc(sizeof *pair);
  if (pair == NULL) return NULL;
  int fds[2];
  if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) != 0) {
    free(pair);
    return NULL;
  }
  pair->read_fd = fds[0];
  pair->write_fd = fds[1];
  pair->next = NULL;
  /* Refused to a user who has too much in pipes already (pipe-user-pages-soft), who gets small ones from then on. */
  int size = fcntl(pair->write_fd, F_SETPIPE_SZ, PIPE_BYTES);
  if (size < 0) size = fcntl(pair->write_fd, F_SETPIPE_SZ, LEAST_PIPE_BYTES);
  if (size >= LEAST_PIPE_BYTES) return pair;
  close_pair(pair);
  return NULL;
}

static void destroy(struct pool *pool, struct pipe_pair *pair) {
  close_pair(pair);
  pool->count -= 1;
}

static void close_pair(struct pipe_pair *pair) {
  (void)close(pair->read_fd);
  (void)close(pair->write_fd);
  free(pair);
}
