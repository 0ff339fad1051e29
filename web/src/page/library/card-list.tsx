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
import { type SelectAllOptions, useSelectAll } from '../selecting/selection.ts';
import type { Joined } from './above.tsx';
import './card-list.css';
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

export { MediaCard } from '../../components/card/media-card.tsx';
export { foundEntries } from '../search/found-entries.ts';
// These come with the cards: without them nobody sees an order, nor what is found.
export { orderBatches } from '../sending/batch-order.ts';
// A card can be deleted as soon as it is there.
export { FocusRestore } from './focus-restore.tsx';

/** This fills the rows of one to six columns. */
const BLOCK = 60;
/** A block gets its cards when it is so near to the screen. Of small ones, more have to be ready for one who scrolls fast. */
const nearOf = (cards: number) => `${1_000 + 50 * (BLOCK - Math.min(cards, BLOCK))}px`;
/** As of the style sheet. */
const GAP = 16;
/** Of a heading, with the room below it. */
const HEADING = 44;

/** How the grid is, as far as it was seen. */
type Rows = RefObject<{ columns: number; height: number }>;

export interface CardListProps extends Omit<SelectAllOptions, 'ids'> {
  list: SelectAllOptions['list'] & Partial<Pick<Joined, 'above' | 'below'>>;
  entries: readonly Entry[];
  /** Absent: nothing can be selected. */
  selected: ReadonlySet<string> | undefined;
  /** Of the media that was in full view last: its card is always there. */
  lastId: string | undefined;
  /** Makes the card of an entry. A screen reader says where it is in the whole list, most of which is not in the document. */
  children: (entry: Entry, place: { position: number; listSize: number }) => ReactNode;
}

export function CardList({ entries, selected, lastId, children, ...selection }: CardListProps) {
  const { list, search } = selection;
  const { language } = useWords();
  const today = useToday();
  const drawn = useRef<Section[]>([]);
  const sections = useMemo(
    () => keepKeys(drawn.current, sectionsOf(groupsOf(entries, search, today), today, search)),
    [entries, search, today],
  );
  useEffect(() => {
    drawn.current = sections;
  }, [sections]);
  const rows: Rows = useRef({ columns: 6, height: 192 });
  const places = useMemo(() => new Map(entries.map(({ key }, n) => [key, n + 1])), [entries]);
  const listSize = list.hasMore ? -1 : entries.length;
  const cardsOf = (some: readonly Entry[], name: string | undefined) => (
    <ul className="ma-grid" aria-label={name}>
      {some.map((entry) => children(entry, { position: places.get(entry.key) ?? 0, listSize }))}
    </ul>
  );
  const isAbove = aboveStart(search);
  const all = sections.flatMap(({ groups }) => groups);
  const [top, last] = [all.find(isAbove), all.at(-1)];
  /** Only the last one, and the first one above, may go on with what is not loaded yet. */
  const restOf = (group: DayGroup) => {
    if (group === top && list.above) return list.above;
    return group === last ? (list.below ?? list) : { ...list, hasMore: false };
  };
  const headingOf = (group: DayGroup, label: string | undefined) =>
    label && (
      <Heading
        {...{ label, selected, ...selection }}
        name={group.key}
        ids={selected ? group.entries.flatMap(({ media }) => media?.id ?? []) : []}
        list={restOf(group)}
      />
    );
  let before = 0;
  return sections.map(({ key, groups, entries: own }) => {
    const start = before;
    before += own.length;
    const [group] = groups;
    if (groups.length > 1 || !group) {
      const days = () => (
        <div className="ma-beside">
          <div className="ma-days">
            {groups.map((each) => {
              const label = labelOf(each, language, today);
              return (
                <div key={each.key} className="ma-day" data-cards={each.entries.length}>
                  {headingOf(each, label)}
                  {cardsOf(each.entries, label)}
                </div>
              );
            })}
          </div>
        </div>
      );
      return (
        <div key={key} className="ma-section">
          <Block {...{ groups, rows, lastId }} isFirst={start < BLOCK}>
            {days}
          </Block>
        </div>
      );
    }
    const label = labelOf(group, language, today);
    return (
      <div key={key} className="ma-section ma-day">
        {headingOf(group, label)}
        {blocksOf(own.length, isAbove(group)).map(({ from, to, name }) => {
          const part = own.slice(from, to);
          // To a screen reader a block is a list, which is called by the day, and of many cards by their numbers.
          const range = own.length > BLOCK && `${from + 1}–${to}`;
          const said = [label, range].filter(Boolean).join(', ') || undefined;
          return (
            <Block
              key={name}
              groups={[{ key, entries: part }]}
              {...{ rows, lastId }}
              isFirst={start + from < BLOCK}
            >
              {() => cardsOf(part, said)}
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

/** A block keeps its cards when others come: they come below, and above the beginning of the list they come on top. */
function blocksOf(cards: number, isAbove: boolean) {
  const first = isAbove ? cards % BLOCK || BLOCK : BLOCK;
  const length = Math.ceil(cards / BLOCK);
  return Array.from({ length }, (_, n) => ({
    from: Math.max(0, first + (n - 1) * BLOCK),
    to: Math.min(first + n * BLOCK, cards),
    name: isAbove ? n - length : n,
  }));
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

interface BlockProps extends Pick<CardListProps, 'lastId'> {
  /** What is in it. */
  groups: readonly DayGroup[];
  rows: Rows;
  isFirst: boolean;
  children: () => ReactNode;
}

function Block({ groups, rows, isFirst, lastId, children }: BlockProps) {
  const element = useRef<HTMLDivElement>(null);
  const entries = groups.flatMap((group) => group.entries);
  const near = nearOf(entries.length);
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
  if (isShown || entries.some(({ media }) => media && media.id === lastId)) {
    return (
      <div ref={element} className="ma-block">
        {children()}
      </div>
    );
  }
  const { columns, height: row } = rows.current;
  const { lines, headings } = linesOf(groups, columns);
  const usual = lines * row + (hasHeadings ? headings * HEADING : 0) - GAP;
  // The cards that wait are counted by the style sheet.
  const waiting = entries.filter(({ stage }) => stage === 'waiting').length;
  const style = { height: height ?? usual, counterIncrement: `ma-line ${waiting}` };
  return <div ref={element} className="ma-block" style={style} />;
}
