import { HANG_LIMIT_MS } from './hang-limit.ts';

/** Waits between two looks, in milliseconds: they grow, as each look costs work that what is waited for could do. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;

/** Waits until `probe` answers something; fails if that takes so long that it hangs. */
export async function eventually<T>(
  probe: () => Promise<T | undefined>,
  limitMs = HANG_LIMIT_MS,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(1.5 * waitMs, LONGEST_WAIT_MS)) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline)
      throw new Error(`Nothing came within ${limitMs} ms: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Waits until the expectation holds, e.g. of what has the focus after a dialog; fails as it failed last. */
export async function soon(expectation: () => Promise<void>, limitMs = HANG_LIMIT_MS / 4) {
  let failed: unknown;
  const holds = () =>
    expectation().then(
      () => true,
      (error) => {
        failed = error;
        return undefined;
      },
    );
  await eventually(holds, limitMs).catch(() => {
    throw failed;
  });
}
