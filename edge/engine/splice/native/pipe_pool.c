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

/* A large pipe is what makes splicing cheap: each turn of it costs two system calls, however much it moves. */
#define PIPE_BYTES (256 * 1024)

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
  pool->most = (uint32_t)(most < 4 ? 4 : most);
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
  if (pair != NULL) pool->count += 1;
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

/* Closes what nobody has needed since the last time. */
void pool_trim(struct pool *pool) {
  for (; pool->least_free > 0 && pool->free != NULL; pool->least_free -= 1) {
    struct pipe_pair *pair = pool->free;
    pool->free = pair->next;
    pool->free_count -= 1;
    destroy(pool, pair);
  }
  pool->least_free = pool->free_count;
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
  /* Refused to a user who has too much in pipes already (pipe-user-pages-soft): a smaller one moves the bytes as well. */
  (void)fcntl(pair->write_fd, F_SETPIPE_SZ, PIPE_BYTES);
  return pair;
}

static void destroy(struct pool *pool, struct pipe_pair *pair) {
  (void)close(pair->read_fd);
  (void)close(pair->write_fd);
  free(pair);
  pool->count -= 1;
}
