/** What the user wants to be made of new files. The browser remembers it. */
import { useCallback, useState } from 'react';
import type { Analyses } from '../../hooks/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';

const KEY = 'media-analysis-analyses';
const DEFAULT = ['describe'];

/** @returns the names, and a function that changes them */
export function useChosenAnalyses(catalog: Analyses): [string[], (names: string[]) => void] {
  const [names, setNames] = useState(() => remembered(browserStorage));
  const choose = useCallback((next: string[]) => {
    setNames(next);
    remember(next, browserStorage);
  }, []);
  return [stillOffered(names, catalog), choose];
}

/** Without what the service cannot make any longer: it would refuse the files. */
export function stillOffered(names: string[], { analyses, isLoading, error }: Analyses): string[] {
  if (isLoading || error !== undefined) return names;
  const offered = names.filter((name) =>
    analyses.some((each) => each.name === name && each.offered && each.required.length === 0),
  );
  return offered.length > 0 ? offered : DEFAULT;
}

// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

export function remembered(storage: () => Pick<Storage, 'getItem'>): string[] {
  const names = readList(KEY, storage);
  return names.length > 0 ? names : DEFAULT;
}

export function remember(names: string[], storage: () => Pick<Storage, 'setItem'>): void {
  writeList(KEY, names, storage);
}
