import type { ConnectionFacts, ListenerFacts, Proxied } from '../../connection/facts.ts';
import type { Mailbox } from './mailbox.ts';
import type { ConnectionRecord } from './record.ts';

/**
 * The facts of the connection that is being decided on: one object for all of them, since a decision keeps nothing of
 * it, and addresses become text only where somebody asks.
 */
export class SharedFacts implements ConnectionFacts {
  readonly #mail: Mailbox;
  readonly #findLocalEnd: (slot: number) => boolean;
  #listener: ListenerFacts;
  #slot = 0;
  #record: ConnectionRecord | undefined;

  /** @param findLocalEnd Puts the place that the connection's client connected to into the mailbox, where it is known. */
  constructor(mail: Mailbox, none: ListenerFacts, findLocalEnd: (slot: number) => boolean) {
    this.#mail = mail;
    this.#listener = none;
    this.#findLocalEnd = findLocalEnd;
  }

  /** Speaks of another connection from here on. */
  show(slot: number, listener: ListenerFacts, record: ConnectionRecord | undefined): void {
    this.#slot = slot;
    this.#listener = listener;
    this.#record = record;
  }

  get listener(): ListenerFacts {
    return this.#listener;
  }

  get proxied(): Proxied | null {
    return this.#record?.proxied ?? null;
  }

  get cursor(): ConnectionFacts['cursor'] {
    return this.#record?.cursor;
  }

  get clientAddress(): string {
    return this.proxied?.source?.address ?? this.peerAddress;
  }

  get clientPort(): number {
    return this.proxied?.source?.port ?? this.peerPort;
  }

  get localAddress(): string {
    return (
      this.proxied?.destination?.address ??
      (this.#findLocalEnd(this.#slot) ? this.#mail.address('local') : '')
    );
  }

  get localPort(): number {
    return this.proxied?.destination?.port ?? (this.#findLocalEnd(this.#slot) ? this.#mail.port('local') : 0);
  }

  get peerAddress(): string {
    return this.#mail.address('peer');
  }

  get peerPort(): number {
    return this.#mail.port('peer');
  }
}
