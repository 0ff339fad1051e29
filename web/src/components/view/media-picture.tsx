/** The picture in the full view, with a box around each object whose place is known. */
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
  /** Whether it is only seen beside another one, when a finger moves that one. */
  isBeside: boolean;
  /** Whether a slideshow goes on. */
  isPlaying: boolean;
  onLoad: () => void;
  onPlayer: (player: HTMLVideoElement | null) => void;
}

/** What browsers show by themselves. Of other photos the preview is all they can show. */
const SHOWN = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/** A preview that is drawn so many times as large as it is looks blurred. */
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

/** The name of a file tells nothing of its picture. */
const altOf = ({ analytics, file_name }: Media) =>
  analytics
    ? altText({ ...analytics, title: analytics.title === file_name ? '' : analytics.title })
    : file_name;

/** What is seen beside another one is no player yet. */
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
    // It grows with the window, and when the facts are put away.
    const observer = new ResizeObserver(() =>
      setIsCoarse(element.offsetWidth > COARSE * drawn.width),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [drawn, isBeside]);
  // A preview is small. Who looks closely, or has a large window, sees the original.
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
  // How large the photo itself is may not be known. The style sheet knows how much room there is.
  const widest = analytics?.width ? Math.max(analytics.width, width ?? 0) : 2 * (width ?? 0);
  const style: CSSProperties & Record<`--${string}`, unknown> =
    width && height ? { '--ma-ratio': width / height, '--ma-widest': `${widest}px` } : {};
  // What its tile shows is here already, and stands in for the preview until that has come.
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
            // A signed address may have run out. With a new one the picture is tried again.
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
    // Each label is as large on the screen at each zoom, so its own size changes with it.
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

/** A label that would lie on an earlier one is not shown. Closer up, there is room for more of them. */
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
