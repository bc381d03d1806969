/*
 * Moving bytes, without looking at them. Each direction goes through these, and stops where it has to wait:
 *
 *     read ──little──▶ copied ──────────────▶ written ──▶ read
 *       │                 └──not all taken──▶ held ──taken──▶ read
 *       └────much────▶ spliced into a pipe ──▶ spliced out ──▶ read
 *
 * So what a receiver has not taken is one small copy or one pipe, whatever the sender does.
 */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

/* What became of a try to move something. */
enum moved { MOVED, WAITS, BROKE_CLIENT, BROKE_BACKEND };

static enum moved pump(struct engine *engine, struct connection *connection, enum side from, bool *goes_on);
static enum moved fill(struct engine *engine, struct connection *connection, enum side from, size_t *left);
static enum moved copy(struct engine *engine, struct connection *connection, enum side from, size_t *left);
static enum moved write_held(struct engine *engine, struct connection *connection, enum side from);
static enum moved write_piped(struct engine *engine, struct connection *connection, enum side from);
static enum moved wrote(struct engine *engine, struct connection *connection, enum side to, ssize_t length);
static enum moved pass_end(struct engine *engine, struct connection *connection, enum side from);
static void note_write(struct end *to);
static bool has_error(const struct end *end);
static enum moved broke(enum side side);
static enum side other(enum side side);

/* What one direction may move before others have their turn. */
#define TURN_BYTES (1024 * 1024)

/* Asked of splice; it gives what the pipe has room for. */
#define SPLICE_BYTES (1024 * 1024)

/* Moves what can be moved, both ways, and ends the connection where that was the last of it. */
void relay_run(struct engine *engine, struct connection *connection) {
  /* What a reset side has still sent goes first: writing to that side would end it all. */
  enum side first = connection->ends[CLIENT].has_failed ? CLIENT : BACKEND;
  bool goes_on[2] = {false, false};
  for (int turn = 0; turn < 2; turn += 1) {
    enum side from = turn == 0 ? first : other(first);
    switch (pump(engine, connection, from, &goes_on[from])) {
      case MOVED:
      case WAITS:
        break;
      case BROKE_CLIENT:
        connection_reset(engine, connection, BACKEND, REASON_CLIENT_RESET);
        return;
      case BROKE_BACKEND:
        connection_reset(engine, connection, CLIENT, REASON_BACKEND_RESET);
        return;
    }
  }
  for (int side = CLIENT; side <= BACKEND; side += 1) {
    struct end *end = &connection->ends[side];
    /*
     * A reset that follows a side's end is how a peer that is all gone meets what comes too late, a close_notify for one:
     * nothing is lost by it unless there is more to write, which finds out.
     */
    if (!end->has_failed || goes_on[side] || connection->flows[side].has_ended) continue;
    end->has_failed = false;
    if (!has_error(end)) continue;
    if (side == CLIENT) connection_reset(engine, connection, BACKEND, REASON_CLIENT_RESET);
    else connection_reset(engine, connection, CLIENT, REASON_BACKEND_RESET);
    return;
  }
  if (connection->flows[CLIENT].is_over && connection->flows[BACKEND].is_over)
    connection_end(engine, connection, REASON_COMPLETED);
  else if (goes_on[CLIENT] || goes_on[BACKEND])
    connection_make_ready(engine, connection);
}

/* For a connection that is refused: writes what is held for its client, and answers whether all of it has been taken. */
bool relay_write_held(struct engine *engine, struct connection *connection, enum side from) {
  enum moved moved = write_held(engine, connection, from);
  if (moved == BROKE_CLIENT || moved == BROKE_BACKEND) connection_end(engine, connection, REASON_NONE);
  return moved == MOVED;
}

static enum moved pump(struct engine *engine, struct connection *connection, enum side from, bool *goes_on) {
  struct flow *flow = &connection->flows[from];
  struct end *source = &connection->ends[from];
  struct end *sink = &connection->ends[other(from)];
  size_t left = TURN_BYTES;
  enum moved moved = MOVED;
  while (moved == MOVED) {
    if (flow->held != NULL || flow->piped > 0) {
      if (!sink->is_writable) return WAITS;
      moved = flow->held != NULL ? write_held(engine, connection, from) : write_piped(engine, connection, from);
    } else if (flow->has_ended) {
      moved = flow->is_over ? WAITS : pass_end(engine, connection, from);
    } else if (!source->is_readable) {
      moved = WAITS;
    } else if (left == 0) {
      *goes_on = true;
      moved = WAITS;
    } else {
      moved = fill(engine, connection, from, &left);
    }
  }
  if (flow->pipe != NULL && flow->piped == 0) {
    pool_give_back(&engine->pool, flow->pipe);
    flow->pipe = NULL;
  }
  return moved;
}

static enum moved fill(struct engine *engine, struct connection *connection, enum side from, size_t *left) {
  struct flow *flow = &connection->flows[from];
  struct end *source = &connection->ends[from];
  bool is_spliced = flow->is_long && !source->has_urgent;
  if (is_spliced && flow->pipe == NULL) flow->pipe = pool_take(&engine->pool);
  if (!is_spliced || flow->pipe == NULL) return copy(engine, connection, from, left);

