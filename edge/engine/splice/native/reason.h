/*
 * The reasons that the engine itself ends a connection for: each is the index of the same name in REASONS
 * (edge/connection/outcome.ts), which a test holds against this file. The others come from decisions, as numbers.
 */
#ifndef WEIR_REASON_H
#define WEIR_REASON_H

enum reason {
  REASON_COMPLETED = 0,
  REASON_CLIENT_RESET = 1,
  REASON_BACKEND_RESET = 2,
  REASON_IDLE_TIMEOUT = 3,
  REASON_HALF_CLOSED_TIMEOUT = 4,
  REASON_DRAINED = 5,
  REASON_CLIENT_LEFT = 6,
  REASON_HELLO_TIMEOUT = 7,
  REASON_BACKEND_REFUSED = 18,
  REASON_BACKEND_TIMEOUT = 19,
  REASON_OVERLOADED = 20,
  REASON_INTERNAL_ERROR = 21,
  REASON_PROXY_TIMEOUT = 25,
  REASON_NONE = 255 /* not ended yet */
};

#endif
