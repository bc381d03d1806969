/** What an accepted socket carries first: a ClientHello, an HTTP/1.x request, or nothing that weir looks at. */
export type Peek = 'tls' | 'http' | 'none';

/** The listener that a connection came in on. */
export interface ListenerFacts {
  /** Its name in the configuration; a label of metrics and logs. */
  readonly name: string;
  readonly peek: Peek;
  /** The port that is listened on. */
  readonly port: number;
  /** Whose connections a raw TCP listener's are: a `portKey`. Null where bytes decide. */
  readonly binding: string | null;
  /** Where its redirects to https point. */
  readonly httpsPort: number;
}

/**
 * What is known of a connection beside its bytes. The addresses are read on demand, since most decisions do not need
 * them: an engine may cost a system call for each. IPv4 clients of a dual-stack listener are in plain dotted form.
 */
export interface ConnectionFacts {
  readonly listener: ListenerFacts;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The address and port that the client connected to. */
  readonly localAddress: string;
  readonly localPort: number;
}
