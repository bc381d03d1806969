import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { Outcome } from '../../../edge/connection/outcome.ts';
import { AccessLines } from '../../../edge/observe/access-lines.ts';
import { JsonLine } from '../../../edge/observe/json-line.ts';

const OUTCOME: Outcome = {
  reason: 'completed',
  listener: 'tls',
  clientAddress: '2001:db8::7',
  clientPort: 51_000,
  peer: null,
  uniqueId: null,
  privateLink: null,
  serverName: 'www.example.com',
  route: 'tls/www.example.com',
  service: 'acme/web/production/web',
  hasEch: false,
  ja4: null,
  backend: '[2001:db8::1]:8443',
  bytesFromClient: 373,
  bytesFromBackend: 4_294_967_296,
  dials: 1,
  decideMs: 0.0421,
  dialMs: 1.5,
  durationMs: 60_000,
};

test('a line has the same keys in the same order, whatever is known', (t) => {
  const lines = new AccessLines({ node: 'edge-1', pid: 42 });
  const line = Buffer.from(lines.encode(OUTCOME, 1_795_213_874_151)).toString();
  t.is(
    line,
    '{"level":"info","time":1795213874151,"node":"edge-1","pid":42,"reason":"completed","listener":"tls",' +
      '"client":"2001:db8::7","client_port":51000,"peer":null,"peer_port":null,"private_link":null,"unique_id":null,' +
      '"server_name":"www.example.com","ech":false,"ja4":null,"route":"tls/www.example.com",' +
      '"service":"acme/web/production/web","backend":"[2001:db8::1]:8443","bytes_from_client":373,' +
      '"bytes_from_backend":4294967296,"dials":1,"decide_ms":0.042,"dial_ms":1.5,"duration_ms":60000}\n',
  );
  const other = {
    ...OUTCOME,
    peer: { address: '10.0.0.1', port: 7 },
    uniqueId: '\x00\xff',
    decideMs: null,
    hasEch: true,
  };
  const fields = JSON.parse(Buffer.from(lines.encode(other, 0)).toString());
  t.deepEqual(Object.keys(fields), Object.keys(JSON.parse(line)));
  t.like(fields, { peer: '10.0.0.1', peer_port: 7, unique_id: '00ff', decide_ms: null, ech: true });
});

testProp('any text is what it was', [fc.string({ unit: 'binary', maxLength: 3000 })], (t, text) => {
  t.is(
    written((line) => line.text(text)),
    JSON.parse(JSON.stringify(text)),
  );
});

testProp('any whole number is what it was', [fc.maxSafeNat()], (t, value) => {
  t.is(
    written((line) => line.integer(value)),
    value,
  );
});

testProp('a time is rounded to the microsecond', [fc.double({ min: 0, max: 1e12, noNaN: true })], (t, ms) => {
  t.is(
    written((line) => line.milliseconds(ms)),
    Math.round(ms * 1000) / 1000,
  );
});

test('numbers at the edges of their arithmetic are what they were', (t) => {
  for (const value of [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 10_000_000_009, 999_999_999_999_999, 1e18]) {
    t.is(
      written((line) => line.integer(value)),
      value,
    );
  }
  for (const ms of [0, 0.001, 0.0004, 0.1, 0.999, 0.9996, 1, 1e9, 1e9 + 0.5]) {
    t.is(
      written((line) => line.milliseconds(ms)),
      Math.round(ms * 1000) / 1000,
    );
  }
  t.is(
    written((line) => line.integer(null)),
    null,
  );
  t.is(
    written((line) => line.milliseconds(null)),
    null,
  );
});

function written(write: (line: JsonLine) => void): unknown {
  const line = new JsonLine();
  line.begin();
  write(line);
  return JSON.parse(Buffer.from(line.bytes).toString());
}
