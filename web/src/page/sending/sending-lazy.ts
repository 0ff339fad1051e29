/** Parts of the bar that only some files need. */
import { lazyPart } from '../loading/lazy-part.tsx';

export const NotTaken = lazyPart(async () => (await import('./not-taken.tsx')).NotTaken);
export const Options = lazyPart(async () => (await import('./options.tsx')).Options);
