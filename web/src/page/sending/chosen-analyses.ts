import { useState } from 'react';
import type { Analyses } from '../../hooks/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';

const KEY = 'media-analysis-analyses';
const DEFAULT = ['describe'];

/** The analyses that the user wants for new files. The browser remembers them. */
export function useChosenAnalyses(catalog: Analyses): [string[], (names: string[]) => void] {
  const [names, setNames] = useState(() => readList(KEY));
  const choose = (next: string[]) => {
    setNames(next);
    writeList(KEY, next);
  };
  return [stillOffered(names, catalog), choose];
}

/** Leaves out what the service no longer makes: it would refuse the files. */
export function stillOffered(names: string[], { analyses, isLoading, error }: Analyses): string[] {
  const isOffered = (name: string) =>
    analyses.some((each) => each.name === name && each.offered && each.required.length === 0);
  const offered = isLoading || error !== undefined ? names : names.filter(isOffered);
  return offered.length > 0 ? offered : DEFAULT;
}
