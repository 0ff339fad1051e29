/** Loads what asks about shared files where another app has shared some. */
import { lazyPart } from './lazy-part.tsx';
import type { SharedProps } from './shared.tsx';

const LazyShared = lazyPart(async () => (await import('./shared.tsx')).Shared);

const isShared = new URLSearchParams(location.search).has('shared');

export const Shared = (props: SharedProps) => isShared && <LazyShared {...props} />;
