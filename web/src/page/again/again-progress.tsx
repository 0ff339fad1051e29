/** How far it is, and what can be done about it. */
import { isOver } from '@media-analysis/shared/reanalysis-state';
import type { Media, Reanalysis } from '../../client/index.ts';
import { ProgressBar } from '../../components/upload/progress-bar.tsx';
import { titleOf } from '../../components/view/analysis-words.ts';
import { useWords } from '../../components/words/index.ts';
import { type ReanalysisControl, useAnalyses } from '../../hooks/index.ts';
import { againWordsFor } from './again-words.ts';

interface AgainProgressProps {
  reanalysis: Reanalysis;
  control: ReanalysisControl;
}

export function AgainProgress({ reanalysis, control }: AgainProgressProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const info = useAnalyses().analyses.find(({ name }) => name === reanalysis.analysis);
  const title = info ? titleOf(info, language) : reanalysis.analysis;
  const { state, quote, done, failed, skipped, in_flight, wait_code, cost_usd } = reanalysis;
  const { isBusy, pause, resume, cancel } = control;
  const ended = done + failed + skipped;
  const isEnded = state === 'completed' || state === 'cancelled';
  const isGood = state === 'completed' && failed === 0;
  const counts = words.counts({ done, failed, skipped, total: quote.media });
  const value = state === 'completed' ? 1 : Math.min(1, ended / Math.max(1, quote.media));
  return (
    <>
      {/* A screen reader reads this out: it changes when a media ends. */}
      <p role="status" data-outcome={isGood ? 'good' : undefined}>
        <strong>{words.states[state](title)}</strong> <span>{counts}</span>
      </p>
      <ProgressBar value={value} label={words.progress(title)} text={counts} />
      <Wait code={state === 'running' ? wait_code : null} />
      {state !== 'running' && in_flight > 0 && (
        <p className="ma-countdown">{words.inFlight(in_flight)}</p>
      )}
      {cost_usd !== null && ended > 0 && (
        <p className="ma-countdown">{words.spent(cost_usd, isOver(reanalysis))}</p>
      )}
      {!isEnded && (
        <div className="ma-asks">
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
        </div>
      )}
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
