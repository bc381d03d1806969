/*
 * Memory for connections: chunks that never move, so that a slot stays the index of the same place and an event that
 * comes too late finds a generation there and never somebody else's memory.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

static bool grow(struct slab *slab);

/* A connection with nothing but its slot and generation; NULL where there is no memory. */
struct connection *slab_take(struct slab *slab) {
  if (slab->free == NULL && !grow(slab)) return NULL;
  struct connection *connection = slab->free;
  slab->free = connection->next;
  connection->next = NULL;
  return connection;
}

void slab_give_back(struct slab *slab, struct connection *connection) {
  uint32_t slot = connection->slot;
  uint32_t generation = connection->generation + 1;
  memset(connection, 0, sizeof *connection);
  connection->slot = slot;
  connection->generation = generation;
  connection->next = slab->free;
  slab->free = connection;
}

/* NULL for a slot that there is not. It may be free. */
struct connection *slab_at(const struct slab *slab, uint32_t slot) {
  uint32_t chunk = slot / SLAB_CONNECTIONS;
  return chunk < slab->chunk_count ? &slab->chunks[chunk][slot % SLAB_CONNECTIONS] : NULL;
}

void slab_close(struct slab *slab) {
  uint32_t last = slab->last_generation;
  for (uint32_t chunk = 0; chunk < slab->chunk_count; chunk += 1) {
    for (uint32_t at = 0; at < SLAB_CONNECTIONS; at += 1) {
      uint32_t generation = slab->chunks[chunk][at].generation;
      if (generation > last) last = generation;
    }
    free(slab->chunks[chunk]);
  }
  free(slab->chunks);
  memset(slab, 0, sizeof *slab);
  slab->last_generation = last;
}

static bool grow(struct slab *slab) {
  uint32_t first = slab->chunk_count * SLAB_CONNECTIONS;
  if (first >= MAX_SLOTS) return false;
  if (slab->chunk_count == slab->chunk_room) {
    uint32_t room = slab->chunk_room == 0 ? 16 : 2 * slab->chunk_room;
    struct connection **chunks = realloc(slab->chunks, room * sizeof *chunks);
    if (chunks == NULL) return false;
    slab->chunks = chunks;
    slab->chunk_room = room;
  }
  struct connection *chunk = calloc(SLAB_CONNECTIONS, sizeof *chunk);
  if (chunk == NULL) return false;
  slab->chunks[slab->chunk_count] = chunk;
  slab->chunk_count += 1;
  /* Backwards, so that the lowest slots are taken first. */
  for (uint32_t at = SLAB_CONNECTIONS; at > 0; at -= 1) {
    struct connection *connection = &chunk[at - 1];
    connection->slot = first + at - 1;
    connection->generation = slab->last_generation + 1;
    connection->next = slab->free;
    slab->free = connection;
  }
  return true;
}
