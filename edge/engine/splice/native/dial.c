/* Dialling: one candidate after the other, without waiting in the kernel, until one answers. */
#include "engine.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

static int try_to_connect(struct engine *engine, struct connection *connection);
static void connected(struct engine *engine, struct connection *connection);
static enum reason reason_of(int error);

/* Dials the candidate in the mailbox, and, while that fails at once, the next. */
void dial_candidate(struct engine *engine, struct connection *connection) {
  for (;;) {
    int error = try_to_connect(engine, connection);
    if (error == 0) {
      wheel_arm(engine, connection, connection->dial_timeout_ms);
      return;
    }
    if (error == EMFILE || error == ENFILE) {
      connection_refuse(engine, connection, REASON_OVERLOADED);
      return;
    }
    bool has_next = javascript_redial(engine, connection);
    if (connection->state != DIALING) return;
    if (!has_next) {
      connection_refuse(engine, connection, reason_of(error));
      return;
    }
  }
}

void dial_event(struct engine *engine, struct connection *connection, uint32_t events) {
  if (events & (EPOLLERR | EPOLLHUP)) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(connection->ends[BACKEND].fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    dial_failed(engine, connection, reason_of(error));
  } else if (events & EPOLLOUT) {
    connected(engine, connection);
  }
}

/* The candidate has refused, or has not answered in time. */
void dial_failed(struct engine *engine, struct connection *connection, enum reason reason) {
  bool has_next = javascript_redial(engine, connection);
  if (connection->state != DIALING) return;
  if (has_next) dial_candidate(engine, connection);
  else connection_refuse(engine, connection, reason);
}

/* Answers 0 or an errno. What was dialled before is closed. */
static int try_to_connect(struct engine *engine, struct connection *connection) {
  static const int off = 0;
  union address address;
  socklen_t length = address_of(&engine->mail->candidate, &address);
  struct end *backend = &connection->ends[BACKEND];
  if (backend->fd >= 0) (void)close(backend->fd);
  *backend = (struct end){.fd = -1, .awaits_room = true};
  connection->dials += 1;
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  backend->fd = fd;
  /*
   * What is there to be written acknowledges the handshake too, so no packet of its own has to (tcp(7)). The kernel goes
   * back to quick acknowledgements by itself. Where the backend speaks first it would have to wait for one.
   */
  if (connection->flows[CLIENT].held != NULL) (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
  if (connect(fd, &address.any, length) != 0 && errno != EINPROGRESS) return errno;
  return connection_watch(engine, connection, BACKEND) ? 0 : errno;
}

/* The prelude and what was peeked go out in one write; the relay does it. */
static void connected(struct engine *engine, struct connection *connection) {
  connection->state = RELAYING;
  connection->connected_at = clock_now();
  connection->active_at = engine->now;
  connection_arm_idle(engine, connection);
  relay_run(engine, connection);
}

static enum reason reason_of(int error) {
  return error == ETIMEDOUT ? REASON_BACKEND_TIMEOUT : REASON_BACKEND_REFUSED;
}
