import type { Media } from '../../client/index.ts';
import type { Stage, Upload } from '../../hooks/index.ts';
import { useIsOffline } from '../base/in-browser.ts';
import { StatusIcon } from '../card/status-icon.tsx';
import { useWords } from '../words/index.ts';
import { Countdown } from './countdown.tsx';

interface StageProgressProps {
  upload: Upload | undefined;
  media: Media | undefined;
  /** Neither `completed` nor `failed`. */
  stage: Stage;
  /** Whether the cards are in the order of their turns, so that a waiting card can say its place in line. */
  hasPlace?: boolean | undefined;
}

/** How far the work on a file has come, and what it waits for. */
export function StageProgress({ upload, media, stage, hasPlace = true }: StageProgressProps) {
  const words = useWords();
  const isOffline = useIsOffline() && stage === 'sending';
  const outage = stage === 'sending' && upload?.error ? words.outage : undefined;
  const unreachable = upload?.error?.isAnswered ? outage?.unavailable : outage?.label;
  const label = isOffline ? words.stages.waiting : (unreachable ?? words.stages[stage]);
  const note = isOffline ? words.outage.offline : outage?.note;
  // On a slow connection the ring would stand still, so large files show the size sent.
  const { sent = 0 } = upload ?? {};
  const size = upload?.file.size ?? 0;
  const isLarge = size > 4_000_000;
  const isSent = stage === 'sending' && !note && isLarge && sent > 0 && sent < size;
  // The ring shows that the work goes on. Text is shown where it does not, and for a large file.
  const isTold = note !== undefined || stage === 'paused' || Boolean(media?.wait_code) || isLarge;
  // The style sheet numbers the waiting cards: the service works in the order in which the page shows them.
  const [before, after] = words.placeInLine;
  return (
    <>
      <p className="ma-stage" data-stage={stage} data-quiet={!isTold || undefined}>
        <StatusIcon stage={note ? 'waiting' : stage} />
        <span className="ma-stage-label">
          {label}{' '}
          {stage === 'waiting' && hasPlace && (
            <span className="ma-in-line" data-before={before} data-after={after} />
          )}
          {isSent && words.sent(inMb(sent), inMb(size))}
        </span>
      </p>
      {note && <p className="ma-countdown">{note}</p>}
      {media?.retry_at ? (
        <Countdown until={media.retry_at} code={media.wait_code} limit={media.wait_limit} />
      ) : (
        media?.wait_code && <p className="ma-countdown">{words.waitsFor(media.wait_code)}</p>
      )}
    </>
  );
}

const inMb = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
