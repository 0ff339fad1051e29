/** Loads the search when there is something to search. An empty page does without it. */
import { lazyPart } from '../loading/lazy-part.tsx';

export const Search = lazyPart(
  async () => (await import('./search.tsx')).Search,
  <div className="ma-search" />,
);
export const SearchOutcome = lazyPart(async () => (await import('./search.tsx')).SearchOutcome);
export const Similar = lazyPart(async () => (await import('./search.tsx')).Similar);
