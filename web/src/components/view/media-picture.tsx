/** The picture in the full view, with a box around each object whose position is known. */
import { altText } from '@media-analysis/shared/alt-text';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { type Media, MediaClientError } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { HiddenIcon, ImageIcon, VideoIcon } from '../base/icons.tsx';
import { NotLoaded } from '../base/not-loaded.tsx';
import { heldText } from '../card/held-text.ts';
import { shownOnTile } from '../card/thumbnail.tsx';
import { useWords } from '../words/index.ts';
import { useLabel } from '../words/view.ts';
import { VideoPlayer } from './video-player.tsx';
import { Zoomable } from './zoomable.tsx';

interface MediaPictureProps {
  media: Media;
  hasBoxes: boolean;
  pointed: number | undefined;
  /** Whether the picture is only seen beside another one, during a swipe. */
  isBeside: boolean;
  /** Whether a slideshow is running. */
  isPlaying: boolean;
  onLoad: () => void;
  onPlayer: (player: HTMLVideoElement | null) => void;
}

/** The formats that browsers show. For other photos they can only show the preview. */
const SHOWN = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/** A preview enlarged more than this looks blurred. */
const COARSE = 1.25;

export function MediaPicture(props: MediaPictureProps) {
  const { media, isBeside, onPlayer } = props;
  const words = useWords();
  if (media.held) {
    return (
      <p className="ma-thumb-none">
        <HiddenIcon /> {heldText(media, words)}
      </p>
    );
  }
  if (!media.content_type.startsWith('video/')) return <Photo {...props} />;
  if (isBeside) return <Poster {...props} />;
  const hasPoster = media.frames !== undefined;
  return <VideoPlayer mediaId={media.id} {...{ hasPoster, onPlayer }} alt={altOf(media)} />;
}

/** A file name says nothing about its picture. */
const altOf = ({ analytics, file_name }: Media) =>
  analytics
    ? altText({ ...analytics, title: analytics.title === file_name ? '' : analytics.title })
    : file_name;

/** Beside another media, a video is a poster and no player. */
function Poster({ media, onLoad }: MediaPictureProps) {
  const { url } = useMediaUrl(media.frames && media.id, 'preview');
  return (
    <div className="ma-player">
      {url ? (
        <img className="ma-video" src={url} alt={altOf(media)} onLoad={onLoad} />
      ) : (
        <VideoIcon />
      )}
    </div>
  );
}

function Photo({ media, hasBoxes, pointed, isBeside, isPlaying, onLoad }: MediaPictureProps) {
  const words = useWords();
  const { id, analytics } = media;
  const { url, error, tryAgain, onError } = useMediaUrl(id, 'preview');
  const [isZoomed, setIsZoomed] = useState(false);
  const picture = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ width: number; height: number }>();
  const [isCoarse, setIsCoarse] = useState(false);
  useEffect(() => {
    const element = picture.current;
    if (!element || !drawn || isBeside) return;
    // The picture grows with the window, and when the facts are hidden.
    const observer = new ResizeObserver(() =>
      setIsCoarse(element.offsetWidth > COARSE * drawn.width),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [drawn, isBeside]);
  // A preview is small. A user who zooms in, or has a large window, sees the original.
  const isOriginal = !isBeside && (isZoomed || isCoarse) && SHOWN.includes(media.content_type);
  const original = useMediaUrl(isOriginal ? id : undefined, 'content');
  const [broken, setBroken] = useState<string>();
  if (url === undefined && error instanceof MediaClientError && error.code === 'not_found') {
    return (
      <p className="ma-thumb-none">
        <ImageIcon /> {words.noPreview}
      </p>
    );
  }
  if (error !== undefined || (url !== undefined && broken === url)) {
    const retry = () => {
      setBroken(undefined);
      tryAgain();
    };
    return isBeside ? null : <NotLoaded error={error} onRetry={retry} />;
  }
  if (url === undefined) return null;
  const { width, height } = drawn ?? { width: analytics?.width, height: analytics?.height };
  // If the size of the photo is not known, it may be twice the preview's. The style sheet limits it to the screen.
  const widest = analytics?.width ? Math.max(analytics.width, width ?? 0) : 2 * (width ?? 0);
  const style: CSSProperties & Record<`--${string}`, unknown> =
    width && height ? { '--ma-ratio': width / height, '--ma-widest': `${widest}px` } : {};
  // The picture of the tile is loaded already, so it is shown until the preview comes.
  const tile = drawn ? undefined : shownOnTile(id);
  return (
    <Zoomable {...{ isBeside, isPlaying }} onZoom={setIsZoomed}>
      <div ref={picture} className="ma-picture" style={style}>
        <img
          src={url}
          alt={altOf(media)}
          style={tile === undefined ? undefined : { backgroundImage: `url("${tile}")` }}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            setDrawn({ width: naturalWidth, height: naturalHeight });
            onLoad();
          }}
          onError={() => {
            setBroken(url);
            // A signed URL may have expired. With a new one the picture is tried again.
            onError();
          }}
          draggable={false}
        />
        {isOriginal && original.url && (
          <img className="ma-picture-original" src={original.url} alt="" draggable={false} />
        )}
        {hasBoxes && analytics && <ObjectBoxes analytics={analytics} pointed={pointed} />}
      </div>
    </Zoomable>
  );
}

interface BoxesProps extends Pick<MediaPictureProps, 'pointed'> {
  analytics: NonNullable<Media['analytics']>;
}

const percent = (share: number) => `${share * 100}%`;

function ObjectBoxes({ analytics, pointed }: BoxesProps) {
  const { objects } = analytics;
  const words = useWords();
  const labelOf = useLabel(analytics);
  const layer = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other objects or words have other labels
  useEffect(() => {
    if (!layer.current) return;
    const labels = [...layer.current.querySelectorAll('.ma-box-label')];
    // A label keeps its size on the screen at each zoom, so its layout size changes.
    const sizes = new ResizeObserver(() => hideCovered(labels));
    for (const each of [layer.current, ...labels]) sizes.observe(each);
    return () => sizes.disconnect();
  }, [objects, words]);
  return (
    <div ref={layer} className="ma-object-boxes">
      {objects.map(({ label, box }, index) => {
        if (!box) return null;
        const { x: left, y: top, width, height } = box;
        return (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: two objects may differ in nothing else
            key={index}
            className="ma-box"
            data-pointed={pointed === index}
            data-side={left + width / 2 > 0.5 ? 'right' : 'left'}
            data-top={top < 0.06 || undefined}
            style={{
              inset: `${percent(top)} auto auto ${percent(left)}`,
              width: percent(width),
              height: percent(height),
            }}
          >
            <span className="ma-box-label">{labelOf(label)}</span>
          </div>
        );
      })}
    </div>
  );
}

/** Hides a label that would lie on an earlier one. A closer zoom has room for more labels. */
function hideCovered(labels: readonly Element[]): void {
  const shown: DOMRect[] = [];
  for (const label of labels) {
    const a = label.getBoundingClientRect();
    const isCovered = shown.some(
      (b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
    );
    label.toggleAttribute('data-covered', isCovered);
    if (!isCovered) shown.push(a);
  }
}
