/*
 * The engine's place in the event loop: the loop watches one descriptor, the engine's own epoll set, and gives it a turn
 * when something in there has happened.
 *
 *     turn: events → what was left from the turn before → outcomes → promises and ticks
 *
 * It has its handles, descriptors and memory only while it is open: from the first listener to the end of the last
 * listener and the last connection.
 */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The loop's, which outlive the engine until it has closed them. */
struct handles {
  uv_poll_t *poll;
  uv_timer_t *timer;
  uv_timer_t *gather;
  uv_idle_t *idle;
  int open;
  napi_async_cleanup_hook_handle cleanup_hook; /* to be told when they are closed; NULL where nobody waits for that */
};

static bool open_handles(struct engine *engine, uv_loop_t *loop);
static void *make_handle(struct engine *engine, int type);
static void on_poll(uv_poll_t *poll, int status, int events);
static void on_idle(uv_idle_t *idle);
static void on_timer(uv_timer_t *timer);
static void on_gather(uv_timer_t *timer);
static void on_cleanup(napi_async_cleanup_hook_handle hook, void *data);
static void on_closed(uv_handle_t *handle);
static void take_turn(struct engine *engine);
static void dispatch(struct engine *engine, const struct epoll_event *event);
static void continue_ready(struct engine *engine);
static void finish_turn(struct engine *engine);
static void close_engine(struct engine *engine);
static void close_handles(struct engine *engine, napi_async_cleanup_hook_handle hook);
static void free_parts(struct engine *engine);

#define EVENTS_PER_TURN 256
/* How late what a long stream has below its mark may be. */
#define GATHER_MS 2
#define TRIM_TICKS 100

uint64_t clock_now(void) {
  struct timespec now;
  /* It cannot fail: the clock exists and the address is good. */
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Answers 0 or an errno; everything is as before then. */
int engine_open(struct engine *engine) {
  if (engine->is_open) return 0;
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(engine->env, &loop) != napi_ok) return ENOTSUP;
  engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (engine->epoll_fd < 0) return errno;
  engine->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  engine->copied = malloc(COPY_BYTES);
  pool_open(&engine->pool);
  memset(&engine->wheel, 0, sizeof engine->wheel);
  memset(&engine->pace, 0, sizeof engine->pace);
  engine->started_at = clock_now();
  engine->now = engine->started_at;
  engine->paused_until = 0;
  engine->warned_at = 0;
  if (engine->copied == NULL || !javascript_create_callbacks(engine) || !open_handles(engine, loop)) {
    javascript_delete_callbacks(engine);
    free_parts(engine);
    return ENOMEM;
  }
  (void)napi_reference_ref(engine->env, engine->self, NULL);
  (void)napi_add_async_cleanup_hook(engine->env, on_cleanup, engine, &engine->cleanup_hook);
  engine->is_open = true;
  return 0;
}

/* Something is to be done or told, and no event will say so. */
void engine_wake(struct engine *engine) {
  if (!engine->is_open || engine->is_idling) return;
  engine->is_idling = uv_idle_start(engine->handles->idle, on_idle) == 0;
}

/* The environment ends, and JavaScript cannot be told any more. */
void engine_abandon(struct engine *engine, napi_async_cleanup_hook_handle hook) {
  engine->is_open = false;
  close_handles(engine, hook);
  for (uint32_t chunk = 0; chunk < engine->slab.chunk_count; chunk += 1)
    for (uint32_t at = 0; at < SLAB_CONNECTIONS; at += 1)
      connection_end(engine, &engine->slab.chunks[chunk][at], REASON_DRAINED);
  free_parts(engine);
}

