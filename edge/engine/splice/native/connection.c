/*
 * The life of a connection, from the accept to its end.
 *
 *     PEEKING ──decide──▶ DIALING ──connected──▶ RELAYING ──both directions over──▶ ENDED
 *        │                 │  ▲ next candidate      │ reset, timeout
 *        │                 └──┘                     ▼
 *        └──refuse──▶ REFUSED ──client closed or linger over──▶ ENDED
 *
 * JavaScript is called from in here, and may end any connection meanwhile, this one too: what follows a call looks at the
 * state again. What has ended keeps its memory until it is reported, at the end of the turn.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct connection *open_connection(struct engine *engine, struct listener *listener, int fd, const struct place *peer);
static void arm_peek(struct engine *engine, struct connection *connection);
static void peek(struct engine *engine, struct connection *connection);
static void decide(struct engine *engine, struct connection *connection, size_t length);
static void forward(struct engine *engine, struct connection *connection);
static void say_no(struct engine *engine, struct connection *connection, enum reason reason, size_t answer);
static void drop_input(struct engine *engine, struct connection *connection);
static void expire_peek(struct engine *engine, struct connection *connection);
static void expire_idle(struct engine *engine, struct connection *connection);
static void release(struct engine *engine, struct connection *connection);
static void close_end(struct end *end);

#define NS_PER_MS 1000000u

/* Connections that may be read an answer to beside all that there may be: a fraction of the descriptors kept for this. */
#define MAX_BEYOND 16

/* Reads of what a refused client goes on sending, in one turn. */
#define DROPS_PER_TURN 16

/* Owns the descriptor from here on. */
void connection_start(struct engine *engine, struct listener *listener, int fd, const struct place *peer) {
  struct connection *connection = open_connection(engine, listener, fd, peer);
  if (connection == NULL) return;
  uint32_t most = engine->limits.max_connections;
  /* Those that have been answered have no place of their own: they go when it is needed. */
  bool is_full = most > 0 && engine->live - engine->ended_count - engine->refused_count > most;
  if (is_full && !javascript_make_way(engine)) connection_refuse(engine, connection, REASON_OVERLOADED);
  else if (listener->decides_at_once) decide(engine, connection, 0);
  /* Most clients have sent their hello by the time that they are accepted. */
  if (connection->state == PEEKING) peek(engine, connection);
  if (connection->state == PEEKING) {
    arm_peek(engine, connection);
    javascript_wait(engine, connection);
  }
  if (connection->state != ENDED && !connection_watch(engine, connection, CLIENT))
    connection_end(engine, connection, REASON_OVERLOADED);
  if (most > 0 && engine->live - engine->ended_count > most + MAX_BEYOND) (void)javascript_dismiss(engine);
}

/* Answers and closes at once, for want of descriptors: there is none for a client that lingers. */
void connection_turn_away_now(struct engine *engine, struct listener *listener, int fd, const struct place *peer) {
  struct connection *connection = open_connection(engine, listener, fd, peer);
  if (connection == NULL) return;
  connection_refuse(engine, connection, REASON_OVERLOADED);
  if (connection->state != ENDED) connection_end(engine, connection, REASON_OVERLOADED);
}

void connection_event(struct engine *engine, struct connection *connection, enum side side, uint32_t events) {
  struct end *end = &connection->ends[side];
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) end->is_readable = true;
  if (events & EPOLLOUT) end->is_writable = true;
  if (events & (EPOLLRDHUP | EPOLLHUP)) end->has_hung_up = true;
  if (events & EPOLLERR) end->has_failed = true;
  if (events & EPOLLPRI) end->has_urgent = true;
  switch (connection->state) {
    case PEEKING:
      peek(engine, connection);
      break;
    case DIALING:
      if (side == BACKEND) dial_event(engine, connection, events);
      else if (end->has_failed) connection_end(engine, connection, REASON_CLIENT_LEFT);
      break;
    case RELAYING:
      relay_run(engine, connection);
      break;
    case REFUSED:
      drop_input(engine, connection);
      break;
    case FREE:
    case ENDED:
      break;
  }
}

/* Goes on with what was left when its share of a turn was over. */
void connection_continue(struct engine *engine, struct connection *connection) {
  if (connection->state == RELAYING) relay_run(engine, connection);
  else if (connection->state == REFUSED) drop_input(engine, connection);
}

