import type { Address } from '../../model/address.ts';
import { type Port, parsePort } from '../../model/port.ts';
import type { PortPlace } from '../../model/route.ts';
import { serviceKey } from '../../model/service.ts';
import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import {
  type AddressHolding,
  addressStream,
  PORT_POOL_STREAM,
  type PortPool,
  portStream,
} from '../events/event.ts';
import { loadStream, type StreamState } from '../events/event-log.ts';
import { lockAllocations } from '../ownership/allocation-lock.ts';
import { countSharedPorts, findBoundPort } from '../ownership/count-allocations.ts';
import { loadQuotas, UNBOUNDED } from '../ownership/policy.ts';
import { holdingAfter } from './decide-address.ts';
import {
  bindingAfter,
  decideAllocatePort,
  decideDefinePortPool,
  decidePutPort,
  decideReleasePort,
  type PortFacts,
  poolAfter,
  refusalOfExhausted,
  refusalWithoutPool,
} from './decide-port.ts';
import { type PortRequest, parsePortInput, parsePortName, parsePortPool } from './parse-input.ts';
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
        input: parsePortName(input),
        meta,
        decide: releasePort,
        view: portViewOf,
      }),
    definePortPool: (input, meta) =>
      run({
        name: 'define-port-pool',
        input: parsePortPool(input),
        meta,
        decide: definePortPool,
        view: portPoolViewOf,
      }),
  };
}

/** Takes a port: the one that is named, or the lowest of the pool that is free. */
async function allocatePort(transaction: Statements, request: PortRequest): Promise<Decided> {
  return takePort(transaction, request, decideAllocatePort);
}

/**
 * Makes a port what is wanted; without a number it is the one that the org has for this service and backend port. With
 * `isTrusted` it may be outside of the pool and beyond the quota.
 */
export async function putPort(
  transaction: Statements,
  request: PortRequest,
  isTrusted: boolean,
): Promise<Decided> {
  await lockAllocations(transaction);
  const port = request.port ?? (await findBoundPort(transaction, request));
  const decide: typeof decidePutPort = (present, binding, facts) =>
    decidePutPort(present, binding, isTrusted ? { ...facts, pool: null, quotas: UNBOUNDED } : facts);
  return takePort(transaction, { ...request, port }, decide);
}

/** The stream of the port that `putPort` would change; null where it would take a free one. */
export async function locatePort(transaction: Statements, request: PortRequest): Promise<string | null> {
  const { address } = request;
  const port = request.port ?? (await findBoundPort(transaction, request));
  return port === null ? null : portStream({ address, port });
}

/** Gives a port back. */
export async function releasePort(transaction: Statements, place: PortPlace): Promise<Decided> {
  const state = await loadStream(transaction, portStream(place));
  return { state, decision: decideReleasePort(bindingAfter(state?.last.event ?? null), place) };
}

/** Says which ports may be allocated. */
export async function definePortPool(transaction: Statements, pool: PortPool): Promise<Decided> {
  await lockAllocations(transaction);
  const state = await loadStream(transaction, PORT_POOL_STREAM);
  return { state, decision: decideDefinePortPool(poolAfter(state?.last.event ?? null), pool) };
}

async function takePort(
  transaction: Statements,
  request: PortRequest,
  decide: typeof decideAllocatePort,
): Promise<Decided> {
  await lockAllocations(transaction);
  const { address, service: names } = request;
  const service = serviceKey(names);
  const pool = poolAfter((await loadStream(transaction, PORT_POOL_STREAM))?.last.event ?? null);
  const facts: PortFacts = {
    pool,
    quotas: await loadQuotas(transaction, names.org),
    owned: address === null ? await countSharedPorts(transaction, names.org) : 0,
    holding: address === null ? null : await loadHolding(transaction, address),
  };
  const take = (port: Port, state: StreamState | null): Decided => {
    const present = bindingAfter(state?.last.event ?? null);
    return { state, decision: decide(present, { ...request, service, port }, facts) };
  };
  if (request.port !== null) {
    const { port } = request;
    return take(port, await loadStream(transaction, portStream({ address, port })));
  }
  if (pool === null) return { state: null, decision: refusalWithoutPool() };

  for (let from: number = pool.first; ; from += 1) {
    const port = await findFreePort(transaction, from, pool);
    if (port === null) return { state: null, decision: refusalOfExhausted(pool) };
    // The projection may be behind the log, which decides.
    const state = await loadStream(transaction, portStream({ address: null, port }));
    if (bindingAfter(state?.last.event ?? null) === null) return take(port, state);
    from = port;
  }
}

async function loadHolding(transaction: Statements, address: Address): Promise<AddressHolding | null> {
  return holdingAfter((await loadStream(transaction, addressStream(address)))?.last.event ?? null);
}

/** The lowest port of the pool, from `from` on, that is free on the shared addresses in the projection. */
async function findFreePort(transaction: Statements, from: number, pool: PortPool): Promise<Port | null> {
  const [free] = await transaction.query<{ readonly port: number }>(
    `select candidate as port from generate_series($1::integer, $2::integer) as candidate
     where not exists (select from weir.ports as taken where taken.port = candidate and taken.address is null and not taken.is_deleted)
     order by candidate limit 1`,
    [from, pool.last],
  );
  if (free === undefined) return null;
  const port = parsePort(free.port);
  return port.kind === 'ok' ? port.value : null;
}
