interface At {
  clientX: number;
  clientY: number;
  timeStamp: number;
}

/** Longer, it is a press. */
const LONG_MS = 500;
const FAR_PX = 10;

/**
 * Whether a finger has come and gone at one place. It is asked of pointer events, as Chromium tells of no click where a player has
 * controls.
 */
export const isTap = (down: At | undefined, up: At): boolean =>
  down !== undefined &&
  up.timeStamp - down.timeStamp < LONG_MS &&
  Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < FAR_PX;
