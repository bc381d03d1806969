import { once } from 'node:events';
import net from 'node:net';

const LOWEST_PORT = 10_000;
const BLOCKS = 500;
const BLOCK_SIZE = 40;

let given = 0;

/**
 * The first of `count` neighbouring TCP ports that are free on all addresses.
 *
 * Below what Linux gives to outgoing connections, and from a block that belongs to this process, so that test files that
 * run side by side do not choose the same ones.
 */
export async function freePorts(count: number): Promise<number> {
  const block = LOWEST_PORT + (process.pid % BLOCKS) * BLOCK_SIZE;
  for (let tries = 0; tries < BLOCK_SIZE; tries += 1) {
    const first = block + (given % (BLOCK_SIZE - count + 1));
    given += count;
    const ports = Array.from({ length: count }, (_, at) => first + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
    given -= count - 1;
  }
  throw new Error(`no ${count} neighbouring free ports from ${block} to ${block + BLOCK_SIZE - 1}`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = net.createServer().listen(port, '::');
  try {
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
