import { paint } from '../output.ts';
import { APP, APP_HOSTNAME, DEMO_DOMAIN } from './setup.ts';

/** What the guide's commands depend on. */
export interface DemoFacts {
  readonly tlsPort: number;
  readonly httpPort: number;
  readonly echoPort: number;
  readonly adminPort: number;
  readonly appPort: number;
  /** As it was given, so that the commands work where the demo was started. */
  readonly caFile: string;
  /** An address that reaches the edge, other than 127.0.0.1 where there is another. */
  readonly address: string;
  /** Null where it is the default. */
  readonly stateDir: string | null;
}

/** What to type next, ready to be copied. */
export function guide(facts: DemoFacts): string {
  const { tlsPort, httpPort, echoPort, adminPort, appPort, caFile, address, stateDir } = facts;
  const bracketed = address.includes(':') ? `[${address}]` : address;
  const weir = (command: string) =>
    `npx weir ${command}${stateDir === null ? '' : ` --state-dir ${stateDir}`}`;
  const curl = (host: string, address: string) =>
    `curl --cacert ${caFile} --resolve '${host}:${tlsPort}:${address}' https://${host}:${tlsPort}/`;
  const second = `second.${DEMO_DOMAIN}`;
  const service = `--org ${APP.org} --app ${APP.app} --env ${APP.env} --process ${APP.process}`;
  return [
    '',
    paint('bold', 'The edge is up. In another terminal, in this folder:'),
    '',
    '  HTTPS by SNI, over IPv6 and IPv4; repeat it to see the instances take turns:',
    ...commands(curl(APP_HOSTNAME, bracketed), curl(APP_HOSTNAME, '127.0.0.1')),
    '  The same with openssl; and a name that nobody has, which gets the alert unrecognized_name:',
    ...commands(
      `printf 'GET / HTTP/1.0\\r\\nHost: ${APP_HOSTNAME}\\r\\n\\r\\n' | openssl s_client -quiet -CAfile ${caFile} -verify_return_error -ign_eof -servername ${APP_HOSTNAME} -connect '${bracketed}:${tlsPort}'`,
      `openssl s_client -servername nobody.${DEMO_DOMAIN} -connect '${bracketed}:${tlsPort}' </dev/null`,
    ),
    '  Plain HTTP by Host, which this route redirects to https:',
    ...commands(
      `curl -i --resolve '${APP_HOSTNAME}:${httpPort}:${bracketed}' http://${APP_HOSTNAME}:${httpPort}/`,
    ),
    '  Raw TCP on an allocated port; the server speaks first:',
    ...commands(
      `node -e "const s = require('net').connect(${echoPort}, '${address}', () => s.end('hello\\n')); s.pipe(process.stdout)"`,
    ),
    '  Make a second route and use it, while everything runs:',
    ...commands(
      weir(`route create ${second} ${service} --backend-port ${appPort} --proxy-protocol v2`),
      curl(second, bracketed),
      weir(`route show ${second}`),
    ),
    '  Take an instance out, and back in:',
    ...commands(
      weir(`endpoint list`),
      weir(`endpoint report ${service} --instance web-2 --address 127.0.0.1 --state not-ready`),
      weir(`endpoint report ${service} --instance web-2 --address 127.0.0.1`),
    ),
    '  What the edge says of itself:',
    ...commands(
      `curl http://127.0.0.1:${adminPort}/routes`,
      `curl -s http://127.0.0.1:${adminPort}/metrics | grep ^weir_`,
    ),
    'Ctrl-C ends everything. A line appears here for each connection, at its end.',
    '',
  ].join('\n');
}

function commands(...lines: readonly string[]): readonly string[] {
  return [...lines.map((line) => `    ${paint('green', line)}`), ''];
}
