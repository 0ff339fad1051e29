/** A video in the full view. If the browser cannot play it, such as HEVC in most: its poster, and what to do. */
import { useEffect, useState } from 'react';
import { networkError } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { PlayIcon, VideoIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { NotLoaded } from '../base/not-loaded.tsx';
import { useViewWords } from '../words/view.ts';

interface VideoPlayerProps {
  mediaId: string;
  hasPoster: boolean;
  alt: string;
  onPlayer: (player: HTMLVideoElement | null) => void;
}

export function VideoPlayer({ mediaId, hasPoster, alt, onPlayer }: VideoPlayerProps) {
  const words = useViewWords();
  const poster = useMediaUrl(hasPoster ? mediaId : undefined, 'preview');
  const { url, error, onError, tryAgain } = useMediaUrl(mediaId, 'content');
  const [unplayed, setUnplayed] = useState<string>();
  /** Where the connection broke, in seconds. */
  const [brokenAt, setBrokenAt] = useState<number>();
  const [start, setStart] = useState(0);
  const [isBegun, setIsBegun] = useState(false);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  useEffect(() => {
    onPlayer(player);
    return () => onPlayer(null);
  }, [onPlayer, player]);
  const fail = () => {
    setUnplayed(url);
    // A signed URL may have expired. With a new one the player is tried again.
    onError();
  };
  const hear = ({ error, currentTime }: HTMLVideoElement) => {
    // If the beginning of a video does not arrive, browsers report an unsupported format.
    if (navigator.onLine && error?.code !== MediaError.MEDIA_ERR_NETWORK) return fail();
    setBrokenAt(currentTime);
    setIsBegun(false);
  };
  const retry = () => {
    setStart(brokenAt ?? 0);
    setBrokenAt(undefined);
    tryAgain();
  };
  if (brokenAt !== undefined || error !== undefined)
    return <NotLoaded error={error ?? networkError(undefined)} onRetry={retry} />;
  if (unplayed !== undefined && unplayed === url) {
    return (
      <div className="ma-player">
        {poster.url && (
          <img className="ma-video" src={poster.url} alt={alt} onError={poster.onError} />
        )}
        <p>
          <VideoIcon /> {words.unplayed}
        </p>
      </div>
    );
  }
  return (
    <div className="ma-player">
      {/* biome-ignore lint/a11y/useMediaCaption: a user's own recording has no captions */}
      <video
        ref={setPlayer}
        className="ma-video"
        src={url}
        poster={poster.url}
        controls
        aria-label={alt}
        onError={({ currentTarget }) => hear(currentTarget)}
        onLoadedMetadata={({ currentTarget }) => {
          // The sound of a video without a picture could play, so the browser reports no error.
          if (currentTarget.videoWidth === 0) fail();
          else if (start > 0) currentTarget.currentTime = start;
        }}
        onPlay={() => setIsBegun(true)}
        onEnded={() => setIsBegun(false)}
      />
      {!isBegun && url && (
        <button
          type="button"
          className="ma-play"
          aria-label={words.play}
          onClick={() => {
            // The button disappears, so the keys go to the player.
            keepFocus(player);
            // If it does not play, `onError` tells why, or the browser wants a press first.
            player?.play().catch(() => undefined);
          }}
        >
          <PlayIcon />
        </button>
      )}
    </div>
  );
}
