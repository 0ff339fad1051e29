/** Chance that can be repeated. */

export interface Random {
  /** 0 to 1, without 1. */
  next(): number;
  pick<T>(values: readonly T[]): T;
  /** One of the keys, each as often as its weight says. */
  weighted<K extends string>(weights: Partial<Record<K, number>>): K;
}

/** @param stream The same seed gives each stream numbers of its own. */
export function createRandom(seed: number, stream = ''): Random {
  let state = seed;
  for (const character of stream) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  // mulberry32: one multiply-and-shift round a number, 2³² numbers before it repeats.
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
