import { type Port, parsePort } from '../../model/port.ts';
import { serviceKey } from '../../model/service.ts';
import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { PORT_POOL_STREAM, type PortPool, portStream } from '../events/event.ts';
import { loadStream, type StreamState } from '../events/event-log.ts';
import {
  bindingAfter,
  decideAllocatePort,
  decideDefinePortPool,
  decideReleasePort,
  poolAfter,
  refusalOfExhausted,
  refusalWithoutPool,
} from './decide-port.ts';
import { type PortRequest, parsePortInput, parsePortNumber, parsePortPool } from './parse-input.ts';
import type { Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { portPoolViewOf, portViewOf } from './view-of-state.ts';

/** The commands on raw TCP ports and their pool. */
export function portCommands(
  run: RunCommand,
): Pick<Control, 'allocatePort' | 'releasePort' | 'definePortPool'> {
  return {
    allocatePort: (input, meta) =>
      run({
        name: 'allocate-port',
        input: parsePortInput(input),
        meta,
        decide: allocatePort,
        view: portViewOf,
      }),
    releasePort: (input, meta) =>
      run({
        name: 'release-port',
        input: parsePortNumber(input),
        meta,
        async decide(transaction, { port }) {
          const state = await loadStream(transaction, portStream(port));
          return { state, decision: decideReleasePort(bindingAfter(state?.last.event ?? null), port) };
        },
        view: portViewOf,
      }),
    definePortPool: (input, meta) =>
      run({
        name: 'define-port-pool',
        input: parsePortPool(input),
        meta,
        async decide(transaction, pool) {
          const state = await loadStream(transaction, PORT_POOL_STREAM);
          return { state, decision: decideDefinePortPool(poolAfter(state?.last.event ?? null), pool) };
        },
        view: portPoolViewOf,
      }),
  };
}

/** The name of the lock under which ports are chosen, among the advisory locks of a database: 'port' in ASCII. */
const CHOICE_LOCK = 0x706f7274;

async function allocatePort(transaction: Statements, request: PortRequest): Promise<Decided> {
  const pool = poolAfter((await loadStream(transaction, PORT_POOL_STREAM))?.last.event ?? null);
  const service = serviceKey(request.service);
  const allocate = (port: Port, state: StreamState | null): Decided => {
    const present = bindingAfter(state?.last.event ?? null);
    return { state, decision: decideAllocatePort(pool, present, { ...request, service, port }) };
  };
  if (request.port !== null) {
    return allocate(request.port, await loadStream(transaction, portStream(request.port)));
  }
  if (pool === null) return { state: null, decision: refusalWithoutPool() };

  // One at a time, or all of them would choose the same port. The lock ends with the transaction.
  await transaction.query('select pg_advisory_xact_lock($1)', [CHOICE_LOCK]);
  for (let from: number = pool.first; ; from += 1) {
    const port = await findFreePort(transaction, from, pool);
    if (port === null) return { state: null, decision: refusalOfExhausted(pool) };
    // The projection may be behind the log, which decides.
    const state = await loadStream(transaction, portStream(port));
    if (bindingAfter(state?.last.event ?? null) === null) return allocate(port, state);
    from = port;
  }
}

/** The lowest port of the pool, from `from` on, that is free in the projection. */
async function findFreePort(transaction: Statements, from: number, pool: PortPool): Promise<Port | null> {
  const [free] = await transaction.query<{ readonly port: number }>(
    `select candidate as port from generate_series($1::integer, $2::integer) as candidate
     where not exists (select from weir.ports as taken where taken.port = candidate and not taken.is_deleted)
     order by candidate limit 1`,
    [from, pool.last],
  );
  if (free === undefined) return null;
  const port = parsePort(free.port);
  return port.kind === 'ok' ? port.value : null;
}
