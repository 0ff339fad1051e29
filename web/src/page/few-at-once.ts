/** Requests side by side: a browser has six connections to a host, and the stream and the pictures need some of them. */
const AT_ONCE = 4;

/**
 * Does the same for each of many, a few at a time. One that fails keeps no other back.
 * @throws what the first of those that failed has thrown, when all have ended
 */
export async function fewAtOnce<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  // All take from the same one.
  const left = items.values();
  const takeEach = async () => {
    for (const item of left) await work(item).catch((reason: unknown) => failures.push(reason));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeEach));
  if (failures.length > 0) throw failures[0];
}
