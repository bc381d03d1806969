import { z } from 'zod';
import {
  ADDRESS_BLOCK,
  BIND_ADDRESS,
  BOOLEAN,
  choice,
  LISTEN_ADDRESS,
  LISTENER_NAME,
  PORT,
  PORT_RANGE,
  SOURCE_BLOCK,
} from './form.ts';
import { KEY_FACTS, key, map, requiredKey, text, wrongShape } from './key.ts';
import { quote } from './quote.ts';

const DEFAULT_LISTENERS = [
  { name: 'tls', kind: 'tls' as const, address: '[::]:443' },
  { name: 'http', kind: 'http' as const, address: '[::]:80' },
];

const listenerName = requiredKey(LISTENER_NAME, {
  about: 'Its name in logs and metrics; each listener has its own.',
});

const listenerKind = {
  accepts: 'tls, http, tcp',
  default: null,
  zero: null,
  about:
    'What it routes by: `tls` the name in the ClientHello, `http` the Host of the request, `tcp` the port alone.',
};

const ipv6Only = key(BOOLEAN, {
  default: 'false',
  about: 'Whether an IPv6 address takes IPv6 connections only; otherwise `[::]` takes IPv4 too.',
});

const deferAccept = key(BOOLEAN, {
  default: 'true',
  about:
    'Not for `tcp`: whether the kernel hands over a connection only once its client has sent something (TCP_DEFER_ACCEPT), which saves a wake-up for each; a client that says nothing is then seen after a second, and deadlines and limits begin with it. The `node` engine takes all at once.',
});

const listenAddress = requiredKey(
  { ...LISTEN_ADDRESS, accepts: 'address:port, in quotes; for tcp the address alone' },
  { about: 'Where it listens; IPv6 addresses in brackets, `[::]` for all addresses of both families.' },
);

/** Of every kind. */
const inboundProxy = {
  proxy_protocol: key(choice('off', 'optional', 'required'), {
    default: 'off',
    about:
      'Whether connections begin with a PROXY header (version 1 or 2) that says who the client is, as behind a load balancer; taken from `trusted` sources only. `optional` is for `tls` and `http`.',
  }),
  trusted: z
    .array(text(SOURCE_BLOCK), {
      error: ({ input }) => wrongShape(input, 'a list of IP addresses and blocks, like [10.0.0.0/8]'),
    })
    .prefault([])
    .register(KEY_FACTS, {
      accepts: 'list of IP addresses and blocks, like [10.0.0.0/8, "2001:db8::/32"]',
      default: 'empty list',
      zero: null,
      about: 'The load balancers whose PROXY header is believed; needed where `proxy_protocol` is not `off`.',
    }),
};

const tlsListener = map('a listener: a map with name, kind and address', {
  name: listenerName,
  kind: z.literal('tls').register(KEY_FACTS, listenerKind),
  address: listenAddress,
  ipv6_only: ipv6Only,
  defer_accept: deferAccept,
  ...inboundProxy,
});

const httpListener = map('a listener: a map with name, kind and address', {
  name: listenerName,
  kind: z.literal('http'),
  address: listenAddress,
  ipv6_only: ipv6Only,
  defer_accept: deferAccept,
  ...inboundProxy,
  https_port: key(PORT, {
    default: '443',
    about:
      'Only for `http`: the port that redirects to https point at, as clients see it, which need not be the one listened on.',
  }),
});

const dedicated = z
  .array(text(ADDRESS_BLOCK), {
    error: ({ input }) => wrongShape(input, 'a list of IPv4 addresses and blocks, like [203.0.113.0/24]'),
  })
  .prefault([])
  .register(KEY_FACTS, {
    accepts: 'list of IPv4 addresses and blocks, like [203.0.113.0/24]',
    default: 'empty list',
    zero: null,
    about:
      'Only for `tcp`: addresses that this edge serves as dedicated ones: a port that is bound on one of them is open there, whatever its number, unless a listener has that port on all addresses, as `[::]` without `ipv6_only` has.',
  });

const tcpListener = map('a listener: a map with name, kind, address and ports', {
  name: listenerName,
  kind: z.literal('tcp'),
  address: text(BIND_ADDRESS),
  ports: requiredKey(PORT_RANGE, {
    about: 'Only for `tcp`: the ports that can be allocated; each is open only while it is bound to a route.',
  }),
  dedicated,
  ipv6_only: ipv6Only,
  ...inboundProxy,
});

/** The key `listeners`, and the keys of each of its items, which depend on the item's kind. */
export const listeners = z
  .array(
    z.discriminatedUnion('kind', [tlsListener, httpListener, tcpListener], {
      error: ({ input }) => noSuchListener(input),
    }),
    {
      error: ({ input }) => wrongShape(input, 'a list of listeners, each a map with name, kind and address'),
    },
  )
  .prefault(DEFAULT_LISTENERS)
  .register(KEY_FACTS, {
    accepts: 'list of the keys below; in the variable as YAML or JSON',
    default: '`tls` on `[::]:443` and `http` on `[::]:80`',
    zero: 'empty list: takes no connections',
    about: 'What the edge listens on; a list replaces the default as a whole.',
  });

/** The kind decides which keys a listener has, so nothing else of it can be checked without. */
function noSuchListener(input: unknown): string {
  if (typeof input !== 'object' || input === null) {
    return wrongShape(input, 'a map with name, kind and address');
  }
  const kind = 'kind' in input ? input.kind : undefined;
  return typeof kind === 'string'
    ? `${quote(kind)} is not one of tls, http, tcp`
    : wrongShape(kind, 'tls, http or tcp');
}
