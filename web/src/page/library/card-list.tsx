/**
 * The cards, by days. Only those near the screen are in the document: with all cards of a large library in it, the browser needs
 * longer for each frame the further one has scrolled. See docs/decisions/0051-cards-in-blocks.md.
 */
import {
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
import './card-list.css';
import {
  aboveStart,
  type DayGroup,
  dayOf,
  groupsOf,
  labelOf,
  linesOf,
  rowsOf,
  widthOf,
} from './days.ts';
import type { Entry } from './entries.ts';
import { firstInSight, KeepPlace } from './keep-place.tsx';

export { MediaCard } from '../../components/card/media-card.tsx';
export { foundEntries } from '../search/found-entries.ts';
// These come with the cards: without them nobody sees an order, nor what is found.
export { orderBatches } from '../sending/batch-order.ts';
// A card can be deleted as soon as it is there.
export { FocusRestore } from './focus-restore.tsx';

/** So far from the screen a card is in the document, in pixels. */
const NEAR = 2_000;
/** As in the style sheets: a heading with the room below it, and the room between two lines of days. */
const HEADING = 44;
const BETWEEN = 20;
/** The room between a picture and its title. */
const TITLE_GAP = 6;

export interface CardListProps extends Omit<SelectAllOptions, 'ids'> {
  list: SelectAllOptions['list'] & Partial<Pick<Joined, 'above' | 'below'>>;
  entries: readonly Entry[];
  /** Absent: nothing can be selected. */
  selected: ReadonlySet<string> | undefined;
  /** What stands on top of the cards. */
  onTop: ReactNode;
  /** Makes the card of an entry. A screen reader says where it is in the whole list, most of which is not in the document. */
  children: (entry: Entry, place: { position: number; listSize: number }) => ReactNode;
}

/** What stands on one line: a day, or some with few cards. Places are in pixels from the top of the list. */
interface Line {
  days: Day[];
  /** The places of its first entry and of the one behind it. */
  start: number;
  end: number;
  top: number;
  /** Of its first row of cards. */
  body: number;
  bottom: number;
}

const NOWHERE: Line = { days: [], start: 0, end: 0, top: 0, body: 0, bottom: 0 };

interface Day {
  group: DayGroup;
  label: string | undefined;
  width: number;
  start: number;
  rows: ReturnType<typeof rowsOf>;
}

export function CardList({ entries, selected, onTop, children, ...selection }: CardListProps) {
  const { list, search, rest } = selection;
  const { language } = useWords();
  const today = useToday();
  const box = useRef<HTMLDivElement>(null);
  const { columns, row, gap } = useTiles(box);
  const isAbove = useMemo(() => aboveStart(search), [search]);
  const lines = useMemo(() => {
    let [end, bottom] = [0, -BETWEEN];
    return linesOf(groupsOf(entries, search, today), columns, today, isAbove).map(
      (groups): Line => {
        const [start, top] = [end, bottom + BETWEEN];
        const days = groups.map((group): Day => {
          const { length } = group.entries;
          const width = widthOf(group, columns, today);
          end += length;
          const label = labelOf(group, language, today);
          return {
            group,
            label,
            width,
            start: end - length,
            rows: rowsOf(length, width, isAbove(group)),
          };
        });
        const body = top + (days.some(({ label }) => label) ? HEADING : 0);
        bottom = body + Math.max(...days.map(({ rows }) => rows.count)) * row - gap;
        return { days, start, end, top, body, bottom };
      },
    );
  }, [entries, search, today, columns, row, gap, isAbove, language]);
  const { near, focused } = useNear(box, lines, entries, row);
  const isNear = (from: number, to: number) => to > near - NEAR && from < near + innerHeight + NEAR;
  const listSize = list.hasMore ? -1 : entries.length;
  /** Of entries that are not in the document. Those that wait are counted by the style sheet. */
  const spaceOf = (height: number, start: number, end: number) => {
    const waiting = entries.slice(start, end).filter(({ stage }) => stage === 'waiting').length;
    return { height, counterIncrement: `ma-line ${waiting}` };
  };
  const rowsOfDay = ({ group, start, width, rows }: Day, body: number) => {
    const { count, startOf, rowOf } = rows;
    const place = focused - start;
    const held = 0 <= place && place < group.entries.length ? rowOf(place) : Number.NaN;
    return withSpaces(
      count,
      (n) => isNear(body + n * row, body + (n + 1) * row) || Math.abs(held - n) <= 1,
      (n) => {
        const [from, to] = [startOf(n), startOf(n + 1)];
        const cards = group.entries
          .slice(from, to)
          .map((entry, n) => children(entry, { position: start + from + n + 1, listSize }));
        const isCut = n < count - 1 && to - from < width;
        const rest = { gridColumn: `${to + 1} / -1` };
        return isCut ? [...cards, <li key="rest" aria-hidden={true} style={rest} />] : cards;
      },
      (from, to) => {
        const style = spaceOf((to - from) * row - gap, start + startOf(from), start + startOf(to));
        return <li key={`space ${to}`} className="ma-space" aria-hidden={true} style={style} />;
      },
    );
  };
  const groups = lines.flatMap(({ days }) => days.map(({ group }) => group));
  const [first, last] = [groups.find(isAbove), groups.at(-1)];
  /** Only the last one, and the first one above, may go on with what is not loaded yet. */
  const restOf = (group: DayGroup) => {
    if (group === first && list.above) return list.above;
    return group === last ? (list.below ?? list) : { ...list, hasMore: false };
  };
  const isShown = (n: number) => {
    const { days, start, end, top, bottom } = lines[n] ?? NOWHERE;
    const isHeld = start <= focused && focused < end;
    // While the rest of a day is being selected, its box goes on with it.
    return isHeld || isNear(top, bottom) || days.some(({ group }) => group.key === rest);
  };
  const daysOf = (line: number) => {
    const { days, body } = lines[line] ?? NOWHERE;
    return days.map((day, n) => {
      const { group, label, width } = day;
      const isWide = width === columns;
      const gridColumn = isWide ? '1 / -1' : `${n === 0 ? '1 / ' : ''}span ${width}`;
      const gridTemplateColumns = `repeat(${width}, minmax(0, 1fr))`;
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
              ids={selected ? group.entries.flatMap(({ media }) => media?.id ?? []) : []}
              list={restOf(group)}
            />
          )}
          <ul className="ma-grid" aria-label={label} style={{ gridTemplateColumns }}>
            {rowsOfDay(day, body)}
          </ul>
        </div>
      );
    });
  };
  return (
    <>
      {/* Before what else scrolls. */}
      <KeepPlace list={box} isAlways={list.above !== undefined} />
      {onTop}
      <div ref={box} className="ma-days">
        {withSpaces(lines.length, isShown, daysOf, (from, to) => {
          const skipped = lines.slice(from, to);
          const [{ top, start } = NOWHERE, { bottom, end } = NOWHERE] = [
            skipped[0],
            skipped.at(-1),
          ];
          return (
            <div
              key={`space ${to}`}
              className="ma-space"
              style={spaceOf(bottom - top, start, end)}
            />
          );
        })}
      </div>
    </>
  );
}

