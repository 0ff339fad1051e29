/** Parts that only the page needs, and not an app. */
import { lazyPart } from '../loading/lazy-part.tsx';
import type { SharedProps } from './shared.tsx';

export const Notices = lazyPart(async () => (await import('./notices.tsx')).Notices);
const LazyShared = lazyPart(async () => (await import('./shared.tsx')).Shared);

// Files shared while offline wait for the next start of the app, whose address does not name them.
const mayBeShared =
  new URLSearchParams(location.search).has('shared') ||
  matchMedia('(display-mode: standalone)').matches;

export const Shared = (props: SharedProps) => mayBeShared && <LazyShared {...props} />;
