import test from 'ava';
import { linesOf } from './loading.ts';

const HEAD = 'database: embedded\n';

function withListeners(...items: readonly string[]): { readonly yaml: string } {
  return { yaml: `${HEAD}listeners:\n${items.map((item) => `  - { ${item} }\n`).join('')}` };
}

test('two listeners cannot have one name', async (t) => {
  t.deepEqual(
    await linesOf(
      t,
      withListeners('name: a, kind: tls, address: "[::]:443"', 'name: a, kind: http, address: "[::]:80"'),
    ),
    ['weir.yaml:4:7 listeners[1].name: "a" is the name of listeners[0] too'],
  );
});

test('two listeners cannot have one address and port, however they are written', async (t) => {
  t.deepEqual(
    await linesOf(
      t,
      withListeners(
        'name: a, kind: tls, address: "[::1]:443"',
        'name: b, kind: http, address: "[0:0::1]:443"',
      ),
    ),
    [
      'weir.yaml:4:28 listeners[1].address: port 443 would be taken by both listener "b" ([::1]:443) and listener "a" ([::1]:443)',
    ],
  );
});

test('addresses overlap as sockets do', async (t) => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['address: "[::]:443"', 'address: "127.0.0.1:443"', true],
    ['address: "[::]:443"', 'address: "0.0.0.0:443"', true],
    ['address: "[::]:443"', 'address: "[::1]:443"', true],
    ['address: "[::]:443", ipv6_only: true', 'address: "0.0.0.0:443"', false],
    ['address: "[::]:443", ipv6_only: true', 'address: "127.0.0.1:443"', false],
    ['address: "[::]:443", ipv6_only: true', 'address: "[::1]:443"', true],
    ['address: "0.0.0.0:443"', 'address: "127.0.0.1:443"', true],
    ['address: "0.0.0.0:443"', 'address: "[::1]:443"', false],
    ['address: "127.0.0.1:443"', 'address: "127.0.0.2:443"', false],
    ['address: "[::ffff:127.0.0.1]:443"', 'address: "127.0.0.1:443"', true],
    ['address: "[::]:443"', 'address: "[::]:444"', false],
    ['address: "[::]:0"', 'address: "[::]:0"', false],
  ];
  for (const [one, other, isConflict] of cases) {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ]) {
      const lines = await linesOf(
        t,
        withListeners(`name: a, kind: tls, ${first}`, `name: b, kind: http, ${second}`),
      );
      t.is(lines.length, isConflict ? 1 : 0, `${first} ${second}`);
    }
  }
});

test('a range cannot take the port of another listener, of another range or of the admin server', async (t) => {
  t.deepEqual(
    await linesOf(
      t,
      withListeners(
        'name: web, kind: http, address: "[::]:9500"',
        'name: raw, kind: tcp, address: "[::]", ports: 9000-9999',
        'name: more, kind: tcp, address: "127.0.0.1", ports: 9950-10100',
      ),
    ),
    [
      'weir.yaml:4:46 listeners[1].ports: port 9500 would be taken by both listener "raw" ([::]:9000-9999) and listener "web" ([::]:9500)',
      'weir.yaml:4:46 listeners[1].ports: port 9901 would be taken by both the admin server (127.0.0.1:9901) and listener "raw" ([::]:9000-9999)',
      'weir.yaml:5:52 listeners[2].ports: ports 9950-9999 would be taken by both listener "more" (127.0.0.1:9950-10100) and listener "raw" ([::]:9000-9999)',
    ],
  );
});

test('a conflict is told where it was made', async (t) => {
  t.deepEqual(await linesOf(t, { yaml: HEAD, env: { WEIR_ADMIN_ADDRESS: '[::1]:443' } }), [
    'WEIR_ADMIN_ADDRESS admin.address: port 443 would be taken by both the admin server ([::1]:443) and listener "tls" ([::]:443)',
  ]);
  t.deepEqual(
    await linesOf(t, { yaml: `${HEAD}admin: off\n`, env: { WEIR_ADMIN_ADDRESS: '[::1]:8443' } }),
    [],
  );
});

test('an IPv4 address cannot be for IPv6 only', async (t) => {
  t.deepEqual(
    await linesOf(t, withListeners('name: a, kind: tls, address: "127.0.0.1:443", ipv6_only: true')),
    ['weir.yaml:3:53 listeners[0].ipv6_only: cannot be true on the IPv4 address 127.0.0.1'],
  );
});

test('conflicts are told beside other problems, but not on a file that could not be read', async (t) => {
  const items = withListeners(
    'name: a, kind: tls, address: "[::]:1"',
    'name: a, kind: tls, address: "[::]:2"',
  );
  t.is((await linesOf(t, { yaml: `workers: x\n${items.yaml}` })).length, 2);
  t.is((await linesOf(t, { yaml: 'node: "x', env: { WEIR_ADMIN_ADDRESS: '[::]:80' } })).length, 1);
});
