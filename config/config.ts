import type { AddressBlock } from './address-block.ts';
import type { SourceBlock } from './source-block.ts';

/**
 * Everything that an operator can set, validated and resolved: durations in milliseconds, sizes in bytes, paths absolute.
 *
 * The meaning, unit, default and zero of every key are in `schema.ts`, its only definition.
 */
export interface Config {
  /** This edge's name in heartbeats, logs and metrics. */
  readonly node: string;
  readonly engine: 'auto' | 'node' | 'splice';
  /** 0 means one per available core, which the edge resolves. */
  readonly workers: number;
  /** Absolute. */
  readonly stateDir: string;
  /** Where the control plane's PostgreSQL is. `url` holds a password more often than not: never log it. */
  readonly database: { readonly kind: 'embedded' } | { readonly kind: 'url'; readonly url: string };
  readonly stream: {
    readonly pollIntervalMs: number;
    readonly connectTimeoutMs: number;
    readonly queryTimeoutMs: number;
    readonly heartbeatIntervalMs: number;
  };
  readonly listeners: readonly ListenerConfig[];
  /** Where clients reach this edge, for the DNS; canonical, each once. */
  readonly publicAddresses: readonly string[];
  /** Null where the admin server is off. */
  readonly admin: { readonly address: string; readonly port: number } | null;
  readonly timeouts: {
    readonly helloMs: number;
    readonly proxyHeaderMs: number;
    readonly dialMs: number;
    /** 0 means no limit. */
    readonly idleMs: number;
    /** 0 means no limit. */
    readonly halfClosedMs: number;
    readonly lingerMs: number;
    readonly drainMs: number;
  };
  readonly limits: {
    readonly helloBytes: number;
    /** Per node; 0 means no limit. */
    readonly connections: number;
    /** Of connections that nothing is decided about yet, per node; 0 means no limit. */
    readonly pending: {
      readonly connections: number;
      readonly perAddress: number;
      /** Of an IPv6 /64. */
      readonly perSubnet: number;
      /** Kept of what they have sent. */
      readonly bytes: number;
    };
  };
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    readonly format: 'auto' | 'json' | 'pretty';
    /** Whether each connection gets a line at its close. */
    readonly access: boolean;
    /** Whether that line has the TLS client's JA4 fingerprint. */
    readonly ja4: boolean;
  };
}

/** Whether connections begin with a PROXY header, and whose are believed. */
export interface InboundProxy {
  readonly proxyProtocol: 'off' | 'optional' | 'required';
  /** None where `off`. */
  readonly trusted: readonly SourceBlock[];
}

/** One thing to listen on. `::` takes IPv4 too unless `ipv6Only`. Port 0 lets the system choose. */
export type ListenerConfig = InboundProxy &
  (
    | {
        readonly kind: 'tls';
        readonly name: string;
        readonly address: string;
        readonly port: number;
        readonly ipv6Only: boolean;
        /** Clients speak first here, and are handed over when they have. */
        readonly defersAccept: boolean;
      }
    | {
        readonly kind: 'http';
        readonly name: string;
        readonly address: string;
        readonly port: number;
        readonly ipv6Only: boolean;
        readonly defersAccept: boolean;
        /** Where redirects to https point. */
        readonly httpsPort: number;
      }
    | {
        readonly kind: 'tcp';
        readonly name: string;
        readonly address: string;
        /** Ports that can be allocated, both ends included. */
        readonly ports: { readonly first: number; readonly last: number };
        /** On these addresses every port that is bound there is open. */
        readonly dedicated: readonly AddressBlock[];
        readonly ipv6Only: boolean;
      }
  );
