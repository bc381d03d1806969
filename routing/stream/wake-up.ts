/**
 * One sleeper and anybody who wants to wake it. A ring while it is awake is kept, and any number of them is one: that is
 * what makes a burst of notifications one more read.
 */
export class WakeUp {
  #isPending = false;
  #resume: (() => void) | null = null;

  ring(): void {
    if (this.#resume === null) this.#isPending = true;
    else this.#resume();
  }

  /** Sleeps until a ring or for `ms`, whichever is first; at once if a ring is waiting. */
  async sleep(ms: number): Promise<void> {
    if (!this.#isPending) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      this.#resume = null;
    }
    this.#isPending = false;
  }
}
