import { Command } from 'commander';
import type { Control } from '../../routing/control/control.ts';
import type { ApplyChange } from '../../routing/control/views.ts';
import type { ManifestFile } from '../../routing/manifest/read-manifests.ts';
import type { Applied } from './apply/applied.ts';
import { type Failed, fail, refusal, withControl } from './control.ts';
import type { Failure } from './failure.ts';
import { type ControlOptions, withControlOptions, withNotes, withOriginOptions } from './options.ts';
import { paint, print, printJson } from './output.ts';
import { outliveReader } from './reader.ts';

interface Options extends ControlOptions {
  readonly filename: readonly string[];
  readonly dryRun?: true;
  readonly prune?: true;
  readonly org?: string;
  readonly trusted?: true;
  readonly platformDomain?: string;
  readonly actor: string;
  readonly reason?: string;
}

const KINDS = `
Takes weir's own documents (Route, Port, Endpoint, DomainClaim, Address, AddressPool, PortPool, Policy), TLSRoute and
TCPRoute with their Gateways of the Kubernetes Gateway API, and zave.io/v1 Workload. "weir schema" has all of it.

A Gateway or a route that is not accepted keeps everything from being applied: 4 where only listeners are in each
other's way, 5 otherwise. Where several things are refused for several reasons, 5 goes before 4, 7 and 3.`;

/** `weir apply`. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description(
      'Make everything as files say: create what is missing, change what differs, leave the rest alone. Prints what is ' +
        'different before it acts. All of it is done, or nothing; doing it again changes nothing.',
    )
    .requiredOption(
      '-f, --filename <file>',
      'a file, a directory (all .yaml, .yml and .json in it and below) or - for standard input; may be repeated',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option('--dry-run', 'print what would be different and change nothing')
    .option('--org <org>', 'the org that all of it is for; documents may leave theirs out')
    .option(
      '--prune',
      "with --org: take away this org's routes and ports that the files do not have; its endpoints, addresses and domains only where the files have some of that kind",
    )
    .option(
      '--trusted',
      'the operator vouches for the domains; pools and quotas do not bound, and can be defined with --org too',
    )
    .option(
      '--platform-domain <domain>',
      'where the names of Workloads lie (default: the one platform domain)',
    );
  withOriginOptions(withControlOptions(command));
  withNotes(command, {
    examples: [
      'weir apply -f routes.yaml --dry-run',
      'weir apply -f manifests/ --org acme --prune',
      'kubectl get gateways,tlsroutes -o yaml | weir apply -f - --org acme',
      'weir apply -f export/ --trusted',
    ],
    exitCodes: [
      'ok',
      'failed',
      'usage',
      'not-found',
      'conflict',
      'invalid',
      'database-unavailable',
      'not-allowed',
    ],
  });
  command.addHelpText('after', KINDS);
  return command.action(applyFiles);
}

type Outcome = { readonly kind: 'ok'; readonly value: Applied } | Failed;

async function applyFiles(options: Options): Promise<void> {
  if (options.prune && options.org === undefined) {
    const message = '--prune needs --org: only what one org has is ever taken away';
    return fail({ code: 'usage', message, next: 'See "weir apply --help".' }, options);
  }
  const { readFiles } = await import('./apply/read-files.ts');
  const read = await readFiles(options.filename);
  if (read.kind === 'invalid') {
    const { unreadable } = await import('./apply/apply-failure.ts');
    return fail(unreadable(read.problems), options);
  }
  outliveReader();
  const outcome = await withControl(options, (control) => carryOut(control, read.files, options));
  if (outcome.kind === 'failed') return fail(outcome.failure, options);
  const { appliedDocument, appliedText } = await import('./apply/applied.ts');
  if (options.json) printJson(appliedDocument(outcome.value));
  else print(appliedText(outcome.value));
}

async function carryOut(
  control: Control,
  files: readonly ManifestFile[],
  options: Options,
): Promise<Outcome> {
  const { readInContext } = await import('./apply/read-context.ts');
  const { isAccepted } = await import('../../routing/manifest/gateway/status.ts');
  const failures = await import('./apply/apply-failure.ts');
  const { statusLines } = await import('./apply/status-text.ts');

  const read = await readInContext(control, files, options);
  if (read.kind === 'invalid') return failed(refusal(read));
  const { desired, statuses, problems, documents } = read.value;
  if (problems.length > 0) return failed(failures.invalidDocuments(problems));
  if (documents === 0) {
    return failed({ code: 'invalid', message: 'nothing was changed: there is no document in the files' });
  }
  if (!options.json && statuses.length > 0) print(statusLines(statuses).join('\n'));
  if (!isAccepted(statuses)) return failed(failures.notAccepted(statuses));

  const { org, prune, trusted, dryRun, actor, reason } = options;
  const result = await control.apply(
    desired.map(({ wanted }) => wanted),
    {
      org,
      isPruning: prune,
      isTrusted: trusted,
      isDryRun: dryRun,
      onPlan: options.json ? undefined : await createPlanPrinter(),
    },
    { actor, reason },
  );
  if (result.kind !== 'ok') return failed(failures.refused(result, desired));
  return { kind: 'ok', value: { view: result.value, desired, statuses } };
}

async function createPlanPrinter(): Promise<(changes: readonly ApplyChange[]) => void> {
  const { changeLines } = await import('./apply/change-text.ts');
  let isAgain = false;
  return (changes) => {
    if (isAgain)
      print(paint('bold', 'Somebody else has changed something meanwhile. What is different now:'));
    isAgain = true;
    const lines = changeLines(changes);
    if (lines.length > 0) print(lines.join('\n'));
  };
}

function failed(failure: Failure): Failed {
  return { kind: 'failed', failure };
}
