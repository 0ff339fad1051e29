/** A browser has six connections to a host, and the stream and the pictures need some of them. */
const CONCURRENCY = 4;

/**
 * Works on a few items at a time. An item that fails stops no other.
 * @throws the first error, when all have ended
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  // The workers share one iterator.
  const left = items.values();
  const takeEach = async () => {
    for (const item of left) await work(item).catch((reason: unknown) => failures.push(reason));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, takeEach));
  if (failures.length > 0) throw failures[0];
}
