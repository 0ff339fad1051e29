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
}

/** How far the work on a file has come, and what it waits for. */
export function StageProgress({ upload, media, stage }: StageProgressProps) {
  const words = useWords();
  const isOffline = useIsOffline() && stage === 'sending';
  const outage = stage === 'sending' && !isOffline && upload?.error ? words.outage : undefined;
  const unreachable = upload?.error?.isAnswered ? outage?.unavailable : outage?.label;
  const label = unreachable ?? words.stages[isOffline ? 'waiting' : stage];
  const note = outage?.note;
  // The bar says how many come first, and that the browser is offline.
  const wait = media?.wait_code === 'no_place' ? undefined : media?.wait_code;
  // On a slow connection the ring would stand still, so large files show the size sent.
  const { sent = 0 } = upload ?? {};
  const size = upload?.file.size ?? 0;
  const isLarge = size > 4_000_000;
  const isSent = stage === 'sending' && !note && isLarge && sent > 0 && sent < size;
  // The ring shows that the work goes on. Text is shown where it does not, and for a large file.
  const isTold = note !== undefined || stage === 'paused' || Boolean(wait) || isLarge;
  return (
    <>
      <p className="ma-stage" data-stage={stage} data-quiet={!isTold || undefined}>
        <StatusIcon stage={note || isOffline ? 'waiting' : stage} />
        <span className="ma-stage-label">
          {label} {isSent && words.sent(inMb(sent), inMb(size))}
        </span>
      </p>
      {note && <p className="ma-countdown">{note}</p>}
      {media?.retry_at ? (
        <Countdown until={media.retry_at} code={media.wait_code} limit={media.wait_limit} />
      ) : (
        wait && <p className="ma-countdown">{words.waitsFor(wait)}</p>
      )}
    </>
  );
}

const inMb = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
