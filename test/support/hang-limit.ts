/**
 * How long a test waits for something that must come, in milliseconds. The limit only ends what hangs: no test says by it
 * how fast something is, so it is far longer than a busy machine needs. `npm run mutate` sets a shorter one, as what
 * its tests wait for often never comes.
 */
export const HANG_LIMIT_MS = Number(process.env.HANG_LIMIT_MS ?? 240_000);
