/** A card for one item, from the choice of the file to its result. */
import { labelIn } from '@media-analysis/shared/labels';
import { memo } from 'react';
import type { Media } from '../client/index.ts';
import { overallProgress, type Stage, stageOf, type Upload } from '../hooks/index.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { Countdown } from './countdown.tsx';
import { CloseIcon, RetryIcon } from './icons.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { StatusIcon } from './status-icon.tsx';
import { Thumbnail } from './thumbnail.tsx';
import { useWords } from './words/index.ts';

/** What happens when the user presses something on a card. */
export interface CardHandlers {
  /** The picture of a stored media, e.g. to show `MediaDetails`. */
  onOpen: (mediaId: string) => void;
  /** "Try again" of a failed media. */
  onRetry: (mediaId: string) => void;
  /** "Delete", confirmed. */
  onRemove: (mediaId: string) => void;
  /** "Send again" of a rejected file, by the upload's `key`. */
  onSendAgain: (key: string) => void;
  /** "Dismiss" of a file that is not accepted, by the upload's `key`. */
  onDismiss: (key: string) => void;
}

interface MediaCardProps {
  /** From `useAnalyzeMedia`; undefined for a media that was sent earlier. */
  upload: Upload | undefined;
  /** Its newest state; undefined while the file is not accepted. */
  media: Media | undefined;
  /** Whether another try can succeed. If not, a failed card has no button for it. */
  isRetryable: boolean;
  /** The same object at every render, or all cards are drawn again. */
  handlers: CardHandlers;
}

/**
 * A list item (`<li>`) that shows one file or media: its picture, and its progress, error or result. React
 * draws it again only when its own props change, so that a list of two hundred stays smooth.
 * @example
 * ```tsx
 * import { type CardHandlers, MediaCard } from '@media-analysis/web/components';
 *
 * const handlers: CardHandlers = {
 *   onOpen: (mediaId) => show(mediaId),
 *   onRetry: (mediaId) => void client.retry(mediaId),
 *   onRemove: (mediaId) => void client.remove(mediaId),
 *   onSendAgain: () => undefined,
 *   onDismiss: () => undefined,
 * };
 * export const List = () => (
 *   <ul className="ma-grid">
 *     <MediaCard upload={undefined} media={media} isRetryable handlers={handlers} />
 *   </ul>
 * );
 * ```
 */
export const MediaCard = memo(function MediaCard(props: MediaCardProps) {
  const { upload, media, handlers } = props;
  const words = useWords();
  const stage = stageOf(upload, media);
  const name = media?.file_name ?? upload?.file.name ?? '';
  const title = media?.analytics?.title ?? name;
  const isVideo = (media?.content_type ?? upload?.file.type ?? '').startsWith('video/');
  const isStored = media?.url != null;
  const picture = (
    <Thumbnail mediaId={isStored ? media.id : undefined} file={upload?.file} isVideo={isVideo} />
  );
  return (
    <li className="ma-card" data-stage={stage} data-media-id={media?.id}>
      {isStored ? (
        <button
          type="button"
          className="ma-card-picture"
          aria-label={words.open(title === name ? name : `${title} (${name})`)}
          onClick={() => handlers.onOpen(media.id)}
        >
          {picture}
        </button>
      ) : (
        <div className="ma-card-picture">{picture}</div>
      )}
      <div className="ma-card-body">
        <h3 className="ma-card-title" title={name}>
          {title}
        </h3>
        {stage === 'completed' && media ? (
          <Result media={media} />
        ) : (
          <Progress {...props} stage={stage} name={name} />
        )}
      </div>
      <div className="ma-card-remove">
        <Remove {...props} name={name} />
      </div>
    </li>
  );
});

function Progress(props: MediaCardProps & { stage: Stage; name: string }) {
  const { upload, media, stage, name } = props;
  const words = useWords();
  const value = overallProgress(upload, media);
  if (stage === 'failed') {
    const code = media?.error_code ?? upload?.error?.code ?? null;
    const message = media?.error_message ?? upload?.error?.message ?? null;
    return (
      <>
        <p className="ma-stage" data-stage={stage}>
          <StatusIcon stage={stage} />
          {words.stages.failed}
        </p>
        <p className="ma-card-error">{words.error(code, message)}</p>
        <Again {...props} />
      </>
    );
  }
  return (
    <>
      <p className="ma-stage" data-stage={stage}>
        <StatusIcon stage={stage} />
        {words.stages[stage]}
        <span className="ma-percent">{Math.round(value * 100)}%</span>
      </p>
      <ProgressBar value={value} label={words.progressOf(name)} text={words.stages[stage]} />
      {media && <Wait media={media} />}
    </>
  );
}

/** Why nothing happens now, and until when if that is known. */
function Wait({ media: { retry_at, wait_code, wait_limit } }: { media: Media }) {
  const words = useWords();
  if (retry_at) return <Countdown until={retry_at} code={wait_code} limit={wait_limit} />;
  return wait_code && <p className="ma-countdown">{words.waitsFor(wait_code)}</p>;
}

function Result({ media: { analytics } }: { media: Media }) {
  const words = useWords();
  if (!analytics) {
    return (
      <p className="ma-stage" data-stage="completed">
        <StatusIcon stage="completed" />
        {words.stages.completed}
      </p>
    );
  }
  return (
    <>
      <p className="ma-card-summary">{analytics.summary}</p>
      {analytics.tags.length > 0 && (
        <ul className="ma-tags" aria-label={words.facts.tags}>
          {analytics.tags.slice(0, 4).map((tag) => (
            <li key={tag}>{labelIn(words.language, tag)}</li>
          ))}
        </ul>
      )}
      <div className="ma-palette" aria-hidden="true">
        {analytics.colors.map(({ hex, share }) => (
          <span
            key={hex}
            className="ma-palette-color"
            style={{ backgroundColor: hex, flexGrow: share * 100 }}
          />
        ))}
      </div>
    </>
  );
}

/** The button that tries a failed item again. */
function Again({ upload, media, isRetryable, handlers }: MediaCardProps) {
  const words = useWords();
  if (!isRetryable) return null;
  const tryAgain = () => {
    if (media) handlers.onRetry(media.id);
    else if (upload) handlers.onSendAgain(upload.key);
  };
  return (
    <button type="button" className="ma-button ma-card-again" onClick={tryAgain}>
      <RetryIcon />
      {media ? words.retry : words.sendAgain}
    </button>
  );
}

function Remove({ upload, media, handlers, name }: MediaCardProps & { name: string }) {
  const words = useWords();
  if (media) return <ConfirmButton name={name} onConfirm={() => handlers.onRemove(media.id)} />;
  if (!upload) return null;
  return (
    <button
      type="button"
      className="ma-button"
      data-kind="overlay"
      aria-label={`${words.dismiss} ${name}`}
      title={words.dismiss}
      onClick={() => handlers.onDismiss(upload.key)}
    >
      <CloseIcon />
    </button>
  );
}
