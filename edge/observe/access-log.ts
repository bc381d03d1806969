import type { Outcome } from '../connection/outcome.ts';
import type { BufferedLog } from './log.ts';

/** Writes one line for each connection, at its end, with keys that are always the same ones. */
export function writeAccessLine(access: BufferedLog, outcome: Outcome): void {
  access.log.info({
    reason: outcome.reason,
    listener: outcome.listener,
    client: outcome.clientAddress,
    client_port: outcome.clientPort,
    peer: outcome.peer?.address ?? null,
    peer_port: outcome.peer?.port ?? null,
    private_link: outcome.privateLink,
    unique_id: printable(outcome.uniqueId),
    server_name: outcome.serverName,
    ech: outcome.hasEch,
    ja4: outcome.ja4,
    route: outcome.route,
    service: outcome.service,
    backend: outcome.backend,
    bytes_from_client: outcome.bytesFromClient,
    bytes_from_backend: outcome.bytesFromBackend,
    dials: outcome.dials,
    decide_ms: rounded(outcome.decideMs),
    dial_ms: rounded(outcome.dialMs),
    duration_ms: rounded(outcome.durationMs),
  });
}

/** An id that is no text, which the protocol allows, in hexadecimal. */
function printable(id: string | null): string | null {
  return id === null || /^[\x21-\x7e]+$/.test(id) ? id : Buffer.from(id, 'latin1').toString('hex');
}

/** To the microsecond: more is noise, and noise is bytes. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
