import { isatty } from 'node:tty';
import pino, { type DestinationStream, type Logger } from 'pino';

export interface LogSettings {
  readonly level: string;
  /** `auto` is `pretty` on a terminal and `json` elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
}

const STDOUT = 1;

/** The log of this process' own doings, one line at a time on standard output. */
export async function createLog(
  settings: LogSettings,
  fields: Readonly<Record<string, unknown>>,
): Promise<Logger> {
  return pino(optionsOf(settings.level, fields), isPretty(settings) ? await prettyStream() : plainStream());
}

/** The same for a person at a terminal; null where lines are to be JSON. */
export async function prettyLog(
  settings: Pick<LogSettings, 'format'>,
  fields: Readonly<Record<string, unknown>>,
): Promise<Logger | null> {
  return isPretty(settings) ? pino(optionsOf('info', fields), await prettyStream()) : null;
}

function optionsOf(level: string, fields: Readonly<Record<string, unknown>>): pino.LoggerOptions {
  return { level, base: { ...fields }, formatters: { level: (label) => ({ level: label }) } };
}

function isPretty({ format }: Pick<LogSettings, 'format'>): boolean {
  return format === 'pretty' || (format === 'auto' && isatty(STDOUT));
}

async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: STDOUT,
    sync: true,
    ignore: 'pid,hostname,node',
    singleLine: true,
    translateTime: 'HH:MM:ss.l',
  });
}

/** Each line is written before the call returns, so that none is lost with the process. */
function plainStream(): DestinationStream {
  const stream = pino.destination({ fd: STDOUT, sync: true });
  // Nobody reads any more (EPIPE): the edge goes on without a log rather than ending with it.
  stream.on('error', () => {});
  return stream;
}
