/** `org/app/env/process`, as services are called in logs and metrics too. */
export function serviceText(service: {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}): string {
  return `${service.org}/${service.app}/${service.env}/${service.process}`;
}
