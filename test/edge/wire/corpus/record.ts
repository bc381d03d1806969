import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Recipe } from './clients.ts';
import { RECIPES } from './recipes.ts';
import { type Recorded, readRecorded } from './recorded.ts';
import { startEarlyDataServer, startNodeServer } from './servers.ts';
import { openTap } from './tap.ts';

/** Longer than a browser takes to start on a busy machine. */
const CLIENT_TIMEOUT_MS = 40_000;

await record(process.argv.slice(2));

/** Records the hellos of every client that is installed, or those named; the others stay as they were. */
async function record(names: readonly string[]): Promise<void> {
  const recorded = new Map((await readRecorded()).map((hello) => [hello.name, hello]));
  const servers = { node: await startNodeServer(), 'early-data': await startEarlyDataServer() };
  for (const recipe of RECIPES) {
    if (names.length > 0 && !names.includes(recipe.name)) continue;
    const hello = await recordOne(recipe, servers[recipe.server ?? 'node'].port);
    if (hello === null) continue;
    recorded.set(recipe.name, hello);
  }
  for (const server of Object.values(servers)) server.close();

  const index = RECIPES.flatMap(({ name }) => recorded.get(name) ?? []);
  const shown = index.map(({ bytes: _, ...rest }) => rest);
  await writeFile(join(import.meta.dirname, 'index.json'), `${JSON.stringify(shown, null, 2)}\n`);
}

async function recordOne(recipe: Recipe, serverPort: number): Promise<Recorded | null> {
  const version = await versionOf(recipe);
  if (version === null) {
    process.stderr.write(`${recipe.name}: not installed\n`);
    return null;
  }
  const dir = await mkdtemp(join(tmpdir(), 'weir-corpus-'));
  const tap = await openTap(serverPort);
  const commands = recipe.run({ port: tap.port, dir });
  for (const command of commands) await runToEnd(command, tap.firstFlights);
  tap.close();
  const bytes = tap.firstFlights.findLast((flight) => flight.length > 0);
  await rm(dir, { recursive: true, force: true });
  if (bytes === undefined) {
    process.stderr.write(`${recipe.name}: said nothing\n`);
    return null;
  }
  process.stderr.write(`${recipe.name}: ${bytes.length} bytes\n`);
  await writeFile(join(import.meta.dirname, `${recipe.name}.bin`), bytes);
  const { name, sni, alpn } = recipe;
  const command = commands.map((each) => withoutPlaces(each.join(' '), tap.port, dir)).join(' ; ');
  return { name, version, command, sni, alpn, bytes };
}

async function versionOf({ version: [program = '', ...args] }: Recipe): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, args);
    return stdout.split('\n')[0]?.trim() ?? '';
  } catch {
    return null;
  }
}

/** A client that does not end by itself has been heard long before it is killed. */
async function runToEnd(
  [program = '', ...args]: readonly string[],
  flights: readonly Buffer[],
): Promise<void> {
  const before = flights.length;
  const client = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  client.on('error', () => {});
  client.stdin.on('error', () => {}).end();
  const ended = once(client, 'exit').then(() => true);
  for (let waited = 0; waited < CLIENT_TIMEOUT_MS; waited += 1000) {
    const isOver = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000, false))]);
    if (isOver) return;
    if (waited >= 5000 && flights.length > before) break;
  }
  // Its whole group: browsers have children.
  if (client.pid !== undefined) process.kill(-client.pid, 'SIGKILL');
  await ended;
}

function withoutPlaces(command: string, port: number, dir: string): string {
  return command
    .replaceAll(join(import.meta.dirname, 'clients'), 'clients')
    .replaceAll(process.execPath, 'node')
    .replaceAll(dir, 'DIR')
    .replaceAll(String(port), 'PORT');
}
