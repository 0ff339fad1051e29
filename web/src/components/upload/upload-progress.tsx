import type { ReactNode } from 'react';
import type { BatchSummary, StoreConnection, TimeLeft } from '../../hooks/index.ts';
import { Button } from '../base/button.tsx';
import { PauseIcon, PlayIcon, StopIcon } from '../base/icons.tsx';
import { useIsOffline } from '../base/in-browser.ts';
import { useWords } from '../words/index.ts';
import { ProgressBar } from './progress-bar.tsx';

interface UploadProgressProps {
  /** The counts to show. */
  batch: BatchSummary;
  /** State of the connection, from `useMediaAnalysisSSE`. */
  connection: StoreConnection;
  /** The estimated time left, in seconds, from and to. Without it, no time is shown. */
  timeLeft?: TimeLeft | null | undefined;
  /** Whether sending is paused, from `useAnalyzeMedia`. */
  isPaused?: boolean | undefined;
  /** Called by the buttons "Pause" and "Resume". Without it there are none. */
  onPause?: ((isPaused: boolean) => void) | undefined;
  /** Stands on the button "Resume" instead of its icon, e.g. while nothing was sent. */
  upload?: string | undefined;
  /** Called by the button "Cancel the rest". Without it there is no button. */
  onCancel?: (() => void) | undefined;
  /** Stands at the end, e.g. a switch for notifications. */
  children?: ReactNode;
}

/**
 * One bar for a whole batch, with its counts and the state of the connection. An empty batch shows nothing.
 * @example
 * ```tsx
 * import { summaryOf, UploadProgress, useAnalyzeMedia, useMediaAnalysisSSE } from '@media-analysis/react';
 *
 * export function Batch() {
 *   const { uploads, mediaIds, isSending, cancel } = useAnalyzeMedia();
 *   const { media, connection } = useMediaAnalysisSSE(mediaIds);
 *   const batch = summaryOf(uploads.map((upload) => ({ upload, media: media.get(upload.mediaId ?? '') })));
 *   return (
 *     <UploadProgress batch={batch} connection={connection} onCancel={isSending ? cancel : undefined} />
 *   );
 * }
 * ```
 */
export function UploadProgress(props: UploadProgressProps) {
  const { batch, connection, timeLeft, isPaused = false, onPause, onCancel, children } = props;
  const words = useWords();
  const isOffline = useIsOffline();
  const { total, ready, failed, stopped } = batch;
  if (total === 0 && !stopped) return null;
  const isDone = ready + failed === total;
  const begins = isPaused ? props.upload : undefined;
  const isGoingOn = !isDone && !isPaused;
  const isGood = isDone && failed === 0 && !stopped && total > 0;
  // If all were stopped and this went away, the cards below would jump up.
  const summary = total === 0 ? words.stages.stopped : words.summary(batch);
  // A cut stream is noticed late, so the browser's own state comes first.
  const news = isOffline
    ? words.outage.offline
    : connection !== 'idle' && words.connection[connection];
  return (
    <section
      className="ma-batch"
      aria-label={words.overall}
      data-connection={connection}
      data-outcome={isGood ? 'good' : isDone ? 'mixed' : 'open'}
    >
      <div className="ma-batch-texts">
        {/* A screen reader reads this out: it changes when an item ends. The bar changes too often for that. */}
        <p className="ma-batch-words" role="status">
          <strong>{isGood ? words.allDone : summary}</strong>
          {isGood && <span className="ma-muted">{summary}</span>}
        </p>
        {isPaused && <span className="ma-muted">{words.stages.paused}</span>}
        {isGoingOn && !news && timeLeft && (
          <span className="ma-time-left">{words.timeLeft(timeLeft)}</span>
        )}
        {isGoingOn && news && (
          <span className="ma-connection" data-connection={isOffline ? 'reconnecting' : connection}>
            {news}
          </span>
        )}
      </div>
      {onPause && (
        <Button
          kind={begins ? 'primary' : 'icon'}
          label={begins ?? (isPaused ? words.resume : words.pause)}
          onClick={() => onPause(!isPaused)}
        >
          {begins ?? (isPaused ? <PlayIcon /> : <PauseIcon />)}
        </Button>
      )}
      {onCancel && (
        <Button kind="icon" label={words.cancel} onClick={onCancel}>
          <StopIcon />
        </Button>
      )}
      {children}
      <ProgressBar value={batch.progress} label={words.overall} text={summary} />
    </section>
  );
}
