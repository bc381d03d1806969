import { connect, createServer, type Socket } from 'node:net';

const [port, ...routes] = process.argv.slice(2);
const backends = routes.map((route) => {
  const [name = '', backendPort] = route.split('=');
  return { name: Buffer.from(name), port: Number(backendPort) };
});

createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => client.destroy());
  client.once('data', (hello) => {
    client.pause();
    // A name that stands anywhere in the first read: no parser, since this is a floor and not a proxy.
    const backend = backends.find(({ name }) => hello.includes(name));
    if (backend === undefined) client.destroy();
    else relay(client, hello, backend.port);
  });
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });

function relay(client: Socket, hello: Buffer, backendPort: number): void {
  const backend = connect({ port: backendPort, host: '127.0.0.1', allowHalfOpen: true });
  backend.on('error', () => client.destroy());
  client.on('close', () => backend.destroy());
  backend.write(hello);
  backend.pipe(client);
  client.pipe(backend);
}