static bool open_handles(struct engine *engine, uv_loop_t *loop) {
  struct handles *handles = calloc(1, sizeof *handles);
  if (handles == NULL) return false;
  handles->poll = make_handle(engine, UV_POLL);
  handles->timer = make_handle(engine, UV_TIMER);
  handles->gather = make_handle(engine, UV_TIMER);
  handles->idle = make_handle(engine, UV_IDLE);
  if (handles->poll == NULL || handles->timer == NULL || handles->gather == NULL || handles->idle == NULL ||
      uv_poll_init(loop, handles->poll, engine->epoll_fd) != 0) {
    free(handles->poll);
    free(handles->timer);
    free(handles->gather);
    free(handles->idle);
    free(handles);
    return false;
  }
  /* These cannot fail: the handles are new. */
  (void)uv_timer_init(loop, handles->timer);
  (void)uv_timer_init(loop, handles->gather);
  (void)uv_idle_init(loop, handles->idle);
  (void)uv_poll_start(handles->poll, UV_READABLE, on_poll);
  uv_unref((uv_handle_t *)handles->timer);
  uv_unref((uv_handle_t *)handles->gather);
  handles->open = 4;
  engine->handles = handles;
  engine->is_idling = false;
  engine->is_timing = false;
  engine->is_gathering = false;
  return true;
}

static void *make_handle(struct engine *engine, int type) {
  void *handle = calloc(1, uv_handle_size(type));
  if (handle != NULL) uv_handle_set_data(handle, engine);
  return handle;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)events;
  struct engine *engine = uv_handle_get_data((uv_handle_t *)poll);
  /* An error of the poll would be one of the epoll set itself, of which the next epoll_wait says more. */
  (void)status;
  /* Where something is left of the last turn there is enough to do. */
  if (!engine->is_idling) pace_turn(engine);
  take_turn(engine);
}

static void on_idle(uv_idle_t *idle) {
  take_turn(uv_handle_get_data((uv_handle_t *)idle));
}

static void on_timer(uv_timer_t *timer) {
  struct engine *engine = uv_handle_get_data((uv_handle_t *)timer);
  engine->now = clock_now();
  wheel_turn(engine);
  listeners_resume(engine);
  if (engine->wheel.tick % TRIM_TICKS == 0) pool_trim(&engine->pool);
  continue_ready(engine);
  finish_turn(engine);
}

static void on_gather(uv_timer_t *timer) {
  struct engine *engine = uv_handle_get_data((uv_handle_t *)timer);
  engine->now = clock_now();
  gather_tick(engine);
  finish_turn(engine);
}

static void on_cleanup(napi_async_cleanup_hook_handle hook, void *data) {
  struct engine *engine = data;
  engine->cleanup_hook = NULL;
  engine_abandon(engine, hook);
}

static void on_closed(uv_handle_t *handle) {
  struct handles *handles = uv_handle_get_data(handle);
  free(handle);
  handles->open -= 1;
  if (handles->open > 0) return;
  if (handles->cleanup_hook != NULL) (void)napi_remove_async_cleanup_hook(handles->cleanup_hook);
  free(handles);
}

static void take_turn(struct engine *engine) {
  struct epoll_event events[EVENTS_PER_TURN];
  engine->now = clock_now();
  int count = epoll_wait(engine->epoll_fd, events, EVENTS_PER_TURN, 0);
  /* A failure (EINTR) is as good as nothing: the descriptor stays readable. */
  for (int at = 0; at < count; at += 1) dispatch(engine, &events[at]);
  continue_ready(engine);
  finish_turn(engine);
}

static void dispatch(struct engine *engine, const struct epoll_event *event) {
  uint64_t token = event->data.u64;
  uint32_t generation = (uint32_t)(token >> 32);
  uint32_t slot = (uint32_t)token & (MAX_SLOTS - 1);
  enum kind kind = (enum kind)((token >> 24) & 3u);
  if (kind == KIND_LISTENER) {
    listener_event(engine, slot, generation);
    return;
  }
  struct connection *connection = slab_at(&engine->slab, slot);
  if (connection == NULL || connection->generation != generation) return;
  enum side side = kind == KIND_CLIENT ? CLIENT : BACKEND;
  /* Of a candidate that was given up meanwhile. */
  if (side == BACKEND && (token >> 26 & 63u) != (connection->dials & 63u)) return;
  connection_event(engine, connection, side, event->events);
}

