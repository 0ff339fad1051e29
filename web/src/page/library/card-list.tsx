/**
 * The cards, by days. Only those near the screen are in the document: with all cards of a large library in it, each
 * frame takes longer, the further the user has scrolled. See docs/decisions/0051-cards-in-blocks.md.
 */
import {
  type CSSProperties,
  type ReactNode,
  type RefObject,
  startTransition,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useWords } from '../../components/words/index.ts';
import { type SelectAllOptions, useSelectAll } from '../selecting/selection.ts';
import type { Joined } from './above.tsx';
import { type Row, useCardKeys } from './card-keys.ts';
import './card-list.css';
import { aboveStart, dayOf, groupsOf, labelOf, linesOf, rowsOf, widthOf } from './days.ts';
import type { Entry } from './entries.ts';
import { firstInSight, KeepPlace } from './keep-place.tsx';

export { MediaCard } from '../../components/card/media-card.tsx';
export { foundEntries } from '../search/found-entries.ts';
// Loaded with the cards: without cards nobody sees an order or a search result.
export { orderBatches } from '../sending/batch-order.ts';
// The user can delete a card as soon as it is drawn.
export { FocusRestore } from './focus-restore.tsx';

/** A card this near to the screen is in the document, in pixels. */
const NEAR = 2_000;
/** As in the style sheets: a heading with the space below it, and the space between two lines of days. */
const HEADING = 44;
const BETWEEN = 20;
/** The space between a picture and its title. */
const TITLE_GAP = 6;

export interface CardListProps extends Omit<SelectAllOptions, 'ids'> {
  list: SelectAllOptions['list'] & Partial<Pick<Joined, 'above' | 'below'>>;
  entries: readonly Entry[];
  /** Undefined: nothing can be selected. */
  selected: ReadonlySet<string> | undefined;
  /** The media that was last in full view: its card is always in the document. */
  lastId: string | undefined;
  /** Shown above the cards. */
  onTop: ReactNode;
  /** Makes the card of an entry. Screen readers say its position in the whole list, most of which is not drawn. */
  children: (
    entry: Entry,
    place: { position: number; listSize: number; isTabStop: boolean },
  ) => ReactNode;
}

/** The places of the first entry and of the one after the last, and the position in the list, in pixels. */
type Span = Omit<Row, 'left'> & { bottom: number };

