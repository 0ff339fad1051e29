/**
 * Starts garbage collection while bytes are streamed. Read buffers are garbage at once, but they are outside of V8's heap: V8 starts a
 * collection only at 64 MB of them (`kExternalAllocationSoftLimit` in V8's sources), and no flag changes that. A collection of the
 * young generation takes less than a millisecond. One every few megabytes keeps the memory of an instance constant: with 20 uploads of
 * 5 MB at a time it grows by 18 MiB, and busboy alone by 56 MiB (`bench/claims/ingest.ts`).
 */
const INTERVAL_BYTES = 8 * 1024 * 1024;
/**
 * On a busy machine, buffers live so long that V8 moves them to the old generation. Only a full collection frees them. It takes about
 * 40 ms, so it waits for this many bytes: at less, uploads take a fifth more CPU.
 */
const PILE_BYTES = 20 * 1024 * 1024;

let sinceLast = 0;
let largestPile = PILE_BYTES;

/**
 * Collects garbage only if the process was started with `--expose-gc`, as the units are (`terraform/units.tf`).
 * @param bytes Bytes that passed through buffers.
 */
export function countStreamed(bytes: number): void {
  sinceLast += bytes;
  if (sinceLast < INTERVAL_BYTES) return;
  sinceLast = 0;
  globalThis.gc?.({ type: 'minor' });
  if (process.memoryUsage().arrayBuffers < largestPile) return;
  globalThis.gc?.({ type: 'major' });
  // The rest is still in use. The next full collection waits for twice as much.
  largestPile = Math.max(PILE_BYTES, 2 * process.memoryUsage().arrayBuffers);
}
