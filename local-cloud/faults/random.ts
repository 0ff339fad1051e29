/** Repeatable random numbers. */

export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  pick<T>(values: readonly T[]): T;
  /** Draws a key with the frequency of its weight. */
  weighted<K extends string>(weights: Partial<Record<K, number>>): K;
}

/** @param stream each stream of the same seed has its own numbers */
export function createRandom(seed: number, stream = ''): Random {
  let state = seed;
  for (const character of stream) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  // mulberry32: one round of multiplications and shifts for each number; repeats after 2³² numbers.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    pick<T>(values: readonly T[]): T {
      if (values.length === 0) throw new RangeError('nothing to pick from');
      return values[Math.floor(next() * values.length)] as T;
    },
    weighted<K extends string>(weights: Partial<Record<K, number>>): K {
      const entries = Object.entries(weights) as [K, number][];
      const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
      let at = next() * total;
      for (const [key, weight] of entries) {
        at -= weight;
        if (at < 0) return key;
      }
      throw new RangeError('no key has a weight');
    },
  };
}
