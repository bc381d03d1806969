/*
 * Turns under a storm of new connections. Each connection takes some events, and where each of them is a turn of the loop,
 * with its sleep and its waking, the turns cost as much as the connections do. So while thousands of connections come in a
 * second, a turn waits for a moment first and finds more to do, as network cards do with their interrupts. That takes less
 * of the processor and gives more of it to clients and backends on the same machine; below that rate, and in a short
 * burst, nothing waits.
 */
#include "engine.h"

#include <time.h>

/* New connections in a millisecond: some 25 % of a processor. */
#define MANY_ACCEPTS 6

/* Long enough that a page's connections, which come all at once, are no storm. */
#define WINDOW_NS 10000000u

#define NS_PER_MS 1000000u

/* The kernel's timer slack comes to it: 100 µs in all (prctl(2), PR_SET_TIMERSLACK). */
#define MOMENT_NS 50000

/* A connection has come. */
void pace_count(struct engine *engine) {
  engine->pace.accepts += 1;
}

/* At the begin of a turn that the kernel has woken the loop for. */
void pace_turn(struct engine *engine) {
  struct pace *pace = &engine->pace;
  static const struct timespec moment = {.tv_sec = 0, .tv_nsec = MOMENT_NS};
  uint64_t elapsed = clock_now() - pace->window_at;
  if (elapsed >= WINDOW_NS) {
    pace->is_stormy = (uint64_t)pace->accepts * NS_PER_MS >= MANY_ACCEPTS * elapsed;
    pace->window_at += elapsed;
    pace->accepts = 0;
  }
  /* It may be cut short by a signal, which does no harm. */
  if (pace->is_stormy) (void)nanosleep(&moment, NULL);
}
