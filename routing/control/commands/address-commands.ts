import type { Address } from '../../model/address.ts';
import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { ADDRESS_POOL_STREAM, type AddressPool, addressStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { lockAllocations } from '../ownership/allocation-lock.ts';
import { countAddresses } from '../ownership/count-allocations.ts';
import { loadAddresses } from '../ownership/load-addresses.ts';
import { loadQuotas, UNBOUNDED } from '../ownership/policy.ts';
import { loadPortsOn } from '../ownership/ports-on-address.ts';
import {
  addressPoolAfter,
  decideAllocateAddress,
  decideDefineAddressPool,
  decideReleaseAddress,
  holdingAfter,
} from './decide-address.ts';
import {
  type AddressRequest,
  parseAddressInput,
  parseAddressName,
  parseAddressPool,
} from './parse-ownership.ts';
import type { Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { addressPoolViewOf, addressViewOf } from './view-of-state.ts';

/** The commands on dedicated addresses and their pool. */
export function addressCommands(
  run: RunCommand,
): Pick<Control, 'allocateAddress' | 'releaseAddress' | 'defineAddressPool'> {
  return {
    allocateAddress: (input, meta) =>
      run({
        name: 'allocate-address',
        input: parseAddressInput(input),
        meta,
        decide: (transaction, request) => allocateAddress(transaction, request, false),
        view: addressViewOf,
      }),
    releaseAddress: (input, meta) =>
      run({
        name: 'release-address',
        input: parseAddressName(input),
        meta,
        decide: releaseAddress,
        view: addressViewOf,
      }),
    defineAddressPool: (input, meta) =>
      run({
        name: 'define-address-pool',
        input: parseAddressPool(input),
        meta,
        decide: defineAddressPool,
        view: addressPoolViewOf,
      }),
  };
}

/** Takes an address of the pool for an org; with `isTrusted` also one outside of it, and beyond the quota. */
export async function allocateAddress(
  transaction: Statements,
  request: AddressRequest,
  isTrusted: boolean,
): Promise<Decided> {
  await lockAllocations(transaction);
  const named =
    request.address === null ? null : await loadStream(transaction, addressStream(request.address));
  const decision = decideAllocateAddress(holdingAfter(named?.last.event ?? null), request, {
    pool: addressPoolAfter((await loadStream(transaction, ADDRESS_POOL_STREAM))?.last.event ?? null),
    taken: await loadAddresses(transaction),
    isTrusted,
    quotas: isTrusted ? UNBOUNDED : await loadQuotas(transaction, request.org),
    owned: await countAddresses(transaction, request.org),
  });
  const { event } = decision.kind === 'record' ? decision : { event: null };
  // The one that was chosen, where none was named: it may have been somebody's before.
  const state =
    named === null && event?.type === 'address.allocated'
      ? await loadStream(transaction, addressStream(event.payload.address))
      : named;
  return { state, decision };
}

/** Gives an address back. */
export async function releaseAddress(
  transaction: Statements,
  { address }: { readonly address: Address },
): Promise<Decided> {
  await lockAllocations(transaction);
  const state = await loadStream(transaction, addressStream(address));
  const ports = await loadPortsOn(transaction, address);
  return { state, decision: decideReleaseAddress(holdingAfter(state?.last.event ?? null), address, ports) };
}

/** Says which addresses may be dedicated. */
export async function defineAddressPool(transaction: Statements, pool: AddressPool): Promise<Decided> {
  await lockAllocations(transaction);
  const state = await loadStream(transaction, ADDRESS_POOL_STREAM);
  return { state, decision: decideDefineAddressPool(addressPoolAfter(state?.last.event ?? null), pool) };
}
