/* Outcomes: what has ended waits in a list, and is told in batches at the end of the turn. */
#include "engine.h"

static void write_outcome(struct engine *engine, struct connection *connection, struct outcome *outcome);
static double milliseconds(uint64_t from, uint64_t until);

void report_ended(struct engine *engine, struct connection *connection) {
  struct queue *ended = &engine->ended;
  connection->next = NULL;
  if (ended->last == NULL) ended->first = connection;
  else ended->last->next = connection;
  ended->last = connection;
}

/* What JavaScript is told may lead it to end more: those are in the next batch. A slot is free once it was told of. */
void report_all(struct engine *engine) {
  while (engine->ended.first != NULL) {
    struct connection *first = engine->ended.first;
    struct connection *next = first;
    uint32_t count = 0;
    for (; next != NULL && count < OUTCOMES; next = next->next) {
      write_outcome(engine, next, &engine->mail->outcomes[count]);
      count += 1;
    }
    engine->ended.first = next;
    if (next == NULL) engine->ended.last = NULL;
    engine->live -= count;
    engine->ended_count -= count;
    engine->mail->live = engine->live;
    javascript_settle(engine, count);
    for (; count > 0; count -= 1) {
      struct connection *told = first;
      first = told->next;
      slab_give_back(&engine->slab, told);
    }
  }
}

static void write_outcome(struct engine *engine, struct connection *connection, struct outcome *outcome) {
  struct listener *listener = connection->listener;
  listener->live -= 1;
  *outcome = (struct outcome){
      .peer = connection->peer,
      .slot = connection->slot,
      .listener = listener->id,
      .reason = connection->reason,
      .dials = connection->dials,
      .is_last_of_listener = listener_release(engine, listener),
      .bytes_from_client = (double)connection->flows[CLIENT].bytes,
      .bytes_from_backend = (double)connection->flows[BACKEND].bytes,
      .decide_ms = milliseconds(connection->accepted_at, connection->decided_at),
      .dial_ms = milliseconds(connection->decided_at, connection->connected_at),
      .duration_ms = milliseconds(connection->accepted_at, connection->ended_at),
  };
}

/* Negative where it has not come to that. */
static double milliseconds(uint64_t from, uint64_t until) {
  return until == 0 ? -1 : (double)(until - from) / 1e6;
}
