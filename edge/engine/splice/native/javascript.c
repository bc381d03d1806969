/*
 * What JavaScript is asked and told. It is called only from the loop's callbacks, never from within a call of its own;
 * the scopes are opened at the first call of a turn and closed at its end, where promises and ticks have their turn.
 */
#include "engine.h"

static bool enter(struct engine *engine);
static bool call(struct engine *engine, enum callback callback, const uint32_t *numbers, size_t count, uint32_t *answer);
static void throw_as_uncaught(napi_env env);
static void show(struct engine *engine, const struct connection *connection);

#define MOST_ARGUMENTS 2

static const char *const NAMES[CALLBACKS] = {"decide", "wait", "makeWay", "dismiss", "redial", "answer", "settle", "warn"};

/* Holds on to the functions of the object that the engine is wrapped in. Answers false with an exception pending. */
bool javascript_create_callbacks(struct engine *engine) {
  napi_env env = engine->env;
  napi_value self;
  napi_value name;
  if (napi_get_reference_value(env, engine->self, &self) != napi_ok) return false;
  for (int at = 0; at < CALLBACKS; at += 1) {
    napi_value function;
    if (napi_get_named_property(env, self, NAMES[at], &function) != napi_ok ||
        napi_create_reference(env, function, 1, &engine->callbacks[at]) != napi_ok)
      return false;
  }
  return napi_create_string_utf8(env, "weir:splice", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env, self, name, &engine->async_context) == napi_ok;
}

void javascript_delete_callbacks(struct engine *engine) {
  for (int at = 0; at < CALLBACKS; at += 1) {
    if (engine->callbacks[at] != NULL) (void)napi_delete_reference(engine->env, engine->callbacks[at]);
    engine->callbacks[at] = NULL;
  }
  if (engine->async_context != NULL) (void)napi_async_destroy(engine->env, engine->async_context);
  engine->async_context = NULL;
}

/* Ends the turn as far as JavaScript is concerned. What runs now may call any function of the addon. */
void javascript_leave(struct engine *engine) {
  if (engine->callback_scope == NULL) return;
  (void)napi_close_callback_scope(engine->env, engine->callback_scope);
  engine->callback_scope = NULL;
  throw_as_uncaught(engine->env);
  (void)napi_close_handle_scope(engine->env, engine->handle_scope);
  engine->handle_scope = NULL;
}

/* `length` bytes are in the peek buffer. */
enum verdict javascript_decide(struct engine *engine, struct connection *connection, size_t length) {
  uint32_t verdict;
  show(engine, connection);
  const uint32_t numbers[] = {connection->slot, (uint32_t)length};
  if (call(engine, CALL_DECIDE, numbers, 2, &verdict) && verdict <= VERDICT_FORWARD) return (enum verdict)verdict;
  engine->mail->reason = REASON_INTERNAL_ERROR;
  engine->mail->words = 0;
  return VERDICT_TURN_AWAY;
}

/* Nothing is decided about it yet. It, or another one for it, may be ended in there, so as not to be one too many. */
void javascript_wait(struct engine *engine, struct connection *connection) {
  uint32_t ignored;
  show(engine, connection);
  const uint32_t numbers[] = {connection->slot, connection->generation};
  (void)call(engine, CALL_WAIT, numbers, 2, &ignored);
}

/* Ends the oldest connection that nothing is decided about. Answers false where there is none. */
bool javascript_make_way(struct engine *engine) {
  uint32_t has_made;
  return call(engine, CALL_MAKE_WAY, NULL, 0, &has_made) && has_made != 0;
}

/* Ends the connection that was refused first. Answers false where there is none. */
bool javascript_dismiss(struct engine *engine) {
  uint32_t has_dismissed;
  return call(engine, CALL_DISMISS, NULL, 0, &has_dismissed) && has_dismissed != 0;
}

/* Answers whether there is one more candidate, which is in the mailbox then. */
bool javascript_redial(struct engine *engine, struct connection *connection) {
  uint32_t has_next;
  const uint32_t numbers[] = {connection->slot, connection->dials};
  return call(engine, CALL_REDIAL, numbers, 2, &has_next) && has_next != 0;
}

/* Answers how many bytes are in the words buffer for a client that is turned away. */
size_t javascript_answer(struct engine *engine, struct connection *connection, enum reason reason) {
  uint32_t length;
  show(engine, connection);
  const uint32_t numbers[] = {connection->slot, (uint32_t)reason};
  return call(engine, CALL_ANSWER, numbers, 2, &length) ? length : 0;
}

void javascript_settle(struct engine *engine, uint32_t count) {
  uint32_t ignored;
  (void)call(engine, CALL_SETTLE, &count, 1, &ignored);
}

void javascript_warn(struct engine *engine, const struct listener *listener, int error) {
  uint32_t ignored;
  const uint32_t numbers[] = {listener->id, (uint32_t)error};
  (void)call(engine, CALL_WARN, numbers, 2, &ignored);
}

/* Numbers there, one number back. Answers false where JavaScript threw or cannot run any more. */
static bool call(struct engine *engine, enum callback callback, const uint32_t *numbers, size_t count, uint32_t *answer) {
  napi_env env = engine->env;
  napi_handle_scope scope;
  if (!enter(engine) || napi_open_handle_scope(env, &scope) != napi_ok) return false;
  napi_value self;
  napi_value function;
  napi_value result;
  napi_value arguments[MOST_ARGUMENTS];
  bool has_answer = napi_get_reference_value(env, engine->self, &self) == napi_ok &&
                    napi_get_reference_value(env, engine->callbacks[callback], &function) == napi_ok;
  for (size_t at = 0; has_answer && at < count; at += 1)
    has_answer = napi_create_uint32(env, numbers[at], &arguments[at]) == napi_ok;
  has_answer = has_answer && napi_call_function(env, self, function, count, arguments, &result) == napi_ok &&
               napi_get_value_uint32(env, result, answer) == napi_ok;
  throw_as_uncaught(env);
  (void)napi_close_handle_scope(env, scope);
  return has_answer;
}

static bool enter(struct engine *engine) {
  if (engine->callback_scope != NULL) return true;
  napi_env env = engine->env;
  napi_value self;
  if (napi_open_handle_scope(env, &engine->handle_scope) != napi_ok) return false;
  if (napi_get_reference_value(env, engine->self, &self) == napi_ok &&
      napi_open_callback_scope(env, self, engine->async_context, &engine->callback_scope) == napi_ok)
    return true;
  (void)napi_close_handle_scope(env, engine->handle_scope);
  return false;
}

static void throw_as_uncaught(napi_env env) {
  bool is_pending = false;
  napi_value error;
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || !is_pending) return;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) (void)napi_fatal_exception(env, error);
}

/* Says whom it is about. */
static void show(struct engine *engine, const struct connection *connection) {
  engine->mail->generation = connection->generation;
  engine->mail->listener = connection->listener->id;
  engine->mail->peer = connection->peer;
}
