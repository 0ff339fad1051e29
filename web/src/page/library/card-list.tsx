/**
 * The cards, by days and in blocks. Only the blocks near the screen are in the document: with all cards of a large library in it, the
 * browser needs longer for each frame the further one has scrolled. See docs/decisions/0051-cards-in-blocks.md.
 */
import {
  type ReactNode,
  type RefObject,
  startTransition,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { watchSight } from '../../components/base/in-sight.ts';
import { useWords } from '../../components/words/index.ts';
import type { Joined } from './above.tsx';
import './card-list.css';
import { type SelectAllOptions, useSelectAll } from '../selecting/use-select-all.ts';
import {
  aboveStart,
  type DayGroup,
  dayOf,
  groupsOf,
  keepKeys,
  labelOf,
  linesOf,
  type Section,
  sectionsOf,
} from './days.ts';
import type { Entry } from './entries.ts';

/** This fills the rows of one to six columns. */
const BLOCK = 60;
/** A block gets its cards when it is so near to the screen. Of small ones, more have to be ready for one who scrolls fast. */
const nearOf = (cards: number) => `${1_000 + 50 * (BLOCK - cards)}px`;
/** As of the style sheet. */
const GAP = 16;
/** Of a heading, with the room below it. */
const HEADING = 44;

/** How the grid is, as far as it was seen. */
interface Rows {
  columns: number;
  height: number;
}

export { MediaCard } from '../../components/card/media-card.tsx';
export { foundEntries } from '../search/found-entries.ts';
// These come with the cards: without them nobody sees an order, nor what is found.
export { orderBatches } from '../sending/batch-order.ts';

interface Place {
  position: number;
  listSize: number;
}

export interface CardListProps extends Omit<SelectAllOptions, 'ids'> {
  list: SelectAllOptions['list'] & Partial<Pick<Joined, 'above' | 'below'>>;
  entries: readonly Entry[];
  /** Ids of the media that are selected. Absent: nothing can be selected. */
  selected: ReadonlySet<string> | undefined;
  /** Makes the card of an entry. A screen reader says where it is in the whole list, most of which is not in the document. */
  children: (entry: Entry, place: Place) => ReactNode;
}

export function CardList({ entries, selected, children, ...selection }: CardListProps) {
  const { list, search } = selection;
  const { language } = useWords();
  const today = useToday();
  const drawn = useRef<{ groups: DayGroup[]; sections: Section[] }>({ groups: [], sections: [] });
  const now = useMemo(() => {
    const groups = keepKeys(drawn.current.groups, groupsOf(entries, search, today));
    return {
      groups,
      sections: keepKeys(drawn.current.sections, sectionsOf(groups, today, search)),
    };
  }, [entries, search, today]);
  useEffect(() => {
    drawn.current = now;
  }, [now]);
  const rows = useRef<Rows>({ columns: 6, height: 192 });
  const isAbove = useMemo(() => aboveStart(search), [search]);
  const listSize = list.hasMore ? -1 : entries.length;
  const whole = { ...list, hasMore: false };
  const ends = new Map<string | undefined, SelectAllOptions['list']>([
    [now.groups.at(-1)?.key, list.below ?? list],
  ]);
  const top = now.groups.find(isAbove);
  if (top && list.above) ends.set(top.key, list.above);
  const places = useMemo(() => new Map(entries.map(({ key }, n) => [key, n + 1])), [entries]);
  const card = (entry: Entry) =>
    children(entry, { position: places.get(entry.key) ?? 0, listSize });
  let before = 0;
  return now.sections.map(({ key, groups, entries: own }) => {
    const start = before;
    before += own.length;
    const partsOf = (group: DayGroup) => {
      const label = labelOf(group, language, today);
      const ids = selected && group.entries.flatMap(({ media }) => media?.id ?? []);
      const heading = label && (
        <Heading
          {...{ label, ids, selected, ...selection, name: group.key }}
          // Only the last one, and the first one above, may go on with what is not loaded yet.
          list={ends.get(group.key) ?? whole}
        />
      );
      return { label, heading };
    };
    const [group] = groups;
    if (groups.length > 1 || !group) {
      return (
        <div key={key} className="ma-section">
          <Block isFirst={start < BLOCK} groups={groups} rows={rows}>
            {() => (
              <div className="ma-beside">
                <div className="ma-days">
                  {groups.map((each) => {
                    const { label, heading } = partsOf(each);
                    return (
                      <div key={each.key} className="ma-day" data-cards={each.entries.length}>
                        {heading}
                        <ul className="ma-grid" aria-label={label}>
                          {each.entries.map(card)}
                        </ul>
                      </div>
                    );
                  })}
                </div>
              </div>
            )}
          </Block>
        </div>
      );
    }
    const { label, heading } = partsOf(group);
    return (
      <div key={key} className="ma-section ma-day">
        {heading}
        {blocksOf(own.length, isAbove(group)).map(({ from, to, name }) => {
          const part = own.slice(from, to);
          return (
            <Block
              key={name}
              isFirst={start + from < BLOCK}
              groups={[{ key, entries: part }]}
              rows={rows}
            >
              {() => (
                <ul className="ma-grid" aria-label={nameOf(label, from, to, own.length)}>
                  {part.map(card)}
                </ul>
              )}
            </Block>
          );
        })}
      </div>
    );
  });
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

interface Part {
  from: number;
  to: number;
  name: string;
}

/** A block keeps its cards when others come: they come below, and above the beginning of the list they come on top. */
function blocksOf(cards: number, isAbove: boolean): Part[] {
  const blocks: Part[] = [];
  let from = 0;
  let to = isAbove ? cards % BLOCK || BLOCK : BLOCK;
  while (from < cards) {
    blocks.push({ from, to: Math.min(to, cards), name: String(isAbove ? from - cards : from) });
    from = to;
    to += BLOCK;
  }
  // The first one is as far from the end as if it were full.
  const [first] = blocks;
  if (isAbove && first) first.name = String(first.to - BLOCK - cards);
  return blocks;
}

/** What a screen reader calls a block, which is a list to it: the day, and of many cards their numbers. */
function nameOf(
  label: string | undefined,
  from: number,
  to: number,
  of: number,
): string | undefined {
  const range = of > BLOCK && `${from + 1}–${to}`;
  return [label, range].filter(Boolean).join(', ') || undefined;
}

interface HeadingProps extends Omit<SelectAllOptions, 'ids'> {
  name: string;
  label: string;
  /** Of its media. */
  ids: readonly string[] | undefined;
  /** Absent: nothing can be selected. */
  selected: ReadonlySet<string> | undefined;
}

function Heading({ name, label, ids, selected, ...selection }: HeadingProps) {
  const box = useId();
  return (
    <div className="ma-day-heading">
      {selected && ids && ids.length > 0 ? (
        <>
          <Tick {...{ name, label, ids, selected, ...selection }} id={box} />
          <h2>
            <label htmlFor={box}>{label}</label>
          </h2>
        </>
      ) : (
        <h2>{label}</h2>
      )}
    </div>
  );
}

interface TickProps extends SelectAllOptions {
  id: string;
  name: string;
  label: string;
  selected: ReadonlySet<string>;
}

/** Selects all of a heading. It is beside the heading: within it, both would be read out as the name of either. */
function Tick({ id, name, label, selected, ...selection }: TickProps) {
  const { language } = useWords();
  const { ids, list } = selection;
  const { selectAll, isWanted } = useSelectAll(name, selection);
  const box = useRef<HTMLInputElement>(null);
  const isAll = !list.hasMore && ids.every((id) => selected.has(id));
  const isSome = isWanted || ids.some((id) => selected.has(id));
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
      onChange={({ target }) => selectAll(target.checked && !isWanted, 'keep')}
    />
  );
}

interface BlockProps {
  /** What is in it. */
  groups: readonly DayGroup[];
  children: () => ReactNode;
  isFirst: boolean;
  rows: RefObject<Rows>;
}

function Block({ groups, isFirst, rows, children }: BlockProps) {
  const element = useRef<HTMLDivElement>(null);
  const entries = groups.flatMap((group) => group.entries);
  const near = nearOf(Math.min(entries.length, BLOCK));
  const hasHeadings = groups.length > 1;
  const [isShown, setIsShown] = useState(isFirst);
  /** Undefined: it was never on the screen. */
  const [height, setHeight] = useState<number>();
  useEffect(() => {
    const follow = ({ isIntersecting, target, boundingClientRect }: IntersectionObserverEntry) => {
      const grid = target.firstElementChild;
      if (grid && !hasHeadings) {
        const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length;
        const lines = Math.ceil(grid.childElementCount / columns);
        rows.current = { columns, height: (boundingClientRect.height + GAP) / lines };
      }
      // The focus would be lost with the card that has it.
      const isNear = isIntersecting || target.contains(document.activeElement);
      startTransition(() => {
        setIsShown(isNear);
        if (!isNear && grid) setHeight(boundingClientRect.height);
      });
    };
    return watchSight(element.current, follow, near);
  }, [rows, near, hasHeadings]);
  // The cards that wait are counted by the style sheet.
  const waiting = entries.filter(({ stage }) => stage === 'waiting').length;
  const { columns, height: row } = rows.current;
  const { lines, headings } = linesOf(groups, columns);
  const usual = lines * row + (hasHeadings ? headings * HEADING : 0) - GAP;
  return (
    <div
      ref={element}
      className="ma-block"
      style={
        isShown ? undefined : { height: height ?? usual, counterIncrement: `ma-line ${waiting}` }
      }
    >
      {isShown && children()}
    </div>
  );
}
