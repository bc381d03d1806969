/*
 * Listening sockets: shared with the other workers, so accepting is level-triggered and bounded in each turn. Where
 * descriptors have run out, clients are turned away by way of one that is kept in reserve; where even that is gone,
 * accepting pauses, and they wait in the backlog.
 */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct listener *find(const struct listener_table *table, uint32_t id);
static bool make_room(struct listener_table *table, uint32_t id);
static void accept_some(struct engine *engine, struct listener *listener);
static bool shed_one(struct engine *engine, struct listener *listener);
static int accept_client(const struct listener *listener, struct place *peer);
static void pause_accepting(struct engine *engine);
static void warn(struct engine *engine, const struct listener *listener, int error);
static bool watch(struct engine *engine, const struct listener *listener, uint32_t events, int operation);

/* As long as the kernel allows: it cuts this down to net.core.somaxconn. */
#define BACKLOG 65535

/* Enough to be cheap, few enough to leave some to the other workers and time for the connections that there are. */
#define ACCEPTS_PER_TURN 32

/* After which the kernel hands over a connection whose client has sent nothing: by then it has sent its SYN-ACK again. */
static const int SILENT_SECONDS = 1;

#define PAUSE_NS 100000000u
#define WARNING_INTERVAL_NS 1000000000u

/* Listens and accepts on a duplicate of the descriptor. Answers 0 or an errno. */
int listener_open(struct engine *engine, const struct listener_options *options) {
  static const int on = 1;
  struct listener_table *table = &engine->listeners;
  if (!make_room(table, options->id) || table->by_id[options->id] != NULL) return ENOMEM;
  struct listener *listener = calloc(1, sizeof *listener);
  if (listener == NULL) return ENOMEM;
  listener->fd = fcntl(options->fd, F_DUPFD_CLOEXEC, 0);
  listener->id = options->id;
  listener->generation = ++table->generation;
  listener->is_peeking = options->is_peeking;
  listener->decides_at_once = options->decides_at_once;
  listener->may_have_header = options->may_have_header;
  /* One wake-up for a connection and its first bytes. It fails nowhere on Linux, and would do no harm. */
  if (options->defers_accept && listener->fd >= 0)
    (void)setsockopt(listener->fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &SILENT_SECONDS, sizeof SILENT_SECONDS);
  /* Accepted sockets inherit TCP_NODELAY, which saves a system call for each. */
  if (listener->fd < 0 || setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      listen(listener->fd, BACKLOG) != 0 || !watch(engine, listener, engine->paused_until == 0 ? EPOLLIN : 0, EPOLL_CTL_ADD)) {
    int error = errno;
    if (listener->fd >= 0) (void)close(listener->fd);
    free(listener);
    return error;
  }
  table->by_id[listener->id] = listener;
  table->open += 1;
  return 0;
}

/*
 * Answers whether nothing will speak of it any more. The other workers hold the same socket, so closing it would not take
 * it out of the set by itself.
 */
bool listener_stop(struct engine *engine, uint32_t id) {
  struct listener *listener = find(&engine->listeners, id);
  if (listener == NULL || listener->fd < 0) return false;
  (void)epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, listener->fd, NULL);
  (void)close(listener->fd);
  listener->fd = -1;
  engine->listeners.open -= 1;
  return listener_release(engine, listener);
}

/* Gives its id up once it has stopped and has no connection left; answers whether it has. */
bool listener_release(struct engine *engine, struct listener *listener) {
  if (listener->fd >= 0 || listener->live > 0) return false;
  struct listener_table *table = &engine->listeners;
  table->by_id[listener->id] = NULL;
  listener->next = table->retired;
  table->retired = listener;
  return true;
}

void listener_event(struct engine *engine, uint32_t id, uint32_t generation) {
  struct listener *listener = find(&engine->listeners, id);
  if (listener != NULL && listener->generation == generation) accept_some(engine, listener);
}

/* Frees those that were released. Not from within a look at one. */
void listeners_sweep(struct engine *engine) {
  struct listener_table *table = &engine->listeners;
  while (table->retired != NULL) {
    struct listener *listener = table->retired;
    table->retired = listener->next;
    free(listener);
  }
}