/* Those that are in the list now; what they put there again is for the next turn. */
static void continue_ready(struct engine *engine) {
  struct connection *last = engine->ready.last;
  while (engine->ready.first != NULL) {
    struct connection *connection = engine->ready.first;
    engine->ready.first = connection->next;
    if (engine->ready.first == NULL) engine->ready.last = NULL;
    connection->is_ready = false;
    if (connection->state == ENDED) report_ended(engine, connection);
    else connection_continue(engine, connection);
    if (connection == last) return;
  }
}

static void finish_turn(struct engine *engine) {
  report_all(engine);
  listeners_sweep(engine);
  javascript_leave(engine);

  struct handles *handles = engine->handles;
  bool is_waiting = engine->ready.first != NULL || engine->ended.first != NULL;
  if (!is_waiting && engine->live == 0 && engine->listeners.open == 0) {
    close_engine(engine);
    return;
  }
  /* None of these can fail: the handles are open and the callbacks are there. */
  if (is_waiting != engine->is_idling) {
    if (is_waiting) (void)uv_idle_start(handles->idle, on_idle);
    else (void)uv_idle_stop(handles->idle);
    engine->is_idling = is_waiting;
  }
  bool is_timing = engine->wheel.armed > 0 || engine->paused_until > 0 || engine->pool.count > 0 ||
                   engine->pool.most < engine->pool.bound;
  if (is_timing != engine->is_timing) {
    if (is_timing) (void)uv_timer_start(handles->timer, on_timer, TICK_MS, TICK_MS);
    else (void)uv_timer_stop(handles->timer);
    engine->is_timing = is_timing;
  }
  bool is_gathering = engine->gatherers.count > 0;
  if (is_gathering != engine->is_gathering) {
    if (is_gathering) (void)uv_timer_start(handles->gather, on_gather, GATHER_MS, GATHER_MS);
    else (void)uv_timer_stop(handles->gather);
    engine->is_gathering = is_gathering;
  }
}

static void close_engine(struct engine *engine) {
  engine->is_open = false;
  if (engine->cleanup_hook != NULL) (void)napi_remove_async_cleanup_hook(engine->cleanup_hook);
  engine->cleanup_hook = NULL;
  close_handles(engine, NULL);
  free_parts(engine);
  javascript_delete_callbacks(engine);
  (void)napi_reference_unref(engine->env, engine->self, NULL);
}

/* Before the descriptor that they watch is closed. */
static void close_handles(struct engine *engine, napi_async_cleanup_hook_handle hook) {
  struct handles *handles = engine->handles;
  engine->handles = NULL;
  handles->cleanup_hook = hook;
  uv_handle_t *all[] = {(uv_handle_t *)handles->poll, (uv_handle_t *)handles->timer, (uv_handle_t *)handles->gather,
                        (uv_handle_t *)handles->idle};
  for (size_t at = 0; at < sizeof all / sizeof all[0]; at += 1) {
    uv_handle_set_data(all[at], handles);
    uv_close(all[at], on_closed);
  }
}

static void free_parts(struct engine *engine) {
  listeners_close(engine);
  slab_close(&engine->slab);
  pool_close(&engine->pool);
  free(engine->copied);
  engine->copied = NULL;
  if (engine->reserve_fd >= 0) (void)close(engine->reserve_fd);
  (void)close(engine->epoll_fd);
  engine->reserve_fd = -1;
  engine->epoll_fd = -1;
  engine->live = 0;
  engine->ended_count = 0;
  engine->refused_count = 0;
  memset(&engine->ready, 0, sizeof engine->ready);
  memset(&engine->ended, 0, sizeof engine->ended);
}
