/** What the addon exports: `native/addon.c`. */
export interface Native {
  readonly protocol: number;
  /** Makes `self` an engine. Throws where its buffers are not as they should be. */
  create(self: NativeSelf, limits: NativeLimits): void;
  /** Listens on a duplicate of `fd`. @returns 0 or an errno. */
  listen(self: NativeSelf, fd: number, id: number, flags: number): number;
  /** @returns 1 where nothing will speak of the listener any more, else 0: an outcome will say so. */
  stop(self: NativeSelf, id: number): number;
  /** @param reason Its index in REASONS. */
  closeAll(self: NativeSelf, reason: number): void;
  /** @returns 1 where the connection was still there, else 0. */
  close(self: NativeSelf, slot: number, generation: number, reason: number): number;
  /** The same, with a reset for the client. */
  reset(self: NativeSelf, slot: number, generation: number, reason: number): number;
  /** @returns 1 with the client's destination in the mailbox, else 0. */
  localEnd(self: NativeSelf, slot: number): number;
  /** `FIELDS_PER_CONNECTION` numbers for each live connection: slot, generation, state, age in ms, bytes from client, from backend. */
  list(self: NativeSelf): Float64Array;
  /** Connections not yet reported, room for connections, pipes, listeners, armed timers. */
  count(self: NativeSelf): readonly [number, number, number, number, number];
}

export const FIELDS_PER_CONNECTION = 6;

/** Flags of a listener. */
export const LISTENER = { isPeeking: 1, decidesAtOnce: 2, mayHaveHeader: 4, defersAccept: 8 } as const;

/** As long as the addon's reads of what is peeked at. */
export const PEEK_BYTES = 16 * 1024;

interface NativeLimits {
  readonly helloTimeoutMs: number;
  readonly proxyHeaderTimeoutMs: number;
  readonly lingerMs: number;
  readonly maxConnections: number;
}

/** What `decide` answers, as `native/mailbox.h` has it. */
export const VERDICT = {
  /** Of the two waits, this one is not for a PROXY header. */
  needMore: 0,
  needHeader: 1,
  /** Decided against. */
  refuse: 2,
  /** Turned away without a decision. */
  turnAway: 3,
  forward: 4,
} as const;

type NativeVerdict = (typeof VERDICT)[keyof typeof VERDICT];

/** What the addon calls. A connection goes by its slot, which is another's once its outcome was told. */
export interface NativeSelf {
  readonly mail: ArrayBuffer;
  /** What was just read: `PEEK_BYTES` at most. */
  readonly peeked: ArrayBuffer;
  /** What a backend or a client is to be sent first. */
  readonly words: ArrayBuffer;
  decide(slot: number, length: number): NativeVerdict;
  /** Nothing is decided about this connection yet: it waits for more bytes. */
  wait(slot: number, generation: number): number;
  /** @returns 1 where a connection that nothing is decided about was ended for another one. */
  makeWay(): number;
  /** @returns 1 where a connection that was refused, and whose client had not left, was ended for another one. */
  dismiss(): number;
  /** @returns 1 with the candidate after so many dials in the mailbox, 0 where there is none. */
  redial(slot: number, dials: number): number;
  /** @returns How many bytes are in the words buffer for a client that is turned away. */
  answer(slot: number, reason: number): number;
  /** So many outcomes are in the mailbox. */
  settle(count: number): number;
  /** Accepting failed. */
  warn(listener: number, errno: number): number;
}
