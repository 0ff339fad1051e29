/** The picture of a card: made from the file in the browser, or the preview on the server. */
import { useEffect, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { HiddenIcon, ImageIcon, VideoIcon } from '../base/icons.tsx';
import { formatDuration } from '../upload/countdown.tsx';

interface ThumbnailProps {
  /** Id of a media whose preview is stored. */
  mediaId: string | undefined;
  /** `binned` for a media in the bin. */
  rendition?: 'small' | 'binned';
  file: File | undefined;
  isVideo: boolean;
  /** Whether frames of the video were sent too. */
  hasPoster: boolean;
  /** Why the picture is withheld. If `unchecked`, users still see their own file, which comes from their browser. */
  held: Media['held'];
  /** Length of a video, if it is known. */
  seconds?: number | null | undefined;
}

/** URL of the picture that the tile of a media shows now, if the tile is on the page. */
export const shownOnTile = (mediaId: string): string | undefined =>
  document.querySelector<HTMLImageElement>(`[data-media-id="${CSS.escape(mediaId)}"] img`)
    ?.currentSrc || undefined;

export function Thumbnail(props: ThumbnailProps) {
  const { mediaId, rendition = 'small', file, isVideo, hasPoster, held, seconds } = props;
  const isCovered = held !== undefined && held !== 'unchecked';
  const local = useFileThumbnail(isCovered ? undefined : file);
  const hasPreview = local === null && (!isVideo || hasPoster) && !held;
  const { url, onError } = useMediaUrl(hasPreview ? mediaId : undefined, rendition);
  const [broken, setBroken] = useState<string>();
  const source = local ?? url;
  // The style sheet draws the length, so it is no part of the name of the button.
  const length = seconds ? formatDuration(seconds) : undefined;
  if (source === undefined || broken === source) {
    const Icon = held ? HiddenIcon : isVideo ? VideoIcon : ImageIcon;
    return (
      <div className="ma-thumb ma-thumb-none">
        <Icon />
        {length && <span className="ma-thumb-video" data-length={length} />}
      </div>
    );
  }
  const fail = () => {
    setBroken(source);
    onError();
  };
  // The card around the picture has the text for screen readers.
  return (
    <>
      <img
        className="ma-thumb"
        src={source}
        alt=""
        loading="lazy"
        decoding="async"
        onError={fail}
      />
      {isVideo && (
        <span className="ma-thumb-video" data-length={length}>
          <VideoIcon />
        </span>
      )}
    </>
  );
}

/**
 * URL of a small picture of a file that is being sent: `undefined` until it is made, `null` if the browser cannot make
 * one (HEIC, videos). The code that makes pictures is loaded with the first one.
 */
function useFileThumbnail(file: File | undefined): string | null | undefined {
  const isPicture = file !== undefined && !file.type.startsWith('video/');
  const [url, setUrl] = useState<string | null>();
  useEffect(() => {
    if (!isPicture) return;
    let made: string | undefined;
    let isWanted = true;
    const make = async () => {
      const { shrink } = await import('../base/shrink.ts');
      const blob = await shrink(file, () => isWanted);
      if (!blob || !isWanted) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    make().catch(() => setUrl(null));
    return () => {
      isWanted = false;
      if (made) URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [isPicture, file]);
  return isPicture ? url : null;
}
