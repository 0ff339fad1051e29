/** The picture of a card: made from the file in the browser, or the preview on the server. */
import { useState } from 'react';
import { useMediaUrl } from '../hooks/index.ts';
import { useFileThumbnail } from './file-thumbnail.ts';
import { ImageIcon, VideoIcon } from './icons.tsx';

interface ThumbnailProps {
  /** Id of a media whose preview is stored. */
  mediaId: string | undefined;
  file: File | undefined;
  isVideo: boolean;
}

export function Thumbnail({ mediaId, file, isVideo }: ThumbnailProps) {
  const local = useFileThumbnail(file);
  // A video has no preview.
  const hasPreview = local === null && !isVideo;
  const { url, onError } = useMediaUrl(hasPreview ? mediaId : undefined, 'preview');
  const [broken, setBroken] = useState<string>();
  const source = local ?? url;
  if (source === undefined || broken === source) {
    return <div className="ma-thumb ma-thumb-none">{isVideo ? <VideoIcon /> : <ImageIcon />}</div>;
  }
  const fail = () => {
    setBroken(source);
    onError();
  };
  // The card around the picture has the text for screen readers.
  return (
    <img className="ma-thumb" src={source} alt="" loading="lazy" decoding="async" onError={fail} />
  );
}
