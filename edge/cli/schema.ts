import { Command } from 'commander';
import { type Failure, reportFailure } from './failure.ts';
import { withNotes } from './options.ts';
import { printJson } from './output.ts';

interface Options {
  readonly kind?: string;
}

const EDITORS = `
An editor with the YAML language server (VS Code, Neovim, Helix, Zed, …) checks and completes documents against it by
this line at the top of a file:
  # yaml-language-server: $schema=weir.schema.json
or for a whole folder by its settings, in VS Code:
  "yaml.schemas": { "./weir.schema.json": "manifests/**/*.yaml" }`;

/** `weir schema`. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .description(
      'Print the JSON Schema (draft 2020-12) of the documents that "weir apply" takes: of all kinds, or of one.',
    )
    .option('--kind <kind>', 'only this kind, in all of its versions, as in Route or weir/v1/Route');
  withNotes(command, {
    examples: ['weir schema > weir.schema.json', 'weir schema --kind TLSRoute'],
    exitCodes: ['ok', 'usage', 'invalid'],
  });
  command.addHelpText('after', EDITORS);
  return command.action(printSchema);
}

async function printSchema({ kind }: Options): Promise<void> {
  const { manifestJsonSchema } = await import('../../routing/manifest/json-schema.ts');
  const { PLAIN_KINDS } = await import('../../routing/manifest/read-manifests.ts');
  const { GATEWAY_DOCUMENT_KINDS } = await import('../../routing/manifest/gateway/read-resources.ts');
  const all = [...PLAIN_KINDS, ...GATEWAY_DOCUMENT_KINDS];
  const wanted = all.filter(
    (each) => kind === undefined || kind === each.kind || kind === `${each.apiVersion}/${each.kind}`,
  );
  if (wanted.length > 0) return printJson(manifestJsonSchema(wanted));
  process.exitCode = reportFailure(
    await unknownKind(kind ?? '', [...new Set(all.map((each) => each.kind))]),
    false,
  );
}

async function unknownKind(kind: string, kinds: readonly string[]): Promise<Failure> {
  const { nearest } = await import('../../config/nearest.ts');
  const { quote } = await import('../../config/quote.ts');
  const near = nearest(kind.slice(kind.lastIndexOf('/') + 1), kinds);
  const known = near === null ? `known: ${kinds.join(', ')}` : `did you mean ${near}?`;
  const problems = [{ field: 'kind', label: '--kind', problem: `${quote(kind)} is not known; ${known}` }];
  return { code: 'invalid', message: 'a value is not valid', problems };
}
