import { useState } from 'react';
import type { Analyses } from '../../hooks/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';

const KEY = 'media-analysis-analyses';
const DEFAULT = ['describe'];

/** What the user wants to be made of new files. The browser remembers it. */
export function useChosenAnalyses(catalog: Analyses): [string[], (names: string[]) => void] {
  const [names, setNames] = useState(() => readList(KEY));
  const choose = (next: string[]) => {
    setNames(next);
    writeList(KEY, next);
  };
  return [stillOffered(names, catalog), choose];
}

/** Without what the service cannot make any longer: it would refuse the files. */
export function stillOffered(names: string[], { analyses, isLoading, error }: Analyses): string[] {
  const isOffered = (name: string) =>
    analyses.some((each) => each.name === name && each.offered && each.required.length === 0);
  const offered = isLoading || error !== undefined ? names : names.filter(isOffered);
  return offered.length > 0 ? offered : DEFAULT;
}
