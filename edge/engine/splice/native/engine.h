/*
 * What the parts of the engine share. One engine runs on the event loop of one thread and owns everything below it.
 *
 *     addon.c        what JavaScript calls          javascript.c  what JavaScript is asked
 *     engine.c       the loop: one turn             report.c      outcomes, in batches
 *     listener.c     accepting                      connection.c  the life of a connection
 *     dial.c         to the next candidate          relay.c       moving bytes
 *     pipe_pool.c    pipes for splice               slab.c        memory for connections
 *     gather.c       reading long streams           pace.c        turns under a storm
 *     timer_wheel.c  deadlines                      place.c       addresses
 */
#ifndef WEIR_ENGINE_H
#define WEIR_ENGINE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define NAPI_VERSION 8
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "mailbox.h"
#include "reason.h"
#include "uv_abi.h"

struct engine;
struct listener;

/* Both the ends of a connection and its directions: the direction that comes from the client is CLIENT's. */
enum side { CLIENT = 0, BACKEND = 1 };

enum state { FREE, PEEKING, DIALING, RELAYING, REFUSED, ENDED };

/* One of a connection's sockets, and what epoll has said of it: interest is edge-triggered and set once. */
struct end {
  int fd;             /* -1 where there is none */
  bool is_readable;   /* until a read says otherwise */
  bool is_writable;   /* until a write says otherwise */
  bool has_hung_up;   /* the peer's end is among what can be read */
  bool has_failed;    /* an error waits to be fetched */
  bool has_urgent;    /* a read may stop at a mark in the middle, and splice does not get past it */
  bool is_watched;    /* epoll has it */
  bool awaits_room;   /* EPOLLOUT is among what is asked for */
  bool has_written;   /* once */
  bool is_undelayed;  /* TCP_NODELAY is set */
};

struct pipe_pair {
  int read_fd;
  int write_fd;
  struct pipe_pair *next; /* in the pool */
};

/* One direction. At most one of `held` and `pipe` has something in it, and nothing is read before it is empty again. */
struct flow {
  uint64_t bytes;         /* read so far */
  uint8_t *held;          /* own memory: read, and not taken by the receiver yet */
  uint32_t held_at;
  uint32_t held_end;
  struct pipe_pair *pipe; /* taken while bytes are in it */
  uint32_t piped;
  bool is_long;           /* worth splicing */
  bool has_ended;         /* the sender has ended its side */
  bool is_over;           /* and the receiver was told */
  uint8_t run;            /* gather.c's */
};

struct connection {
  struct end ends[2];
  struct flow flows[2];
  struct listener *listener;
  uint32_t slot;
  uint32_t generation; /* of the slot: goes up when it is freed */
  enum state state : 8;
  uint8_t reason;      /* enum reason */
  bool is_in_header;   /* what came so far is part of a PROXY header */
  bool is_ready;       /* in the ready list */
  uint32_t dials;
  struct place peer;
  uint32_t dial_timeout_ms;
  uint32_t idle_timeout_ms;
  uint32_t half_closed_timeout_ms;
  uint32_t expiry_tick; /* 0 where no timer is armed */
  /* In nanoseconds; 0 where it has not happened. */
  uint64_t accepted_at;
  uint64_t decided_at;
  uint64_t connected_at;
  uint64_t active_at; /* a byte last moved: the time of that turn */
  uint64_t ended_at;
  struct connection *timer_next;
  struct connection *timer_previous;
  struct connection *next; /* in the ready list, the list of ended ones or that of free ones */
};

struct listener {
  int fd;      /* -1 once it has stopped */
  uint32_t id; /* JavaScript's, which gives one again when nothing speaks of it any more */
  uint32_t generation;
  uint32_t live; /* connections that came from it and are not reported */
  bool is_peeking;
  bool decides_at_once; /* without waiting for a byte */
  bool may_have_header;
  struct listener *next; /* in the list of retired ones */
};

struct listener_table {
  struct listener **by_id;
  uint32_t room;
  uint32_t open; /* accepting, or paused */
  uint32_t generation;
  struct listener *retired; /* freed at the end of the turn: somebody may be looking at one */
};

#define WHEEL_SLOTS 1024
#define TICK_MS 50

