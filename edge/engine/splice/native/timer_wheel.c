/*
 * A hashed timer wheel: one timer of the loop for all connections, O(1) to arm and to disarm. Deadlines are rounded up to
 * the next tick; one that is further away than a turn of the wheel stays in its slot and is passed over until it is due.
 */
#include "engine.h"

static uint32_t tick_at(const struct engine *engine, uint64_t time);
static void expire_slot(struct engine *engine, uint32_t slot, uint32_t until);
static void make_due(struct engine *engine, struct connection *connection);
static struct connection **head_of(struct wheel *wheel, const struct connection *connection);

#define NS_PER_MS 1000000u

/* The expiry of what waits in the list of due ones. */
#define DUE UINT32_MAX

void wheel_arm(struct engine *engine, struct connection *connection, uint64_t delay_ms) {
  struct wheel *wheel = &engine->wheel;
  wheel_disarm(engine, connection);
  /* By the clock and not by the last tick, which is old where the loop has been busy. */
  uint32_t tick = tick_at(engine, clock_now() + delay_ms * NS_PER_MS) + 1;
  uint32_t slot = tick % WHEEL_SLOTS;
  connection->expiry_tick = tick;
  connection->timer_previous = NULL;
  connection->timer_next = wheel->slots[slot];
  if (wheel->slots[slot] != NULL) wheel->slots[slot]->timer_previous = connection;
  wheel->slots[slot] = connection;
  wheel->armed += 1;
}

void wheel_disarm(struct engine *engine, struct connection *connection) {
  if (connection->expiry_tick == 0) return;
  struct wheel *wheel = &engine->wheel;
  if (connection->timer_previous != NULL) connection->timer_previous->timer_next = connection->timer_next;
  else *head_of(wheel, connection) = connection->timer_next;
  if (connection->timer_next != NULL) connection->timer_next->timer_previous = connection->timer_previous;
  connection->timer_next = NULL;
  connection->timer_previous = NULL;
  connection->expiry_tick = 0;
  wheel->armed -= 1;
}

/* Lets what is due expire. After a long stall each slot is visited once, not once for each turn that was missed. */
void wheel_turn(struct engine *engine) {
  struct wheel *wheel = &engine->wheel;
  uint32_t until = tick_at(engine, clock_now());
  uint32_t tick = wheel->tick + 1;
  if (until >= WHEEL_SLOTS && tick < until - WHEEL_SLOTS + 1) tick = until - WHEEL_SLOTS + 1;
  for (; tick <= until; tick += 1) expire_slot(engine, tick % WHEEL_SLOTS, until);
  if (until > wheel->tick) wheel->tick = until;
}

/* Gathers before it calls, since what expires may arm and disarm others of the same slot. */
static void expire_slot(struct engine *engine, uint32_t slot, uint32_t until) {
  struct wheel *wheel = &engine->wheel;
  struct connection *next = wheel->slots[slot];
  while (next != NULL) {
    struct connection *connection = next;
    next = connection->timer_next;
    if (connection->expiry_tick <= until) make_due(engine, connection);
  }
  while (wheel->due != NULL) {
    struct connection *connection = wheel->due;
    wheel_disarm(engine, connection);
    connection_expired(engine, connection);
  }
}

static void make_due(struct engine *engine, struct connection *connection) {
  struct wheel *wheel = &engine->wheel;
  wheel_disarm(engine, connection);
  connection->expiry_tick = DUE;
  connection->timer_next = wheel->due;
  if (wheel->due != NULL) wheel->due->timer_previous = connection;
  wheel->due = connection;
  wheel->armed += 1;
}

static struct connection **head_of(struct wheel *wheel, const struct connection *connection) {
  return connection->expiry_tick == DUE ? &wheel->due : &wheel->slots[connection->expiry_tick % WHEEL_SLOTS];
}

/* Never 0, which stands for "not armed". */
static uint32_t tick_at(const struct engine *engine, uint64_t time) {
  return (uint32_t)((time - engine->started_at) / (TICK_MS * (uint64_t)NS_PER_MS)) + 1;
}
