/** A binary heap: `pop` returns the entry with the smallest `at`. */
export class Heap<T> {
  readonly #entries: { at: number; value: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(at: number, value: T): void {
    const entries = this.#entries;
    let index = entries.push({ at, value }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((entries[parent]?.at ?? 0) <= at) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): { at: number; value: T } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (!first || !last || entries.length === 0) return first;
    entries[0] = last;
    let index = 0;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = index;
      for (const child of [left, right]) {
        if ((entries[child]?.at ?? Number.POSITIVE_INFINITY) < (entries[least]?.at ?? 0))
          least = child;
      }
      if (least === index) return first;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(a: number, b: number): void {
    const entries = this.#entries;
    const [first, second] = [entries[a], entries[b]];
    if (first && second) [entries[a], entries[b]] = [second, first];
  }
}
