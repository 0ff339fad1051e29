/** Makes an analysis again for many media, and shows how far it is. */
import { useMemo, useSyncExternalStore } from 'react';
import type { ReanalysisWish } from '../client/index.ts';
import { useMediaClient } from './context.ts';
import { type ReanalysisView, reanalysisOf } from './reanalysis.ts';

/** Returned by `useReanalysis`. Its functions do not throw: errors are in `error`. */
export interface ReanalysisControl extends ReanalysisView {
  /** Requests a quote of the cost. Nothing runs before `confirm`. */
  quote: (wish: ReanalysisWish) => Promise<void>;
  /** Starts the quoted reanalysis. */
  confirm: () => Promise<void>;
  /** Pauses it until `resume`. Analyses that have begun are finished. */
  pause: () => Promise<void>;
  /** Continues it. */
  resume: () => Promise<void>;
  /** Ends it. New answers stay. */
  cancel: () => Promise<void>;
  /** Hides a reanalysis that is only quoted, or that has ended. A quote on its way will not be shown. */
  dismiss: () => void;
  /** After an error: finds the reanalysis that is running, and watches it. */
  reload: () => Promise<void>;
}

/**
 * The user's reanalysis: first its quote, then its progress, live while the component is mounted. A running one is found again
 * after a reload, and on another device. News comes by the event stream, or by polling where the stream does not get through. All
 * hooks of a client share one.
 * @example
 * ```tsx
 * import { useReanalysis } from '@media-analysis/react';
 *
 * export function Again() {
 *   const { reanalysis, quote, confirm, cancel } = useReanalysis();
 *   if (!reanalysis) return <button onClick={() => void quote({ analysis: 'receipt' })}>Again</button>;
 *   const { state, done, quote: expected } = reanalysis;
 *   if (state === 'quoted') {
 *     return <button onClick={() => void confirm()}>{expected.media} media, go!</button>;
 *   }
 *   return (
 *     <>
 *       <progress value={done} max={expected.media} />
 *       <button onClick={() => void cancel()}>Cancel</button>
 *     </>
 *   );
 * }
 * ```
 */
export function useReanalysis(): ReanalysisControl {
  const store = reanalysisOf(useMediaClient());
  const view = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  return useMemo(
    () => ({
      ...view,
      quote: store.quote,
      confirm: () => store.act('confirm'),
      pause: () => store.act('pause'),
      resume: () => store.act('resume'),
      cancel: () => store.act('cancel'),
      dismiss: store.dismiss,
      reload: store.reload,
    }),
    [view, store],
  );
}
