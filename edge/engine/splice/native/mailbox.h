/*
 * Memory that C and JavaScript share, so that neither has to build objects for the other. JavaScript allocates it; the
 * same layout stands in ../mailbox.ts. PROTOCOL changes with either, and with the functions' meaning.
 */
#ifndef WEIR_MAILBOX_H
#define WEIR_MAILBOX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL 3

#define OUTCOMES 128

/* An address as 16 bytes, IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), in host order the rest. */
struct place {
  uint8_t address[16];
  uint32_t port;
  uint32_t scope; /* the interface of a link-local address, else 0 */
};

struct outcome {
  struct place peer;
  uint32_t slot;
  uint32_t listener;
  uint32_t reason;
  uint32_t dials;
  uint32_t is_last_of_listener; /* the listener has stopped, and nothing will speak of it any more */
  uint32_t unused;
  /* Doubles, since that is what a number is over there. */
  double bytes_from_client;
  double bytes_from_backend;
  double decide_ms; /* negative: none */
  double dial_ms;   /* negative: none */
  double duration_ms;
};

struct mailbox {
  /* C → JavaScript */
  uint32_t live;     /* connections accepted and not yet reported */
  uint32_t listener; /* of the connection that is asked about */
  struct place peer; /* of the same */
  struct place local; /* what local_end found */
  /* JavaScript → C: the answer to decide and redial */
  struct place candidate;
  uint32_t dial_timeout_ms;
  uint32_t idle_timeout_ms;
  uint32_t half_closed_timeout_ms;
  uint32_t reason;       /* of a refusal */
  uint32_t words;        /* length of what is in the words buffer: the prelude, or the answer */
  uint32_t replay_from;  /* what is replayed of the peek buffer begins here */
  uint32_t replay_until; /* and ends here */
  /* C → JavaScript */
  uint32_t generation; /* of the connection that is asked about */
  struct outcome outcomes[OUTCOMES];
};

static_assert(sizeof(struct place) == 24, "as in mailbox.ts");
static_assert(offsetof(struct mailbox, peer) == 8, "as in mailbox.ts");
static_assert(offsetof(struct mailbox, candidate) == 56, "as in mailbox.ts");
static_assert(offsetof(struct mailbox, dial_timeout_ms) == 80, "as in mailbox.ts");
static_assert(offsetof(struct mailbox, outcomes) == 112, "as in mailbox.ts");
static_assert(offsetof(struct outcome, bytes_from_client) == 48, "as in mailbox.ts");
static_assert(sizeof(struct outcome) == 88, "as in mailbox.ts");

/* What decide answers. */
enum verdict {
  VERDICT_NEED_MORE = 0,
  VERDICT_NEED_HEADER = 1,
  VERDICT_REFUSE = 2,    /* decided against: reason, and an answer in the words buffer */
  VERDICT_TURN_AWAY = 3, /* the same without a decision having been made */
  VERDICT_FORWARD = 4
};

#endif