  ssize_t length = splice(source->fd, NULL, flow->pipe->write_fd, NULL, SPLICE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (length > 0) {
    flow->piped = (uint32_t)length;
    flow->bytes += (uint64_t)length;
    gather_note(engine, connection, from, (uint32_t)length);
    *left -= (size_t)length < *left ? (size_t)length : *left;
    connection->active_at = engine->now;
    return MOVED;
  }
  if (length == 0) {
    /* The end, or a mark of urgent data that has just come: a read knows. */
    flow->is_long = false;
    gather_stop(engine, connection, from);
    return MOVED;
  }
  if (errno == EINTR) return MOVED;
  if (errno != EAGAIN) return broke(from);
  /* The pipe was empty, so it was the socket that had nothing. */
  source->is_readable = false;
  return WAITS;
}

/* Reads into the shared buffer and writes it on; what is not taken is kept. */
static enum moved copy(struct engine *engine, struct connection *connection, enum side from, size_t *left) {
  struct flow *flow = &connection->flows[from];
  struct end *source = &connection->ends[from];
  struct end *sink = &connection->ends[other(from)];
  ssize_t length = recv(source->fd, engine->copied, COPY_BYTES, 0);
  if (length == 0) {
    flow->has_ended = true;
    return MOVED;
  }
  if (length < 0) {
    if (errno == EINTR) return MOVED;
    if (errno != EAGAIN) return broke(from);
    source->is_readable = false;
    return WAITS;
  }
  flow->bytes += (uint64_t)length;
  flow->is_long = length == COPY_BYTES;
  gather_stop(engine, connection, from);
  *left -= (size_t)length < *left ? (size_t)length : *left;
  connection->active_at = engine->now;
  /* A stream that gives less than was asked for has no more (epoll(7)), but for its end. */
  if (length < COPY_BYTES && !source->has_urgent) {
    if (source->has_hung_up) flow->has_ended = !source->has_failed;
    else source->is_readable = false;
  }

  note_write(sink);
  /* The end that follows at once goes into the same packet. */
  int flags = flow->has_ended ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
  ssize_t written = send(sink->fd, engine->copied, (size_t)length, flags);
  if (written == length) return MOVED;
  if (written < 0 && errno != EAGAIN && errno != EINTR) return broke(other(from));
  size_t taken = written > 0 ? (size_t)written : 0;
  if (!connection_hold(flow, engine->copied + taken, (size_t)length - taken, NULL, 0)) return broke(other(from));
  return wrote(engine, connection, other(from), written);
}

static enum moved write_held(struct engine *engine, struct connection *connection, enum side from) {
  struct flow *flow = &connection->flows[from];
  struct end *sink = &connection->ends[other(from)];
  size_t length = flow->held_end - flow->held_at;
  note_write(sink);
  ssize_t written = send(sink->fd, flow->held + flow->held_at, length, MSG_NOSIGNAL);
  if (written > 0) {
    connection->active_at = engine->now;
    flow->held_at += (uint32_t)written;
  }
  if (flow->held_at == flow->held_end) {
    free(flow->held);
    flow->held = NULL;
    return MOVED;
  }
  return wrote(engine, connection, other(from), written);
}

static enum moved write_piped(struct engine *engine, struct connection *connection, enum side from) {
  struct flow *flow = &connection->flows[from];
  struct end *sink = &connection->ends[other(from)];
  note_write(sink);
  ssize_t written = splice(flow->pipe->read_fd, NULL, sink->fd, NULL, flow->piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (written > 0) {
    connection->active_at = engine->now;
    flow->piped -= (uint32_t)written;
    return MOVED;
  }
  return wrote(engine, connection, other(from), written);
}

/* What a write says that has not taken all. */
static enum moved wrote(struct engine *engine, struct connection *connection, enum side to, ssize_t length) {
  if (length < 0 && errno == EINTR) return MOVED;
  if (length < 0 && errno != EAGAIN) return broke(to);
  return connection_await_room(engine, connection, to) ? WAITS : broke(to);
}

/* Tells the receiver that the sender has ended, unless that is the last thing and both are about to be closed. */
static enum moved pass_end(struct engine *engine, struct connection *connection, enum side from) {
  connection->flows[from].is_over = true;
  connection->active_at = engine->now;
  if (connection->flows[other(from)].is_over) return WAITS;
  connection_arm_idle(engine, connection);
  return shutdown(connection->ends[other(from)].fd, SHUT_WR) == 0 ? WAITS : broke(other(from));
}

/*
 * Nagle's algorithm holds back a write only while an earlier one is not acknowledged, so it is switched off before the
 * second: most connections have only one in each direction, and save the system call.
 */
static void note_write(struct end *to) {
  static const int on = 1;
  if (to->is_undelayed) return;
  if (to->has_written) {
    /* It fails only for a socket that is no more, which the write finds out. */
    (void)setsockopt(to->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    to->is_undelayed = true;
  }
  to->has_written = true;
}

static bool has_error(const struct end *end) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0;
}

static enum moved broke(enum side side) {
  return side == CLIENT ? BROKE_CLIENT : BROKE_BACKEND;
}

static enum side other(enum side side) {
  return side == CLIENT ? BACKEND : CLIENT;
}
