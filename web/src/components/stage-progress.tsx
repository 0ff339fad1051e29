import type { Media } from '../client/index.ts';
import { overallProgress, type Stage, type Upload } from '../hooks/index.ts';
import { Countdown } from './countdown.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { StatusIcon } from './status-icon.tsx';
import { useWords } from './words/index.ts';

interface StageProgressProps {
  upload: Upload | undefined;
  media: Media | undefined;
  /** Neither `completed` nor `failed`. */
  stage: Stage;
  /** Of the file, for screen readers. */
  name: string;
  /** Whether the cards are in the order of their turns, so that a waiting card can say its place in line. */
  hasPlace?: boolean | undefined;
}

/** How far the work on a file has come, and what it waits for. */
export function StageProgress(props: StageProgressProps) {
  const { upload, media, stage, name, hasPlace = true } = props;
  const words = useWords();
  const value = overallProgress(upload, media);
  const outage = stage === 'sending' && upload?.error ? words.outage : undefined;
  const label = outage?.label ?? words.stages[stage];
  return (
    <>
      <p className="ma-stage" data-stage={stage}>
        <StatusIcon stage={outage ? 'waiting' : stage} />
        {label}
        {stage === 'waiting' && hasPlace && <PlaceInLine />}
        <span className="ma-percent">{Math.round(value * 100)}%</span>
      </p>
      <ProgressBar value={value} label={words.progressOf(name)} text={label} />
      {outage && <p className="ma-countdown">{outage.note}</p>}
      {media && <Wait media={media} />}
    </>
  );
}

/** The style sheet counts the cards that wait: they are worked on in the order in which the page shows them. */
function PlaceInLine() {
  const [before, after] = useWords().placeInLine;
  return <span className="ma-in-line" data-before={before} data-after={after} />;
}

/** Why nothing happens now, and until when if that is known. */
function Wait({ media: { retry_at, wait_code, wait_limit } }: { media: Media }) {
  const words = useWords();
  if (retry_at) return <Countdown until={retry_at} code={wait_code} limit={wait_limit} />;
  return wait_code && <p className="ma-countdown">{words.waitsFor(wait_code)}</p>;
}
