/** A video in the full view. Of one that cannot be played here, such as HEVC in most browsers: its poster, and what to do. */
import { useEffect, useState } from 'react';
import { type MediaClient, MediaClientError } from '../../client/index.ts';
import { useMediaClient, useMediaUrl } from '../../hooks/index.ts';
import { VideoIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { NotLoaded } from '../base/not-loaded.tsx';
import { useViewWords } from '../words/view.ts';
import { PlayIcon } from './view-icons.tsx';

/** How often a server that was not reached is asked again; the browser may not notice that it is back. */
const AGAIN_MS = 5_000;

interface VideoPlayerProps {
  mediaId: string;
  hasPoster: boolean;
  alt: string;
  onPlayer: (player: HTMLVideoElement | null) => void;
}

/** Without a line the video waits for it, and then goes on where it stood. */
export function VideoPlayer({ mediaId, hasPoster, alt, onPlayer }: VideoPlayerProps) {
  const client = useMediaClient();
  const words = useViewWords();
  const poster = useMediaUrl(hasPoster ? mediaId : undefined, 'preview');
  const { url, error, onError, tryAgain } = useMediaUrl(mediaId, 'content');
  const [unplayed, setUnplayed] = useState<string>();
  const [isBegun, setIsBegun] = useState(false);
  // Without a line a signed address is not even known, and no player says so.
  const [isBroken, setIsBroken] = useState(() => globalThis.navigator?.onLine === false);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  useEffect(() => {
    onPlayer(player);
    return () => onPlayer(null);
  }, [onPlayer, player]);
  const isUnknown = error instanceof MediaClientError && error.status === 0;
  const isAway = isBroken || isUnknown;
  useEffect(() => {
    if (!isAway) return;
    const ends = new AbortController();
    const look = async () => {
      if (!(await isReached(client, mediaId)) || ends.signal.aborted) return;
      if (player) goOn(player);
      if (isUnknown) tryAgain();
      setIsBroken(false);
    };
    addEventListener('online', look, ends);
    const timer = setInterval(look, AGAIN_MS);
    return () => {
      ends.abort();
      clearInterval(timer);
    };
  }, [isAway, isUnknown, client, mediaId, player, tryAgain]);
  const fail = () => {
    setUnplayed(url);
    // A signed address may have run out. With a new one the player is tried again.
    onError();
  };
  const hear = async ({ error }: HTMLVideoElement) => {
    // A video whose beginning did not come is said to be of a kind that is not supported.
    const isLine = error?.code === MediaError.MEDIA_ERR_NETWORK;
    if (isLine || !(await isReached(client, mediaId))) setIsBroken(true);
    else fail();
  };
  if (error !== undefined && !isUnknown) return <NotLoaded error={error} onRetry={tryAgain} />;
  if (unplayed !== undefined && unplayed === url) {
    return (
      <div className="ma-unplayed">
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
    <div className="ma-player" data-away={isAway || undefined}>
      <div className="ma-video-frame">
        {/* biome-ignore lint/a11y/useMediaCaption: a user's own recording has no captions */}
        <video
          ref={setPlayer}
          className="ma-video"
          src={url}
          poster={poster.url}
          controls
          aria-label={alt}
          onError={({ currentTarget }) => void hear(currentTarget)}
          // Without a picture its sound could be played, which is no error.
          onLoadedMetadata={({ currentTarget: { videoWidth } }) =>
            videoWidth === 0 ? fail() : setIsBroken(false)
          }
          onPlay={() => setIsBegun(true)}
          onEnded={() => setIsBegun(false)}
        />
        {!isBegun && url && (
          <button
            type="button"
            className="ma-play"
            aria-label={words.play}
            onClick={() => {
              // The button goes, and the keys of the player follow.
              keepFocus(player);
              if (player) play(player);
            }}
          >
            <PlayIcon />
          </button>
        )}
      </div>
      <p role="status">{isAway && words.noLine}</p>
    </div>
  );
}

/** If it does not, `onError` tells why, or the browser wants a press first. */
const play = (video: HTMLVideoElement) => void video.play().catch(() => undefined);

/** From where it stood. */
function goOn(video: HTMLVideoElement): void {
  const { currentTime, paused } = video;
  video.load();
  Object.assign(video, { currentTime });
  if (!paused) play(video);
}

/** Whether the server answers at all: then it is not the line that keeps the video away. */
const isReached = (client: MediaClient, id: string): Promise<boolean> =>
  client.get(id).then(
    () => true,
    (error) => error instanceof MediaClientError && error.status > 0 && error.status < 500,
  );
