import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { type Survey, survey } from '../../../bench/listening/survey.ts';
import { ANSWER } from '../../../bench/load/task.ts';

const CONNECTIONS = 8;

test('connections that bring the whole answer are counted as nothing else', async (t) => {
  const answered = await surveyOf(t, (socket) => socket.once('data', () => socket.end(ANSWER)));
  t.like(answered, { connections: CONNECTIONS, refused: 0, reset: 0, unanswered: 0, late: 0 });
  t.true(answered.p99 > 0 && answered.p99 <= answered.longest);
});

test('an answer that takes longer than 50 ms is late', async (t) => {
  const late = await surveyOf(t, (socket) =>
    socket.once('data', () => setTimeout(() => socket.end(ANSWER), 60)),
  );
  t.like(late, { reset: 0, unanswered: 0, late: CONNECTIONS });
});

test('a connection that is reset before its answer is counted as reset', async (t) => {
  const reset = await surveyOf(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  t.like(reset, { refused: 0, reset: CONNECTIONS, unanswered: 0 });
});

test('a connection that ends within its answer is counted as unanswered', async (t) => {
  const cut = await surveyOf(t, (socket) => socket.once('data', () => socket.end(ANSWER.slice(1))));
  t.like(cut, { refused: 0, reset: 0, unanswered: CONNECTIONS });
});

test('a connection to a port that nobody listens on is counted as refused', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  t.like(await surveyAt(port), { refused: CONNECTIONS, reset: 0, unanswered: 0 });
});

async function surveyOf(t: ExecutionContext, serve: (socket: Socket) => void): Promise<Survey> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return surveyAt(portOf(server));
}

function surveyAt(port: number): Promise<Survey> {
  return survey({ target: { port, name: 'answer.bench.test' }, connections: CONNECTIONS, perSecond: 1_000 });
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}