/* Accepts again where it was paused for long enough. */
void listeners_resume(struct engine *engine) {
  if (engine->paused_until == 0 || engine->now < engine->paused_until) return;
  if (engine->reserve_fd < 0) engine->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  engine->paused_until = 0;
  struct listener_table *table = &engine->listeners;
  for (uint32_t id = 0; id < table->room; id += 1) {
    struct listener *listener = table->by_id[id];
    if (listener != NULL && listener->fd >= 0 && !watch(engine, listener, EPOLLIN, EPOLL_CTL_MOD))
      pause_accepting(engine);
  }
}

void listeners_close(struct engine *engine) {
  struct listener_table *table = &engine->listeners;
  listeners_sweep(engine);
  for (uint32_t id = 0; id < table->room; id += 1) {
    struct listener *listener = table->by_id[id];
    if (listener == NULL) continue;
    if (listener->fd >= 0) (void)close(listener->fd);
    free(listener);
  }
  free(table->by_id);
  memset(table, 0, sizeof *table);
}

static struct listener *find(const struct listener_table *table, uint32_t id) {
  return id < table->room ? table->by_id[id] : NULL;
}

static bool make_room(struct listener_table *table, uint32_t id) {
  if (id < table->room) return true;
  if (id >= MAX_SLOTS) return false;
  uint32_t room = table->room == 0 ? 16 : table->room;
  while (room <= id) room *= 2;
  struct listener **by_id = realloc(table->by_id, room * sizeof *by_id);
  if (by_id == NULL) return false;
  memset(by_id + table->room, 0, (room - table->room) * sizeof *by_id);
  table->by_id = by_id;
  table->room = room;
  return true;
}

/* JavaScript, which is called in here, may stop it meanwhile. */
static void accept_some(struct engine *engine, struct listener *listener) {
  for (int left = ACCEPTS_PER_TURN; left > 0 && listener->fd >= 0 && engine->paused_until == 0; left -= 1) {
    struct place peer;
    int fd = accept_client(listener, &peer);
    if (fd >= 0) {
      connection_start(engine, listener, fd, &peer);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EMFILE:
      case ENFILE:
        warn(engine, listener, errno);
        if (!javascript_dismiss(engine) && !javascript_make_way(engine) && !shed_one(engine, listener)) pause_accepting(engine);
        break;
      case ENOBUFS:
      case ENOMEM:
        warn(engine, listener, errno);
        pause_accepting(engine);
        break;
      default:
        /* A network's error of a connection that is no more (accept(2)), or a firewall's. */
        break;
    }
  }
}

/* Answers false where there was nothing to give up, or it could not be had back. */
static bool shed_one(struct engine *engine, struct listener *listener) {
  if (engine->reserve_fd < 0 || listener->fd < 0) return false;
  (void)close(engine->reserve_fd);
  struct place peer;
  int fd = accept_client(listener, &peer);
  if (fd >= 0) connection_turn_away_now(engine, listener, fd, &peer);
  engine->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return engine->reserve_fd >= 0;
}

static int accept_client(const struct listener *listener, struct place *peer) {
  union address address;
  socklen_t length = sizeof address;
  int fd;
  do fd = accept4(listener->fd, &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd >= 0) *peer = place_of(&address);
  return fd;
}

static void pause_accepting(struct engine *engine) {
  struct listener_table *table = &engine->listeners;
  engine->paused_until = engine->now + PAUSE_NS;
  for (uint32_t id = 0; id < table->room; id += 1) {
    struct listener *listener = table->by_id[id];
    if (listener != NULL && listener->fd >= 0) (void)watch(engine, listener, 0, EPOLL_CTL_MOD);
  }
}

static void warn(struct engine *engine, const struct listener *listener, int error) {
  if (engine->warned_at != 0 && engine->now - engine->warned_at < WARNING_INTERVAL_NS) return;
  engine->warned_at = engine->now;
  javascript_warn(engine, listener, error);
}

static bool watch(struct engine *engine, const struct listener *listener, uint32_t events, int operation) {
  struct epoll_event event = {
      .events = events,
      .data.u64 = token_of(listener->generation, 0, KIND_LISTENER, listener->id),
  };
  return epoll_ctl(engine->epoll_fd, operation, listener->fd, &event) == 0;
}
