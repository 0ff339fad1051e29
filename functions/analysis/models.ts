/** Which models there are to ask: the one that is configured, and the one that stands in for it. */

/** Per process: another one finds out by one call of its own. */
export class Models {
  readonly first: string;
  readonly fallback: string | undefined;
  /** Epoch milliseconds at which the first one's quota of the day is back. */
  private exhaustedUntil = 0;

  constructor(first: string, fallback?: string) {
    this.first = first;
    this.fallback = fallback === first ? undefined : fallback;
  }

  /** Whom to ask now. */
  current(now: number): string {
    return this.fallback !== undefined && now < this.exhaustedUntil ? this.fallback : this.first;
  }

  /** The quota of `model` is used up until `until`. @returns who can be asked instead. */
  exhausted(model: string, until: number): string | undefined {
    if (model !== this.first) return undefined;
    this.exhaustedUntil = until;
    return this.fallback;
  }

  get all(): string[] {
    return this.fallback === undefined ? [this.first] : [this.first, this.fallback];
  }
}
