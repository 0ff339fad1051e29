/** What the page has on top, in its order, and which of it the bar counts: the same in all tabs of a browser, and after a reload. */
import { useEffect, useMemo, useState } from 'react';
import { readList, writeList } from '../library/remembered-list.ts';

/** So many are remembered that the bar does not count, from page to page: of more, none, or a batch's end would stand above its beginning. */
const MOST = 500;

export interface StoredItem {
  /** The id of a media, or the key of an upload that has none yet. */
  name: string;
  isKey: boolean;
  isCounted: boolean;
  /** It was deleted, and keeps its place in case it is brought back. Only this page remembers that. */
  isGone?: boolean;
}

/** @returns what is remembered, and later what another tab has remembered; and what remembers another batch */
export function useStoredBatch(owner: string | undefined) {
  const name = `media-analysis-batch ${owner ?? ''}`;
  const [lines, setLines] = useState(() => cut(readList(name)));
  useEffect(() => {
    const look = ({ key }: StorageEvent) => {
      if (key === name) setLines(readList(name));
    };
    addEventListener('storage', look);
    return () => removeEventListener('storage', look);
  }, [name]);
  const batch = useMemo(() => batchOf(lines.map(itemOf)), [lines]);
  const write = useMemo(
    () => (items: readonly StoredItem[]) => {
      const next = items.map(lineOf);
      setLines((before) => {
        // Tabs that differ in the order alone would write against each other for ever.
        if (isSameSet(before, next)) return before;
        const left = items.filter(({ isGone }) => !isGone);
        writeList(name, left.map(lineOf));
        return next;
      });
    },
    [name],
  );
  return [batch, write] as const;
}

const batchOf = (items: readonly StoredItem[]) => ({
  items,
  order: items.map(({ name }) => name),
  counted: new Set(items.flatMap(({ isCounted, name }) => (isCounted ? name : []))),
  ids: items.flatMap(({ isKey, name }) => (isKey ? [] : name)),
});

/** Such as `*key:1`, which the bar counts, or `-media-1`, which is gone. */
const lineOf = ({ name, isKey, isCounted, isGone }: StoredItem) =>
  `${isGone ? '-' : isCounted ? '*' : ''}${isKey ? 'key:' : ''}${name}`;

function itemOf(line: string): StoredItem {
  const [, mark, key, name = ''] = /^([*-]?)(key:)?(.*)$/.exec(line) ?? [];
  return { name, isKey: key !== undefined, isCounted: mark === '*', isGone: mark === '-' };
}

export function cut(lines: readonly string[]): readonly string[] {
  const counted = lines.filter((line) => line.startsWith('*'));
  return lines.length - counted.length > MOST ? counted : lines;
}

const isSameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && new Set([...one, ...other]).size === new Set(one).size;
