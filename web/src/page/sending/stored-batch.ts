/**
 * What the page has on top, in its order, and which of it the bar counts. The tabs of a browser share it, so that each shows the
 * same as the others, and as before a reload.
 */
import { useEffect, useMemo, useState } from 'react';
import { readList, writeList } from '../library/remembered-list.ts';

/** Before the key of a file that has no media yet. */
const KEY = 'key:';
/** Before what the bar counts. */
const COUNTED = '*';
/** Before what was deleted. */
const GONE = '-';
/**
 * So many are remembered that the bar does not count, from page to page. While a page is open it remembers all of them: what it has
 * sent itself would come to the top again without its place, and push others out, without end.
 */
const MOST = 500;

export interface StoredBatch {
  /** Ids of media, and keys of uploads. */
  order: readonly string[];
  /** Those of them that the bar counts. */
  counted: ReadonlySet<string>;
  /** The ids among them. */
  ids: readonly string[];
}

export interface StoredItem {
  /** Of the upload; unused if there is a media. */
  key: string;
  id: string | undefined;
  isCounted: boolean;
  /** It was deleted, and keeps its place in case it is brought back. Only this page remembers that. */
  isGone?: boolean;
}

// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

/** @returns what is remembered, and later what another tab has remembered; and what remembers another batch */
export function useStoredBatch(
  owner: string | undefined,
): [StoredBatch, (items: readonly StoredItem[]) => void] {
  const name = `media-analysis-batch ${owner ?? ''}`;
  const [lines, setLines] = useState(() => cut(readList(name, browserStorage)));
  useEffect(() => {
    const ends = new AbortController();
    const look = ({ key }: StorageEvent) => {
      if (key === name) setLines(readList(name, browserStorage));
    };
    addEventListener('storage', look, ends);
    return () => ends.abort();
  }, [name]);
  const batch = useMemo(() => read(lines), [lines]);
  const write = useMemo(
    () => (items: readonly StoredItem[]) => {
      const next = linesOf(items);
      setLines((before) => {
        // Tabs that differ in the order alone would write against each other for ever.
        if (isSameSet(before, next)) return before;
        const left = next.filter((line) => !line.startsWith(GONE));
        writeList(name, left, browserStorage);
        return next;
      });
    },
    [name],
  );
  return [batch, write];
}

function read(lines: readonly string[]): StoredBatch {
  const all = lines.map((line) => {
    const isCounted = line.startsWith(COUNTED);
    const token = isCounted || line.startsWith(GONE) ? line.slice(1) : line;
    const isKey = token.startsWith(KEY);
    return { isCounted, isKey, token: isKey ? token.slice(KEY.length) : token };
  });
  return {
    order: all.map(({ token }) => token),
    counted: new Set(all.flatMap(({ isCounted, token }) => (isCounted ? [token] : []))),
    ids: all.flatMap(({ isKey, token }) => (isKey ? [] : [token])),
  };
}

/** All of them or none: of a batch that is cut, the end would stand above its beginning. */
export function cut(lines: readonly string[]): readonly string[] {
  const counted = lines.filter((line) => line.startsWith(COUNTED));
  return lines.length - counted.length > MOST ? counted : lines;
}

const linesOf = (items: readonly StoredItem[]): string[] =>
  items.map(
    ({ key, id, isCounted, isGone }) =>
      `${isGone ? GONE : isCounted ? COUNTED : ''}${id ?? KEY + key}`,
  );

const isSameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && new Set([...one, ...other]).size === new Set(one).size;
