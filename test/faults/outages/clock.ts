/** Virtual time: hours pass as fast as the work between them is done. */

interface Event {
  at: number;
  run: () => void;
}

/** Runs what is due, waits until the work that this began stands still, and goes to the next time. */
export class VirtualClock {
  #now: number;
  /** In the order in which they are due. */
  readonly #events: Event[] = [];
  /** Work that is under way and does not sleep. */
  #busy = 0;
  #idle: () => void = () => undefined;

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  /** Sleeps in virtual time. Call it only from within `work`. */
  readonly sleep = async (ms: number): Promise<void> => {
    this.#leave();
    await new Promise<void>((resolve) => {
      this.at(this.#now + ms, () => {
        this.#busy++;
        resolve();
      });
    });
  };

  at(time: number, run: () => void): void {
    const at = Math.max(time, this.#now);
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as Event).at <= at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Starts work. Time does not pass before it is over or sleeps. Its errors are the caller's. */
  work(fn: () => Promise<void>): void {
    this.#busy++;
    void fn().finally(() => this.#leave());
  }

  /** @returns whether `isOver` was reached by `end` */
  async runUntil(end: number, isOver: () => boolean): Promise<boolean> {
    for (;;) {
      while (this.#busy > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
      if (isOver()) return true;
      const next = this.#events.shift();
      if (!next || next.at > end) return false;
      this.#now = next.at;
      next.run();
    }
  }

  #leave(): void {
    this.#busy--;
    if (this.#busy === 0) this.#idle();
  }
}
