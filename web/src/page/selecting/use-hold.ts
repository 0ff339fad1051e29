/** Holding a picture with a finger begins to select, as on a phone people expect. */
import { type RefObject, useEffect } from 'react';

const HOLD_MS = 500;
/** A finger that moves further scrolls. */
const STILL_PX = 10;

/** @param onHold Called with the id of the media. Absent: holding does nothing. */
export function useHold(
  region: RefObject<HTMLElement | null>,
  onHold: ((mediaId: string) => void) | undefined,
): void {
  useEffect(() => {
    const element = region.current;
    if (!element || !onHold) return;
    const ends = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isHeld = false;
    const begin = { x: 0, y: 0 };
    const stop = () => clearTimeout(timer);
    const listen = <Type extends keyof HTMLElementEventMap>(
      type: Type,
      handler: (event: HTMLElementEventMap[Type]) => void,
      capture = false,
    ) => element.addEventListener(type, handler, { signal: ends.signal, capture });
    listen('pointerdown', ({ pointerType, target, clientX, clientY }) => {
      stop();
      isHeld = false;
      const card =
        target instanceof Element &&
        target.closest('.ma-card-picture') &&
        target.closest('.ma-card');
      const id = card ? card.getAttribute('data-media-id') : null;
      if (pointerType !== 'touch' || !id) return;
      Object.assign(begin, { x: clientX, y: clientY });
      timer = setTimeout(() => {
        isHeld = true;
        onHold(id);
      }, HOLD_MS);
    });
    listen('pointermove', ({ clientX, clientY }) => {
      if (Math.hypot(clientX - begin.x, clientY - begin.y) > STILL_PX) stop();
    });
    listen('pointerup', stop);
    listen('pointercancel', stop);
    // Android offers to save the picture, and the finger that lifts would open it.
    const prevent = (event: Event) => {
      if (!isHeld) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'click') isHeld = false;
    };
    listen('contextmenu', prevent, true);
    listen('click', prevent, true);
    return () => {
      stop();
      ends.abort();
    };
  }, [region, onHold]);
}
