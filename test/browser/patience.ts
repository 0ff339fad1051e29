/**
 * The page's time in the hands of a test. The page's client gives up what does not come in time: a first event, a poll,
 * two heartbeats. On a busy machine it would give up what only came late. So these waits and the page's date stand
 * still, until a test lets time pass.
 */
import type { Page } from 'playwright-core';

/** In `web/src/client`: the first event of a stream, the answer to a poll, to another request, the silence of a stream. */
const FIRST_EVENT_MS = 3_000;
const POLL_TIMEOUT_MS = 10_000;
const ANSWER_MS = 30_000;
const STALL_MS = 32_000;

/** To be called before the page is opened. Waits of any other length pass as usual. */
export async function holdPatience(page: Page): Promise<void> {
  await page.addInitScript(
    (held: number[]) => {
      const start = Date.now();
      let passed = 0;
      let last = 0;
      const waits = new Map<number, { due: number; fn: () => void }>();
      const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
      const set = (fn: () => void, ms: number, ...rest: unknown[]) => {
        if (!held.includes(ms)) return realSet(fn, ms, ...rest);
        waits.set(--last, { due: passed + ms, fn });
        return last;
      };
      const clear = (id: number) => void (waits.delete(id) || realClear(id));
      const pass = (ms: number) => {
        passed += ms;
        for (const [id, { due, fn }] of waits) {
          if (due > passed) continue;
          waits.delete(id);
          fn();
        }
      };
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear, passTime: pass });
      Date.now = () => start + passed;
    },
    [FIRST_EVENT_MS, POLL_TIMEOUT_MS, ANSWER_MS, STALL_MS],
  );
}

/** Lets so much time pass in the page. */
export async function passTime(page: Page, ms: number): Promise<void> {
  await page.evaluate((passing) => {
    (globalThis as unknown as { passTime(ms: number): void }).passTime(passing);
  }, ms);
}
