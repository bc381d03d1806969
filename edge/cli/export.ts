import { Command } from 'commander';
import type { StateView } from '../../routing/control/views.ts';
import { fail, withControl } from './control.ts';
import type { Failure } from './failure.ts';
import { type ControlOptions, withControlOptions, withNotes } from './options.ts';
import { print, printJson } from './output.ts';

interface Options extends ControlOptions {
  readonly org?: string;
  readonly output?: string;
}

const NOTES = `
Taken back by "weir apply -f FILE --trusted": the operator vouches for what an export says of proofs. Not in it are the
log's history, who made what and when, and how long released names and addresses are kept from other orgs.

More than "weir apply" takes of one file is written into a directory only: weir-export-001.yaml, -002.yaml, and so on.
Files of these names that an earlier export has left there are replaced or removed, all others are left alone.`;

/** `weir export`. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      'Write all policies, pools, domains, addresses, routes, ports and endpoints as documents that "weir apply" takes ' +
        'back, from one moment, and the same text for the same state. With --json, as one JSON document of kind List.',
    )
    .option('--org <org>', 'only what this org has: without pools and the policy of all orgs')
    .option('-o, --output <path>', 'write to this file, or into this directory if it is one or ends with /');
  withControlOptions(command);
  withNotes(command, {
    examples: [
      'weir export > weir-state.yaml',
      'weir export --org acme -o acme.yaml',
      'weir export -o backup/ && weir apply -f backup/ --trusted --dry-run',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  command.addHelpText('after', NOTES);
  return command.action(exportState);
}

async function exportState(options: Options): Promise<void> {
  const { parseName } = await import('../../routing/model/name.ts');
  const org = options.org === undefined ? null : parseName(options.org);
  if (org?.kind === 'invalid') {
    const problems = [{ field: 'org', label: '--org', problem: org.problem }];
    return fail({ code: 'invalid', message: 'a value is not valid', problems }, options);
  }
  const result = await withControl(options, async (control) => ({
    kind: 'ok' as const,
    state: await control.readState({ org: options.org }),
  }));
  if (result.kind === 'failed') return fail(result.failure, options);
  const failure = await write(result.state, options);
  if (failure !== null) fail(failure, options);
}

async function write(state: StateView, { output, json }: Options): Promise<Failure | null> {
  const { manifestDocuments, writeManifestFiles } = await import('../../routing/manifest/write-manifests.ts');
  if (output === undefined && json) {
    printJson({ apiVersion: 'v1', kind: 'List', items: manifestDocuments(state) });
    return null;
  }
  const texts = writeManifestFiles(state);
  const [only = '', ...more] = texts;
  if (output === undefined) {
    if (more.length > 0) return tooLong();
    process.stdout.write(only);
    return null;
  }
  const { isDirectory, writeExport } = await import('./export/write-export.ts');
  const isIntoDirectory = await isDirectory(output);
  if (!isIntoDirectory && more.length > 0) return tooLong();
  const written = await writeExport(output, texts, isIntoDirectory);
  if (written.kind === 'invalid') {
    return { code: 'failed', message: `${output} cannot be written: it ${written.problem}` };
  }
  const documents = manifestDocuments(state).length;
  if (json) printJson({ files: written.value, documents });
  else print(`Wrote ${documents} documents to ${written.value.join(', ')}`);
  return null;
}

function tooLong(): Failure {
  return {
    code: 'invalid',
    message: 'it is more than "weir apply" takes of one file',
    next: 'Write it into a directory: weir export -o DIRECTORY/',
  };
}
