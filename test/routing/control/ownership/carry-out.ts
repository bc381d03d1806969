import type { CommandMeta, Control } from '../../../../routing/control/control.ts';
import type { Wanted } from '../../../../routing/control/wanted.ts';
import type { Move } from './moves.ts';
import { HASTE, TRUST } from './world.ts';

/** A move that a control plane's command makes, not one of the test itself. */
export type Command = Exclude<Move, { readonly kind: 'restart' | 'rebuild' | 'compact' | 'projector' }>;

/** What came of it: the answer's kind, and the answer. */
export interface Answer {
  readonly kind: string;
  readonly value?: unknown;
  readonly isReplay?: boolean;
}

/** Has the control plane make a move. */
export function carryOut(
  control: Control,
  move: Command,
  key: Pick<CommandMeta, 'idempotencyKey'>,
): Promise<Answer> {
  const meta = { actor: 'test', ...key };
  switch (move.kind) {
    case 'claim':
      return control.claimDomain(move, meta);
    case 'trust':
      return control.claimDomain(
        { ...move, isTrusted: true },
        move.skipCoolDown ? { ...meta, reason: HASTE } : meta,
      );
    case 'verify':
    case 'forge':
      return control.verifyDomain(move, meta);
    case 'release':
      return control.releaseDomain(move, meta);
    case 'create':
      return control.createRoute({ ...move, ...SHOP, backendPort: 1 }, meta);
    case 'update':
      return control.updateRoute({ ...move, org: move.org ?? undefined }, meta);
    case 'delete':
      return control.deleteRoute(move, meta);
    case 'allocate-port':
      return control.allocatePort({ ...portOf(move), ...SHOP, org: move.org, backendPort: 1 }, meta);
    case 'release-port':
      return control.releasePort({ port: move.port, ...addressOf(move) }, meta);
    case 'allocate-address':
      return control.allocateAddress({ org: move.org, ...addressOf(move) }, meta);
    case 'release-address':
      return control.releaseAddress(move, meta);
    case 'port-pool':
      return control.definePortPool(move, meta);
    case 'address-pool':
      return control.defineAddressPool(move, meta);
    case 'policy':
    case 'org-policy':
      return control.definePolicy(move, meta);
    case 'endpoint':
      return control.reportEndpoint({ ...move, ...SHOP, instance: 'i-1', address: 'fd00::1' }, meta);
    case 'apply':
      return control.apply(
        move.wanted.flatMap(wantedOf),
        { ...move.options, org: move.org },
        move.options.isTrusted ? { ...meta, reason: TRUST } : meta,
      );
    default:
      return move satisfies never;
  }
}

const SHOP = { app: 'shop', env: 'production', process: 'web' } as const;

function addressOf({ address }: { readonly address: string | null }) {
  return address === null ? {} : { address };
}

function portOf({ port, address }: { readonly port: number | null; readonly address: string | null }) {
  return port === null ? addressOf({ address }) : { port, ...addressOf({ address }) };
}

/** Nothing where an apply does not know the move. */
function wantedOf(move: Move): readonly Wanted[] {
  switch (move.kind) {
    case 'create':
      return [{ kind: 'route', input: { ...move, ...SHOP, backendPort: 1 } }];
    case 'claim':
      return [{ kind: 'domain', input: move }];
    case 'allocate-port':
      return [{ kind: 'port', input: { ...portOf(move), ...SHOP, org: move.org, backendPort: 1 } }];
    case 'endpoint':
      return [{ kind: 'endpoint', input: { ...move, ...SHOP, instance: 'i-1', address: 'fd00::1' } }];
    case 'allocate-address':
      return move.address === null
        ? []
        : [{ kind: 'address', input: { org: move.org, address: move.address } }];
    default:
      return [];
  }
}
