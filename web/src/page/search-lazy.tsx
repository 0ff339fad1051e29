/** Loads the search when there is something to search. An empty page does without it. */
import { lazy, Suspense } from 'react';
import type { SearchProps } from './search.tsx';

const Nothing = () => null;

/** The page works without this part, so an error here must not take the page away. */
const parts = () =>
  import('./search.tsx').catch((error: unknown) => {
    reportError(error);
    return {
      Search: Nothing as (props: SearchProps) => null,
      Similar: Nothing as (props: { onClick: () => void }) => null,
    };
  });
const LazySearch = lazy(async () => ({ default: (await parts()).Search }));
const LazySimilar = lazy(async () => ({ default: (await parts()).Similar }));

export const Search = (props: SearchProps) => (
  <Suspense fallback={null}>
    <LazySearch {...props} />
  </Suspense>
);

export const Similar = (props: { onClick: () => void }) => (
  <Suspense fallback={null}>
    <LazySimilar {...props} />
  </Suspense>
);
