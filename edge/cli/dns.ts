import { Command, Option } from 'commander';
import type { CommandResult, Control, FieldProblem } from '../../routing/control/control.ts';
import type { DomainView, RouteView } from '../../routing/control/views.ts';
import { renderExternalDns } from '../../routing/dns/external-dns.ts';
import {
  type BoundName,
  type ClaimedDomain,
  type DnsPlan,
  planOf,
  planRecords,
} from '../../routing/dns/plan.ts';
import {
  type KnownAddresses,
  parsePublicAddress,
  reportedAddresses,
} from '../../routing/dns/public-addresses.ts';
import type { DnsRecord } from '../../routing/dns/record.ts';
import { renderZoneFile } from '../../routing/dns/zone-file.ts';
import type { Address } from '../../routing/model/address.ts';
import { parseDomain } from '../../routing/model/domain.ts';
import { type Hostname, parseHostname, parseHostPattern } from '../../routing/model/hostname.ts';
import { type Name, parseName } from '../../routing/model/name.ts';
import type { Parsed } from '../../routing/model/parsed.ts';
import { answered, ask } from './control.ts';
import { type ControlOptions, withControlOptions, withNotes } from './options.ts';
import { paint, table } from './output.ts';

const FORMATS = ['table', 'zone', 'external-dns'] as const;

interface Options extends ControlOptions {
  readonly org?: string;
  readonly address: readonly string[];
  readonly target?: string;
  readonly ttl: string;
  readonly format: (typeof FORMATS)[number];
}

/** `weir dns`. */
export function dnsCommand(): Command {
  const command = new Command('dns')
    .summary('see the DNS records that the bound hostnames need')
    .description(
      'Print the records that the DNS needs, so that clients of the bound hostnames come to the edges, and those that prove ' +
        'the domains that are claimed and not held yet.',
    )
    .option('--org <org>', 'only what the names of this org need')
    .option(
      '--address <address>',
      "an edge's public IPv4 or IPv6 address, once for each; without it those that the live edges report",
      (address: string, before: readonly string[]) => [...before, address],
      [],
    )
    .option('--target <name>', 'make the hostnames aliases (CNAME) of this name, which gets the addresses')
    .option('--ttl <seconds>', 'how long resolvers may remember a record', '300')
    .addOption(
      new Option('--format <format>', 'how to print them')
        .choices(FORMATS)
        .default('table')
        .conflicts('json'),
    );
  withControlOptions(command);
  withNotes(command, {
    examples: [
      'weir dns',
      'weir dns --org acme --target edge.example.net',
      'weir dns --address 203.0.113.1 --address 2001:db8::1 --format zone > weir.zone',
      'weir dns --format external-dns | kubectl apply -f -',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action(printRecords);
}

async function printRecords(options: Options): Promise<void> {
  await ask({
    options,
    command: (control) => plan(control, options),
    show: (made) => RENDERINGS[options.format](made).trimEnd(),
  });
}

const RENDERINGS: Readonly<Record<Options['format'], (plan: DnsPlan) => string>> = {
  table: renderTable,
  zone: renderZoneFile,
  'external-dns': renderExternalDns,
};

async function plan(control: Control, options: Options): Promise<CommandResult<DnsPlan>> {
  const wishes = parseWishes(options);
  if (wishes.kind === 'invalid') return wishes;
  const { org, target, ttlSeconds } = wishes;
  // Of all orgs, also where one is asked for: a name of one hides a part of another's wildcard.
  const bound = (await control.listRoutes({})).flatMap(boundName);
  const claims = (await control.listDomains({})).flatMap(claimedDomain);
  const known: KnownAddresses =
    wishes.addresses.length > 0
      ? { addresses: wishes.addresses, notes: [] }
      : reportedAddresses(await control.listNodes());
  if (known.addresses.length === 0 && (bound.length > 0 || target !== null)) {
    return { kind: 'not-found', message: [NO_ADDRESS, ...known.notes].join('; ') };
  }
  const all = planRecords({
    bound,
    claims,
    addresses: known.addresses,
    target,
    ttlSeconds,
  });
  const { records, notes } = org === null ? all : planOf(org, all);
  return answered({ records, notes: [...notes, ...known.notes.map((text) => ({ org: null, text }))] });
}

const NO_ADDRESS =
  "no live edge reports a public address; set public_addresses in the edges' configuration, or pass --address";

/** What was typed, understood. */
interface Wishes {
  readonly org: Name | null;
  readonly addresses: readonly Address[];
  readonly target: Hostname | null;
  readonly ttlSeconds: number;
}

type ParsedWishes =
  | ({ readonly kind: 'ok' } & Wishes)
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

function parseWishes(options: Options): ParsedWishes {
  const problems: FieldProblem[] = [];
  const take = <Value>(field: string, parsed: Parsed<Value>): readonly Value[] => {
    if (parsed.kind === 'ok') return [parsed.value];
    problems.push({ field, problem: parsed.problem });
    return [];
  };
  const [org = null] = options.org === undefined ? [] : take('org', parseName(options.org));
  const addresses = options.address.flatMap((text) => take('address', named(text, parsePublicAddress(text))));
  const [target = null] = options.target === undefined ? [] : take('target', parseHostname(options.target));
  const [ttlSeconds = 0] = take('ttl', parseTtl(options.ttl));
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'ok', org, addresses, target, ttlSeconds };
}

/** There may be several of them. */
function named<Value>(text: string, parsed: Parsed<Value>): Parsed<Value> {
  return parsed.kind === 'ok'
    ? parsed
    : { ...parsed, problem: `has ${JSON.stringify(text)}, which ${parsed.problem}` };
}

/** RFC 2181 §8. ExternalDNS takes 0 for none, so it cannot mean the same everywhere. */
const MAX_TTL_SECONDS = 2 ** 31 - 1;

function parseTtl(text: string): Parsed<number> {
  const seconds = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_TTL_SECONDS) return { kind: 'ok', value: seconds };
  return { kind: 'invalid', problem: `must be a whole number of seconds from 1 to ${MAX_TTL_SECONDS}` };
}

/** Rows are decoded before they are written, so that what is left out here is none. */
function boundName({ hostname, org }: RouteView): readonly BoundName[] {
  const [pattern, name] = [parseHostPattern(hostname), parseName(org)];
  return pattern.kind === 'ok' && name.kind === 'ok' ? [{ pattern: pattern.value, org: name.value }] : [];
}

function claimedDomain(view: DomainView): readonly ClaimedDomain[] {
  const [domain, org] = [parseDomain(view.domain), parseName(view.org)];
  if (domain.kind === 'invalid' || org.kind === 'invalid') return [];
  const pendingToken = view.state === 'pending' && view.token !== '' ? view.token : null;
  return [{ domain: domain.value, org: org.value, pendingToken, isZone: view.proof !== 'platform' }];
}

function renderTable({ records, notes }: DnsPlan): string {
  const rows =
    records.length === 0
      ? 'No records are needed: no hostname is bound, and no claim waits for its proof.'
      : table<DnsRecord>(records, [
          ['TYPE', (record) => record.type],
          ['NAME', (record) => record.name],
          ['TTL', (record) => record.ttlSeconds],
          ['VALUE', (record) => record.value],
          ['NOTE', (record) => record.note ?? ''],
        ]);
  const remarks = notes.map(({ text }) => text);
  return remarks.length === 0 ? rows : `${rows}\n\n${paint('bold', 'Notes')}\n${remarks.join('\n')}`;
}
