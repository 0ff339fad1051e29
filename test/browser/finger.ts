/** A finger on a touch screen. It moves at a speed that the test says, however busy the machine is. */
import type { Page } from 'playwright-core';

export interface Finger {
  /** @param after So long after what it did last. Two taps that are near to each other are a double tap. */
  down(x: number, y: number, after?: number): Promise<void>;
  /** Goes there in so many steps of 16 ms. */
  moveTo(x: number, y: number, steps?: number): Promise<void>;
  /** @param after So long it has rested before. */
  up(after?: number): Promise<void>;
  /** The browser takes the finger for itself. */
  cancel(): Promise<void>;
  /** Another finger comes. */
  addSecond(x: number, y: number): Promise<void>;
}

export async function fingerOn(page: Page): Promise<Finger> {
  const session = await page.context().newCDPSession(page);
  let now = Date.now();
  let at = { x: 0, y: 0 };
  const others: { x: number; y: number; id: number }[] = [];
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd' | 'touchCancel', ms: number) => {
    now += ms;
    const isOver = type === 'touchEnd' || type === 'touchCancel';
    const touchPoints = isOver ? [] : [{ ...at, id: 0 }, ...others];
    return session.send('Input.dispatchTouchEvent', { type, touchPoints, timestamp: now / 1_000 });
  };
  return {
    async down(x, y, after = 1_000) {
      at = { x, y };
      others.length = 0;
      await send('touchStart', after);
    },
    async moveTo(x, y, steps = 5) {
      const from = at;
      for (let n = 1; n <= steps; n++) {
        at = { x: from.x + ((x - from.x) * n) / steps, y: from.y + ((y - from.y) * n) / steps };
        await send('touchMove', 16);
      }
    },
    up: async (after = 0) => void (await send('touchEnd', after)),
    cancel: async () => void (await send('touchCancel', 0)),
    async addSecond(x, y) {
      others.push({ x, y, id: 1 });
      await send('touchStart', 16);
    },
  };
}
