/** Something to wait for that may ring while nobody waits, and that then has rung. */
export class Alarm {
  #isRinging = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  /** Forgets what rang up to now. */
  reset(): void {
    this.#isRinging = false;
  }

  ring(): void {
    this.#isRinging = true;
    this.#wake?.();
  }

  /** Makes every wait from now on throw. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.ring();
  }

  /** Resolves when it has rung, at the latest after `ms`. */
  async within(ms: number): Promise<void> {
    if (!this.#isRinging) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    if (this.#failure !== null) throw this.#failure;
  }
}
