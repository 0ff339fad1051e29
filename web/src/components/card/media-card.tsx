import { type MouseEvent, memo, type ReactNode } from 'react';
import type { Media } from '../../client/index.ts';
import { overallProgress, stageOf, type Upload } from '../../hooks/index.ts';
import { Boundary } from '../base/boundary.tsx';
import {
  AlertIcon,
  CheckIcon,
  CloseIcon,
  HiddenIcon,
  RetryIcon,
  TrashIcon,
} from '../base/icons.tsx';
import { withId } from '../base/with-id.ts';
import { Ring } from '../upload/progress-bar.tsx';
import { StageProgress } from '../upload/stage-progress.tsx';
import { briefly } from '../view/analysis-words.ts';
import { useWords, type Words } from '../words/index.ts';
import { ChooseAgain } from './choose-again.tsx';
import { failureText } from './failure-text.ts';
import { heldText } from './held-text.ts';
import { StatusIcon } from './status-icon.tsx';
import { Thumbnail } from './thumbnail.tsx';

/** What happens when the user presses something on a card. */
export interface CardHandlers {
  /** The picture or text of a stored media was pressed: show e.g. `MediaDetails`. */
  onOpen: (mediaId: string) => void;
  /** "Retry" of a failed media. */
  onRetry: (mediaId: string) => void;
  /**
   * "Delete". The bin keeps the media, so the card does not ask first.
   * @param permanently The media failed and has no file: it would be useless in the bin.
   */
  onRemove: (mediaId: string, permanently: boolean) => void;
  /**
   * The user chose a file in place of a missing one.
   * @param media The media that waits for the bytes, if this page does not send it.
   */
  onFiles: (files: File[], media?: Media) => void;
  /** A press on the check mark, check box or text of a card; `isRange` with Shift. Without it, no check mark. */
  onSelect?: ((mediaId: string, isRange: boolean) => void) | undefined;
  /** "Retry" of a file that was rejected or stopped, by the upload's `key`. */
  onSendAgain: (key: string) => void;
  /** "Dismiss" of a file that is not accepted, by the upload's `key`. */
  onDismiss: (key: string) => void;
}

interface MediaCardProps {
  /** From `useAnalyzeMedia`. */
  upload: Upload | undefined;
  /** The newest state of the media. */
  media: Media | undefined;
  /** Whether another try can succeed. If not, a failed card has no button "Retry". */
  isRetryable: boolean;
  /** Why the media failed, in place of the text for its error. */
  reason?: string | undefined;
  /** Undefined: the card has no check box, and its picture opens the media. */
  isSelected?: boolean | undefined;
  /** The position in the list, from 1, for screen readers, if not all cards are in the document. */
  position?: number | undefined;
  /** -1: not known yet. */
  listSize?: number | undefined;
  /** Whether Tab reaches the card. Where arrow keys move between cards, Tab reaches one of them. Default: true. */
  isTabStop?: boolean | undefined;
  /** The same object at every render, or all cards render again. */
  handlers: CardHandlers;
}

