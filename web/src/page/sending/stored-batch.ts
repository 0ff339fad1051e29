/** The entries on top of the page, in order, and which of them the bar counts, in all tabs and after a reload. */
import { useEffect, useMemo, useState } from 'react';
import { readList, writeList } from '../library/remembered-list.ts';

/** The most entries kept that the bar does not count. Of more, none are: a batch would end above its beginning. */
const MOST = 500;

export interface StoredItem {
  /** The id of a media, or the key of an upload that has none yet. */
  name: string;
  isKey: boolean;
  isCounted: boolean;
  /** Whether it was deleted. It keeps its place in case it is restored. Only this page remembers that. */
  isGone?: boolean;
}

/** @returns what this or another tab has remembered, and a function that remembers another batch */
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
        // Tabs that differ only in the order would overwrite each other for ever.
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

/** E.g. `*key:1`, which the bar counts, or `-media-1`, which is gone. */
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
