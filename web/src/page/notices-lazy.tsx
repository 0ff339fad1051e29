/** Loads the title and the notification of a batch when there is a batch. */
import { lazy, Suspense } from 'react';
import type { NoticesProps } from './notices.tsx';

/** The page works without this part, so an error here must not take the page away. */
const LazyNotices = lazy(() =>
  import('./notices.tsx').then(
    ({ Notices }) => ({ default: Notices }),
    (error: unknown) => {
      reportError(error);
      return { default: (_props: NoticesProps) => null };
    },
  ),
);

export const Notices = (props: NoticesProps) => (
  <Suspense fallback={null}>
    <LazyNotices {...props} />
  </Suspense>
);