void connection_make_ready(struct engine *engine, struct connection *connection) {
  if (connection->is_ready) return;
  connection->is_ready = true;
  struct queue *ready = &engine->ready;
  connection->next = NULL;
  if (ready->last == NULL) ready->first = connection;
  else ready->last->next = connection;
  ready->last = connection;
}

void connection_expired(struct engine *engine, struct connection *connection) {
  switch (connection->state) {
    case PEEKING:
      expire_peek(engine, connection);
      break;
    case DIALING:
      dial_failed(engine, connection, REASON_BACKEND_TIMEOUT);
      break;
    case RELAYING:
      expire_idle(engine, connection);
      break;
    case REFUSED:
      connection_end(engine, connection, REASON_NONE);
      break;
    case FREE:
    case ENDED:
      break;
  }
}

/* Refuses for a reason of the engine's own. */
void connection_refuse(struct engine *engine, struct connection *connection, enum reason reason) {
  /* First, since it may give way in there, to others that were refused. */
  if (connection->reason == REASON_NONE) connection->reason = (uint8_t)reason;
  size_t answer = javascript_answer(engine, connection, reason);
  if (connection->state != ENDED) say_no(engine, connection, reason, answer);
}

/* Closes whatever is open. The first reason that there was holds. */
void connection_end(struct engine *engine, struct connection *connection, enum reason reason) {
  if (connection->state == ENDED || connection->state == FREE) return;
  if (connection->reason == REASON_NONE) connection->reason = (uint8_t)reason;
  if (connection->state == REFUSED) engine->refused_count -= 1;
  connection->state = ENDED;
  connection->ended_at = clock_now();
  engine->ended_count += 1;
  wheel_disarm(engine, connection);
  release(engine, connection);
  close_end(&connection->ends[CLIENT]);
  close_end(&connection->ends[BACKEND]);
  /* What is in the ready list is reported when it comes out of there. */
  if (!connection->is_ready) report_ended(engine, connection);
}

