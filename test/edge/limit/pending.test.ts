import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { type Pending, PendingConnections, type PendingLimits } from '../../../edge/limit/pending.ts';

const NO_LIMITS: PendingLimits = { connections: 0, perAddress: 0, perSubnet: 0, bytes: 0, graceMs: 0 };

/** Waiting connections by name, and who of them gave way, in order. */
function waiting(limits: Partial<PendingLimits>, clock: () => number = () => 0) {
  const pending = new PendingConnections<Pending>({ ...NO_LIMITS, ...limits }, clock);
  const gone: string[] = [];
  const named = new Map<string, Pending>();
  return {
    pending,
    gone,
    add(name: string, source: string | null): void {
      const connection = {
        giveWay() {
          gone.push(name);
          pending.remove(connection);
        },
      };
      named.set(name, connection);
      pending.add(connection, source);
    },
    get(name: string): Pending {
      const connection = named.get(name);
      if (connection === undefined) throw new Error(`no ${name}`);
      return connection;
    },
  };
}

test('past the limit in all, the oldest gives way', (t) => {
  const { pending, gone, add, get } = waiting({ connections: 3 });
  for (const name of ['a', 'b', 'c']) add(name, null);
  pending.remove(get('b'));
  add('d', '192.0.2.1');
  t.deepEqual(gone, []);
  add('e', '192.0.2.2');
  add('f', '192.0.2.3');
  t.deepEqual(gone, ['a', 'c']);
  t.is(pending.waiting, 3);
});

test('past the limit of an address, its own oldest gives way, and nobody else', (t) => {
  const { gone, add } = waiting({ perAddress: 2 });
  add('other', '192.0.2.9');
  add('proxy', null);
  for (const name of ['a', 'b', 'c', 'd']) add(name, '192.0.2.1');
  t.deepEqual(gone, ['a', 'b']);
});

test('an IPv6 client is limited by its address and by its /64, an IPv4 client by its address alone', (t) => {
  const { gone, add } = waiting({ perAddress: 2, perSubnet: 3 });
  add('elsewhere', '2001:db8:0:1::1');
  add('a', '2001:db8::1');
  add('b', '2001:db8::1');
  add('c', '2001:0db8:0000:0000::2');
  t.deepEqual(gone, []);
  add('d', '2001:db8:0:0:ffff::3');
  t.deepEqual(gone, ['a']);
  add('e', 'fe80::1%eth0');
  add('f', 'fe80::2%eth0');
  add('g', 'fe80::3%eth0');
  add('h', 'fe80::4%eth0');
  t.deepEqual(gone, ['a', 'e']);
  for (const name of ['i', 'j', 'k', 'l']) add(name, `192.0.2.${name.charCodeAt(0)}`);
  t.deepEqual(gone, ['a', 'e']);
});

test('a connection counts for whom its header names from then on, and is the youngest there', (t) => {
  const { pending, gone, add, get } = waiting({ perAddress: 2 });
  add('a', '192.0.2.1');
  add('b', '192.0.2.2');
  add('c', '192.0.2.2');
  pending.setSource(get('a'), '192.0.2.2');
  t.deepEqual(gone, ['b']);
  // To say so again changes nothing.
  pending.setSource(get('c'), '192.0.2.2');
  add('d', '192.0.2.2');
  t.deepEqual(gone, ['b', 'c']);
  add('e', '192.0.2.1');
  add('f', '192.0.2.1');
  t.deepEqual(gone, ['b', 'c']);
});

test('past the limit of bytes, whoever was first to need memory gives way', (t) => {
  const { pending, gone, add, get } = waiting({ bytes: 100 });
  for (const name of ['silent', 'a', 'b', 'c']) add(name, null);
  pending.keep(get('b'), 40);
  pending.keep(get('a'), 40);
  pending.keep(get('b'), 60);
  t.deepEqual([gone, pending.bytes], [[], 100]);
  pending.keep(get('c'), 1);
  t.deepEqual([gone, pending.bytes], [['b'], 41]);
  pending.remove(get('a'));
  t.is(pending.bytes, 1);
});

