/**
 * Starts garbage collection while bytes are streamed. Read buffers are garbage at once, but they are outside of V8's heap: V8 starts a
 * collection only at 64 MB of them (`kExternalAllocationSoftLimit` in V8's sources), and no flag changes that. A collection of the
 * young generation takes less than a millisecond. One every few megabytes keeps the memory of an instance constant: with 20 uploads of
 * 30 MB at a time it grew by 10 MB instead of 75 MB, in the same time.
 */
const INTERVAL_BYTES = 4 * 1024 * 1024;
/**
 * On a busy machine, buffers live so long that V8 moves them to the old generation. Only a full collection frees them. It takes about
 * 40 ms, so it waits for this many bytes.
 */
const PILE_BYTES = 16 * 1024 * 1024;

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
