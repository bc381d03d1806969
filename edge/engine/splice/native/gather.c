/*
 * Gathering: a stream that has been long for a while is read in large pieces. Its socket gets a low-water mark, so that the
 * kernel says nothing of less; each piece costs a wake-up here, and one of its receiver.
 *
 *     reading ──much in each of many splices──▶ gathering ──less, at a tick──▶ reading
 *
 * What stays below the mark would wait for ever, so there is a tick of two milliseconds at which it is read, whatever there
 * is, and at which a stream that has been slow for a while goes back. A stream's end, and a reset, are said at once.
 */
#include "engine.h"

/* What has to come between two ticks, 2 ms: a gigabit a second, which no client across a continent has. */
#define MUCH_BYTES (256 * 1024)

/* The mark. The kernel keeps it below half of the receive buffer. */
#define GATHER_BYTES (1024 * 1024)

/*
 * Peers that share a processor stream in bursts with pauses of some milliseconds. What comes meanwhile is read at the ticks,
 * so going on costs nobody anything.
 */
#define SLOW_TICKS 16

/* Splices in a row that brought much: a MiB or so. */
#define RUN_GATHERS 8

/* Of a flow that gathers `run` is this and its index. */
#define FIRST_INDEX 64

static void start(struct engine *engine, struct connection *connection, enum side from);
static void set_mark(const struct connection *connection, enum side from, int bytes);

/* A splice has brought so much: says whether the stream is still long. Of one that gathers, the next tick says so. */
void gather_note(struct engine *engine, struct connection *connection, enum side from, uint32_t length) {
  struct flow *flow = &connection->flows[from];
  if (flow->run >= FIRST_INDEX) {
    engine->gatherers.of[flow->run - FIRST_INDEX].moved += length;
    return;
  }
  flow->is_long = length >= LITTLE_BYTES;
  if (!flow->is_long) flow->run = 0;
  else if (flow->run + 1 < RUN_GATHERS) flow->run += 1;
  else if (engine->gatherers.count < GATHERERS) start(engine, connection, from);
}

/* The stream is not long any more, or is over. Does nothing for one that does not gather. */
void gather_stop(struct engine *engine, struct connection *connection, enum side from) {
  struct flow *flow = &connection->flows[from];
  struct gatherers *gatherers = &engine->gatherers;
  if (flow->run < FIRST_INDEX) {
    flow->run = 0;
    return;
  }
  struct gatherer *gone = &gatherers->of[flow->run - FIRST_INDEX];
  const struct gatherer *last = &gatherers->of[gatherers->count - 1];
  last->connection->flows[last->from].run = flow->run;
  *gone = *last;
  gatherers->count -= 1;
  flow->run = 0;
  set_mark(connection, from, 1);
  /* What there is, is less than what was waited for, and no edge tells of it. */
  connection->ends[from].is_readable = true;
}

/* Reads what has not come to the mark. */
void gather_tick(struct engine *engine) {
  struct gatherers *gatherers = &engine->gatherers;
  /* Backwards, since one that stops gives its place to the last. */
  for (uint32_t left = gatherers->count; left > 0; left -= 1) {
    if (left > gatherers->count) continue;
    struct gatherer *gatherer = &gatherers->of[left - 1];
    struct connection *connection = gatherer->connection;
    enum side from = gatherer->from;
    uint32_t moved = gatherer->moved;
    gatherer->moved = 0;
    gatherer->slow_ticks = moved < MUCH_BYTES ? gatherer->slow_ticks + 1 : 0;
    /* It has come to the mark since, and will again, or is read at the next tick. */
    if (moved >= GATHER_BYTES) continue;
    if (gatherer->slow_ticks == SLOW_TICKS) {
      connection->flows[from].is_long = false;
      gather_stop(engine, connection, from);
    }
    connection->ends[from].is_readable = true;
    relay_run(engine, connection);
  }
}

static void start(struct engine *engine, struct connection *connection, enum side from) {
  struct gatherers *gatherers = &engine->gatherers;
  gatherers->of[gatherers->count] = (struct gatherer){.connection = connection, .from = from, .moved = MUCH_BYTES};
  connection->flows[from].run = (uint8_t)(FIRST_INDEX + gatherers->count);
  gatherers->count += 1;
  set_mark(connection, from, GATHER_BYTES);
}

static void set_mark(const struct connection *connection, enum side from, int bytes) {
  int fd = connection->ends[from].fd;
  /* It fails only for a socket that is no more, which the next read finds out. */
  if (fd >= 0) (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}
