import type { CommandMeta, CommandResult, Control } from '../../../routing/control/control.ts';
import type { DemoServer } from './https-app.ts';

export const DEMO_DOMAIN = 'demo.test';
export const APP_HOSTNAME = `app.${DEMO_DOMAIN}`;

const META: CommandMeta = { actor: 'weir demo', reason: 'the demo sets itself up' };

export const APP = { org: 'demo', app: 'hello', env: 'production', process: 'web' };
const ECHO = { org: 'demo', app: 'echo', env: 'production', process: 'tcp' };

/** The raw TCP ports of the demo's edge, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface Backends {
  readonly apps: readonly { readonly instance: string; readonly server: DemoServer }[];
  readonly echo: DemoServer;
}

/**
 * Makes the control plane say what the demo shows, whether the state directory is new or has all of it already. Answers
 * with the echo's public port and the last revision.
 */
export async function setUpRoutes(
  control: Control,
  { apps, echo }: Backends,
  range: PortRange,
): Promise<{ readonly echoPort: number; readonly revision: number }> {
  const [first] = apps;
  if (first === undefined) throw new Error('the demo has no app');
  // Open to all orgs, so that the first one to take a name below it has it; "*" is for the operator to give.
  const claim = { org: APP.org, isTrusted: true };
  done(await control.claimDomain({ ...claim, domain: DEMO_DOMAIN, isPlatform: true }, META));
  done(await control.claimDomain({ ...claim, domain: '*' }, META));

  let revision = 0;
  const note = (value: { readonly revision: number }) => {
    revision = Math.max(revision, value.revision);
  };

  for (const { instance, server } of apps) {
    note(
      done(await control.reportEndpoint({ ...APP, instance, address: server.address, state: 'ready' }, META)),
    );
  }
  note(
    done(
      await control.reportEndpoint(
        { ...ECHO, instance: 'echo-1', address: echo.address, state: 'ready' },
        META,
      ),
    ),
  );

  const app = { hostname: APP_HOSTNAME, ...APP, backendPort: first.server.port };
  note(await ensureRoute(control, { ...app, listener: 'tls', proxyProtocol: 'v2' }));
  note(await ensureRoute(control, { ...app, listener: 'http', redirectToHttps: true }));

  const port = await ensurePort(control, echo.port, range);
  note(port);
  return { echoPort: port.port, revision };
}

type RouteInput = Parameters<Control['createRoute']>[0];

async function ensureRoute(control: Control, input: RouteInput): Promise<{ readonly revision: number }> {
  const created = await control.createRoute(input, META);
  return created.kind === 'conflict' ? done(await control.updateRoute(input, META)) : done(created);
}

/** The port that the echo had at the last start, unless it is outside of today's range or points elsewhere. */
async function ensurePort(
  control: Control,
  backendPort: number,
  range: PortRange,
): Promise<{ readonly port: number; readonly revision: number }> {
  const held = (await control.listPorts({ org: ECHO.org })).filter(({ app }) => app === ECHO.app);
  for (const view of held) {
    if (view.backendPort === backendPort && range.first <= view.port && view.port <= range.last) return view;
    done(await control.releasePort({ port: view.port }, META));
  }
  return done(await control.allocatePort({ ...ECHO, backendPort }, META));
}

function done<Value>(result: CommandResult<Value>): Value {
  switch (result.kind) {
    case 'ok':
      return result.value;
    case 'invalid':
      throw new Error(result.problems.map(({ field, problem }) => `${field} ${problem}`).join('; '));
    case 'not-found':
    case 'conflict':
    case 'not-allowed':
      throw new Error(result.message);
    default:
      return result satisfies never;
  }
}
