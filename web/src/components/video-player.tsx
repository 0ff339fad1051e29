/** A video in the full view. Of one that cannot be played here, such as HEVC in most browsers: its poster, and what to do. */
import { useState } from 'react';
import { useMediaUrl } from '../hooks/index.ts';
import { VideoIcon } from './icons.tsx';
import { useViewWords } from './words/view.ts';

interface VideoPlayerProps {
  mediaId: string;
  /** Whether one of its frames was sent along with it. */
  hasPoster: boolean;
  /** Tells people who see no pictures what it shows. */
  alt: string;
  /** Called with the player, and with null when it is gone. */
  onPlayer: ((player: HTMLVideoElement | null) => void) | undefined;
}

export function VideoPlayer({ mediaId, hasPoster, alt, onPlayer }: VideoPlayerProps) {
  const { unplayed } = useViewWords();
  const poster = useMediaUrl(hasPoster ? mediaId : undefined, 'preview');
  const content = useMediaUrl(mediaId, 'content');
  const [failed, setFailed] = useState<string>();
  const fail = () => {
    setFailed(content.url);
    // A signed address may have run out. With a new one the player is tried again.
    content.onError();
  };
  if (failed !== undefined && failed === content.url) {
    return (
      <div className="ma-unplayed">
        {poster.url && (
          <img className="ma-video" src={poster.url} alt={alt} onError={poster.onError} />
        )}
        <p>
          <VideoIcon /> {unplayed}
        </p>
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: a user's own recording has no captions
    <video
      ref={onPlayer}
      className="ma-video"
      src={content.url}
      poster={poster.url}
      controls
      aria-label={alt}
      // Where the line is down, what is loaded can still be played, and the rest later.
      onError={({ currentTarget: { error } }) => {
        if (error?.code !== MediaError.MEDIA_ERR_NETWORK) fail();
      }}
      // Its sound could be played, which is no error.
      onLoadedMetadata={({ currentTarget }) => currentTarget.videoWidth === 0 && fail()}
    />
  );
}
