/** npm sends a terminal's Ctrl-C on to a process that has had it already: that is not a second one. */
const SAME_SIGNAL_MS = 200;

/** How late the end of npx may be noticed. */
const PARENT_CHECK_MS = 500;

/** Resolves with the first signal that asks the process to end; the second one is for whoever waits too long. */
export class StopSignal {
  readonly asked: Promise<void>;
  #askedAt: number | null = null;
  #isImpatient = false;
  #hurry: () => void = () => {};

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.asked = promise;
    const take = () => {
      const now = performance.now();
      this.#askedAt ??= now;
      resolve();
      if (now - this.#askedAt < SAME_SIGNAL_MS) return;
      this.#isImpatient = true;
      this.#hurry();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, take);
    if (process.env['npm_command'] !== undefined) watchParent(take);
  }

  get isAsked(): boolean {
    return this.#askedAt !== null;
  }

  /** Called at the second signal, at once if that has come already. */
  onSecond(hurry: () => void): void {
    this.#hurry = hurry;
    if (this.#isImpatient) hurry();
  }
}

/** npx passes a SIGTERM on to the shell in between, which ends without passing it on: all that is seen of it is that. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    onGone();
  }, PARENT_CHECK_MS).unref();
}
