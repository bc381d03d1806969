/* What JavaScript calls: ../native.ts has the types. Each engine is wrapped in the object whose functions it calls. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

static napi_value create(napi_env env, napi_callback_info info);
static napi_value add_listener(napi_env env, napi_callback_info info);
static napi_value stop_listener(napi_env env, napi_callback_info info);
static napi_value close_all(napi_env env, napi_callback_info info);
static napi_value close_one(napi_env env, napi_callback_info info);
static napi_value reset_one(napi_env env, napi_callback_info info);
static napi_value end_one(napi_env env, napi_callback_info info, bool is_reset);
static napi_value local_end(napi_env env, napi_callback_info info);
static napi_value list(napi_env env, napi_callback_info info);
static napi_value count(napi_env env, napi_callback_info info);
static struct engine *engine_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t wanted);
static bool read_limits(napi_env env, napi_value object, struct limits *limits);
static bool read_uint32(napi_env env, napi_value object, const char *name, uint32_t *value);
static void *read_buffer(napi_env env, napi_value object, const char *name, size_t least);
static void finalize(napi_env env, void *data, void *hint);
static napi_value fail(napi_env env, const char *message);
static napi_value number(napi_env env, double value);

#define MOST_ARGUMENTS 4
#define FIELDS_PER_CONNECTION 6
#define NS_PER_MS 1e6

/* Of a listener. */
enum { IS_PEEKING = 1, DECIDES_AT_ONCE = 2, MAY_HAVE_HEADER = 4, DEFERS_ACCEPT = 8 };

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {.utf8name = "create", .method = create, .attributes = napi_enumerable},
      {.utf8name = "listen", .method = add_listener, .attributes = napi_enumerable},
      {.utf8name = "stop", .method = stop_listener, .attributes = napi_enumerable},
      {.utf8name = "closeAll", .method = close_all, .attributes = napi_enumerable},
      {.utf8name = "close", .method = close_one, .attributes = napi_enumerable},
      {.utf8name = "reset", .method = reset_one, .attributes = napi_enumerable},
      {.utf8name = "localEnd", .method = local_end, .attributes = napi_enumerable},
      {.utf8name = "list", .method = list, .attributes = napi_enumerable},
      {.utf8name = "count", .method = count, .attributes = napi_enumerable},
  };
  napi_value protocol = number(env, PROTOCOL);
  if (protocol == NULL || napi_set_named_property(env, exports, "protocol", protocol) != napi_ok ||
      napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions) != napi_ok)
    return NULL;
  return exports;
}

/* create(self, limits): makes `self` an engine. Its buffers `mail`, `peeked` and `words` must stay the same ones. */
static napi_value create(napi_env env, napi_callback_info info) {
  size_t given = 2;
  napi_value arguments[2];
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < 2)
    return fail(env, "create needs an object and limits");
  struct engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return fail(env, "no memory for an engine");
  engine->env = env;
  engine->epoll_fd = -1;
  engine->reserve_fd = -1;
  engine->mail = read_buffer(env, arguments[0], "mail", sizeof *engine->mail);
  engine->peeked = read_buffer(env, arguments[0], "peeked", PEEK_BYTES);
  engine->words = read_buffer(env, arguments[0], "words", 1);
  if (engine->mail == NULL || engine->peeked == NULL || engine->words == NULL ||
      !read_limits(env, arguments[1], &engine->limits) ||
      napi_wrap(env, arguments[0], engine, finalize, NULL, &engine->self) != napi_ok) {
    free(engine);
    return fail(env, "the engine's buffers or limits are not as they should be");
  }
  return NULL;
}

