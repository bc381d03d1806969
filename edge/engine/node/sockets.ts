import net from 'node:net';
import type { DuplexOptions } from 'node:stream';
import type { Candidate } from '../../connection/plan.ts';
import { type ReadBuffers, WRITE_MARK_BYTES } from './read-buffers.ts';

/** What a connection is told of its two sockets. Reads answer whether to read on. */
export interface SocketOwner {
  clientRead(length: number, buffer: Buffer): boolean;
  clientDrained(): void;
  clientEnded(): void;
  clientFailed(): void;
  clientClosed(): void;
  backendConnected(backend: net.Socket): void;
  backendRead(length: number, buffer: Buffer): boolean;
  backendDrained(): void;
  backendEnded(): void;
  backendFailed(backend: net.Socket, error: NodeJS.ErrnoException): void;
  backendClosed(backend: net.Socket): void;
}

/** Sockets carry their owner, so that one set of listeners serves all of them without a closure each. */
const OWNER = Symbol('owner');

interface OwnedSocket extends net.Socket {
  [OWNER]?: SocketOwner;
}

/** Makes the sockets of one engine. */
export class Sockets {
  readonly #clientOptions: net.SocketConstructorOpts & DuplexOptions;
  readonly #backendOptions: net.SocketConstructorOpts & DuplexOptions;

  constructor(buffers: ReadBuffers) {
    const common = { allowHalfOpen: true, writableHighWaterMark: WRITE_MARK_BYTES };
    this.#clientOptions = { ...common, readable: true, writable: true, onread: buffers.option(onClientRead) };
    this.#backendOptions = { ...common, onread: buffers.option(onBackendRead) };
  }

  /** The socket of an accepted connection. It reads at once, so `own` has to follow in the same turn. */
  client(handle: object): net.Socket {
    // `handle` is what makes a socket of an accepted connection; the types know only `fd`.
    return new net.Socket({ ...this.#clientOptions, handle } as net.SocketConstructorOpts);
  }

  ownClient(client: net.Socket, owner: SocketOwner): void {
    (client as OwnedSocket)[OWNER] = owner;
    client
      .on('end', onClientEnd)
      .on('error', onClientError)
      .on('close', onClientClose)
      .on('drain', onClientDrain);
  }

  dial(candidate: Candidate, owner: SocketOwner): net.Socket {
    const backend: OwnedSocket = net.connect({
      ...this.#backendOptions,
      host: candidate.address,
      port: candidate.port,
    });
    backend[OWNER] = owner;
    backend
      .on('connect', onBackendConnect)
      .on('end', onBackendEnd)
      .on('error', onBackendError)
      .on('close', onBackendClose)
      .on('drain', onBackendDrain);
    return backend;
  }
}

/**
 * Resets the connection. Where an end that was asked for is just under way it waits for that, a turn of the loop: libuv
 * refuses to reset then (EINVAL), and Node would leave the socket open for good.
 */
export function reset(socket: net.Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isEnding) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}

function onClientRead(this: OwnedSocket, length: number, buffer: Buffer): boolean {
  return this[OWNER]?.clientRead(length, buffer) ?? true;
}

function onClientEnd(this: OwnedSocket): void {
  this[OWNER]?.clientEnded();
}

function onClientError(this: OwnedSocket): void {
  this[OWNER]?.clientFailed();
}

function onClientClose(this: OwnedSocket): void {
  this[OWNER]?.clientClosed();
}

function onClientDrain(this: OwnedSocket): void {
  this[OWNER]?.clientDrained();
}

function onBackendConnect(this: OwnedSocket): void {
  this[OWNER]?.backendConnected(this);
}

function onBackendRead(this: OwnedSocket, length: number, buffer: Buffer): boolean {
  return this[OWNER]?.backendRead(length, buffer) ?? true;
}

function onBackendEnd(this: OwnedSocket): void {
  this[OWNER]?.backendEnded();
}

function onBackendError(this: OwnedSocket, error: NodeJS.ErrnoException): void {
  this[OWNER]?.backendFailed(this, error);
}

function onBackendClose(this: OwnedSocket): void {
  this[OWNER]?.backendClosed(this);
}

function onBackendDrain(this: OwnedSocket): void {
  this[OWNER]?.backendDrained();
}
