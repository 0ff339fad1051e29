/** The picture of a card: from the file itself at first, from the server once it is stored there. */
import { useState } from 'react';
import { useMediaUrl } from '../hooks/index.ts';
import { useFileThumbnail } from './file-thumbnail.ts';
import { ImageIcon, VideoIcon } from './icons.tsx';

interface ThumbnailProps {
  /** Of a media whose preview is stored. */
  mediaId: string | undefined;
  file: File | undefined;
  isVideo: boolean;
}

export function Thumbnail({ mediaId, file, isVideo }: ThumbnailProps) {
  const local = useFileThumbnail(file);
  // There is no preview of a video.
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
  // The card around it names what it shows.
  return (
    <img className="ma-thumb" src={source} alt="" loading="lazy" decoding="async" onError={fail} />
  );
}
