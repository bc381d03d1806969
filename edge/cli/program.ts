import { Command, CommanderError } from 'commander';
import { EXIT_CODES, exitCodesHelp } from './exit-code.ts';
import { reportFailure } from './failure.ts';
import { endWithReader } from './reader.ts';
import { readVersion } from './version.ts';

/** A command that is loaded when it is asked for: `weir route list` does not wait for what `weir up` needs. */
interface LazyCommand {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'demo',
    summary: 'an edge with a database, two backends and an echo, to try it out',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  {
    name: 'up',
    summary: 'run an edge',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  {
    name: 'check',
    summary: 'validate a configuration file',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  {
    name: 'domain',
    summary: 'claim domains for orgs and prove the claims',
    load: async () => (await import('./domain/domain.ts')).domainCommand(),
  },
  {
    name: 'route',
    summary: 'bind hostnames to services',
    load: async () => (await import('./route/route.ts')).routeCommand(),
  },
  {
    name: 'port',
    summary: 'bind raw TCP ports to services',
    load: async () => (await import('./port/port.ts')).portCommand(),
  },
  {
    name: 'address',
    summary: 'give orgs public IPv4 addresses of their own',
    load: async () => (await import('./address/address.ts')).addressCommand(),
  },
  {
    name: 'policy',
    summary: 'say how many ports and addresses orgs may have',
    load: async () => (await import('./policy/policy.ts')).policyCommand(),
  },
  {
    name: 'endpoint',
    summary: 'report the instances of services',
    load: async () => (await import('./endpoint/endpoint.ts')).endpointCommand(),
  },
  {
    name: 'apply',
    summary: 'make everything as files say: routes, ports, domains, Gateway API documents',
    load: async () => (await import('./apply.ts')).applyCommand(),
  },
  {
    name: 'export',
    summary: 'write all that there is as files that apply takes back',
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of what apply takes, for editors',
    load: async () => (await import('./schema.ts')).schemaCommand(),
  },
  {
    name: 'node',
    summary: 'see the edges and how current each is',
    load: async () => (await import('./node/node.ts')).nodeCommand(),
  },
  {
    name: 'dns',
    summary: 'see the DNS records that the bound hostnames need',
    load: async () => (await import('./dns.ts')).dnsCommand(),
  },
  {
    name: 'events',
    summary: 'see what was recorded, follow it, and retry what could not be projected',
    load: async () => (await import('./events/events.ts')).eventsCommand(),
  },
  {
    name: 'database',
    summary: 'create and migrate the schema',
    load: async () => (await import('./database/database.ts')).databaseCommand(),
  },
  {
    name: 'projections',
    summary: 'rebuild what edges read from the event log, and compact it',
    load: async () => (await import('./projections/projections.ts')).projectionsCommand(),
  },
  {
    name: 'projector',
    summary: 'turn events into what edges read, beside an external database',
    load: async () => (await import('./projector.ts')).projectorCommand(),
  },
];

const OVERVIEW = `
Start here (below demo.test, names go to the org that routes them first):
  $ weir demo
  $ weir route create shop.demo.test --org acme --app shop --env production --process web --backend-port 8443
  $ weir route show shop.demo.test

Then with a name of your own, once it is proved:
  $ weir domain claim example.com --org acme

${exitCodesHelp()}

With --json, stdout carries one JSON document and stderr {"error":{"code","message","problems"}}.`;

/** Carries out a command line (without the program's own name) and answers with the exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  endWithReader();
  const isJson = args.includes('--json');
  try {
    const program = await buildProgram(args);
    settle(program, isJson);
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? EXIT_CODES.ok);
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, isJson);
    const defect = error instanceof Error ? error : new Error(String(error));
    return reportFailure(
      { code: 'failed', message: isJson ? defect.message : (defect.stack ?? defect.message) },
      isJson,
    );
  }
}

async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('weir')
    .description('A layer 4 edge: routes TLS by SNI, HTTP by Host and raw TCP by port, as PostgreSQL says.')
    .version(readVersion(), '-V, --version')
    .addHelpText('after', OVERVIEW)
    // An option behind a command's name is that command's: `weir events retry --json` is not `weir events --json`.
    .enablePositionalOptions();
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const wanted = first === 'help' ? second : first;
  for (const { name, summary, load } of COMMANDS) {
    if (name === wanted) program.addCommand((await load()).summary(summary));
    else program.command(name).summary(summary);
  }
  return program;
}

/** Gives a command and all below it the same manners on a wrong command line. */
function settle(command: Command, isJson: boolean, parents = ''): void {
  const path = `${parents}${command.name()}`;
  command.exitOverride();
  command.showHelpAfterError(`See "${path} --help".`);
  if (isJson) command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) settle(child, isJson, `${path} `);
}

function endOfParsing(error: CommanderError, isJson: boolean): number {
  if (error.exitCode === 0) return EXIT_CODES.ok;
  if (!isJson) return EXIT_CODES.usage;
  const message =
    error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
  return reportFailure({ code: 'usage', message, next: 'Add --help to see what it takes.' }, isJson);
}
