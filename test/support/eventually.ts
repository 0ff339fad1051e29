import { HANG_LIMIT_MS } from './hang-limit.ts';

/** Waits until `probe` answers something; fails if that takes so long that it hangs. */
export async function eventually<T>(
  probe: () => Promise<T | undefined>,
  limitMs = HANG_LIMIT_MS,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline)
      throw new Error(`Nothing came within ${limitMs} ms: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
