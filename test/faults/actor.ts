/** Somebody at work whom a test stops before each step, lets go on, or never does. */

export class Actor {
  /** Whether there is nothing left to do. */
  isOver = false;
  /** Steps that it stands before; it may do two things at a time. */
  readonly #waiting: (() => void)[] = [];
  #notice: () => void = () => undefined;

  /** Called by the work before each step: waits until the test says so. */
  readonly gate = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#notice();
    });
  };

  /** An error is how work may end, too: Cloud Tasks is told 500 then. */
  start(work: () => Promise<unknown>): void {
    work()
      .catch(() => undefined)
      .finally(() => {
        this.isOver = true;
        this.#notice();
      });
  }

  /** Resolves when it stands before a step, or is done. */
  async settled(): Promise<void> {
    while (!this.isOver && this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#notice = resolve;
      });
    }
  }

  async step(): Promise<void> {
    this.#waiting.shift()?.();
    // What it does next may need a moment: until then it is taken to stand where it stood.
    await new Promise((resolve) => setImmediate(resolve));
    await this.settled();
  }

  async finish(): Promise<void> {
    while (!this.isOver) await this.step();
  }
}
