import { isatty } from 'node:tty';
import pino, { type DestinationStream, type Logger } from 'pino';

export interface LogSettings {
  readonly level: string;
  /** `auto` is `pretty` on a terminal and `json` elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
}

const STDOUT = 1;

/** Written in one piece by the kernel, also to a pipe that several processes share (PIPE_BUF, pipe(7)). */
const MAX_WRITE_BYTES = 4096;

/** What is kept for a reader of the log that has stopped reading; more is dropped and counted. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** The log of this process' own doings, one line at a time on standard output. */
export async function createLog(
  settings: LogSettings,
  fields: Readonly<Record<string, unknown>>,
): Promise<Logger> {
  return pino(optionsOf(settings.level, fields), await destinationOf(settings, { isBuffered: false }));
}

/** A log for lines in great number: they are written several at a time, at least once a second. */
export interface BufferedLog {
  readonly log: Logger;
  /** Lines that were dropped because standard output did not take them. */
  dropped(): number;
  /** Writes out what is buffered before it returns. */
  close(): void;
}

const FLUSH_INTERVAL_MS = 1000;

export async function createBufferedLog(
  settings: LogSettings,
  fields: Readonly<Record<string, unknown>>,
): Promise<BufferedLog> {
  const destination = await destinationOf(settings, { isBuffered: true });
  const log = pino(optionsOf('info', fields), destination);
  let dropped = 0;
  if (!('flushSync' in destination)) return { log, dropped: () => dropped, close: () => {} };
  destination.on('drop', () => {
    dropped += 1;
  });
  const flushing = setInterval(() => destination.flush(), FLUSH_INTERVAL_MS).unref();
  return {
    log,
    dropped: () => dropped,
    close() {
      clearInterval(flushing);
      flushNow(destination);
    },
  };
}

function optionsOf(level: string, fields: Readonly<Record<string, unknown>>): pino.LoggerOptions {
  return { level, base: { ...fields }, formatters: { level: (label) => ({ level: label }) } };
}

type Destination = DestinationStream | ReturnType<typeof pino.destination>;

async function destinationOf(
  settings: LogSettings,
  { isBuffered }: { isBuffered: boolean },
): Promise<Destination> {
  if (settings.format === 'pretty' || (settings.format === 'auto' && isatty(STDOUT))) {
    const { default: pretty } = await import('pino-pretty');
    return pretty({ destination: STDOUT, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' });
  }
  const destination = pino.destination(
    isBuffered
      ? {
          fd: STDOUT,
          sync: false,
          minLength: MAX_WRITE_BYTES - 512,
          maxWrite: MAX_WRITE_BYTES,
          maxLength: MAX_BUFFERED_BYTES,
        }
      : { fd: STDOUT, sync: true },
  );
  // Nobody reads any more (EPIPE): the edge goes on without a log rather than ending with it.
  destination.on('error', () => {});
  return destination;
}

/** Right after the start the stream is not open yet and has nothing to flush, which it reports by throwing. */
function flushNow(destination: ReturnType<typeof pino.destination>): void {
  try {
    destination.flushSync();
  } catch {
    destination.end();
  }
}