/** Those that are shown, one behind the other, and a space in place of each run of others. */
function withSpaces(
  count: number,
  isShown: (n: number) => boolean,
  show: (n: number) => ReactNode[],
  space: (from: number, to: number) => ReactNode,
): ReactNode[] {
  const items: ReactNode[] = [];
  for (let n = 0, from = 0; n <= count; n++) {
    if (n < count && !isShown(n)) continue;
    if (n > from) items.push(space(from, n));
    if (n < count) items.push(...show(n));
    from = n + 1;
  }
  return items;
}

interface Held {
  key: string | undefined;
  place: number;
}

/**
 * @returns where in the list the screen begins, in pixels, as far as that matters, and the place of the card that has the focus, or of
 * the first one of the day that has it
 */
function useNear(
  box: RefObject<HTMLElement | null>,
  lines: readonly Line[],
  entries: readonly Entry[],
  row: number,
) {
  const [seen, setSeen] = useState<{ first: Held; focused: Held }>();
  const placeOf = ({ key, place }: Held) => {
    const now = entries.findIndex((entry) => entry.key === key);
    return now < 0 ? Math.min(place, entries.length - 1) : now;
  };
  const topOf = (place: number) => {
    const line = lines.find(({ end }) => place < end);
    const day = line?.days.findLast(({ start }) => start <= place);
    return line && day ? line.body + day.rows.rowOf(place - day.start) * row : 0;
  };
  /** The place of the card that should be at such a height. */
  const placeAt = (height: number) => {
    const { days, body } = lines.find(({ bottom }) => height < bottom) ?? lines.at(-1) ?? {};
    const [day] = days ?? [];
    if (!day || body === undefined) return 0;
    const n = Math.max(0, Math.min(Math.floor((height - body) / row), day.rows.count - 1));
    return day.start + day.rows.startOf(n);
  };
  const near = seen ? topOf(placeOf(seen.first)) : 0;
  const focused = seen ? placeOf(seen.focused) : -1;
  const look = () => {
    const { current } = box;
    if (!current || entries.length === 0) return;
    const card = firstInSight(current);
    const isSeen = card && card.getBoundingClientRect().top < innerHeight;
    const first = isSeen ? placeInList(card) : placeAt(-current.getBoundingClientRect().top);
    // What is gone may come back in another place.
    const isKnown = entries.some(({ key }) => key === seen?.first.key);
    if (isKnown && Math.abs(topOf(first) - near) < innerHeight / 4) return;
    const { activeElement } = document;
    const day = current.contains(activeElement) ? activeElement?.closest('.ma-day') : undefined;
    const held = activeElement?.closest('.ma-card') ?? day?.querySelector('.ma-card');
    const heldOf = (place: number) => ({ key: entries[place]?.key, place });
    const next = { first: heldOf(first), focused: heldOf(day ? placeInList(held) : -1) };
    // Nothing is in sight: it cannot wait.
    if (isSeen) startTransition(() => setSeen(next));
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
    // An app may have the list in a box that scrolls.
    document.addEventListener('scroll', () => latest.current(), options);
    return () => ends.abort();
  }, []);
  return { near, focused };
}

