/** The full view of one media: its picture and all its facts. */
import {
  type KeyboardEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Media } from '../../client/index.ts';
import { useAnalyses } from '../../hooks/index.ts';
import { useRefetchOnFocus } from '../../hooks/use-media-analysis.ts';
import { Boundary } from '../base/boundary.tsx';
import { CloseIcon, PauseIcon, SparkIcon, TrashIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { useModal } from '../base/use-modal.ts';
import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { DESCRIBE, isInOtherLanguage, offeredOf } from './analysis-words.ts';
import { DownloadButton } from './download-button.tsx';
import { MediaAnalyses } from './media-analyses.tsx';
import { MediaFacts } from './media-facts.tsx';
import { MediaPicture } from './media-picture.tsx';
import { MediaWords } from './media-words.tsx';
import { useSwitch } from './remembered.ts';
import { PACES_MS } from './slideshow.ts';
import { type Asking, useAsk } from './use-ask.ts';
import { useSlideshow } from './use-slideshow.ts';
import { useSwipe } from './use-swipe.ts';
import { BackIcon, ForwardIcon, InfoIcon, PlayIcon, SlideshowIcon } from './view-icons.tsx';

interface MediaDetailsProps {
  /** Its newest state. */
  media: Media;
  /** Stands below the analyses. */
  children?: ReactNode;
  /** Stands among the icons: further ones. */
  actions?: ReactNode;
  /** Called by the button "Delete". Absent: there is none. */
  onRemove?: (() => void) | undefined;
  /** Called when the user closes the dialog. Then stop rendering it. */
  onClose: () => void;
  /** Shows the media before this one; absent for the first one. */
  onPrevious?: (() => void) | undefined;
  /** Shows the media after this one; absent for the last one. */
  onNext?: (() => void) | undefined;
  /** Shows the first media of all, where this is another one: a slideshow begins again after the last one. Absent: it ends there. */
  onFirst?: (() => void) | undefined;
  /** The media that `onPrevious` shows. On a touch screen it is loaded after this one, and seen beside it while a finger moves it. */
  previous?: Media | undefined;
  /** The same for `onNext`. */
  next?: Media | undefined;
  /** Whether another one will come after the last one, as where a list goes on being loaded. A slideshow waits for it. */
  hasMore?: boolean | undefined;
  /** Whether it was deleted elsewhere, and another one is about to take its place: a slideshow goes on there. */
  isGone?: boolean | undefined;
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
  return (
    <Boundary of={props.media} instead={<Unshown {...props} />}>
      <Details {...props} />
    </Boundary>
  );
}

/** In place of a media whose record has something that the full view cannot draw. */
function Unshown({ media, onRemove, onClose }: MediaDetailsProps) {
  const words = useWords();
  const modal = useModal(onClose);
  const textId = useId();
  return (
    <dialog
      ref={modal.dialog}
      className="ma-question"
      aria-labelledby={textId}
      onClose={modal.onClose}
    >
      <div className="ma-question-inner">
        <p id={textId}>
          {String(media.file_name)}
          <br />
          {words.unshown}
        </p>
        <button type="button" className="ma-button" onClick={modal.close}>
          {words.close}
        </button>
        {onRemove && (
          <button type="button" className="ma-button" onClick={onRemove}>
            <TrashIcon />
            {words.remove}
          </button>
        )}
      </div>
    </dialog>
  );
}

function Details(props: MediaDetailsProps) {
  const { media, children, actions, onRemove, onClose, onPrevious, onNext, previous, next } = props;
  const words = useWords();
  const { details, moreDetails, slideshow } = useViewWords();
  useRefetchOnFocus(media.id);
  const asking = useAsk(media);
  const { dialog, close, ...modal } = useModal(onClose);
  const inner = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const [pointed, setPointed] = useState<number>();
  const [hasBoxes, turnBoxes] = useSwitch('boxes');
  const [hasFacts, turnFacts] = useSwitch('details');
  const [isMoreOpen, setIsMoreOpen] = useState(false);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const facts = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const turner = useRef<HTMLButtonElement>(null);
  const [loaded, setLoaded] = useState<ReadonlySet<string>>(new Set());
  const { stage, track, ground, isShown } = useSwipe({
    dialog,
    facts,
    id: media.id,
    acts: { previous: onPrevious, next: onNext, close },
  });
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set());
  const isFailed = media.held || (failed.has(media.id) && media.frames === undefined);
  const isDrawn = loaded.has(media.id) || failed.has(media.id);
  const show = useSlideshow({
    inner,
    heading,
    id: media.id,
    player,
    onNext,
    onFirst: props.onFirst,
    news: isFailed ? 'failed' : isDrawn ? 'drawn' : 'coming',
    hasMore: props.hasMore === true,
    isGone: props.isGone === true,
  });
  // So that a finger, or a slideshow, finds the pictures beside this one, and those that were there need not be asked for anew.
  const isNear = (id: string) =>
    isShown ||
    ((navigator.maxTouchPoints > 0 || show.state !== undefined) &&
      (loaded.has(media.id) || loaded.has(id)));
  const slides = [previous, media, next];
  const isBare = !hasFacts && !show.state;
  useLayoutEffect(() => {
    const { activeElement } = document;
    // Of what is put away, the keys would reach nobody.
    const isAway = facts.current?.contains(activeElement) && activeElement !== turner.current;
    if (isBare && isAway) keepFocus(heading.current);
  }, [isBare]);
  useLayoutEffect(() => {
    // The browser would choose the first button, which is gone with the picture that it belongs to.
    keepFocus(heading.current);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next media is read from its beginning
  useLayoutEffect(() => {
    for (const { current } of [dialog, facts]) current?.scrollTo({ top: 0 });
    const { activeElement } = document;
    // Of a button that was taken away, or slides away, the keys would reach nobody.
    if (!dialog.current?.contains(activeElement) || activeElement?.closest('[inert]'))
      keepFocus(heading.current);
  }, [media.id]);
  const turn = (event: KeyboardEvent) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    // The browser's own: with Alt it goes back.
    if (altKey || ctrlKey || metaKey) return;
    // There, these keys move the cursor, or the time.
    const isTaken = target instanceof Element && target.matches('input, select, textarea, video');
    if (isTaken && key !== 'Escape') return;
    if (show.press(event)) return;
    if (key.toLowerCase() === 'i' && !show.state) turnFacts();
    if (key === 'ArrowLeft') onPrevious?.();
    if (key === 'ArrowRight') onNext?.();
  };
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      className="ma-details"
      aria-labelledby={titleId}
      data-show={show.state}
      data-awake={show.isAwake || undefined}
      data-bare={isBare || undefined}
      {...show.handlers}
      onClose={modal.onClose}
      onKeyDown={turn}
    >
      <div ref={inner} className="ma-details-inner">
        <div ref={ground} className="ma-details-ground" />
        <div ref={stage} className="ma-details-picture">
          <div ref={track} className="ma-track">
            {slides.map((each) => {
              const isBeside = each !== media;
              if (!each || (isBeside && !isNear(each.id))) return null;
              return (
                <div
                  key={each.id}
                  className="ma-slide"
                  data-side={isBeside ? (each === next ? 'next' : 'previous') : undefined}
                  // React 18 does not know it as an attribute.
                  ref={(slide) => {
                    if (slide) slide.inert = isBeside;
                  }}
                >
                  <MediaPicture
                    media={each}
                    hasBoxes={hasBoxes && isMoreOpen && hasFacts && !show.state}
                    pointed={isBeside ? undefined : pointed}
                    isBeside={isBeside}
                    onLoad={() => setLoaded((ids) => new Set(ids).add(each.id))}
                    onFail={() => setFailed((ids) => new Set(ids).add(each.id))}
                    onPlayer={setPlayer}
                  />
                </div>
              );
            })}
          </div>
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
          {show.state && (
            <div className="ma-show-buttons">
              <button
                ref={show.toggle}
                type="button"
                className="ma-button"
                onClick={show.state === 'playing' ? show.pause : show.resume}
              >
                {show.state === 'playing' ? <PauseIcon /> : <PlayIcon />}
                {show.state === 'playing' ? slideshow.pause : slideshow.resume}
              </button>
              <button type="button" className="ma-button" onClick={show.end}>
                <CloseIcon />
                {slideshow.end}
              </button>
              <select
                className="ma-button"
                aria-label={slideshow.pace}
                value={show.shownMs}
                onChange={({ target }) => show.choosePace(Number(target.value))}
              >
                {PACES_MS.map((ms) => (
                  <option key={ms} value={ms}>
                    {slideshow.seconds(ms / 1_000)}
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
        {/* This section scrolls, so the keyboard must reach it. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable */}
        <section ref={facts} className="ma-details-facts" aria-labelledby={titleId} tabIndex={0}>
          {/* It is read out when the view opens, and when another media takes its place. */}
          <h2 ref={heading} id={titleId} tabIndex={-1} aria-live="polite">
            {media.analytics?.title ?? media.file_name}
          </h2>
          <div className="ma-details-actions">
            <button
              type="button"
              className="ma-button ma-close"
              data-kind="icon"
              title={words.close}
              onClick={close}
            >
              <CloseIcon />
            </button>
            {/* An app may give its own buttons the id as their key. */}
            {!media.held && <DownloadButton key={`download ${media.id}`} id={media.id} />}
            {actions}
            <AgainButton media={media} asking={asking} />
            {show.canStart && (
              <button
                ref={show.opener}
                type="button"
                className="ma-button"
                data-kind="icon"
                title={slideshow.start}
                aria-keyshortcuts="s"
                onClick={show.start}
              >
                <SlideshowIcon />
              </button>
            )}
            {onRemove && (
              <button
                type="button"
                className="ma-button"
                data-kind="icon"
                title={words.remove}
                onClick={onRemove}
              >
                <TrashIcon />
              </button>
            )}
            <button
              ref={turner}
              type="button"
              className="ma-button ma-turn-facts"
              data-kind="icon"
              title={details}
              aria-pressed={hasFacts}
              aria-keyshortcuts="i"
              onClick={turnFacts}
            >
              <InfoIcon />
            </button>
          </div>
          {media.error_message && (
            <p className="ma-card-error">
              {words.error(media.error_code, media.error_message, media.file_name)}
            </p>
          )}
          {media.analytics && <MediaWords analytics={media.analytics} player={player} />}
          <MediaAnalyses key={media.id} media={media} asking={asking} />
          <details
            className="ma-measured"
            open={isMoreOpen}
            onToggle={({ currentTarget }) => setIsMoreOpen(currentTarget.open)}
          >
            <summary>{moreDetails}</summary>
            <MediaFacts
              media={media}
              hasBoxes={hasBoxes}
              onBoxes={turnBoxes}
              onPoint={setPointed}
            />
          </details>
          {/* Its key may be the id too. In a list of its own it collides with no other. */}
          <div className="ma-details-more">{children}</div>
        </section>
      </div>
    </dialog>
  );
}

interface AgainButtonProps {
  media: Media;
  asking: Asking;
}

/** Where there is no description, or one in another language, the button says so in words, below. */
function AgainButton({ media, asking: { isBusy, start } }: AgainButtonProps) {
  const { language, analyses: words } = useWords();
  const { analyses } = useAnalyses();
  const isOffered = offeredOf(analyses).some(({ name }) => name === DESCRIBE);
  if (!isOffered || isInOtherLanguage(media, language)) return null;
  return (
    <button
      type="button"
      className="ma-button"
      data-kind="icon"
      title={words.describeAgain}
      // A button that is switched off would lose the focus.
      aria-disabled={isBusy}
      onClick={() => start(DESCRIBE)}
    >
      <SparkIcon />
    </button>
  );
}
