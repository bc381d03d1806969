/* Addresses between the kernel's form and the mailbox's. */
#include "engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct place place_of(const union address *address) {
  struct place place;
  memset(&place, 0, sizeof place);
  if (address->any.sa_family == AF_INET) {
    memcpy(place.address, MAPPED, sizeof MAPPED);
    memcpy(place.address + sizeof MAPPED, &address->v4.sin_addr, 4);
    place.port = ntohs(address->v4.sin_port);
  } else if (address->any.sa_family == AF_INET6) {
    memcpy(place.address, &address->v6.sin6_addr, 16);
    place.port = ntohs(address->v6.sin6_port);
    place.scope = IN6_IS_ADDR_LINKLOCAL(&address->v6.sin6_addr) ? address->v6.sin6_scope_id : 0;
  }
  return place;
}

socklen_t address_of(const struct place *place, union address *address) {
  memset(address, 0, sizeof *address);
  if (memcmp(place->address, MAPPED, sizeof MAPPED) == 0) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)place->port);
    memcpy(&address->v4.sin_addr, place->address + sizeof MAPPED, 4);
    return sizeof address->v4;
  }
  address->v6.sin6_family = AF_INET6;
  address->v6.sin6_port = htons((uint16_t)place->port);
  address->v6.sin6_scope_id = place->scope;
  memcpy(&address->v6.sin6_addr, place->address, 16);
  return sizeof address->v6;
}
