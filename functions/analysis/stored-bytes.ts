/** How much of a document a value takes. */

/** A media carries up to twenty answers, and Firestore takes documents of at most 1 MiB. */
export const MAX_ANSWER_BYTES = 32_000;

/** As Firestore counts: https://cloud.google.com/firestore/docs/storage-size */
export function storedBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 1;
  if (typeof value === 'number') return 8;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + storedBytes(each), 0);
  if (typeof value !== 'object' || value === null) return 1;
  const members = Object.entries(value);
  return members.reduce(
    (sum, [name, each]) => sum + Buffer.byteLength(name) + 1 + storedBytes(each),
    32,
  );
}
