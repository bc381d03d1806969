import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../load/load-processes.ts';
import type { LoadDone } from '../load/task.ts';
import { cpuSeconds } from './cpu.ts';
import type { Machine } from './machine.ts';

/** What comes after the last byte is the work's too: closing sockets, and writing the access log. */
const AFTERMATH_MS = 150;

export interface Usage {
  readonly result: LoadDone;
  /** CPU time that the proxy used from the start of the work to shortly after its end; NaN where there is no proxy. */
  readonly cpuSeconds: number;
  readonly shares: CoreShares;
}

/** How much of the time of the work each core had something to do for it, 0 to 1: near 1 is what held up the rest. */
export interface CoreShares {
  /** NaN where there is no proxy. */
  readonly proxy: number;
  /** Of the busier one, where generator and backend have a core each. */
  readonly load: number;
}

export interface Watched {
  readonly pids: readonly number[];
  readonly load: Load;
  readonly machine: Machine;
}

export async function usageOf(
  { pids, load, machine }: Watched,
  work: () => Promise<LoadDone>,
): Promise<Usage> {
  const read = () => ({
    proxy: pids.length === 0 ? Number.NaN : cpuSeconds(pids),
    client: cpuSeconds([load.clientPid]),
    backend: cpuSeconds([load.backendPid]),
  });
  const before = read();
  const result = await work();
  const after = read();
  await delay(AFTERMATH_MS);
  const [client, backend] = [after.client - before.client, after.backend - before.backend];
  const isOneCore = machine.pinning === null || machine.pinning.backendCore === machine.pinning.loadCore;
  return {
    result,
    cpuSeconds: read().proxy - before.proxy,
    shares: {
      proxy: shareOf(after.proxy - before.proxy, result.seconds),
      load: shareOf(isOneCore ? client + backend : Math.max(client, backend), result.seconds),
    },
  };
}

/** At most 1: to make ready and to tidy up takes some CPU time outside of the seconds of the load. */
function shareOf(usedSeconds: number, seconds: number): number {
  return Math.min(1, usedSeconds / seconds);
}
