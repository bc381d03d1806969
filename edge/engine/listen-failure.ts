import { getSystemErrorName } from 'node:util';

/** Why a socket cannot be listened on. Carries the system's code, as an error of `net.Server` does. */
export class ListenFailure extends Error {
  readonly code: string;

  /** @param status As libuv has it: a negative errno. */
  constructor(status: number) {
    const code = getSystemErrorName(status);
    super(`listen ${code}`);
    this.code = code;
  }
}
