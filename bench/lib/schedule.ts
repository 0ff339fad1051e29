/** The best possible time: queues that hand on work without any delay. */
import type { ItemTimes } from './slow-stack.ts';

/**
 * Milliseconds until the last item has passed two queues, one after the other. Each queue works on
 * `atATime` items and starts the next as soon as one is done.
 */
export function idealMakespan(times: readonly ItemTimes[], atATime: number): number {
  const uploaded = times.map(({ upload }) => upload);
  const arrivals = through(
    uploaded.map((duration) => ({ arrival: 0, duration })),
    atATime,
  );
  const inOrder = arrivals.toSorted((a, b) => a - b);
  const analyses = inOrder.map((arrival, n) => ({ arrival, duration: times[n]?.analysis ?? 0 }));
  return Math.max(...through(analyses, atATime));
}

/** When each item is done, first come first served. */
function through(
  items: readonly { arrival: number; duration: number }[],
  atATime: number,
): number[] {
  const freeAt = new Array<number>(atATime).fill(0);
  return items.map(({ arrival, duration }) => {
    const server = freeAt.indexOf(Math.min(...freeAt));
    const end = Math.max(arrival, freeAt[server] ?? 0) + duration;
    freeAt[server] = end;
    return end;
  });
}
