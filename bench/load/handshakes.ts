import { connect } from 'node:tls';
import { atPace, latencyOf } from './pace.ts';
import type { HandshakesTask, LoadDone } from './task.ts';

/** Full handshakes: no session is offered again. Rejects as soon as one fails. A latency is from the connect to its end. */
export async function loadHandshakes(task: HandshakesTask): Promise<LoadDone> {
  const begun = performance.now();
  const samples = await atPace(task.pace, task.handshakes, () => handshake(task));
  return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: latencyOf(samples) };
}

function handshake({ target }: HandshakesTask): Promise<number> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    let took: number | null = null;
    // The backend signed its certificate itself; that its key signs this handshake is checked all the same.
    const socket = connect({
      port: target.port,
      host: '127.0.0.1',
      servername: target.name,
      rejectUnauthorized: false,
    });
    socket.on('secureConnect', () => {
      took = performance.now() - begun;
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (took === null) reject(new Error('a connection ended before its handshake'));
      else resolve(took);
    });
    // The session tickets that a server sends after the handshake have to be read for its end to be seen.
    socket.resume();
  });
}