struct wheel {
  struct connection *slots[WHEEL_SLOTS];
  struct connection *due; /* about to expire */
  uint32_t tick;
  uint32_t armed;
};

#define SLAB_CONNECTIONS 128

struct slab {
  struct connection **chunks;
  uint32_t chunk_count;
  uint32_t chunk_room;
  uint32_t last_generation; /* of any slot when it was last closed: none of before means one of now */
  struct connection *free;
};

struct pool {
  struct pipe_pair *free;
  uint32_t free_count;
  uint32_t least_free; /* since it was last trimmed */
  uint32_t count;      /* free ones and taken ones */
  uint32_t most;       /* for now */
  uint32_t bound;      /* ever */
};

/* Streams that gather at once at most; others are read as their bytes come. */
#define GATHERERS 64

struct gatherer {
  struct connection *connection;
  enum side from;
  uint32_t moved;      /* bytes since the last tick */
  uint32_t slow_ticks; /* in a row, which brought little */
};

/* A splice that brings less was not worth its two system calls. */
#define LITTLE_BYTES (16 * 1024)

struct gatherers {
  struct gatherer of[GATHERERS];
  uint32_t count;
};

struct pace {
  uint64_t window_at;
  uint32_t accepts; /* since then */
  bool is_stormy;
};

struct queue {
  struct connection *first;
  struct connection *last;
};

/* Longer than a ClientHello with post-quantum key shares; what does not fit is read after it. */
#define PEEK_BYTES (16 * 1024)

/* Read in one go while a stream is short; a stream that fills it is spliced. */
#define COPY_BYTES (32 * 1024)

struct limits {
  uint32_t hello_timeout_ms;
  uint32_t proxy_header_timeout_ms;
  uint32_t linger_ms;
  uint32_t max_connections; /* 0: no limit */
};

enum callback { CALL_DECIDE, CALL_WAIT, CALL_MAKE_WAY, CALL_DISMISS, CALL_REDIAL, CALL_ANSWER, CALL_SETTLE, CALL_WARN, CALLBACKS };

struct engine {
  napi_env env;
  napi_ref self; /* the object that it is wrapped in, strong while it is open */
  struct limits limits;
  /* Of JavaScript's, kept alive by `self`. */
  struct mailbox *mail;
  uint8_t *peeked; /* PEEK_BYTES */
  uint8_t *words;

  /* While it is open: there is a listener or a live connection. */
  bool is_open;
  struct handles *handles;
  int epoll_fd;
  int reserve_fd; /* given up to turn a client away where descriptors have run out; -1 where it could not be had back */
  napi_ref callbacks[CALLBACKS];
  napi_async_context async_context;
  napi_async_cleanup_hook_handle cleanup_hook;

  /* While JavaScript may be called. */
  napi_handle_scope handle_scope;
  napi_callback_scope callback_scope;

  uint64_t now; /* nanoseconds, read once in a turn */
  uint64_t started_at;
  struct listener_table listeners;
  uint64_t paused_until; /* accepting; 0 where it is not paused */
  uint64_t warned_at;
  uint32_t live; /* and not reported, those that are about to be included */
  uint32_t ended_count;
  /* Connections in the state REFUSED. */
  uint32_t refused_count;
  struct gatherers gatherers;
  bool is_gathering; /* the ticks for them come */
  struct queue ready;
  struct queue ended;
  struct slab slab;
  struct pool pool;
  struct wheel wheel;
  struct pace pace;
  bool is_timing;
  bool is_idling;
  uint8_t *copied; /* COPY_BYTES, shared by all: a read into it is written on, or kept, before the next */
};

/* engine.c */
int engine_open(struct engine *engine);
void engine_abandon(struct engine *engine, napi_async_cleanup_hook_handle hook);
void engine_wake(struct engine *engine);
uint64_t clock_now(void);

/* javascript.c */
bool javascript_create_callbacks(struct engine *engine);
void javascript_delete_callbacks(struct engine *engine);
void javascript_leave(struct engine *engine);
enum verdict javascript_decide(struct engine *engine, struct connection *connection, size_t length);
void javascript_wait(struct engine *engine, struct connection *connection);
bool javascript_make_way(struct engine *engine);
bool javascript_dismiss(struct engine *engine);
bool javascript_redial(struct engine *engine, struct connection *connection);
size_t javascript_answer(struct engine *engine, struct connection *connection, enum reason reason);
void javascript_settle(struct engine *engine, uint32_t count);
void javascript_warn(struct engine *engine, const struct listener *listener, int error);

