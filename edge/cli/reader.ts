import { EXIT_CODES } from './exit-code.ts';

/** Whoever reads standard output may leave early (`weir route list | head -1`): then this ends too, which is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', end);
}

/** From here on there is something to finish, whether anybody reads or not. */
export function outliveReader(): void {
  process.stdout.on('error', throwOthers);
  process.stdout.off('error', end);
}

function end(error: NodeJS.ErrnoException): void {
  throwOthers(error);
  process.exit(EXIT_CODES.ok);
}

function throwOthers(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
