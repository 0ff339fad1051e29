import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { keepFocus } from '../../components/base/keep-focus.ts';
import type { Entry } from './entries.ts';

interface FocusRestoreProps {
  /** Contains the cards. */
  region: RefObject<HTMLElement | null>;
  entries: readonly Entry[];
}

/**
 * React makes a card anew when it moves from one block to another. The control in it that had the focus gets it back. If a card
 * disappears, the card that takes its place gets the focus.
 */
export function FocusRestore({ region, entries }: FocusRestoreProps) {
  const held = useRef<Held>(undefined);
  const latest = useRef(entries);
  useEffect(() => {
    const hold = (target: EventTarget | null) => {
      // A dialog gives the focus back.
      if (!(target instanceof Element) || target.closest('dialog')) return;
      const card = region.current?.contains(target) && target.closest('.ma-card');
      const place = card ? Number(card.getAttribute('aria-posinset')) : 0;
      held.current = card
        ? {
            target,
            place,
            nth: buttonsOf(card).indexOf(target as HTMLElement),
            key: latest.current[place - 1]?.key,
          }
        : undefined;
    };
    const hear = ({ target }: FocusEvent) => hold(target);
    // A person may be quicker than this part.
    hold(document.activeElement);
    document.addEventListener('focusin', hear);
    return () => document.removeEventListener('focusin', hear);
  }, [region]);
  useLayoutEffect(() => {
    latest.current = entries;
    // The user has moved the focus elsewhere.
    if (held.current?.target.isConnected !== false || document.activeElement !== document.body) {
      return;
    }
    const { nth, key, place: before } = held.current;
    const place =
      entries.findIndex((entry) => entry.key === key) + 1 || Math.min(before, entries.length);
    const card = region.current?.querySelector(`[aria-posinset="${place}"]`);
    const buttons = card ? buttonsOf(card) : [];
    keepFocus(buttons[nth] ?? buttons.at(-1) ?? region.current);
  }, [region, entries]);
  return null;
}

interface Held {
  target: Element;
  /** Position of the card in the list, from 1. */
  place: number;
  /** Index among the buttons of the card. */
  nth: number;
  key: string | undefined;
}

const buttonsOf = (card: Element) => [...card.querySelectorAll<HTMLElement>('button, input, a')];
