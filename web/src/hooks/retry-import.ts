/** Loads parts of the page when they are needed, even if the connection is down for a while. */
import { browserWakeUps, sleep, systemClock } from '../client/clock.ts';

const FIRST_MS = 1_000;
/** After a release the parts of an older page are gone: the page must not ask for them each second, for days. */
const MOST_MS = 60_000;

/**
 * Loads a part. If that fails, tries again when the browser is online again, and after growing waits.
 * @param mostMs the longest wait
 * @throws the signal's reason, and nothing else
 */
export async function retryImport<Part>(
  load: () => Promise<Part>,
  { signal, mostMs = MOST_MS }: { signal?: AbortSignal; mostMs?: number } = {},
): Promise<Part> {
  for (let ms = FIRST_MS; ; ms = Math.min(2 * ms, mostMs)) {
    try {
      return await load();
    } catch (error) {
      // Reports the error once.
      if (ms === FIRST_MS) reportError(error);
      await sleep(ms, systemClock, signal, browserWakeUps);
    }
  }
}
