import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate that signs itself, so that a client can be told to trust it and nothing else. */
export interface DemoCertificate {
  readonly cert: string;
  readonly key: string;
  /** Where `cert` is, for `curl --cacert`. */
  readonly file: string;
}

const LIFETIME_DAYS = 365;
const DAY_MS = 86_400_000;

/** The certificate of the demo's apps, for `domain` and all names right below it; kept in `directory` from start to start. */
export async function demoCertificate(directory: string, domain: string): Promise<DemoCertificate> {
  const file = join(directory, 'demo-ca.pem');
  const keyFile = join(directory, 'demo-key.pem');
  const kept = await read(file, keyFile);
  if (kept !== null) return { ...kept, file };

  const made = await generate([{ name: 'commonName', value: 'weir demo' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: DNS_NAME, value: domain },
          { type: DNS_NAME, value: `*.${domain}` },
        ],
      },
    ],
  });
  await writeFile(keyFile, made.private, { mode: 0o600 });
  await writeFile(file, made.cert);
  return { cert: made.cert, key: made.private, file };
}

/** GeneralName, RFC 5280 §4.2.1.6. */
const DNS_NAME = 2;

async function read(file: string, keyFile: string): Promise<{ cert: string; key: string } | null> {
  try {
    return { cert: await readFile(file, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } catch {
    return null;
  }
}
