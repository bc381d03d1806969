import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import packet from 'dns-packet';
import { TestDnsServer } from './dns-server.ts';
import { testScope } from './scope.ts';

test('messages over TCP may come in any pieces, and several on one connection', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.setTxt('a.test', 'one');
  const question = (id: number) =>
    packet.streamEncode({ type: 'query', id, questions: [{ type: 'TXT', name: 'a.test' }] });
  const socket = net.connect(server.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  for (const byte of Buffer.concat([question(1), question(2)])) socket.write(Buffer.of(byte));

  const ids: unknown[] = [];
  let unread = Buffer.alloc(0);
  while (ids.length < 2) {
    const [chunk] = await once(socket, 'data');
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 2 && unread.length >= 2 + unread.readUInt16BE()) {
      const end = 2 + unread.readUInt16BE();
      const answer = packet.streamDecode(unread.subarray(0, end));
      ids.push(answer.id);
      t.like(answer.answers?.[0], { type: 'TXT', name: 'a.test', data: [Buffer.from('one')] });
      unread = unread.subarray(end);
    }
  }
  t.deepEqual(ids, [1, 2]);
});
