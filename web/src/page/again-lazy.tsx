/**
 * Loads what is needed for analysing again when there is something to analyse again. An empty page does without it.
 */
import { lazy, Suspense } from 'react';
import type { Media } from '../client/index.ts';

const Nothing = () => null;

/** The page works without this part, so an error here must not take the page away. */
const parts = () =>
  import('./again-parts.ts').catch((error: unknown) => {
    reportError(error);
    return { Again: Nothing, EarlierResults: Nothing as (props: { media: Media }) => null };
  });
const LazyAgain = lazy(async () => ({ default: (await parts()).Again }));
const LazyEarlierResults = lazy(async () => ({ default: (await parts()).EarlierResults }));

export const Again = () => (
  <Suspense fallback={null}>
    <LazyAgain />
  </Suspense>
);

export const EarlierResults = ({ media }: { media: Media }) => (
  <Suspense fallback={null}>
    <LazyEarlierResults media={media} />
  </Suspense>
);
