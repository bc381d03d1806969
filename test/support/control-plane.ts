import type { CommandResult, Control } from '../../routing/control/control.ts';
import { openControl } from '../../routing/control/open-control.ts';
import type { Scope } from './scope.ts';

const META = { actor: 'test' };
const ORG = 'acme';

/** What the org may route: every name of the tests, and the default. */
const DOMAINS = ['test', '*'];

/** Where a service is, in this process. */
export interface ServiceTarget {
  /** Names it apart from all others; a hostname's first label will do. */
  readonly process: string;
  readonly backendPort: number;
  readonly proxyProtocol?: 'none' | 'v2';
  readonly proxyTlvs?: readonly string[];
}

/** The real commands, each answering with the revision that it made, and throwing where it is refused. */
export class ControlPlane {
  readonly control: Control;

  private constructor(control: Control) {
    this.control = control;
  }

  /** `url` is a login that is a member of `weir_control`. */
  static async open(scope: Scope, url: string): Promise<ControlPlane> {
    const plane = new ControlPlane(await openControl({ url }));
    scope.teardown(() => plane.control.close());
    for (const domain of DOMAINS) {
      made(await plane.control.claimDomain({ domain, org: ORG, isTrusted: true }, META));
    }
    return plane;
  }

  async createRoute(
    hostname: string,
    { process, ...target }: ServiceTarget,
    more: {
      readonly listener?: 'tls' | 'http';
      readonly alpn?: string;
      readonly redirectToHttps?: boolean;
    } = {},
  ): Promise<number> {
    return made(await this.control.createRoute({ hostname, ...serviceOf(process), ...target, ...more }, META))
      .revision;
  }

  async deleteRoute(hostname: string, alpn?: string): Promise<number> {
    return made(await this.control.deleteRoute({ hostname, alpn }, META)).revision;
  }

  async reportEndpoint(
    process: string,
    address: string,
    state: 'ready' | 'not-ready' | 'gone' = 'ready',
  ): Promise<number> {
    const instance = `at-${address.replaceAll(/[.:]/g, '-').replaceAll(/^-+|-+$/g, '')}`;
    return made(await this.control.reportEndpoint({ ...serviceOf(process), instance, address, state }, META))
      .revision;
  }

  /** A route and one ready instance on 127.0.0.1. */
  async serve(hostname: string, target: ServiceTarget): Promise<number> {
    await this.createRoute(hostname, target);
    return this.reportEndpoint(target.process, '127.0.0.1');
  }

  async definePool(first: number, count: number): Promise<void> {
    made(await this.control.definePortPool({ first, last: first + count - 1 }, META));
  }

  async allocatePort(
    { process, ...target }: ServiceTarget,
    port?: number,
  ): Promise<{ readonly port: number; readonly revision: number }> {
    return made(await this.control.allocatePort({ ...serviceOf(process), ...target, port }, META));
  }

  /** Gives an org an address of its own, of a pool of these. */
  async dedicate(org: string, address: string, pool: readonly string[] = [address]): Promise<void> {
    made(await this.control.definePolicy({ org, addressQuota: 'none' }, META));
    made(await this.control.defineAddressPool({ ranges: pool }, META));
    made(await this.control.allocateAddress({ org, address }, META));
  }

  async releasePort(port: number): Promise<number> {
    return made(await this.control.releasePort({ port }, META)).revision;
  }
}

function serviceOf(process: string) {
  return { org: ORG, app: 'shop', env: 'production', process };
}

function made<Value>(result: CommandResult<Value>): Value {
  if (result.kind === 'ok') return result.value;
  throw new Error(JSON.stringify(result));
}
