import { join } from 'node:path';

/** Where a client is to connect to, and what it may write to. */
export interface Place {
  readonly port: number;
  /** An empty directory, gone with the recording. */
  readonly dir: string;
}

/** How one hello is recorded. */
export interface Recipe {
  /** The name of its file. */
  readonly name: string;
  /** What prints the client's version; a client without it is not installed. */
  readonly version: readonly string[];
  /** Commands that run one after the other: what is recorded is the last connection that they make. */
  run(place: Place): readonly (readonly string[])[];
  readonly sni: string | null;
  readonly alpn: readonly string[];
  /** The server behind the port. @default 'node' */
  readonly server?: 'node' | 'early-data';
}

/** What clients are told to ask for, unless it says otherwise. */
export const NAME = 'app.example.com';
/** Where the clients are that are a few lines of code. */
export const CLIENTS = join(import.meta.dirname, 'clients');

interface Expected {
  readonly sni?: string | null;
  readonly alpn?: readonly string[];
}

/** `openssl s_client`, by that name and with the usual server name unless `args` say otherwise. */
export function openssl(
  name: string,
  args: readonly string[],
  { sni = NAME, alpn = [] }: Expected = {},
): Recipe {
  const named = args.includes('-servername') || args.includes('-noservername');
  return {
    name: `openssl-${name}`,
    version: ['openssl', 'version'],
    run: ({ port }) => [sClient(port, named ? args : ['-servername', NAME, ...args])],
    sni,
    alpn,
  };
}

function sClient(port: number, args: readonly string[]): readonly string[] {
  return ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...args];
}

/** Two connections: the second with the session that the first was given. */
export function opensslSession(
  port: number,
  file: string,
  args: readonly string[],
): readonly (readonly string[])[] {
  const named = ['-servername', NAME, ...args];
  return [sClient(port, [...named, '-sess_out', file]), sClient(port, [...named, '-sess_in', file])];
}

/** What is recorded of each version of Node. */
export function nodes(prefix: string, program: string): readonly Recipe[] {
  const named = { servername: NAME };
  return [
    node({ program, name: prefix, options: named }),
    node({
      program,
      name: `${prefix}-alpn`,
      options: { ...named, ALPNProtocols: ['h2', 'http/1.1'] },
      alpn: ['h2', 'http/1.1'],
    }),
    node({ program, name: `${prefix}-tls12`, options: { ...named, maxVersion: 'TLSv1.2' } }),
    node({ program, name: `${prefix}-resumed`, options: named, times: 2 }),
    node({
      program,
      name: `${prefix}-resumed-tls12`,
      options: { ...named, maxVersion: 'TLSv1.2' },
      times: 2,
    }),
    node({ program, name: `${prefix}-fragments`, options: { ...named, maxSendFragment: 512 } }),
    ...(prefix === 'node'
      ? [
          node({
            program,
            name: `${prefix}-three-shares`,
            options: { ...named, ecdhCurve: '*X25519MLKEM768:*SecP256r1MLKEM768:*X25519' },
          }),
          node({
            program,
            name: `${prefix}-large-shares`,
            options: {
              ...named,
              ecdhCurve: '*SecP384r1MLKEM1024:*X25519MLKEM768:*SecP256r1MLKEM768:*MLKEM1024',
            },
          }),
        ]
      : []),
  ];
}

function node({ program, name, options, times = 1, alpn = [] }: NodeRun): Recipe {
  return {
    name,
    version: [program, '-p', 'process.version + " OpenSSL " + process.versions.openssl'],
    run: ({ port }) => [
      [program, join(CLIENTS, 'client.cjs'), String(port), JSON.stringify(options), String(times)],
    ],
    sni: NAME,
    alpn,
  };
}

interface NodeRun {
  readonly program: string;
  readonly name: string;
  readonly options: object;
  readonly times?: number;
  readonly alpn?: readonly string[];
}

/** `curl`. */
export function curl(name: string, args: readonly string[], alpn: readonly string[]): Recipe {
  return {
    name,
    version: ['curl', '--version'],
    run: ({ port }) => [
      ['curl', '-sk', '--resolve', `${NAME}:${port}:127.0.0.1`, ...args, `https://${NAME}:${port}/`],
    ],
    sni: NAME,
    alpn,
  };
}

/** `gnutls-cli`. */
export function gnutls(name: string, args: readonly string[], alpn: readonly string[] = []): Recipe {
  return {
    name,
    version: ['gnutls-cli', '--version'],
    run: ({ port }) => [
      ['gnutls-cli', '--insecure', `--sni-hostname=${NAME}`, ...args, '-p', String(port), '127.0.0.1'],
    ],
    sni: NAME,
    alpn,
  };
}

/** The test client of NSS. */
export function nss(name: string, args: readonly string[]): Recipe {
  return {
    name,
    version: ['dpkg-query', '-W', 'libnss3-tools'],
    run: ({ port }) => [['tstclnt', '-h', '127.0.0.1', '-p', String(port), '-a', NAME, '-D', '-o', ...args]],
    sni: NAME,
    alpn: [],
  };
}

/** A client of this folder, given its own name and two protocols unless told otherwise. */
export function ownClient(
  name: string,
  program: readonly string[],
  file: string,
  version: readonly string[],
  args: readonly string[] = [NAME, 'h2,http/1.1'],
): Recipe {
  return {
    name,
    version,
    run: ({ port }) => [[...program, join(CLIENTS, file), String(port), ...args]],
    sni: NAME,
    alpn: ['h2', 'http/1.1'],
  };
}
