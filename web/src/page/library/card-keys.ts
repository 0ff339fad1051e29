/** The cards by keyboard: Tab reaches one card, and arrow keys reach all others, even those that are not drawn. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { isDeleteKey, takeDeleteKey } from '../../components/base/delete-key.ts';
import { keepFocus } from '../../components/base/keep-focus.ts';
import type { Entry } from './entries.ts';

/** A row of cards: the places of its first card and of the one after it, its top in pixels, and its first column. */
export interface Row {
  start: number;
  end: number;
  top: number;
  left: number;
}

/** @returns what opens or selects a card; without that the card itself, so that no key presses another control */
export const faceOf = (card: HTMLElement): HTMLElement =>
  card.querySelector<HTMLElement>('button.ma-card-picture, .ma-card-picture input') ?? card;

/**
 * @param rows From the top. Rows of days beside each other have the same top.
 * @returns the place of the card to which a key leads; undefined: none
 */
export function cardBeside(rows: readonly Row[], place: number, key: string): number | undefined {
  const size = rows.at(-1)?.end ?? 0;
  const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: size - 1 }[key];
  if (to !== undefined) return to >= 0 && to < size && to !== place ? to : undefined;
  const at = rows.findIndex(({ end }) => place < end);
  const row = rows[at];
  if (!row || (key !== 'ArrowUp' && key !== 'ArrowDown')) return undefined;
  const others = key === 'ArrowDown' ? rows.slice(at) : rows.slice(0, at).reverse();
  const next = others.find(({ top }) => top !== row.top);
  const column = row.left + place - row.start;
  // The closest card of each day in that line.
  const closest = others
    .filter(({ top }) => top === next?.top)
    .map(({ start, end, left }) => {
      const nth = Math.max(0, Math.min(column - left, end - start - 1));
      return { place: start + nth, by: Math.abs(left + nth - column) };
    });
  return closest.sort((a, b) => a.by - b.by)[0]?.place;
}

/** @returns the key of the card that had the focus last */
export function useCardKeys(
  box: RefObject<HTMLElement | null>,
  rows: readonly Row[],
  entries: readonly Entry[],
  isSelecting: boolean,
): string {
  const [held, setHeld] = useState('');
  const keyOf = (card: Element | null | undefined) =>
    entries[Number(card?.getAttribute('aria-posinset')) - 1]?.key;
  /** Presses the control that names the key as its shortcut. */
  const pressIn = (card: Element, key: string, shiftKey: boolean) =>
    card
      .querySelector(`[aria-keyshortcuts="${key}"]`)
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey }));
  const focus = ({ target }: FocusEvent) => {
    const of = target instanceof Element ? target : null;
    const card = of?.closest('.ma-card') ?? of?.closest('.ma-day')?.querySelector('.ma-card');
    setHeld(keyOf(card) ?? '');
  };
  const goTo = (place: number) => {
    // The card may have to be drawn first.
    flushSync(() => setHeld(entries[place]?.key ?? ''));
    const card = box.current?.querySelector<HTMLElement>(`[aria-posinset="${place + 1}"]`);
    if (!card) return;
    keepFocus(faceOf(card));
    card.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: KeyboardEvent) => {
    const { target, key, altKey, ctrlKey, metaKey, shiftKey } = event;
    const card = target instanceof Element ? target.closest('.ma-card') : null;
    if (!card || altKey || ctrlKey || metaKey || event.defaultPrevented) return;
    const place = Number(card.getAttribute('aria-posinset')) - 1;
    const to = shiftKey ? undefined : cardBeside(rows, place, key);
    // In a selection, the Delete key acts on all selected cards.
    const isDelete = !isSelecting && isDeleteKey(event);
    const isSelect = key.toLowerCase() === 'x';
    if (to === undefined && !isDelete && !isSelect) return;
    event.preventDefault();
    if (to !== undefined) goTo(to);
    else if (!event.repeat) pressIn(card, isDelete ? 'Delete' : 'x', shiftKey);
  };
  const latest = useRef({ focus, press });
  useEffect(() => {
    latest.current = { focus, press };
  });
  useEffect(() => {
    const { current } = box;
    const ends = new AbortController();
    current?.addEventListener('focusin', (event) => latest.current.focus(event), ends);
    // A person pressed a button: a Delete key from before no longer counts.
    current?.addEventListener('click', ({ isTrusted }) => isTrusted && takeDeleteKey(), ends);
    current?.addEventListener('keydown', (event) => latest.current.press(event), ends);
    return () => ends.abort();
  }, [box]);
  return held;
}