/* Resets one side, and closes the other. */
void connection_reset(struct engine *engine, struct connection *connection, enum side side, enum reason reason) {
  static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  int fd = connection->ends[side].fd;
  /* It can fail only for a socket that is reset itself. */
  if (fd >= 0) (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  connection_end(engine, connection, reason);
}

/* The timer is not moved with each byte: when it fires, it looks at how long nothing has moved. */
void connection_arm_idle(struct engine *engine, struct connection *connection) {
  bool is_half_closed = connection->flows[CLIENT].has_ended || connection->flows[BACKEND].has_ended;
  uint32_t limit_ms = is_half_closed ? connection->half_closed_timeout_ms : connection->idle_timeout_ms;
  if (limit_ms == 0) wheel_disarm(engine, connection);
  else wheel_arm(engine, connection, limit_ms);
}

/* Tells epoll of a socket, once in its life; for EPOLLOUT only where something waits for it. */
bool connection_watch(struct engine *engine, struct connection *connection, enum side side) {
  struct end *end = &connection->ends[side];
  uint32_t events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET | (end->awaits_room ? EPOLLOUT : 0u);
  uint32_t dial = side == CLIENT ? 0 : connection->dials;
  struct epoll_event event = {
      .events = events,
      .data.u64 = token_of(connection->generation, dial, (enum kind)side, connection->slot),
  };
  int operation = end->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  end->is_watched = epoll_ctl(engine->epoll_fd, operation, end->fd, &event) == 0;
  return end->is_watched;
}

/* A write was not taken whole. Where EPOLLOUT has not been asked for, it is; from then on it comes by itself. */
bool connection_await_room(struct engine *engine, struct connection *connection, enum side side) {
  struct end *end = &connection->ends[side];
  end->is_writable = false;
  if (end->awaits_room) return true;
  end->awaits_room = true;
  return !end->is_watched || connection_watch(engine, connection, side);
}

/* Keeps a copy of two pieces, one behind the other, for a receiver that is to have them. */
bool connection_hold(struct flow *flow, const uint8_t *first, size_t first_length, const uint8_t *then, size_t then_length) {
  size_t length = first_length + then_length;
  if (length == 0) return true;
  uint8_t *held = malloc(length);
  if (held == NULL) return false;
  if (first_length > 0) memcpy(held, first, first_length);
  if (then_length > 0) memcpy(held + first_length, then, then_length);
  free(flow->held);
  flow->held = held;
  flow->held_at = 0;
  flow->held_end = (uint32_t)length;
  return true;
}

static struct connection *open_connection(struct engine *engine, struct listener *listener, int fd, const struct place *peer) {
  struct connection *connection = slab_take(&engine->slab);
  if (connection == NULL) {
    (void)close(fd);
    return NULL;
  }
  connection->state = PEEKING;
  connection->reason = REASON_NONE;
  connection->listener = listener;
  connection->peer = *peer;
  connection->ends[CLIENT].fd = fd;
  connection->ends[CLIENT].is_writable = true;
  connection->ends[CLIENT].is_undelayed = true;
  connection->ends[BACKEND].fd = -1;
  connection->accepted_at = clock_now();
  pace_count(engine);
  listener->live += 1;
  engine->live += 1;
  engine->mail->live = engine->live;
  return connection;
}

/* A PROXY header has a deadline of its own where there may be one; for the rest of a hello's time see `expire_peek`. */
static void arm_peek(struct engine *engine, struct connection *connection) {
  const struct limits *limits = &engine->limits;
  const struct listener *listener = connection->listener;
  uint64_t hello_ms = listener->is_peeking ? limits->hello_timeout_ms : UINT32_MAX;
  uint64_t header_ms = listener->may_have_header ? limits->proxy_header_timeout_ms : UINT32_MAX;
  wheel_arm(engine, connection, hello_ms < header_ms ? hello_ms : header_ms);
}

static void expire_peek(struct engine *engine, struct connection *connection) {
  if (connection->is_in_header) {
    connection_refuse(engine, connection, REASON_PROXY_TIMEOUT);
    return;
  }
  uint64_t age_ms = (clock_now() - connection->accepted_at) / NS_PER_MS;
  uint32_t limit_ms = engine->limits.hello_timeout_ms;
  if (age_ms < limit_ms) wheel_arm(engine, connection, limit_ms - age_ms);
  else connection_refuse(engine, connection, REASON_HELLO_TIMEOUT);
}

/* Reads, and asks for a decision after each read, until there is one or nothing more to read. */
static void peek(struct engine *engine, struct connection *connection) {
  struct end *client = &connection->ends[CLIENT];
  do {
    ssize_t length = recv(client->fd, engine->peeked, PEEK_BYTES, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) {
      client->is_readable = false;
      return;
    }
    if (length <= 0) {
      connection_end(engine, connection, REASON_CLIENT_LEFT);
      return;
    }
    /* A stream that gives less than was asked for has no more (epoll(7)), but for its end. */
    client->is_readable = length == PEEK_BYTES || client->has_hung_up || client->has_urgent;
    connection->flows[CLIENT].bytes += (uint64_t)length;
    decide(engine, connection, (size_t)length);
  } while (connection->state == PEEKING && client->is_readable);
}

static void decide(struct engine *engine, struct connection *connection, size_t length) {
  enum verdict verdict = javascript_decide(engine, connection, length);
  if (connection->state != PEEKING) {
    if (verdict == VERDICT_REFUSE) connection->decided_at = connection->ended_at;
    return;
  }
  switch (verdict) {
    case VERDICT_NEED_MORE:
      connection->is_in_header = false;
      break;
    case VERDICT_NEED_HEADER:
      connection->is_in_header = true;
      break;
    case VERDICT_REFUSE:
      connection->decided_at = clock_now();
      say_no(engine, connection, (enum reason)engine->mail->reason, engine->mail->words);
      break;
    case VERDICT_TURN_AWAY:
      say_no(engine, connection, (enum reason)engine->mail->reason, engine->mail->words);
      break;
    case VERDICT_FORWARD:
      connection->decided_at = clock_now();
      forward(engine, connection);
      break;
  }
}

/* Keeps what the backend is to be given first, in one piece, and dials. */
static void forward(struct engine *engine, struct connection *connection) {
  const struct mailbox *mail = engine->mail;
  /* It was said together with the hello, and will not be said again. */
  if (connection->ends[CLIENT].has_failed) {
    connection_end(engine, connection, REASON_CLIENT_LEFT);
    return;
  }
  connection->dial_timeout_ms = mail->dial_timeout_ms;
  connection->idle_timeout_ms = mail->idle_timeout_ms;
  connection->half_closed_timeout_ms = mail->half_closed_timeout_ms;
  const uint8_t *replayed = engine->peeked + mail->replay_from;
  size_t replay_length = mail->replay_until - mail->replay_from;
  if (!connection_hold(&connection->flows[CLIENT], engine->words, mail->words, replayed, replay_length)) {
    connection_end(engine, connection, REASON_OVERLOADED);
    return;
  }
  connection->state = DIALING;
  dial_candidate(engine, connection);
}

/*
 * Says no and waits for the client to close: what it still sends is read and dropped, because closing a socket with unread
 * bytes sends a reset, which can overtake the answer (RFC 9112 §9.6 has the same for HTTP).
 */
static void say_no(struct engine *engine, struct connection *connection, enum reason reason, size_t answer) {
  struct end *client = &connection->ends[CLIENT];
  struct flow *words = &connection->flows[BACKEND];
  release(engine, connection);
  close_end(&connection->ends[BACKEND]);
  connection->state = REFUSED;
  engine->refused_count += 1;
  if (connection->reason == REASON_NONE) connection->reason = (uint8_t)reason;
  words->has_ended = true;
  if (!connection_hold(words, engine->words, answer, NULL, 0)) {
    connection_end(engine, connection, REASON_OVERLOADED);
    return;
  }
  client->is_readable = true;
  wheel_arm(engine, connection, engine->limits.linger_ms);
  drop_input(engine, connection);
}

static void drop_input(struct engine *engine, struct connection *connection) {
  struct end *client = &connection->ends[CLIENT];
  struct flow *words = &connection->flows[BACKEND];
  struct flow *input = &connection->flows[CLIENT];
  if (words->held != NULL && !relay_write_held(engine, connection, BACKEND)) return;
  if (words->held == NULL && !words->is_over) {
    words->is_over = true;
    /* It fails where the client has reset already. */
    (void)shutdown(client->fd, SHUT_WR);
  }
  for (int left = DROPS_PER_TURN; client->is_readable; left -= 1) {
    if (left == 0) {
      connection_make_ready(engine, connection);
      return;
    }
    /* On TCP this flag drops the bytes in the kernel (tcp(7)). */
    ssize_t length = recv(client->fd, engine->copied, COPY_BYTES, MSG_TRUNC);
    if (length > 0) {
      input->bytes += (uint64_t)length;
    } else if (length < 0 && errno == EINTR) {
      continue;
    } else if (length < 0 && errno == EAGAIN) {
      client->is_readable = false;
    } else {
      connection_end(engine, connection, REASON_NONE);
      return;
    }
  }
}

static void expire_idle(struct engine *engine, struct connection *connection) {
  bool is_half_closed = connection->flows[CLIENT].has_ended || connection->flows[BACKEND].has_ended;
  uint32_t limit_ms = is_half_closed ? connection->half_closed_timeout_ms : connection->idle_timeout_ms;
  uint64_t idle_ms = (engine->now - connection->active_at) / NS_PER_MS;
  if (limit_ms == 0) return;
  if (idle_ms < limit_ms) wheel_arm(engine, connection, limit_ms - idle_ms);
  else connection_end(engine, connection, is_half_closed ? REASON_HALF_CLOSED_TIMEOUT : REASON_IDLE_TIMEOUT);
}

/* Gives back what it holds of other connections' things. */
static void release(struct engine *engine, struct connection *connection) {
  for (int side = CLIENT; side <= BACKEND; side += 1) {
    struct flow *flow = &connection->flows[side];
    gather_stop(engine, connection, (enum side)side);
    free(flow->held);
    flow->held = NULL;
    if (flow->pipe == NULL) continue;
    if (flow->piped == 0) pool_give_back(&engine->pool, flow->pipe);
    else pool_discard(&engine->pool, flow->pipe);
    flow->pipe = NULL;
    flow->piped = 0;
  }
}

/* Closing takes it out of the epoll set, since nobody else has the socket. */
static void close_end(struct end *end) {
  if (end->fd >= 0) (void)close(end->fd);
  end->fd = -1;
}
