import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { Entry } from './entries.ts';

interface MovedFocusProps {
  /** What the cards are in. */
  region: RefObject<HTMLElement | null>;
  entries: readonly Entry[];
}

/** A card that moves from one block to another is made anew there. If something in it had the focus, that gets it again. */
export function MovedFocus({ region, entries }: MovedFocusProps) {
  const held = useRef<{ target: Element; nth: number; key: string | undefined }>(undefined);
  const latest = useRef(entries);
  useEffect(() => {
    const hear = ({ target }: FocusEvent) => {
      const card = target instanceof Element && target.closest('.ma-card');
      held.current = card
        ? {
            target,
            nth: buttonsOf(card).indexOf(target as HTMLElement),
            key: latest.current[Number(card.getAttribute('aria-posinset')) - 1]?.key,
          }
        : undefined;
    };
    const element = region.current;
    element?.addEventListener('focusin', hear);
    return () => element?.removeEventListener('focusin', hear);
  }, [region]);
  useLayoutEffect(() => {
    latest.current = entries;
    // Who has left it for something else keeps that.
    if (held.current?.target.isConnected !== false || document.activeElement !== document.body) {
      return;
    }
    const { nth, key } = held.current;
    const place = entries.findIndex((entry) => entry.key === key) + 1;
    const card = region.current?.querySelector(`[aria-posinset="${place}"]`);
    if (card) buttonsOf(card)[nth]?.focus({ preventScroll: true });
  }, [region, entries]);
  return null;
}

const buttonsOf = (card: Element) => [...card.querySelectorAll<HTMLElement>('button, input, a')];
