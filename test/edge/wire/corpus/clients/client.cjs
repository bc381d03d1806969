// Handshakes by Node's tls: client.cjs PORT OPTIONS [TIMES], where OPTIONS is JSON. From the second time on with the session of
// the time before.
const tls = require('node:tls');

const [port, options, times = '1'] = process.argv.slice(2);
const { maxSendFragment, ...others } = JSON.parse(options);

handshake(Number(times), undefined);

function handshake(left, session) {
  if (left === 0) return;
  let last = session;
  const socket = tls.connect({
    host: '127.0.0.1',
    port: Number(port),
    rejectUnauthorized: false,
    session,
    ...others,
  });
  if (maxSendFragment !== undefined) socket.setMaxSendFragment(maxSendFragment);
  socket.on('session', (next) => {
    last = next;
  });
  socket.on('error', () => {});
  socket.on('close', () => handshake(left - 1, last));
  socket.resume();
}
