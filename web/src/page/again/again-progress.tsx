/** How far it is, and what can be done about it. */
import { isOver } from '@media-analysis/shared/reanalysis-state';
import type { Media, Reanalysis } from '../../client/index.ts';
import { ProgressBar } from '../../components/upload/progress-bar.tsx';
import { useWords } from '../../components/words/index.ts';
import type { ReanalysisControl } from '../../hooks/index.ts';
import { againWordsFor } from './again-words.ts';

interface AgainProgressProps {
  reanalysis: Reanalysis;
  /** Of the analysis. */
  title: string;
  control: ReanalysisControl;
  onClose: () => void;
}

export function AgainProgress({ reanalysis, title, control, onClose }: AgainProgressProps) {
  const { language, connection: connections } = useWords();
  const words = againWordsFor(language);
  const { state, quote, done, failed, skipped, in_flight, wait_code, cost_usd } = reanalysis;
  const { connection, isBusy, pause, resume, cancel } = control;
  const ended = done + failed + skipped;
  const isEnded = state === 'completed' || state === 'cancelled';
  const isGood = state === 'completed' && failed === 0;
  const counts = words.counts({ done, failed, skipped, total: quote.media });
  const value = state === 'completed' ? 1 : Math.min(1, ended / Math.max(1, quote.media));
  return (
    <>
      <div className="ma-again-line" data-outcome={isGood ? 'good' : undefined}>
        {/* A screen reader reads this out: it changes when a media ends. */}
        <p className="ma-again-words" role="status">
          <strong>{words.states[state](title)}</strong> <span>{counts}</span>
        </p>
        {!isOver(reanalysis) && connection !== 'idle' && (
          <span className="ma-connection" data-connection={connection}>
            {connections[connection]}
          </span>
        )}
      </div>
      <ProgressBar value={value} label={words.progress(title)} text={counts} />
      <Wait code={state === 'running' ? wait_code : null} />
      {state !== 'running' && in_flight > 0 && (
        <p className="ma-countdown">{words.inFlight(in_flight)}</p>
      )}
      {cost_usd !== null && ended > 0 && (
        <p className="ma-countdown">{words.spent(cost_usd, isOver(reanalysis))}</p>
      )}
      <div className="ma-asks">
        {isEnded ? (
          <button type="button" className="ma-button" onClick={onClose}>
            {words.close}
          </button>
        ) : (
          <>
            <button
              type="button"
              className="ma-button"
              aria-disabled={isBusy}
              onClick={() => void (state === 'paused' ? resume() : pause())}
            >
              {state === 'paused' ? words.resume : words.pause}
            </button>
            <button
              type="button"
              className="ma-button"
              aria-disabled={isBusy}
              onClick={() => void cancel()}
            >
              {words.cancel}
            </button>
          </>
        )}
      </div>
    </>
  );
}

function Wait({ code }: { code: Reanalysis['wait_code'] }) {
  const { language, waitsFor } = useWords();
  if (code === null) return null;
  return (
    <p className="ma-countdown">
      {code === 'fresh_uploads'
        ? againWordsFor(language).freshUploads
        : waitsFor(code satisfies Media['wait_code'])}
    </p>
  );
}
