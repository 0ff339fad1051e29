/** The full view of one media: its picture and all its facts. */
import {
  type KeyboardEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Media } from '../client/index.ts';
import { useMediaUrl } from '../hooks/index.ts';
import { DownloadButton } from './download-button.tsx';
import { BackIcon, CloseIcon, ForwardIcon, TrashIcon } from './icons.tsx';
import { MediaAnalyses } from './media-analyses.tsx';
import { MediaFacts } from './media-facts.tsx';
import { MediaPicture } from './media-picture.tsx';
import { useWords } from './words/index.ts';
import { useViewWords } from './words/view.ts';

interface MediaDetailsProps {
  /** Its newest state. */
  media: Media;
  /** Stands below the analyses. */
  children?: ReactNode;
  /** Called by the button "Delete". Absent: there is none. */
  onRemove?: (() => void) | undefined;
  /** Called when the user closes the dialog. Then stop rendering it. */
  onClose: () => void;
  /** Shows the media before this one; absent for the first one. */
  onPrevious?: (() => void) | undefined;
  /** Shows the media after this one; absent for the last one. */
  onNext?: (() => void) | undefined;
}

/**
 * A modal dialog with the picture or video, boxes around its objects, and all facts of the analysis. It is
 * open as long as it is rendered.
 * @example
 * ```tsx
 * import { MediaDetails } from '@media-analysis/react';
 * import { useState } from 'react';
 *
 * export function Details() {
 *   const [isOpen, setIsOpen] = useState(true);
 *   return isOpen && <MediaDetails media={media} onClose={() => setIsOpen(false)} />;
 * }
 * ```
 */
export function MediaDetails(props: MediaDetailsProps) {
  const { media, children, onRemove, onClose, onPrevious, onNext } = props;
  const words = useWords();
  const { boxes } = useViewWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [pointed, setPointed] = useState<number>();
  const [hasBoxes, setHasBoxes] = useState(true);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const facts = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The browser would choose the first button, which is gone with the picture that it belongs to.
    element?.focus();
    // Closing gives the focus back to where it was; taking the dialog away would not.
    return () => element?.close();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next media is read from its beginning
  useLayoutEffect(() => {
    for (const { current } of [dialog, facts]) current?.scrollTo({ top: 0 });
    // Of a button that was taken away, the keys would reach nobody.
    if (!dialog.current?.contains(document.activeElement)) dialog.current?.focus();
  }, [media.id]);
  const turn = ({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent) => {
    // The browser's own: with Alt it goes back.
    if (altKey || ctrlKey || metaKey) return;
    // There, these keys move the cursor, or the time.
    if (target instanceof Element && target.matches('input, select, textarea, video')) return;
    if (key === 'ArrowLeft') onPrevious?.();
    if (key === 'ArrowRight') onNext?.();
  };
  const title = media.analytics?.title ?? media.file_name;
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      className="ma-details"
      aria-labelledby={titleId}
      onClose={() => dialog.current?.open === false && onClose()}
      onKeyDown={turn}
      // A click on the backdrop has the dialog itself as its target.
      onClick={({ target }) => target === dialog.current && dialog.current.close()}
    >
      <div className="ma-details-inner">
        <div className="ma-details-picture">
          <MediaPicture
            key={media.id}
            media={media}
            hasBoxes={hasBoxes}
            pointed={pointed}
            onPrevious={onPrevious}
            onNext={onNext}
            onPlayer={setPlayer}
          />
          {onPrevious && (
            <button
              type="button"
              className="ma-turn"
              data-to="previous"
              aria-label={words.previous}
              onClick={onPrevious}
            >
              <BackIcon />
            </button>
          )}
          {onNext && (
            <button
              type="button"
              className="ma-turn"
              data-to="next"
              aria-label={words.next}
              onClick={onNext}
            >
              <ForwardIcon />
            </button>
          )}
        </div>
        {/* This section scrolls, so the keyboard must reach it. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable */}
        <section ref={facts} className="ma-details-facts" aria-labelledby={titleId} tabIndex={0}>
          <h2 id={titleId}>{title}</h2>
          {title !== media.file_name && <p className="ma-details-file">{media.file_name}</p>}
          <Actions media={media} onRemove={onRemove} />
          {media.error_message && (
            <p className="ma-card-error">
              {words.error(media.error_code, media.error_message, media.file_name)}
            </p>
          )}
          {media.analytics?.objects.some(({ box }) => box) && (
            <label className="ma-boxes">
              <input type="checkbox" checked={hasBoxes} onChange={() => setHasBoxes(!hasBoxes)} />
              {boxes}
            </label>
          )}
          <MediaFacts media={media} onPoint={setPointed} player={player} />
          <MediaAnalyses key={media.id} media={media} />
          {/* Its key may be the id too. In a list of its own it collides with no other. */}
          <div className="ma-details-more">{children}</div>
        </section>
        <button
          type="button"
          className="ma-button ma-close"
          data-kind="overlay"
          aria-label={words.close}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </div>
    </dialog>
  );
}

/** What can be done with the file itself. */
function Actions({ media: { id, held }, onRemove }: Pick<MediaDetailsProps, 'media' | 'onRemove'>) {
  const words = useWords();
  const { original } = useViewWords();
  const content = useMediaUrl(held ? undefined : id, 'content');
  return (
    <div className="ma-details-actions">
      {!held && <DownloadButton key={id} id={id} />}
      {onRemove && (
        <button type="button" className="ma-button" onClick={onRemove}>
          <TrashIcon />
          {words.remove}
        </button>
      )}
      {content.url && (
        <a className="ma-button" href={content.url} target="_blank" rel="noreferrer">
          {original}
        </a>
      )}
    </div>
  );
}
