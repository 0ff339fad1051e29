/** The full view of one media: its picture and all its facts. */
import {
  type KeyboardEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { useAnalyses, useMediaClient } from '../../hooks/index.ts';
import { useRefetchOnFocus } from '../../hooks/use-media-analysis.ts';
import { Boundary } from '../base/boundary.tsx';
import { Button } from '../base/button.tsx';
import { isDeleteKey } from '../base/delete-key.ts';
import { ErrorNotice } from '../base/error-notice.tsx';
import { CloseIcon, PauseIcon, PlayIcon, SparkIcon, TrashIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { useModal } from '../base/use-modal.ts';
import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { DESCRIBE, isInOtherLanguage, offeredOf } from './analysis-words.ts';
import { MediaAnalyses, useAsk } from './media-analyses.tsx';
import { MediaFacts } from './media-facts.tsx';
import { MediaPicture } from './media-picture.tsx';
import { MediaWords } from './media-words.tsx';
import { useSwitch } from './remembered.ts';
import { useSlideshow } from './use-slideshow.ts';
import { useSwipe } from './use-swipe.ts';
import { BackIcon, DownloadIcon, ForwardIcon, InfoIcon, SlideshowIcon } from './view-icons.tsx';

interface MediaDetailsProps {
  /** The newest state of the media. */
  media: Media;
  /** Stands below the analyses. */
  children?: ReactNode;
  /** Further icons, beside the built-in ones. */
  actions?: ReactNode;
  /** A form that changes the title, shown in its place. */
  titleForm?: ReactNode;
  /** Stands below the title. */
  titleNote?: ReactNode;
  /** Messages of the app, shown above all else. */
  notices?: ReactNode;
  /** Called by the button "Delete". Without it there is no button. */
  onRemove?: (() => void) | undefined;
  /** Called by a press on a tag or on the place, with what finds it. Without it they are plain text. */
  onSearch?: ((filters: Pick<MediaFilters, 'tag' | 'place'>) => void) | undefined;
  /** Called when the user closes the dialog. Then stop rendering it. */
  onClose: () => void;
  /** Shows the media before this one; undefined for the first one. */
  onPrevious?: (() => void) | undefined;
  /** Shows the media after this one; undefined for the last one. */
  onNext?: (() => void) | undefined;
  /** Shows the first media, if another one is shown. Then a slideshow starts again after the last; else it ends. */
  onFirst?: (() => void) | undefined;
  /** What `onPrevious` shows. On a touch screen it is loaded after this media, and seen beside it during a swipe. */
  previous?: Media | undefined;
  /** The same for `onNext`. */
  next?: Media | undefined;
  /** Whether the list still loads more media. A slideshow waits for them after the last one. */
  hasMore?: boolean | undefined;
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
export const MediaDetails = (props: MediaDetailsProps) => (
  // A media that cannot be drawn does not take the page away.
  <Boundary of={props.media} instead={null}>
    <Details {...props} />
  </Boundary>
);

function Details(props: MediaDetailsProps) {
  const { media, titleForm, titleNote, onClose, onPrevious, onNext, previous, next } = props;
  const { id, analytics } = media;
  const words = useWords();
  const view = useViewWords();
  useRefetchOnFocus(id);
  const asking = useAsk(media);
  const { analyses } = useAnalyses();
  const { dialog, close, ...modal } = useModal(onClose);
  const inner = useRef<HTMLDivElement>(null);
  const facts = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  const [pointed, setPointed] = useState<number>();
  const [hasBoxes, turnBoxes] = useSwitch('boxes');
  const [hasFacts, turnFacts] = useSwitch('details');
  const [isMoreOpen, setIsMoreOpen] = useState(false);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const [loaded, setLoaded] = useState<ReadonlySet<string>>(new Set());
  useSwipe(dialog, id, { previous: onPrevious, next: onNext, close });
  const isDrawn = loaded.has(id) || media.held !== undefined;
  const show = useSlideshow(props, { inner, heading, isDrawn, player });
  const isBare = !hasFacts && !show.state;
  // For a swipe or a slideshow, the pictures beside this one are mounted, once this one or they are loaded.
  const isNear = (other: string) =>
    (navigator.maxTouchPoints > 0 || show.state) && (loaded.has(id) || loaded.has(other));
  useLayoutEffect(() => {
    // The browser would focus the first button, which disappears with its picture.
    keepFocus(heading.current);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next media is read from its beginning
  useLayoutEffect(() => {
    for (const { current } of [dialog, facts]) current?.scrollTo({ top: 0 });
    const { activeElement: focused } = document;
    // If the focused element is removed, inert or hidden, nothing would receive the keys.
    const isThere =
      dialog.current?.contains(focused) &&
      !focused?.closest('[inert]') &&
      focused?.getClientRects().length !== 0;
    if (!isThere) keepFocus(heading.current);
  }, [id, isBare]);
  const turn = (event: KeyboardEvent) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    // The browser keeps its own shortcuts: with Alt it goes back.
    if (altKey || ctrlKey || metaKey) return;
    // In these elements the keys move the cursor, or the time.
    const isTaken = target instanceof Element && target.matches('input, select, textarea, video');
    if (isTaken && key !== 'Escape') return;
    show.press(event);
    if (key.toLowerCase() === 'i' && !show.state) turnFacts();
    if (isDeleteKey(event) && !show.state) props.onRemove?.();
    if (key === 'ArrowLeft') onPrevious?.();
    if (key === 'ArrowRight') onNext?.();
  };
  // Without a description in the page's language, a text button below offers one instead.
  const canDescribe =
    offeredOf(analyses).some(({ name }) => name === DESCRIBE) &&
    !isInOtherLanguage(media, words.language);
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
        <div className="ma-details-ground" />
        <div className="ma-details-picture">
          <div className="ma-track">
            {[previous, media, next].map((each) => {
              const isBeside = each !== media;
              if (!each || (isBeside && !isNear(each.id))) return null;
              return (
                <div
                  key={each.id}
                  className="ma-slide"
                  data-side={isBeside ? (each === next ? 'next' : 'previous') : undefined}
                  // React 18 does not know the attribute `inert`.
                  ref={(slide) => {
                    if (slide) slide.inert = isBeside;
                  }}
                >
                  <MediaPicture
                    media={each}
                    hasBoxes={hasBoxes && isMoreOpen && hasFacts && !show.state}
                    pointed={isBeside ? undefined : pointed}
                    isBeside={isBeside}
                    isPlaying={show.isPlaying}
                    onLoad={() => setLoaded((ids) => new Set(ids).add(each.id))}
                    onPlayer={setPlayer}
                  />
                </div>
              );
            })}
          </div>
          <Turn to="previous" act={onPrevious} />
          <Turn to="next" act={onNext} />
          {show.state && <ShowButtons show={show} />}
        </div>
        {/* This section scrolls, so the keyboard must reach it. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable */}
        <section ref={facts} className="ma-details-facts" aria-labelledby={titleId} tabIndex={0}>
          {/* A screen reader reads it out when the view opens or shows another media. */}
          <h2
            ref={heading}
            id={titleId}
            className={isBare || titleForm ? 'ma-unseen' : undefined}
            tabIndex={-1}
            aria-live="polite"
          >
            {analytics?.title ?? media.file_name}
          </h2>
          {titleForm}
          {titleNote && <p className="ma-muted">{titleNote}</p>}
          <div className="ma-details-actions">
            <Button kind="icon" className="ma-button ma-close" title={words.close} onClick={close}>
              <CloseIcon />
            </Button>
            {/* The prefix keeps this key apart from an app's keys, which may be the id. */}
            {!media.held && <DownloadButton key={`download ${id}`} id={id} />}
            {props.actions}
            {canDescribe && (
              <Button
                kind="icon"
                title={words.analyses.describeAgain}
                // A disabled button would lose the focus.
                aria-disabled={asking.isBusy}
                onClick={() => asking.start(DESCRIBE)}
              >
                <SparkIcon />
              </Button>
            )}
            {show.canStart && (
              <Button
                kind="icon"
                className="ma-button ma-start-show"
                title={view.slideshow.start}
                aria-keyshortcuts="s"
                onClick={show.play}
              >
                <SlideshowIcon />
              </Button>
            )}
            {props.onRemove && (
              <Button
                kind="icon"
                title={words.remove}
                aria-keyshortcuts="Delete"
                onClick={props.onRemove}
              >
                <TrashIcon />
              </Button>
            )}
            <Button
              kind="icon"
              className="ma-button ma-turn-facts"
              title={view.details}
              aria-pressed={hasFacts}
              aria-keyshortcuts="i"
              onClick={turnFacts}
            >
              <InfoIcon />
            </Button>
          </div>
          {media.error_message && (
            <p className="ma-card-error">
              {words.error(media.error_code, media.error_message, media.file_name)}
            </p>
          )}
          {analytics && <MediaWords {...{ analytics, player }} onSearch={props.onSearch} />}
          <MediaAnalyses key={`analyses ${id}`} media={media} asking={asking} />
          <details
            className="ma-measured"
            open={isMoreOpen}
            onToggle={({ currentTarget }) => setIsMoreOpen(currentTarget.open)}
          >
            <summary>{view.moreDetails}</summary>
            <MediaFacts {...{ media, hasBoxes }} onBoxes={turnBoxes} onPoint={setPointed} />
          </details>
          {/* A child's key may be the id too. In its own element it collides with no other. */}
          <div className="ma-details-more">{props.children}</div>
        </section>
      </div>
      {props.notices}
    </dialog>
  );
}

function Turn({ to, act }: { to: 'previous' | 'next'; act: (() => void) | undefined }) {
  const label = useWords()[to];
  if (!act) return null;
  return (
    <button type="button" className="ma-turn" data-to={to} aria-label={label} onClick={act}>
      {to === 'next' ? <ForwardIcon /> : <BackIcon />}
    </button>
  );
}

function ShowButtons({ show }: { show: ReturnType<typeof useSlideshow> }) {
  const { slideshow } = useViewWords();
  return (
    <div className="ma-show-buttons">
      <button ref={show.toggler} type="button" className="ma-button" onClick={show.toggle}>
        {show.isPlaying ? <PauseIcon /> : <PlayIcon />}
        {show.isPlaying ? slideshow.pause : slideshow.resume}
      </button>
      <Button onClick={show.end}>
        <CloseIcon />
        {slideshow.end}
      </Button>
    </div>
  );
}

/** Saves the original. Its URL expires within minutes, so each press asks for a new one. */
function DownloadButton({ id }: { id: string }) {
  const { download } = useViewWords();
  const client = useMediaClient();
  const [error, setError] = useState<unknown>();
  const save = () => {
    setError(undefined);
    client.resolveUrl(id, 'download').then((href) => {
      Object.assign(document.createElement('a'), { href }).click();
    }, setError);
  };
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      <Button kind="icon" title={download} onClick={save}>
        <DownloadIcon />
      </Button>
    </>
  );
}
