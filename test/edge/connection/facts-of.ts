import type { ConnectionFacts, Peek } from '../../../edge/connection/facts.ts';

/** A connection from 192.0.2.1:51000 to 198.51.100.1 on a listener of that kind. */
export function factsOf(peek: Peek, port = 443): ConnectionFacts {
  return {
    listener: {
      name: peek,
      peek,
      port,
      binding: peek === 'none' ? `port/${port}` : null,
      httpsPort: 443,
      inbound: { proxyProtocol: 'off', trusted: [] },
      defersAccept: false,
    },
    clientAddress: '192.0.2.1',
    clientPort: 51000,
    localAddress: '198.51.100.1',
    localPort: port,
    peerAddress: '192.0.2.1',
    peerPort: 51000,
    proxied: null,
  };
}
