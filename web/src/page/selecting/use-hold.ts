/** Holding a picture with a finger begins a selection, as users of phones expect. */
import { type RefObject, useEffect } from 'react';

const HOLD_MS = 500;
/** A finger that moves further than this scrolls. */
const STILL_PX = 10;

/** @param onHold Called with the id of the media. Undefined: holding does nothing. */
export function useHold(
  region: RefObject<HTMLElement | null>,
  onHold: ((mediaId: string) => void) | undefined,
): void {
  useEffect(() => {
    const element = region.current;
    if (!element || !onHold) return;
    const ends = new AbortController();
    const { signal } = ends;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isHeld = false;
    let [x, y] = [0, 0];
    const stop = () => clearTimeout(timer);
    const begin = ({ pointerType, target, clientX, clientY }: PointerEvent) => {
      stop();
      isHeld = false;
      const picture = target instanceof Element ? target.closest('.ma-card-picture') : null;
      const id = picture?.closest('.ma-card')?.getAttribute('data-media-id');
      if (pointerType !== 'touch' || !id) return;
      [x, y] = [clientX, clientY];
      timer = setTimeout(() => {
        isHeld = true;
        onHold(id);
      }, HOLD_MS);
    };
    const move = ({ clientX, clientY }: PointerEvent) => {
      if (Math.hypot(clientX - x, clientY - y) > STILL_PX) stop();
    };
    // Android would offer to save the picture, and lifting the finger would open it.
    const prevent = (event: Event) => {
      if (!isHeld) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'click') isHeld = false;
    };
    element.addEventListener('pointerdown', begin, { signal });
    element.addEventListener('pointermove', move, { signal });
    for (const type of ['pointerup', 'pointercancel'])
      element.addEventListener(type, stop, { signal });
    for (const type of ['contextmenu', 'click'])
      element.addEventListener(type, prevent, { signal, capture: true });
    return () => {
      stop();
      ends.abort();
    };
  }, [region, onHold]);
}