/* listen(self, fd, id, flags): 0 or an errno. The descriptor is duplicated and stays the caller's. */
static napi_value add_listener(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 4);
  struct listener_options options = {.fd = -1};
  uint32_t flags;
  if (engine == NULL || napi_get_value_int32(env, arguments[1], &options.fd) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &options.id) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &flags) != napi_ok)
    return fail(env, "listen needs an engine and three numbers");
  options.is_peeking = (flags & IS_PEEKING) != 0;
  options.decides_at_once = (flags & DECIDES_AT_ONCE) != 0;
  options.may_have_header = (flags & MAY_HAVE_HEADER) != 0;
  options.defers_accept = (flags & DEFERS_ACCEPT) != 0;
  int error = engine_open(engine);
  if (error == 0) error = listener_open(engine, &options);
  /* Where it was opened in vain, the next turn closes it. */
  if (error != 0) engine_wake(engine);
  return number(env, error);
}

/* stop(self, id): 1 where nothing will speak of it any more. */
static napi_value stop_listener(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 2);
  uint32_t id;
  if (engine == NULL || napi_get_value_uint32(env, arguments[1], &id) != napi_ok)
    return fail(env, "stop needs an engine and a number");
  bool is_gone = listener_stop(engine, id);
  engine_wake(engine);
  return number(env, is_gone);
}

/* closeAll(self, reason). What ends is reported in a later turn of the loop. */
static napi_value close_all(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 2);
  uint32_t reason;
  if (engine == NULL || napi_get_value_uint32(env, arguments[1], &reason) != napi_ok)
    return fail(env, "closeAll needs an engine and a number");
  for (uint32_t chunk = 0; chunk < engine->slab.chunk_count; chunk += 1)
    for (uint32_t at = 0; at < SLAB_CONNECTIONS; at += 1)
      connection_end(engine, &engine->slab.chunks[chunk][at], (enum reason)reason);
  engine_wake(engine);
  return NULL;
}

/* reset(self, slot, generation, reason): resets the client; 1 where it was still there. */
static napi_value reset_one(napi_env env, napi_callback_info info) {
  return end_one(env, info, true);
}

/* close(self, slot, generation, reason): 1 where it was still there. */
static napi_value close_one(napi_env env, napi_callback_info info) {
  return end_one(env, info, false);
}

static napi_value end_one(napi_env env, napi_callback_info info, bool is_reset) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 4);
  uint32_t slot;
  uint32_t generation;
  uint32_t reason;
  if (engine == NULL || napi_get_value_uint32(env, arguments[1], &slot) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &generation) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &reason) != napi_ok)
    return fail(env, "it needs an engine and three numbers");
  struct connection *connection = slab_at(&engine->slab, slot);
  bool is_there = connection != NULL && connection->generation == generation && connection->state != FREE &&
                  connection->state != ENDED;
  if (is_there && is_reset) connection_reset(engine, connection, CLIENT, (enum reason)reason);
  else if (is_there) connection_end(engine, connection, (enum reason)reason);
  engine_wake(engine);
  return number(env, is_there);
}

/* localEnd(self, slot): 1 with the address and port that the client connected to in the mailbox. */
static napi_value local_end(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 2);
  uint32_t slot;
  if (engine == NULL || napi_get_value_uint32(env, arguments[1], &slot) != napi_ok)
    return fail(env, "localEnd needs an engine and a number");
  struct connection *connection = slab_at(&engine->slab, slot);
  union address address;
  socklen_t length = sizeof address;
  memset(&address, 0, sizeof address);
  bool is_known = connection != NULL && connection->state != FREE && connection->ends[CLIENT].fd >= 0 &&
                  getsockname(connection->ends[CLIENT].fd, &address.any, &length) == 0;
  if (is_known) engine->mail->local = place_of(&address);
  return number(env, is_known);
}

