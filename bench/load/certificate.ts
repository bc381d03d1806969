import { generate } from 'selfsigned';

const LIFETIME_MS = 86_400_000;

/** A P-256 certificate for a day, which is what most servers have and costs little to sign with. */
export async function createCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const made = await generate([{ name: 'commonName', value: 'bench.test' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LIFETIME_MS),
  });
  return { cert: made.cert, key: made.private };
}
