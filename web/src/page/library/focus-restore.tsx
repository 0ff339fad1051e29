import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { faceOf } from './card-keys.ts';
import type { Entry } from './entries.ts';

const TRASH = '.ma-card-remove';

interface FocusRestoreProps {
  /** The element with the cards. */
  region: RefObject<HTMLElement | null>;
  entries: readonly Entry[];
}

/**
 * If React makes a card anew, e.g. when its day becomes known, its control gets the focus back. If a card disappears,
 * the card in its place gets the focus: the same control, or else what opens it. But a key held down on one trash can
 * deletes no other card.
 */
export function FocusRestore({ region, entries }: FocusRestoreProps) {
  /** `place` is the position of the card in the list, from 1. */
  const held = useRef<{ target: Element; place: number; key: string | undefined }>(undefined);
  const latest = useRef(entries);
  useEffect(() => {
    const hold = ({ target }: { target: EventTarget | null }) => {
      // A dialog gives the focus back itself.
      if (!(target instanceof Element) || target.closest('dialog')) return;
      const card = region.current?.contains(target) ? target.closest('.ma-card') : null;
      const place = Number(card?.getAttribute('aria-posinset'));
      held.current = card ? { target, place, key: latest.current[place - 1]?.key } : undefined;
    };
    document.addEventListener('focusin', hold);
    return () => document.removeEventListener('focusin', hold);
  }, [region]);
  useLayoutEffect(() => {
    latest.current = entries;
    // Otherwise the user has moved the focus elsewhere.
    const isLost = !held.current?.target.isConnected && document.activeElement === document.body;
    if (!held.current || !isLost) return;
    const { target, key, place } = held.current;
    const now = entries.findIndex((entry) => entry.key === key) + 1;
    const card = region.current?.querySelector<HTMLElement>(
      `[aria-posinset="${now || Math.min(place, entries.length)}"]`,
    );
    const controls = card?.querySelectorAll<HTMLElement>('button, input, a') ?? [];
    const same = [...controls].find(
      ({ className }) => className === target.className && (now || !target.matches(TRASH)),
    );
    keepFocus(same ?? (card ? faceOf(card) : region.current));
  });
  return null;
}