test('whoever has been answered goes first, and keeps no bytes', (t) => {
  const { pending, gone, add, get } = waiting({ connections: 3, bytes: 100 });
  for (const name of ['a', 'b', 'c']) add(name, '192.0.2.1');
  pending.keep(get('b'), 90);
  pending.addAnswered(get('b'), '192.0.2.1');
  pending.addAnswered(get('c'), '192.0.2.1');
  t.deepEqual([pending.waiting, pending.answered, pending.bytes], [1, 2, 0]);
  for (const name of ['d', 'e', 'f']) add(name, null);
  t.deepEqual(gone, ['b', 'c', 'a']);
  pending.addAnswered(get('e'), null);
  pending.dismiss();
  pending.dismiss();
  t.deepEqual(gone, ['b', 'c', 'a', 'e']);
});

test('while even the oldest has just come it is the newcomer that goes', (t) => {
  let now = 0;
  const limits = { connections: 2, perAddress: 2, bytes: 100, graceMs: 250 };
  const { pending, gone, add, get } = waiting(limits, () => now);
  add('a', '192.0.2.1');
  now = 100;
  add('b', '192.0.2.1');
  add('c', '192.0.2.1');
  add('d', '192.0.2.2');
  t.deepEqual(gone, ['c', 'd']);
  t.false(pending.makeWay());
  pending.keep(get('a'), 90);
  pending.keep(get('b'), 20);
  t.deepEqual(gone, ['c', 'd', 'b']);
  now = 250;
  add('e', null);
  t.deepEqual(gone, ['c', 'd', 'b']);
  t.true(pending.makeWay());
  t.deepEqual(gone, ['c', 'd', 'b', 'a']);
  t.false(pending.makeWay());
});

testProp(
  'whatever comes and goes, no limit is passed and nothing is left behind',
  [fc.array(fc.record({ what: fc.nat(4), who: fc.nat(11), source: fc.nat(5), bytes: fc.nat(60) }))],
  (t, steps) => {
    const limits = { connections: 8, perAddress: 3, perSubnet: 4, bytes: 100 };
    const { pending, gone, add, get } = waiting(limits);
    const kept = new Map<string, { address: string | null; bytes: number }>();
    for (const { what, who, source, bytes } of steps) {
      const name = String(who);
      const address = source === 0 ? null : source < 3 ? `192.0.2.${source}` : `2001:db8::${source}`;
      if (!kept.has(name)) {
        add(name, address);
        kept.set(name, { address, bytes: 0 });
      } else if (what === 0) {
        pending.remove(get(name));
        kept.delete(name);
      } else if (what === 3) {
        pending.addAnswered(get(name), address);
        kept.set(name, { address: kept.get(name)?.address ?? null, bytes: 0 });
      } else if (what === 1 && address !== null) {
        pending.setSource(get(name), address);
        kept.set(name, { address, bytes: kept.get(name)?.bytes ?? 0 });
      } else {
        pending.keep(get(name), bytes);
        kept.set(name, { address: kept.get(name)?.address ?? null, bytes });
      }
      for (const left of gone.splice(0)) kept.delete(left);
      const rows = [...kept.values()];
      t.is(pending.waiting + pending.answered, rows.length);
      t.is(
        pending.bytes,
        rows.reduce((sum, row) => sum + row.bytes, 0),
      );
      t.true(rows.length <= limits.connections && pending.bytes <= limits.bytes);
      for (const { address: of } of rows) {
        t.true(of === null || rows.filter((row) => row.address === of).length <= limits.perAddress);
      }
      t.true(rows.filter((row) => row.address?.startsWith('2001')).length <= limits.perSubnet);
    }
    for (const name of kept.keys()) pending.remove(get(name));
    t.deepEqual([pending.waiting, pending.answered, pending.bytes], [0, 0, 0]);
  },
);
