import { connect } from 'node:net';
import { captureHello } from './hello.ts';

/** Clients that open connections and never say enough. One order at the start; then it goes on until its channel closes. */
export interface SlowLorisOrder {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections that it keeps open; each that is ended comes again after a pause. */
  readonly connections: number;
  /** Addresses of 127.0.0.0/8 that they come from. */
  readonly sources: number;
}

/** What it says once a second. */
export interface SlowLorisCount {
  readonly open: number;
  /** Connections made since the start. */
  readonly opened: number;
}

const PAUSE_MS = 500;
const OPENED_IN_A_TURN = 100;
const TURN_MS = 50;
const DRIP_MS = 2_000;

process.on('disconnect', () => process.exit());
process.once('message', (order: SlowLorisOrder) => void attack(order));

async function attack({ port, connections, sources }: SlowLorisOrder): Promise<void> {
  const hello = await captureHello('answer.bench.test');
  const half = hello.subarray(0, hello.length / 2);
  let open = 0;
  let opened = 0;

  const openOne = (index: number): void => {
    const source = index % sources;
    const localAddress = `127.1.${source >> 8}.${source & 0xff}`;
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    // One byte now and then: a deadline that starts anew with each would never come.
    const drip = setInterval(() => socket.write(hello.subarray(half.length, half.length + 1)), DRIP_MS);
    socket
      .on('connect', () => {
        open += 1;
        opened += 1;
        socket.write(half);
        socket.once('close', () => {
          open -= 1;
        });
      })
      .on('error', () => {})
      .on('end', () => socket.end())
      .on('close', () => {
        clearInterval(drip);
        setTimeout(openOne, PAUSE_MS, index);
      })
      .resume();
  };
  let started = 0;
  const ramp = setInterval(() => {
    for (let count = 0; count < OPENED_IN_A_TURN && started < connections; count += 1) {
      openOne(started);
      started += 1;
    }
    if (started === connections) clearInterval(ramp);
  }, TURN_MS);
  setInterval(() => process.send?.({ open, opened } satisfies SlowLorisCount), 1_000);
}
