/*
 * Preloaded into an edge under measurement (ld.so(8), LD_PRELOAD): counts what its workers accept, and has them share the
 * listening socket in another way, so that the edge itself needs no switch for it.
 *
 *     shared     as it is: the primary's socket, in the epoll set of each worker
 *     exclusive  the same with EPOLLEXCLUSIVE
 *     own        each worker has a socket of its own, with SO_REUSEPORT, that ends with it
 *     kept       the same, made by the primary, which keeps them open while workers come and go
 *
 * Counts are in a file that the benchmark reads: struct board, all numbers of 64 bits, by one writer each.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_KEPT 8
#define MOST_PROCESSES 62
/* Above what a process has at its start, so that it is free. They are inherited. */
#define FIRST_KEPT_FD 200
/* Node puts the signals below 32 back at its start. */
#define LEAVE_SIGNAL 36

struct counts {
  uint64_t pid;
  uint64_t accepts;
  uint64_t empties;     /* accepts that found nothing: at the end of each run of them, as a rule */
  uint64_t vain;        /* of these, the ones that a run began with */
  uint64_t turns;       /* looks at the engine's epoll set */
  uint64_t empty_turns; /* that found nothing */
};

struct board {
  uint64_t processes;
  uint64_t owners[MOST_KEPT]; /* of the kept sockets */
  struct counts of[MOST_PROCESSES];
};

static struct board *board;
static struct counts *counts;
static const char *mode = "";
static uint16_t port;
static int kept_sockets;
static int listener = -1;
static bool found_nothing;
static int channel = -1;

static bool is_mode(const char *name) {
  return strcmp(mode, name) == 0;
}

static void *next(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

/* A worker whose channel ends drains and leaves. */
static void leave(int signal) {
  (void)signal;
  (void)shutdown(channel, SHUT_RDWR);
}

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("BENCH_LISTENING_COUNTS");
  const char *wanted = getenv("BENCH_LISTENING_SHARING");
  const char *on_port = getenv("BENCH_LISTENING_PORT");
  const char *workers = getenv("BENCH_LISTENING_WORKERS");
  const char *node_channel = getenv("NODE_CHANNEL_FD");
  if (file == NULL || wanted == NULL || on_port == NULL || workers == NULL) return;
  int fd = open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return; /* the database's processes, which are another user's */
  board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  (void)close(fd);
  if (board == MAP_FAILED) abort();
  mode = wanted;
  port = (uint16_t)atoi(on_port);
  kept_sockets = is_mode("kept") ? atoi(workers) : 0;
  if (kept_sockets > MOST_KEPT) abort();
  if (node_channel == NULL) return;
  channel = atoi(node_channel);
  struct sigaction action = {.sa_handler = leave, .sa_flags = SA_RESTART};
  if (sigaction(LEAVE_SIGNAL, &action, NULL) != 0) abort();
}

static bool is_measured(const struct sockaddr *address) {
  return address->sa_family == AF_INET && port != 0 && ((const struct sockaddr_in *)address)->sin_port == htons(port);
}

static int bind_another(const struct sockaddr *address, socklen_t length, int flags) {
  static const int on = 1;
  int (*bind_next)(int, const struct sockaddr *, socklen_t) = next("bind");
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | flags, 0);
  /* As the engine sets the one that it has. */
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 || bind_next(fd, address, length) != 0)
    abort();
  return fd;
}

/* The primary's: bound, and never listened on where workers have others. */
int bind(int fd, const struct sockaddr *address, socklen_t length) {
  static const int on = 1;
  int (*bind_next)(int, const struct sockaddr *, socklen_t) = next("bind");
  if (is_measured(address) && (is_mode("own") || is_mode("kept"))) {
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) abort();
    for (int at = 0; at < kept_sockets; at += 1) {
      int made = bind_another(address, length, 0);
      if (dup2(made, FIRST_KEPT_FD + at) < 0) abort();
      (void)close(made);
    }
  }
  return bind_next(fd, address, length);
}

/* One that no living worker has. */
static int take_kept(void) {
  for (int at = 0; at < kept_sockets; at += 1) {
    uint64_t owner = board->owners[at];
    if (owner != 0 && (kill((pid_t)owner, 0) == 0 || errno != ESRCH)) continue;
    if (__sync_bool_compare_and_swap(&board->owners[at], owner, (uint64_t)getpid())) return FIRST_KEPT_FD + at;
  }
  abort();
}

int listen(int fd, int backlog) {
  int (*listen_next)(int, int) = next("listen");
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  if (board != NULL && getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
      is_measured((struct sockaddr *)&address)) {
    if (is_mode("kept") && dup3(take_kept(), fd, O_CLOEXEC) < 0) abort();
    if (is_mode("own")) {
      int made = bind_another((struct sockaddr *)&address, length, SOCK_CLOEXEC);
      if (dup3(made, fd, O_CLOEXEC) < 0) abort();
      (void)close(made);
    }
    uint64_t at = __sync_fetch_and_add(&board->processes, 1);
    if (at >= MOST_PROCESSES) abort();
    counts = &board->of[at];
    counts->pid = (uint64_t)getpid();
    listener = fd;
  }
  return listen_next(fd, backlog);
}

/* Its number may be another socket's once it was closed. */
static bool is_listener(int fd) {
  int is_listening = 0;
  socklen_t length = sizeof is_listening;
  return fd >= 0 && fd == listener && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) == 0 &&
         is_listening != 0;
}

int epoll_ctl(int set, int operation, int fd, struct epoll_event *event) {
  static int (*epoll_ctl_next)(int, int, int, struct epoll_event *);
  if (epoll_ctl_next == NULL) epoll_ctl_next = next("epoll_ctl");
  if (operation != EPOLL_CTL_ADD || !is_mode("exclusive") || !is_listener(fd))
    return epoll_ctl_next(set, operation, fd, event);
  struct epoll_event exclusive = *event;
  exclusive.events |= EPOLLEXCLUSIVE;
  if (epoll_ctl_next(set, operation, fd, &exclusive) != 0) abort();
  return 0;
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  static int (*accept_next)(int, struct sockaddr *, socklen_t *, int);
  if (accept_next == NULL) accept_next = next("accept4");
  int accepted = accept_next(fd, address, length, flags);
  if (counts == NULL || fd != listener) return accepted;
  if (accepted >= 0) {
    counts->accepts += 1;
    found_nothing = false;
  } else if (errno == EAGAIN) {
    counts->empties += 1;
    if (found_nothing) counts->vain += 1;
    found_nothing = true;
  }
  return accepted;
}

/* The engine's look at its own set, which does not wait; the loop around it waits by epoll_pwait. */
int epoll_wait(int set, struct epoll_event *events, int most, int timeout) {
  static int (*epoll_wait_next)(int, struct epoll_event *, int, int);
  if (epoll_wait_next == NULL) epoll_wait_next = next("epoll_wait");
  int count = epoll_wait_next(set, events, most, timeout);
  if (counts != NULL && timeout == 0) {
    counts->turns += 1;
    if (count == 0) counts->empty_turns += 1;
  }
  return count;
}
