import { loadBulk } from './bulk.ts';
import { loadHandshakes } from './handshakes.ts';
import { HeldConnections } from './hold.ts';
import { loadKeepAlive } from './keep-alive.ts';
import { loadShort } from './short.ts';
import type { LoadDone, LoadReply, LoadTask } from './task.ts';

const held = new HeldConnections();

process.on('message', async (task: LoadTask) => {
  process.send?.(await answer(task));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answer(task: LoadTask): Promise<LoadReply> {
  try {
    return await perform(task);
  } catch (error) {
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}

function perform(task: LoadTask): Promise<LoadDone> {
  switch (task.kind) {
    case 'short':
      return loadShort(task);
    case 'download':
    case 'upload':
    case 'both':
      return loadBulk(task);
    case 'hold':
      return held.open(task);
    case 'messages':
      return held.exchange(task);
    case 'release':
      return held.release();
    case 'handshakes':
      return loadHandshakes(task);
    case 'keep-alive':
      return loadKeepAlive(task);
    default:
      return task satisfies never;
  }
}