const placeInList = (card: Element | null | undefined) =>
  Number(card?.getAttribute('aria-posinset') ?? 0) - 1;

/** How many columns there are, how high a row is with the room below it, and that room. */
function useTiles(box: RefObject<HTMLElement | null>) {
  const [tiles, setTiles] = useState({ columns: 6, row: 192, gap: 16 });
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const heightOf = (part: string) =>
      current.querySelector(part)?.getBoundingClientRect().height ?? 0;
    const measure = () => {
      const columns = getComputedStyle(current).gridTemplateColumns.split(' ').length;
      const grid = current.querySelector('.ma-grid');
      const gap = grid && Number.parseFloat(getComputedStyle(grid).rowGap);
      const picture = heightOf('.ma-card-frame');
      const row = picture + TITLE_GAP + heightOf('.ma-card-title') + (gap ?? 0);
      setTiles((now) => {
        const next = gap && picture ? { columns, row, gap } : { ...now, columns };
        const isSame = now.columns === columns && Math.abs(now.row - next.row) < 0.1;
        return isSame ? now : next;
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [box]);
  return tiles;
}

/** The reader's day. It goes on while the page is open. */
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

/** Selects all of a heading. It is beside the heading: within it, both would be read out as the name of either. */
function Tick(props: HeadingProps & { id: string; selected: ReadonlySet<string> }) {
  const { id, name, label, selected, ids, list } = props;
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
      checked={isAll}
      aria-label={language === 'ja' ? `${label}をすべて選択` : `Select all: ${label}`}
      onChange={({ target }) => selectAll(target.checked && !isWanted)}
    />
  );
}
