import type { Outcome } from '../connection/outcome.ts';
import { JsonLine, jsonPiece } from './json-line.ts';

/** What each line begins with: the process' own fields, as the log of its doings has them. */
export type ProcessFields = Readonly<Record<string, string | number>>;

/**
 * Encodes the access log's lines, in the form of the rest of the log. By hand, since there is one for each connection:
 * what a general logger does for a line costs more than all else that TypeScript does for a connection.
 */
export class AccessLines {
  readonly #line = new JsonLine();
  readonly #process: Uint8Array;

  constructor(fields: ProcessFields) {
    const own = Object.entries(fields).map(
      ([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    this.#process = Buffer.from(`${own.join('')},"reason":`);
  }

  /** One line with its end. Holds until the next one is encoded. @param now Milliseconds since 1970. */
  encode(outcome: Outcome, now: number): Uint8Array {
    const line = this.#line;
    line.begin();
    line.piece(TIME);
    line.integer(now);
    line.piece(this.#process);
    line.text(outcome.reason);
    line.piece(LISTENER);
    line.text(outcome.listener);
    line.piece(CLIENT);
    line.text(outcome.clientAddress);
    line.piece(CLIENT_PORT);
    line.integer(outcome.clientPort);
    const { peer, privateLink, uniqueId } = outcome;
    if (peer === null && privateLink === null && uniqueId === null) {
      line.piece(NO_PROXY);
    } else {
      line.piece(PEER);
      line.text(peer?.address ?? null);
      line.piece(PEER_PORT);
      line.integer(peer?.port ?? null);
      line.piece(PRIVATE_LINK);
      line.text(privateLink);
      line.piece(UNIQUE_ID);
      line.text(printable(uniqueId));
    }
    line.piece(SERVER_NAME);
    line.text(outcome.serverName);
    line.piece(ECH);
    line.boolean(outcome.hasEch);
    line.piece(JA4);
    line.text(outcome.ja4);
    line.piece(ROUTE);
    line.text(outcome.route);
    line.piece(SERVICE);
    line.text(outcome.service);
    line.piece(BACKEND);
    line.text(outcome.backend);
    line.piece(BYTES_FROM_CLIENT);
    line.integer(outcome.bytesFromClient);
    line.piece(BYTES_FROM_BACKEND);
    line.integer(outcome.bytesFromBackend);
    line.piece(DIALS);
    line.integer(outcome.dials);
    line.piece(DECIDE_MS);
    line.milliseconds(outcome.decideMs);
    line.piece(DIAL_MS);
    line.milliseconds(outcome.dialMs);
    line.piece(DURATION_MS);
    line.milliseconds(outcome.durationMs);
    line.piece(END);
    return line.bytes;
  }
}

const TIME = jsonPiece('{"level":"info","time":');
const LISTENER = jsonPiece(',"listener":');
const CLIENT = jsonPiece(',"client":');
const CLIENT_PORT = jsonPiece(',"client_port":');
/** Of most: what no PROXY header has said, in one piece. */
const NO_PROXY = jsonPiece(',"peer":null,"peer_port":null,"private_link":null,"unique_id":null');
const PEER = jsonPiece(',"peer":');
const PEER_PORT = jsonPiece(',"peer_port":');
const PRIVATE_LINK = jsonPiece(',"private_link":');
const UNIQUE_ID = jsonPiece(',"unique_id":');
const SERVER_NAME = jsonPiece(',"server_name":');
const ECH = jsonPiece(',"ech":');
const JA4 = jsonPiece(',"ja4":');
const ROUTE = jsonPiece(',"route":');
const SERVICE = jsonPiece(',"service":');
const BACKEND = jsonPiece(',"backend":');
const BYTES_FROM_CLIENT = jsonPiece(',"bytes_from_client":');
const BYTES_FROM_BACKEND = jsonPiece(',"bytes_from_backend":');
const DIALS = jsonPiece(',"dials":');
const DECIDE_MS = jsonPiece(',"decide_ms":');
const DIAL_MS = jsonPiece(',"dial_ms":');
const DURATION_MS = jsonPiece(',"duration_ms":');
const END = jsonPiece('}\n');

/** An id that is no text, which the protocol allows, in hexadecimal. */
function printable(id: string | null): string | null {
  return id === null || /^[\x21-\x7e]+$/.test(id) ? id : Buffer.from(id, 'latin1').toString('hex');
}
