/** Loads what watches over the parts of the page that are loaded later. */
import { lazyPart } from './lazy-part.tsx';

/** The pictures of the list come before it. */
const LATER_MS = 1_500;

export const NotWhole = lazyPart(async () => {
  await new Promise((resolve) => setTimeout(resolve, LATER_MS));
  return (await import('./not-whole.tsx')).NotWhole;
});
