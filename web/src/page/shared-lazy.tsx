/** Loads what asks about shared files where another app has shared some. */
import { lazy, Suspense } from 'react';
import type { SharedProps } from './shared.tsx';

const LazyShared = lazy(() =>
  import('./shared.tsx').then(
    ({ Shared }) => ({ default: Shared }),
    (error: unknown) => {
      reportError(error);
      return { default: (_props: SharedProps) => null };
    },
  ),
);

const isShared = new URLSearchParams(location.search).has('shared');

export const Shared = (props: SharedProps) =>
  isShared && (
    <Suspense fallback={null}>
      <LazyShared {...props} />
    </Suspense>
  );
