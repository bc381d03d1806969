import { readFileSync } from 'node:fs';

/**
 * The worker of each connection in a stopped edge's log, by what a client knows of it: `connectionKey`. Lines that are
 * no access lines are passed over.
 */
export function readWorkers(logFile: string): ReadonlyMap<string, number> {
  const workers = new Map<string, number>();
  for (const line of readFileSync(logFile, 'utf8').split('\n')) {
    if (!line.startsWith('{')) continue;
    const fields: Readonly<Record<string, unknown>> = JSON.parse(line);
    const { client_port: clientPort, server_name: serverName, route, pid } = fields;
    const asked = serverName ?? route;
    if (typeof clientPort !== 'number' || typeof pid !== 'number' || typeof asked !== 'string') continue;
    workers.set(connectionKey(asked, clientPort), pid);
  }
  return workers;
}

/** What was asked for, a name or `port/N`, and the client's port: ports come again, but not soon and not for the same name. */
export function connectionKey(asked: string, clientPort: number): string {
  return `${asked} ${clientPort}`;
}
