/**
 * The cards, in blocks. Only the blocks near the screen are in the document: with all cards of a large library in it, the
 * browser needs longer for each frame the further one has scrolled. See docs/decisions/0051-cards-in-blocks.md.
 */
import { type ReactNode, startTransition, useEffect, useRef, useState } from 'react';
import { watchSight } from '../components/in-sight.ts';
import type { Entry } from './entries.ts';

/** This fills the rows of one to six columns. */
const BLOCK = 60;
const NEAR = '1000px';
/** What a card adds to the height of four columns. It holds until the block was on the screen. */
const USUAL_HEIGHT = 85;

interface CardListProps {
  entries: readonly Entry[];
  /** Whether there may be more than these. */
  hasMore: boolean;
  /** Makes the card of an entry. A screen reader says where it is in the whole list, most of which is not in the document. */
  children: (entry: Entry, place: { position: number; listSize: number }) => ReactNode;
}

export function CardList({ entries, hasMore, children }: CardListProps) {
  const listSize = hasMore ? -1 : entries.length;
  return Array.from({ length: Math.ceil(entries.length / BLOCK) }, (_, n) => (
    <Block
      // biome-ignore lint/suspicious/noArrayIndexKey: a block is its place in the list
      key={n}
      isFirst={n === 0}
      range={entries.length > BLOCK ? rangeOf(n, entries.length) : undefined}
      entries={entries.slice(n * BLOCK, (n + 1) * BLOCK)}
    >
      {(entry, i) => children(entry, { position: n * BLOCK + i + 1, listSize })}
    </Block>
  ));
}

/** What a screen reader calls a block, which is a list to it: the numbers of its cards. */
const rangeOf = (n: number, of: number) => `${n * BLOCK + 1}–${Math.min((n + 1) * BLOCK, of)}`;

interface BlockProps {
  entries: readonly Entry[];
  children: (entry: Entry, i: number) => ReactNode;
  isFirst: boolean;
  range: string | undefined;
}

function Block({ entries, isFirst, range, children }: BlockProps) {
  const element = useRef<HTMLDivElement>(null);
  /** Undefined while the cards are in the document. */
  const [height, setHeight] = useState(isFirst ? undefined : entries.length * USUAL_HEIGHT);
  useEffect(() => {
    const follow = ({ isIntersecting, target, boundingClientRect }: IntersectionObserverEntry) => {
      // The focus would be lost with the card that has it.
      const isShown = isIntersecting || target.contains(document.activeElement);
      startTransition(() => setHeight(isShown ? undefined : boundingClientRect.height));
    };
    return watchSight(element.current, follow, NEAR);
  }, []);
  // The cards that wait are counted by the style sheet.
  const waiting = entries.filter(({ stage }) => stage === 'waiting').length;
  return (
    <div
      ref={element}
      className="ma-block"
      style={height === undefined ? undefined : { height, counterIncrement: `ma-line ${waiting}` }}
    >
      {height === undefined && (
        <ul className="ma-grid" aria-label={range}>
          {entries.map(children)}
        </ul>
      )}
    </div>
  );
}
