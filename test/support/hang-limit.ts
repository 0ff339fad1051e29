/**
 * How long a test waits for something that must come, in milliseconds. The limit only ends what hangs: no test says by it
 * how fast something is, so it is far longer than a busy machine needs. `npm run mutate` sets a shorter one, as what
 * its tests wait for often never comes.
 */
export const HANG_LIMIT_MS = Number(process.env.HANG_LIMIT_MS ?? 240_000);

/** Settles like `promise`, or fails when it hangs. */
export function orHang<T>(promise: Promise<T>, what: string): Promise<T> {
  return within(promise, HANG_LIMIT_MS, what);
}

/** Settles like `promise`, or fails when that takes longer than `ms` milliseconds. */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
