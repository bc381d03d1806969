import type { Brand } from './brand.ts';
import { type Name, parseName } from './name.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** What a route points at: one process type of one env of an org's app. */
export interface Service {
  readonly org: Name;
  readonly app: Name;
  readonly env: Name;
  readonly process: Name;
}

/** `org/app/env/process`. */
export type ServiceKey = Brand<string, 'ServiceKey'>;

export function serviceKey(service: Service): ServiceKey {
  return `${service.org}/${service.app}/${service.env}/${service.process}` as ServiceKey;
}

/** The org of a key. */
export function orgOf(key: ServiceKey): Name {
  const service = parseServiceKey(key);
  if (service.kind === 'invalid') throw new Error(`the service key ${key} ${service.problem}`);
  return service.value.org;
}

export function parseServiceKey(text: string): Parsed<Service> {
  const parts = text.split('/');
  const [org, app, env, process] = parts.map(parseName);
  if (parts.length !== 4 || !org || !app || !env || !process) return invalid('must be ORG/APP/ENV/PROCESS');
  if (org.kind === 'invalid') return invalid(`org ${org.problem}`);
  if (app.kind === 'invalid') return invalid(`app ${app.problem}`);
  if (env.kind === 'invalid') return invalid(`env ${env.problem}`);
  if (process.kind === 'invalid') return invalid(`process ${process.problem}`);
  return ok({ org: org.value, app: app.value, env: env.value, process: process.value });
}
