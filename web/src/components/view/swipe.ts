/** What a finger on the picture of the full view means: across it turns, down it closes. Lengths are in pixels, times in ms. */

export type Side = 'previous' | 'next';

/** How far a finger has gone, or how fast it goes. */
export interface Way {
  x: number;
  y: number;
}

/** Where a finger was, and when. */
export interface Sample extends Way {
  time: number;
}

/** Before this, a finger that rests is not told from one that moves. */
const SLOP = 6;
/** A picture that is let go would go on for so long as fast as it went: a short quick swipe reaches as far as a long slow one. */
const REACH_MS = 250;
/** The farthest that a turn needs, on a wide screen. */
const TURN = 240;
/** A finger that is as fast as this turns at once. One that just trembles never turns. */
const QUICK = 0.5;
const TREMBLE = 20;
const CLOSE = 140;
/** What came before says nothing of how fast a finger is when it leaves. */
const RECENT_MS = 100;

/** @returns undefined: that cannot be told yet */
export function directionOf({ x, y }: Way): 'across' | 'down' | 'up' | undefined {
  if (Math.hypot(x, y) < SLOP) return undefined;
  if (Math.abs(x) > Math.abs(y)) return 'across';
  return y > 0 ? 'down' : 'up';
}

/** @param samples The last one is from when the finger left. */
export function speedOf(samples: readonly Sample[]): Way {
  const last = samples.at(-1);
  const first = last && samples.find(({ time }) => last.time - time <= RECENT_MS);
  const time = last && first ? last.time - first.time : 0;
  if (!last || !first || time <= 0) return { x: 0, y: 0 };
  return { x: (last.x - first.x) / time, y: (last.y - first.y) / time };
}

/**
 * @param at Where the picture is: 0 is its place.
 * @param moved How far the finger has gone. One that has turned round does not turn to the other side.
 */
export function turnOf(at: number, moved: number, speed: number, width: number): Side | undefined {
  const end = at + speed * REACH_MS;
  const isFar =
    end * moved > 0 && Math.abs(moved) >= TREMBLE && Math.abs(end) >= Math.min(width / 2, TURN);
  const isQuick = speed * moved > 0 && Math.abs(speed) >= QUICK && Math.abs(moved) >= TREMBLE;
  if (!isFar && !isQuick) return undefined;
  return moved > 0 ? 'previous' : 'next';
}

export const doesClose = (down: number, speed: number) => down + speed * REACH_MS > CLOSE;

/** Where there is nothing to turn to, a picture follows less and less. */
export const resisted = (x: number, width: number) => x / (1 + (2 * Math.abs(x)) / width);

/** How long a picture takes for the rest of its way, at first about as fast as the finger was. */
export const restOf = (distance: number, speed: number) =>
  Math.min(320, Math.max(160, (3 * Math.abs(distance)) / Math.max(0.1, Math.abs(speed))));
