/** Loads what asks about shared files where another app may have shared some. */
import { lazyPart } from '../loading/lazy-part.tsx';
import type { SharedProps } from './shared.tsx';

const LazyShared = lazyPart(async () => (await import('./shared.tsx')).Shared);

// What was shared without a line waits for the next start of the app, whose address says nothing of it.
const mayBeShared =
  new URLSearchParams(location.search).has('shared') ||
  matchMedia('(display-mode: standalone)').matches;

export const Shared = (props: SharedProps) => mayBeShared && <LazyShared {...props} />;