/* gather.c */
void gather_note(struct engine *engine, struct connection *connection, enum side from, uint32_t length);
void gather_stop(struct engine *engine, struct connection *connection, enum side from);
void gather_tick(struct engine *engine);

/* pace.c */
void pace_count(struct engine *engine);
void pace_turn(struct engine *engine);

/* place.c */
union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};
struct place place_of(const union address *address);
socklen_t address_of(const struct place *place, union address *address);

/* listener.c */
struct listener_options {
  int fd;
  uint32_t id;
  bool is_peeking;
  bool decides_at_once;
  bool may_have_header;
  bool defers_accept;
};
int listener_open(struct engine *engine, const struct listener_options *options);
bool listener_stop(struct engine *engine, uint32_t id);
void listener_event(struct engine *engine, uint32_t id, uint32_t generation);
bool listener_release(struct engine *engine, struct listener *listener);
void listeners_sweep(struct engine *engine);
void listeners_resume(struct engine *engine);
void listeners_close(struct engine *engine);

/* connection.c */
void connection_start(struct engine *engine, struct listener *listener, int fd, const struct place *peer);
void connection_turn_away_now(struct engine *engine, struct listener *listener, int fd, const struct place *peer);
void connection_event(struct engine *engine, struct connection *connection, enum side side, uint32_t events);
void connection_continue(struct engine *engine, struct connection *connection);
void connection_expired(struct engine *engine, struct connection *connection);
void connection_refuse(struct engine *engine, struct connection *connection, enum reason reason);
void connection_end(struct engine *engine, struct connection *connection, enum reason reason);
void connection_reset(struct engine *engine, struct connection *connection, enum side side, enum reason reason);
void connection_arm_idle(struct engine *engine, struct connection *connection);
void connection_make_ready(struct engine *engine, struct connection *connection);
bool connection_watch(struct engine *engine, struct connection *connection, enum side side);
bool connection_await_room(struct engine *engine, struct connection *connection, enum side side);
bool connection_hold(struct flow *flow, const uint8_t *first, size_t first_length, const uint8_t *then, size_t then_length);

/* dial.c */
void dial_candidate(struct engine *engine, struct connection *connection);
void dial_event(struct engine *engine, struct connection *connection, uint32_t events);
void dial_failed(struct engine *engine, struct connection *connection, enum reason reason);

/* relay.c */
void relay_run(struct engine *engine, struct connection *connection);
bool relay_write_held(struct engine *engine, struct connection *connection, enum side from);

/* pipe_pool.c */
void pool_open(struct pool *pool);
struct pipe_pair *pool_take(struct pool *pool);
void pool_give_back(struct pool *pool, struct pipe_pair *pair);
void pool_discard(struct pool *pool, struct pipe_pair *pair);
void pool_trim(struct pool *pool);
void pool_close(struct pool *pool);

/* slab.c */
struct connection *slab_take(struct slab *slab);
void slab_give_back(struct slab *slab, struct connection *connection);
struct connection *slab_at(const struct slab *slab, uint32_t slot);
void slab_close(struct slab *slab);

/* timer_wheel.c */
void wheel_arm(struct engine *engine, struct connection *connection, uint64_t delay_ms);
void wheel_disarm(struct engine *engine, struct connection *connection);
void wheel_turn(struct engine *engine);

/* report.c */
void report_ended(struct engine *engine, struct connection *connection);
void report_all(struct engine *engine);

/*
 * What epoll gives back: who, and a number that tells whether it still is. A socket may be closed, and its place taken by
 * another, between epoll_wait and the look at its event.
 *
 *     63        32 31    26 25  24 23     0
 *     [ generation | dial  | kind | slot  ]
 */
enum kind { KIND_CLIENT = CLIENT, KIND_BACKEND = BACKEND, KIND_LISTENER = 2 };
#define MAX_SLOTS (1u << 24)

static inline uint64_t token_of(uint32_t generation, uint32_t dial, enum kind kind, uint32_t slot) {
  return (uint64_t)generation << 32 | (uint64_t)(dial & 63u) << 26 | (uint64_t)kind << 24 | slot;
}

#endif
