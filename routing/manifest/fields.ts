import { z } from 'zod';
import { parseName } from '../model/name.ts';
import type { Parsed } from '../model/parsed.ts';
import { parsePort } from '../model/port.ts';
import { PROXY_TLVS } from '../model/proxy-tlv.ts';
import { MAX_OTHERS, PROXY_PROTOCOLS } from '../model/route.ts';
import { parseWeight } from '../model/weight.ts';

/**
 * Fields that several kinds have. What a value may be is decided by the commands' own parsers, which also run here so that
 * everything that is wrong with a document comes at once; patterns and ranges in `meta` are for editors.
 */

const LABEL_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$';

/** The name of an org, app, env, process type or instance. */
export function name(description: string) {
  return checked(z.string(), parseName).meta({ description, pattern: LABEL_PATTERN });
}

/** A TCP port. */
export function port(description: string) {
  return checked(z.int(), parsePort).meta({ description, minimum: 1, maximum: 65_535 });
}

/** A text that one of the model's parsers reads. */
export function text(parse: (written: string) => Parsed<unknown>, shown: TextFacts) {
  return checked(z.string(), parse).meta({ ...shown });
}

/** What editors show and check of a text. */
interface TextFacts {
  readonly description: string;
  /** Lets through all that the parser takes. */
  readonly pattern: string;
  readonly examples: readonly string[];
}

/** Of a dedicated IPv4 address. */
export const IPV4_PATTERN = '^[0-9]{1,3}(\\.[0-9]{1,3}){3}$';

/** A value that is what the schema says only if the parser takes it too. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  parse: (value: z.output<Schema>) => Parsed<unknown>,
): Schema {
  return schema.superRefine((value, context) => {
    const parsed = parse(value);
    if (parsed.kind === 'invalid') context.addIssue({ code: 'custom', message: parsed.problem });
  });
}

export const ORG = name('The org (tenant). May be left out where `weir apply --org` names it.').optional();

export const PROXY_PROTOCOL = z
  .enum(PROXY_PROTOCOLS)
  .default('none')
  .describe('What goes to the backend before the first byte of the client: nothing, or a PROXY header (v2).');

const WEIGHT = checked(z.int(), parseWeight).meta({
  description: "Its share of the connections, relative to the others' weights; 0 gets none.",
  minimum: 0,
  maximum: 1_000_000,
  default: 1,
});

const APP = name('The app.');
const ENV = name('The env, as in `production`.');
const PROCESS = name('The process type, as in `web`.');

/** Where connections go, and to which of its ports. */
export const TARGET = {
  service: z
    .strictObject({ org: ORG, app: APP, env: ENV, process: PROCESS })
    .describe('The service that connections go to: one process type of one env of an app.'),
  backendPort: port('The port that its instances listen on.'),
  weight: WEIGHT.optional(),
  others: z
    .array(
      z.strictObject({
        app: APP,
        env: ENV,
        process: PROCESS,
        backendPort: port('The port that its instances listen on.'),
        weight: WEIGHT.optional(),
      }),
    )
    .max(MAX_OTHERS)
    .describe('Further services of the same org that share the connections.')
    .optional(),
  proxyProtocol: PROXY_PROTOCOL,
  proxyTlvs: z
    .array(z.enum(PROXY_TLVS))
    .describe('With v2: what its header says beside the addresses and the name that the client asked for.')
    .optional(),
};

const TAGS = z.record(z.string(), z.string());

/** What tools write on documents: weir takes no notice of it. */
export const TAGGED = {
  labels: TAGS.describe('For tools; weir takes no notice of them.').optional(),
  annotations: TAGS.describe('For tools; weir takes no notice of them.').optional(),
};

/** The whole of a document of weir's own. */
export function weirDocument<Kind extends string, Spec extends z.ZodRawShape>(kind: Kind, spec: Spec) {
  return z.strictObject({
    apiVersion: z.literal('weir/v1'),
    kind: z.literal(kind),
    metadata: z
      .strictObject({
        name: z.string().describe('For tools; weir takes no notice of it.').optional(),
        ...TAGGED,
      })
      .describe('For tools; weir takes no notice of it.')
      .optional(),
    spec: z.strictObject(spec),
  });
}