/* list(self): a Float64Array with slot, generation, state, age in ms and the bytes of both sides of each that lives. */
static napi_value list(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 1);
  napi_value buffer;
  napi_value rows;
  void *data;
  if (engine == NULL) return fail(env, "list needs an engine");
  size_t length = (size_t)engine->live * FIELDS_PER_CONNECTION;
  if (napi_create_arraybuffer(env, length * sizeof(double), &data, &buffer) != napi_ok) return NULL;
  double *field = data;
  double *end = field + length;
  uint64_t now = clock_now();
  for (uint32_t chunk = 0; chunk < engine->slab.chunk_count; chunk += 1) {
    for (uint32_t at = 0; at < SLAB_CONNECTIONS && field < end; at += 1) {
      const struct connection *connection = &engine->slab.chunks[chunk][at];
      if (connection->state == FREE || connection->state == ENDED) continue;
      *field++ = connection->slot;
      *field++ = connection->generation;
      *field++ = connection->state;
      *field++ = (double)(now - connection->accepted_at) / NS_PER_MS;
      *field++ = (double)connection->flows[CLIENT].bytes;
      *field++ = (double)connection->flows[BACKEND].bytes;
    }
  }
  size_t written = length - (size_t)(end - field);
  return napi_create_typedarray(env, napi_float64_array, written, buffer, 0, &rows) == napi_ok ? rows : NULL;
}

/* count(self): [connections, room for connections, pipes, listeners, armed timers], for tests and for whoever wonders. */
static napi_value count(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  struct engine *engine = engine_of(env, info, arguments, 1);
  napi_value counts;
  if (engine == NULL) return fail(env, "count needs an engine");
  const double values[] = {engine->live, engine->slab.chunk_count * SLAB_CONNECTIONS, engine->pool.count,
                           engine->listeners.open, engine->wheel.armed};
  const uint32_t length = sizeof values / sizeof values[0];
  if (napi_create_array_with_length(env, length, &counts) != napi_ok) return NULL;
  for (uint32_t at = 0; at < length; at += 1) {
    napi_value value = number(env, values[at]);
    if (value == NULL || napi_set_element(env, counts, at, value) != napi_ok) return NULL;
  }
  return counts;
}

/* NULL where the call has fewer arguments than are wanted, or the first is no engine. */
static struct engine *engine_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t wanted) {
  size_t given = wanted;
  void *engine;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < wanted) return NULL;
  return napi_unwrap(env, arguments[0], &engine) == napi_ok ? engine : NULL;
}

static bool read_limits(napi_env env, napi_value object, struct limits *limits) {
  return read_uint32(env, object, "helloTimeoutMs", &limits->hello_timeout_ms) &&
         read_uint32(env, object, "proxyHeaderTimeoutMs", &limits->proxy_header_timeout_ms) &&
         read_uint32(env, object, "lingerMs", &limits->linger_ms) &&
         read_uint32(env, object, "maxConnections", &limits->max_connections);
}

static bool read_uint32(napi_env env, napi_value object, const char *name, uint32_t *value) {
  napi_value property;
  return napi_get_named_property(env, object, name, &property) == napi_ok &&
         napi_get_value_uint32(env, property, value) == napi_ok;
}

/* NULL where it is no ArrayBuffer, or too short. */
static void *read_buffer(napi_env env, napi_value object, const char *name, size_t least) {
  napi_value property;
  void *data;
  size_t length;
  if (napi_get_named_property(env, object, name, &property) != napi_ok ||
      napi_get_arraybuffer_info(env, property, &data, &length) != napi_ok)
    return NULL;
  return length >= least ? data : NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)hint;
  struct engine *engine = data;
  if (engine->is_open) engine_abandon(engine, NULL);
  (void)napi_delete_reference(env, engine->self);
  free(engine);
}

static napi_value fail(napi_env env, const char *message) {
  bool is_pending = false;
  if (napi_is_exception_pending(env, &is_pending) == napi_ok && !is_pending)
    (void)napi_throw_error(env, "ERR_INVALID_ARG_VALUE", message);
  return NULL;
}

static napi_value number(napi_env env, double value) {
  napi_value result;
  return napi_create_double(env, value, &result) == napi_ok ? result : NULL;
}
