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
export function StageProgress(props: StageProgressProps) {
  const { upload, media, stage, hasPlace = true } = props;
  const words = useWords();
  const isOffline = useIsOffline() && stage === 'sending';
  const outage = stage === 'sending' && upload?.error ? words.outage : undefined;
  const unreachable = upload?.error?.isAnswered ? outage?.unavailable : outage?.label;
  const label = isOffline ? words.stages.waiting : (unreachable ?? words.stages[stage]);
  const note = isOffline ? words.outage.offline : outage?.note;
  const sent = upload && stage === 'sending' && !note && <Sent upload={upload} />;
  // The ring says that it goes on. Words are seen where it does not, and for a file that takes long.
  const isTold =
    note !== undefined || stage === 'paused' || Boolean(media?.wait_code) || isLarge(upload);
  return (
    <>
      <p className="ma-stage" data-stage={stage} data-quiet={!isTold || undefined}>
        <StatusIcon stage={note ? 'waiting' : stage} />
        <span className="ma-stage-label">
          {label} {stage === 'waiting' && hasPlace && <PlaceInLine />}
          {sent}
        </span>
      </p>
      {note && <p className="ma-countdown">{note}</p>}
      {media && <Wait media={media} />}
    </>
  );
}

/** A ring would stand still for as long as a slow line takes. */
function Sent({ upload }: { upload: Upload }) {
  const words = useWords();
  const { sent, file } = upload;
  const { size } = file;
  return isLarge(upload) && sent > 0 && sent < size && words.sent(inMb(sent), inMb(size));
}

const isLarge = (upload: Upload | undefined) => (upload?.file.size ?? 0) > 4_000_000;
const inMb = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

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