export function CardList(props: CardListProps) {
  const { entries, selected, lastId, onTop, children, ...selection } = props;
  const { list, search, rest } = selection;
  const { language } = useWords();
  const today = useToday();
  const box = useRef<HTMLDivElement>(null);
  const { columns, height, gap } = useTiles(box);
  const isAbove = useMemo(() => aboveStart(search), [search]);
  const lines = useMemo(() => {
    let [end, bottom] = [0, -BETWEEN];
    const groups = groupsOf(entries, search, today);
    return linesOf(groups, columns, today, isAbove).map((line) => {
      const [start, top] = [end, bottom + BETWEEN];
      const labels = line.map((group) => labelOf(group, language, today));
      const body = top + (labels.some(Boolean) ? HEADING : 0);
      let column = 0;
      const days = line.map((group, day) => {
        const width = widthOf(group, columns, today);
        const left = column;
        column += width;
        const rows = rowsOf(group.entries, width, isAbove(group)).map((cards, n) => {
          const [first, rowTop] = [end, body + n * height];
          end += cards.length;
          bottom = Math.max(bottom, rowTop + height - gap);
          return { cards, start: first, end, left, top: rowTop, bottom: rowTop + height - gap };
        });
        return { group, width, rows, label: labels[day] };
      });
      return { start, end, top, bottom, days };
    });
  }, [entries, search, today, columns, height, gap, isAbove, language]);
  const all = lines.flatMap(({ days }) => days);
  const rows = useMemo(
    () => lines.flatMap((line) => line.days.flatMap((day) => day.rows)),
    [lines],
  );
  const near = useNear(box, rows, entries);
  const held = useCardKeys(box, rows, entries, selected !== undefined);
  const heldPlace = entries.findIndex(({ key }) => key === held);
  /** Tab reaches the card that had the focus last, or else the first one in sight. */
  const stop = heldPlace >= 0 ? heldPlace : (rows.find(({ top }) => top >= near)?.start ?? 0);
  const lastPlace = entries.findIndex(({ media }) => media && media.id === lastId);
  const isShown = ({ start, end, top, bottom }: Span) =>
    (top < near + innerHeight + NEAR && bottom > near - NEAR) ||
    // From the focused card, arrow keys lead to those beside it.
    (start - columns <= stop && stop < end + columns) ||
    (start <= lastPlace && lastPlace < end);
  /** Takes the place of cards that are not shown. */
  const spaceOf = ({ top }: Span, { bottom }: Span) => ({ height: bottom - top });
  const [first, last] = [all.find(({ group }) => isAbove(group)), all.at(-1)];
  /** Only the last day, and the first one above, may have media that are not loaded yet. */
  const restOf = (day: unknown) => {
    if (day === first && list.above) return list.above;
    return day === last ? (list.below ?? list) : { ...list, hasMore: false };
  };
  const listSize = list.hasMore ? -1 : entries.length;
  const linesShown = withSpaces(
    lines,
    // The check box that is selecting the rest of a day must stay.
    (line) => isShown(line) || line.days.some(({ group }) => group.key === rest),
    ({ days }) =>
      days.map((day, n) => {
        const { group, label, width } = day;
        const isWide = width === columns;
        const gridColumn = isWide ? '1 / -1' : `${n === 0 ? '1 / ' : ''}span ${width}`;
        const cards = withSpaces(
          day.rows,
          isShown,
          (row) => [
            ...row.cards.map((entry, place) =>
              children(entry, {
                position: row.start + place + 1,
                listSize,
                isTabStop: row.start + place === stop,
              }),
            ),
            // A row that is not full, with others below it.
            row.cards.length < width && row !== day.rows.at(-1) && (
              <li
                key="end"
                aria-hidden={true}
                style={{ gridColumn: `${row.cards.length + 1} / -1` }}
              />
            ),
          ],
          (from, to) => (
            <li
              key={`to ${to.end}`}
              className="ma-space"
              aria-hidden={true}
              style={spaceOf(from, to)}
            />
          ),
        );
        return (
          <div
            key={group.key}
            className="ma-day"
            data-wide={isWide || undefined}
            style={{ gridColumn }}
          >
            {label && (
              <Heading
                {...{ label, selected, ...selection }}
                name={group.key}
                isTabStop={day.rows.some(({ start, end }) => start <= stop && stop < end)}
                ids={selected ? group.entries.flatMap(({ media }) => media?.id ?? []) : []}
                list={restOf(day)}
              />
            )}
            <ul
              className="ma-grid"
              aria-label={label}
              style={{ gridTemplateColumns: `repeat(${width}, minmax(0, 1fr))` }}
            >
              {cards}
            </ul>
          </div>
        );
      }),
    (from, to) => <div key={`to ${to.end}`} className="ma-space" style={spaceOf(from, to)} />,
  );
  /** Height of a card not yet drawn. */
  const tile: CSSProperties & Record<'--ma-tile', string> = { '--ma-tile': `${height - gap}px` };
  return (
    <>
      {/* Before other parts that scroll the page. */}
      <KeepPlace list={box} isAlways={list.above !== undefined} />
      {onTop}
      <div ref={box} className="ma-days" style={tile}>
        {linesShown}
      </div>
    </>
  );
}

/** The shown items in order, and a space in place of each run of others. */
function withSpaces<T>(
  all: readonly T[],
  isShown: (each: T) => boolean,
  show: (each: T) => ReactNode[],
  space: (from: T, to: T) => ReactNode,
): ReactNode[] {
  const items: ReactNode[] = [];
  let from: T | undefined;
  for (const [n, each] of all.entries()) {
    if (isShown(each)) items.push(...show(each));
    else {
      from ??= each;
      const next = all[n + 1];
      if (next !== undefined && !isShown(next)) continue;
      items.push(space(from, each));
      from = undefined;
    }
  }
  return items;
}

