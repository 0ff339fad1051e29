/** The picture in the full view, with a box around each object whose place is known. */
import { type CSSProperties, type SyntheticEvent, useEffect, useRef, useState } from 'react';
import { type Media, MediaClientError } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { HiddenIcon, ImageIcon, VideoIcon } from '../base/icons.tsx';
import { NotLoaded } from '../base/not-loaded.tsx';
import { heldText } from '../card/held-text.ts';
import { useWords } from '../words/index.ts';
import { ObjectBoxes } from './object-boxes.tsx';
import { VideoPlayer } from './video-player.tsx';
import { Zoomable } from './zoomable.tsx';

interface MediaPictureProps {
  media: Media;
  /** Whether boxes are drawn around its objects. */
  hasBoxes: boolean;
  /** Index of the object to mark. */
  pointed: number | undefined;
  /** Whether it is only seen beside another one, when a finger moves that one. */
  isBeside: boolean;
  /** Called when it is loaded. */
  onLoad: () => void;
  /** Called when it cannot be shown. */
  onFail: () => void;
  /** Called with the player of a video, and with null when it is gone. */
  onPlayer?: (player: HTMLVideoElement | null) => void;
}

/** What browsers show by themselves. Of other photos the preview is all they can show. */
const SHOWN = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/** A preview that is drawn so many times as large as it is looks blurred. */
const COARSE = 1.25;

interface Size {
  width: number;
  height: number;
}

/** How large the picture may be drawn. The style sheet knows how much room there is. */
function styleOf(drawn: Size | undefined, analytics: Media['analytics']): CSSProperties {
  const { width, height } = analytics ?? {};
  const shape = drawn ?? (width && height ? { width, height } : undefined);
  if (!shape) return {};
  // How large the photo itself is may not be known.
  const widest = width ? Math.max(width, shape.width) : 2 * shape.width;
  const style: CSSProperties & Record<`--${string}`, unknown> = {
    '--ma-ratio': shape.width / shape.height,
    '--ma-widest': `${widest}px`,
  };
  return style;
}

export function MediaPicture(props: MediaPictureProps) {
  const { media, hasBoxes, pointed, isBeside, onLoad, onFail, onPlayer } = props;
  const words = useWords();
  const { analytics, file_name, held } = media;
  const isVideo = media.content_type.startsWith('video/');
  // What is seen beside another one is no player yet.
  const isPlayer = isVideo && (!isBeside || media.frames === undefined);
  const id = held || isPlayer ? undefined : media.id;
  const preview = useMediaUrl(id, 'preview');
  const [isZoomed, setIsZoomed] = useState(false);
  const picture = useRef<HTMLDivElement>(null);
  /** Of the preview, in pixels. */
  const [drawn, setDrawn] = useState<Size>();
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
  const load = ({ currentTarget }: SyntheticEvent<HTMLImageElement>) => {
    setDrawn({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight });
    onLoad();
  };
  // A preview is small. Who looks closely, or has a large window, sees the original.
  const isOriginal = !isBeside && (isZoomed || isCoarse) && SHOWN.includes(media.content_type);
  const content = useMediaUrl(isOriginal ? id : undefined, 'content');
  const [broken, setBroken] = useState<string>();
  const fail = () => {
    setBroken(preview.url);
    // A signed address may have run out. With a new one the picture is tried again.
    preview.onError();
  };
  const isBroken = preview.url !== undefined && broken === preview.url;
  const hasNone = preview.error instanceof MediaClientError && preview.error.code === 'not_found';
  const isFailed = isBroken || (preview.error !== undefined && !hasNone);
  const tryAgain = () => {
    setBroken(undefined);
    preview.tryAgain();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what failed beside another one is tried again when it is shown
  useEffect(() => {
    if (!isBeside && isFailed) tryAgain();
  }, [isBeside]);
  const isUnshown = isFailed || (preview.url === undefined && hasNone);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told once
  useEffect(() => {
    if (!isBeside && isUnshown) onFail();
  }, [isBeside, isUnshown]);
  const alt = analytics?.summary ?? file_name;
  if (held) {
    return (
      <p className="ma-thumb-none">
        <HiddenIcon /> {heldText(media, words)}
      </p>
    );
  }
  if (isVideo && isBeside) {
    return (
      <div className="ma-player">
        {preview.url ? (
          <img className="ma-video" src={preview.url} alt={alt} onLoad={onLoad} />
        ) : (
          <VideoIcon />
        )}
      </div>
    );
  }
  if (isVideo) {
    return (
      <VideoPlayer
        mediaId={media.id}
        hasPoster={media.frames !== undefined}
        alt={alt}
        onPlayer={onPlayer}
        onFail={onFail}
      />
    );
  }
  if (isFailed) return isBeside ? null : <NotLoaded error={preview.error} onRetry={tryAgain} />;
  // Its address is being asked for.
  if (preview.url === undefined && !hasNone) return null;
  if (preview.url === undefined) {
    return (
      <p className="ma-thumb-none">
        <ImageIcon /> {words.noPreview}
      </p>
    );
  }
  return (
    <Zoomable onZoom={setIsZoomed} isBeside={isBeside}>
      <div ref={picture} className="ma-picture" style={styleOf(drawn, analytics)}>
        <img src={preview.url} alt={alt} onLoad={load} onError={fail} draggable={false} />
        {isOriginal && content.url && (
          <img className="ma-picture-original" src={content.url} alt="" draggable={false} />
        )}
        {hasBoxes && analytics && <ObjectBoxes analytics={analytics} pointed={pointed} />}
      </div>
    </Zoomable>
  );
}
