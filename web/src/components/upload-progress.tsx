/** How a whole batch stands: one bar, the counts, and how news arrives. */
import type { StoreConnection } from '../hooks/index.ts';
import { ProgressBar } from './progress-bar.tsx';
import { useWords } from './words/index.ts';

export interface BatchSummary {
  total: number;
  ready: number;
  failed: number;
  /** Mean of all, 0 to 1; what has ended counts as 1. */
  progress: number;
}

interface UploadProgressProps {
  batch: BatchSummary;
  connection: StoreConnection;
  /** Present while there is something left to send. */
  onCancel?: (() => void) | undefined;
}

export function UploadProgress({ batch, connection, onCancel }: UploadProgressProps) {
  const words = useWords();
  const isDone = batch.ready + batch.failed === batch.total;
  const summary = words.summary(batch);
  return (
    <section
      className="ma-batch"
      aria-label={words.overall}
      data-outcome={isDone ? (batch.failed === 0 ? 'good' : 'mixed') : 'open'}
    >
      <div className="ma-batch-line">
        {/* The bar changes too often to be read out; this changes as items come to their end. */}
        <p className="ma-batch-words" role="status">
          <strong>{isDone && batch.failed === 0 ? words.allDone : summary}</strong>
          {isDone && batch.failed === 0 && <span className="ma-muted">{summary}</span>}
        </p>
        {!isDone && connection !== 'idle' && (
          <span className="ma-connection" data-connection={connection}>
            {words.connection[connection]}
          </span>
        )}
        {onCancel && (
          <button type="button" className="ma-button" onClick={onCancel}>
            {words.cancel}
          </button>
        )}
      </div>
      <ProgressBar value={batch.progress} label={words.overall} text={summary} />
    </section>
  );
}