/**
 * A list item (`<li>`) that shows one file or media: its picture, and its progress, error or result. React
 * draws it again only when its own props change, so that a list of two hundred stays smooth.
 * @example
 * ```tsx
 * import { type CardHandlers, MediaCard } from '@media-analysis/react';
 *
 * const handlers: CardHandlers = {
 *   onOpen: (mediaId) => show(mediaId),
 *   onRetry: (mediaId) => void client.retry(mediaId),
 *   onRemove: (mediaId) => void client.remove(mediaId),
 *   onFiles: (files) => void client.analyze(files),
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
  const { media } = props;
  const { unshown } = useWords();
  const instead = (
    <li
      className="ma-card"
      data-stage="unshown"
      data-media-id={media?.id}
      aria-posinset={props.position}
      aria-setsize={props.listSize}
      tabIndex={props.isTabStop ? 0 : -1}
    >
      <h3 className="ma-card-title">{String(media?.file_name)}</h3>
      <p className="ma-card-error">{unshown}</p>
    </li>
  );
  return (
    <Boundary of={media} instead={instead}>
      <Card {...props} />
    </Boundary>
  );
});

function Card(props: MediaCardProps) {
  const { upload, media, handlers, isRetryable, isSelected } = props;
  const words = useWords();
  const stage = stageOf(upload, media);
  const name = media?.file_name ?? upload?.file.name ?? '';
  const title = media?.analytics?.title ?? firstAnswer(media, words) ?? name;
  const isVideo = (media?.content_type ?? upload?.file.type ?? '').startsWith('video/');
  const isStored = media?.url != null;
  const tabIndex = props.isTabStop === false ? -1 : undefined;
  const isSelecting = media !== undefined && isSelected !== undefined;
  // The media has no file, and never will have one.
  const isUseless = stage === 'failed' && !isRetryable && !isStored;
  const isWorking = !['failed', 'completed', 'stopped', 'missing'].includes(stage);
  const remove = () => {
    if (media) handlers.onRemove(media.id, isUseless);
    else if (upload) handlers.onDismiss(upload.key);
  };
  const tryAgain = () => {
    if (media) handlers.onRetry(media.id);
    else if (upload) handlers.onSendAgain(upload.key);
  };
  const pressText = (event: MouseEvent<HTMLElement>) => {
    if (!media || isOwnAct(event)) return;
    if (isSelecting) return handlers.onSelect?.(media.id, event.shiftKey);
    if (!isStored || getSelection()?.type === 'Range') return;
    // The opened view later gives the focus back to this button.
    event.currentTarget.parentElement?.querySelector('button')?.focus({ preventScroll: true });
    handlers.onOpen(media.id);
  };
  const removing = media && !isUseless ? words.remove : words.takeOff;
  return (
    <li
      className="ma-card"
      data-stage={stage}
      data-media-id={media?.id}
      data-selected={isSelected || undefined}
      aria-posinset={props.position}
      aria-setsize={props.listSize}
      // Arrow keys focus the card itself if nothing in it opens.
      tabIndex={props.isTabStop === undefined ? undefined : -1}
    >
      <div className="ma-card-frame">
        <Thumbnail
          mediaId={isStored ? media.id : undefined}
          file={upload?.file}
          isVideo={isVideo}
          hasPoster={media?.frames !== undefined}
          held={media?.held}
          seconds={media?.analytics?.duration_s}
        />
        {isSelecting ? (
          <label className="ma-card-picture">
            <input
              type="checkbox"
              checked={isSelected}
              aria-label={words.select(title)}
              aria-keyshortcuts="x"
              tabIndex={tabIndex}
              onKeyDown={({ key }) => key === 'Enter' && isStored && handlers.onOpen(media.id)}
              onChange={({ nativeEvent: pressed }) =>
                handlers.onSelect?.(media.id, pressed instanceof MouseEvent && pressed.shiftKey)
              }
            />
          </label>
        ) : (
          isStored && (
            <button
              type="button"
              className="ma-card-picture"
              aria-label={words.open(title === name ? name : `${title} (${name})`)}
              tabIndex={tabIndex}
              onClick={() => handlers.onOpen(media.id)}
            />
          )
        )}
        {media && !isSelecting && handlers.onSelect && (
          <button
            type="button"
            className="ma-button ma-card-check"
            data-kind="overlay"
            aria-label={words.select(title)}
            title={`${words.select(title)} (X)`}
            aria-keyshortcuts="x"
            tabIndex={tabIndex}
            onClick={({ shiftKey }) => handlers.onSelect?.(media.id, shiftKey)}
          >
            <CheckIcon />
          </button>
        )}
        {isWorking && (
          <Ring
            value={overallProgress(upload, media)}
            label={words.progressOf(name)}
            text={words.stages[stage]}
          />
        )}
        {stage === 'failed' && (
          <span className="ma-card-sign">
            <AlertIcon />
          </span>
        )}
        {isSelected === undefined && !isUseless && (
          <button
            type="button"
            className="ma-button ma-card-remove"
            data-kind="overlay"
            aria-label={words.actOn(removing, name)}
            title={removing}
            aria-keyshortcuts="Delete"
            tabIndex={tabIndex}
            onClick={remove}
          >
            {isStored ? <TrashIcon /> : <CloseIcon />}
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what the keyboard does with the picture, a pointer does with the text, too */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      <div
        className="ma-card-body"
        data-press={isSelecting ? 'select' : isStored ? 'open' : undefined}
        onClick={pressText}
      >
        <h3 className="ma-card-title" title={name}>
          {title}
        </h3>
        {stage === 'failed' && (
          <p className="ma-card-error">
            {withId(props.reason ?? failureText(upload, media, words), upload?.error?.requestId)}
          </p>
        )}
        {stage === 'stopped' && (
          <Line icon={<StatusIcon stage="stopped" />}>{words.stages.stopped}</Line>
        )}
        {((stage === 'failed' && isRetryable) || stage === 'stopped') && (
          <button
            type="button"
            className="ma-button ma-card-again"
            tabIndex={tabIndex}
            onClick={tryAgain}
          >
            <RetryIcon />
            {media ? words.retry : words.sendAgain}
          </button>
        )}
        {isUseless && (
          <button
            type="button"
            className="ma-button ma-card-again"
            aria-label={words.actOn(removing, name)}
            aria-keyshortcuts="Delete"
            tabIndex={tabIndex}
            onClick={remove}
          >
            <CloseIcon />
            {removing}
          </button>
        )}
        {stage === 'missing' && (
          <ChooseAgain {...{ name, media, tabIndex }} onFiles={handlers.onFiles} />
        )}
        {isWorking && <StageProgress {...{ upload, media, stage }} />}
        {isStored && media.held && <Line icon={<HiddenIcon />}>{heldText(media, words)}</Line>}
      </div>
    </li>
  );
}

const Line = ({ icon, children }: { icon: ReactNode; children: ReactNode }) => (
  <p className="ma-stage">
    {icon}
    <span className="ma-stage-label">{children}</span>
  </p>
);

/** The first words of an answer, for a media without a description. */
function firstAnswer(media: Media | undefined, words: Words): string | undefined {
  const answers = Object.values(media?.analyses ?? {}).map(({ output }) => output);
  const first = answers.find((output) => output !== null);
  return (first && briefly(first, words)) || undefined;
}

/** A button or a link in the text keeps its own action. */
const isOwnAct = ({ target }: MouseEvent) =>
  target instanceof Element && target.closest('button, a, label, input') !== null;