/** @returns about where the screen begins in the list, in pixels */
function useNear(
  box: RefObject<HTMLElement | null>,
  rows: readonly Span[],
  entries: readonly Entry[],
): number {
  const [seen, setSeen] = useState({ key: '', place: 0 });
  const placeOf = (wanted: string) => entries.findIndex(({ key }) => key === wanted);
  const topOf = (place: number) => rows.find(({ end }) => place < end)?.top ?? 0;
  const known = placeOf(seen.key);
  const near = topOf(known < 0 ? seen.place : known);
  /** The key asked for last: a started render goes on while the user scrolls. */
  const asked = useRef('');
  const look = () => {
    const { current } = box;
    if (!current || entries.length === 0) return;
    const card = firstInSight(current);
    const isSeen = card && card.getBoundingClientRect().top < innerHeight;
    const height = -current.getBoundingClientRect().top;
    const there = rows.find(({ bottom }) => height < bottom) ?? rows.at(-1);
    const place = (isSeen ? Number(card.getAttribute('aria-posinset')) - 1 : there?.start) ?? 0;
    const by = Math.abs(topOf(place) - topOf(placeOf(asked.current)));
    // A card that is gone may come back in another place.
    if (known >= 0 && by < innerHeight / 4) return;
    const next = { key: entries[place]?.key ?? '', place };
    asked.current = next.key;
    // With no card in sight, or in a new order, the update cannot wait.
    const isFar = Math.abs(topOf(place) - near) > NEAR / 2;
    if (isSeen && !isFar) startTransition(() => setSeen(next));
    else setSeen(next);
  };
  const latest = useRef(look);
  useLayoutEffect(() => {
    latest.current = look;
    look();
  });
  useEffect(() => {
    const ends = new AbortController();
    const options = { passive: true, capture: true, signal: ends.signal };
    // An app may have the list in an element that scrolls.
    document.addEventListener('scroll', () => latest.current(), options);
    return () => ends.abort();
  }, []);
  return near;
}

/** Number of columns, the height of a row with the gap below it, and that gap. */
function useTiles(box: RefObject<HTMLElement | null>) {
  const [tiles, setTiles] = useState({ columns: 6, height: 192, gap: 16 });
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const heightOf = (part: string) =>
      current.querySelector(part)?.getBoundingClientRect().height ?? 0;
    const measure = () => {
      const columns = getComputedStyle(current).gridTemplateColumns.split(' ').length;
      const [grid, picture] = [current.querySelector('.ma-grid'), heightOf('.ma-card-frame')];
      setTiles((now) => {
        const gap = grid ? Number.parseFloat(getComputedStyle(grid).rowGap) : now.gap;
        const height = picture
          ? picture + TITLE_GAP + heightOf('.ma-card-title') + gap
          : now.height;
        const isSame = now.columns === columns && Math.abs(now.height - height) < 0.1;
        return isSame ? now : { columns, height, gap };
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [box]);
  return tiles;
}

/** Today for the reader. It changes while the page is open. */
function useToday(): string {
  const [today, setToday] = useState(() => dayOf(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setToday(dayOf(Date.now())), 60_000);
    return () => clearInterval(timer);
  }, []);
  return today;
}

interface HeadingProps extends SelectAllOptions {
  name: string;
  label: string;
  /** Whether Tab reaches its check box: only the one above the card that Tab reaches. */
  isTabStop: boolean;
}

function Heading({ selected, ...props }: HeadingProps & Pick<CardListProps, 'selected'>) {
  const box = useId();
  const { label, ids } = props;
  const isTicked = selected && ids.length > 0;
  return (
    <div className="ma-day-heading">
      {isTicked && <Tick {...props} id={box} selected={selected} />}
      <h2>{isTicked ? <label htmlFor={box}>{label}</label> : label}</h2>
    </div>
  );
}

/** Selects all under a heading. It is beside the heading: inside, a screen reader would read both as one name. */
function Tick(props: HeadingProps & { id: string; selected: ReadonlySet<string> }) {
  const { id, name, label, selected, ids, list, isTabStop } = props;
  const { language } = useWords();
  const { selectAll, isWanted } = useSelectAll(name, props);
  const box = useRef<HTMLInputElement>(null);
  const isAll = !list.hasMore && ids.every((each) => selected.has(each));
  const isSome = isWanted || ids.some((each) => selected.has(each));
  useEffect(() => {
    if (box.current) box.current.indeterminate = isSome && !isAll;
  });
  return (
    <input
      ref={box}
      id={id}
      type="checkbox"
      tabIndex={isTabStop ? 0 : -1}
      checked={isAll}
      aria-label={language === 'ja' ? `${label}をすべて選択` : `Select all: ${label}`}
      onChange={({ target }) => selectAll(target.checked && !isWanted)}
    />
  );
}
