/** A video in the full view. Of one that cannot be played here, such as HEVC in most browsers: its poster, and what to do. */
import { type PointerEvent, useCallback, useEffect, useRef, useState } from 'react';
import { type MediaClient, MediaClientError } from '../../client/index.ts';
import { useMediaClient, useMediaUrl } from '../../hooks/index.ts';
import { VideoIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { NotLoaded } from '../base/not-loaded.tsx';
import { useViewWords } from '../words/view.ts';
import { isAtControls } from './follow-finger.ts';
import { isTap } from './tap.ts';
import { PlayIcon } from './view-icons.tsx';

/** How often a server that was not reached is asked again; the browser may not notice that it is back. */
const AGAIN_MS = 5_000;

interface VideoPlayerProps {
  mediaId: string;
  /** Whether one of its frames was sent along with it. */
  hasPoster: boolean;
  /** Tells people who see no pictures what it shows. */
  alt: string;
  /** Called with the player, and with null when it is gone. */
  onPlayer: ((player: HTMLVideoElement | null) => void) | undefined;
  /** Called when it cannot be played. */
  onFail: () => void;
}

/** Where the next player begins. */
interface Place {
  time: number;
  isPlaying: boolean;
}

/** Without a line the video waits for it: then a new player goes on where the last one stood. */
export function VideoPlayer(props: VideoPlayerProps) {
  const { mediaId } = props;
  const client = useMediaClient();
  const { unplayed, noLine, play } = useViewWords();
  const [round, setRound] = useState(0);
  const [place, setPlace] = useState<Place>();
  const [isAway, setIsAway] = useState(false);
  // Without a line a signed address is not even known, and no player says so.
  useEffect(() => setIsAway(navigator.onLine === false), []);
  useEffect(() => {
    if (!isAway) return;
    const ends = new AbortController();
    const look = async () => {
      if (!(await isReached(client, mediaId, ends.signal)) || ends.signal.aborted) return;
      setIsAway(false);
      setRound((last) => last + 1);
    };
    const ask = () => void look();
    addEventListener('online', ask);
    const timer = setInterval(ask, AGAIN_MS);
    return () => {
      ends.abort();
      removeEventListener('online', ask);
      clearInterval(timer);
    };
  }, [isAway, client, mediaId]);
  const onAway = useCallback((at?: Place) => {
    setPlace(at);
    setIsAway(true);
  }, []);
  const onFound = useCallback(() => setIsAway(false), []);
  return (
    <div className="ma-player" data-away={isAway || undefined}>
      <Player
        key={round}
        {...props}
        place={place}
        onAway={onAway}
        onFound={onFound}
        text={unplayed}
        playText={play}
      />
      <p role="status">{isAway && noLine}</p>
    </div>
  );
}

/** Whether the server answers at all: then it is not the line that keeps the video away. */
const isReached = (client: MediaClient, id: string, signal?: AbortSignal): Promise<boolean> =>
  client.get(id, { signal }).then(
    () => true,
    (error: unknown) => error instanceof MediaClientError && error.status > 0 && error.status < 500,
  );

interface PlayerProps extends VideoPlayerProps {
  place: Place | undefined;
  onAway: (at?: Place) => void;
  onFound: () => void;
  /** Says that it cannot be played. */
  text: string;
  /** Name of the sign that lies over the poster. */
  playText: string;
}

function Player(props: PlayerProps) {
  const { mediaId, hasPoster, alt, onPlayer, onFail, place, onAway, onFound, text, playText } =
    props;
  const client = useMediaClient();
  const poster = useMediaUrl(hasPoster ? mediaId : undefined, 'preview');
  const content = useMediaUrl(mediaId, 'content');
  const [failed, setFailed] = useState<string>();
  const [hasPlayed, setHasPlayed] = useState(false);
  const player = useRef<HTMLVideoElement>(null);
  /** Where a finger came down that plays it, if it is a tap. */
  const touched = useRef<PointerEvent>(undefined);
  const setPlayer = useCallback(
    (video: HTMLVideoElement | null) => {
      player.current = video;
      onPlayer?.(video);
    },
    [onPlayer],
  );
  // If it does not play, `onError` tells why.
  const play = () => player.current?.play().catch(() => undefined);
  const fail = () => {
    setFailed(content.url);
    onFail();
    // A signed address may have run out. With a new one the player is tried again.
    content.onError();
  };
  const hear = async ({ error, currentTime, paused }: HTMLVideoElement) => {
    const isBroken = error?.code === MediaError.MEDIA_ERR_NETWORK;
    if (isBroken) onAway({ time: currentTime, isPlaying: !paused });
    // A video whose beginning did not come is said to be of a kind that is not supported.
    else if (
      error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED &&
      !(await isReached(client, mediaId))
    )
      onAway(place);
    else fail();
  };
  const { error } = content;
  const isUnreached = error instanceof MediaClientError && error.status === 0;
  useEffect(() => {
    if (isUnreached) onAway(place);
  }, [isUnreached, onAway, place]);
  if (error !== undefined && !isUnreached) {
    return <NotLoaded error={error} onRetry={content.tryAgain} />;
  }
  if (failed !== undefined && failed === content.url) {
    return (
      <div className="ma-unplayed">
        {poster.url && (
          <img className="ma-video" src={poster.url} alt={alt} onError={poster.onError} />
        )}
        <p>
          <VideoIcon /> {text}
        </p>
      </div>
    );
  }
  return (
    <div className="ma-video-frame">
      {/* biome-ignore lint/a11y/useMediaCaption: a user's own recording has no captions */}
      <video
        ref={setPlayer}
        className="ma-video"
        src={content.url}
        poster={poster.url}
        controls
        aria-label={alt}
        onError={({ currentTarget }) => void hear(currentTarget)}
        onLoadedMetadata={({ currentTarget }) => {
          // Its sound could be played, which is no error.
          if (currentTarget.videoWidth === 0) return fail();
          onFound();
          if (!place) return;
          currentTarget.currentTime = place.time;
          // A browser may want a new press before it plays.
          if (place.isPlaying) currentTarget.play().catch(() => undefined);
        }}
        onPlay={() => setHasPlayed(true)}
        onPointerDown={(event) => {
          const { pointerType, isPrimary, clientY, currentTarget } = event;
          const isOurs = pointerType === 'touch' && isPrimary && currentTarget.paused;
          touched.current = isOurs && !isAtControls(currentTarget, clientY) ? event : undefined;
        }}
        onPointerUp={(event) => {
          if (isTap(touched.current, event)) void play();
          touched.current = undefined;
        }}
      />
      {!hasPlayed && content.url && (
        <button
          type="button"
          className="ma-play"
          aria-label={playText}
          onClick={() => {
            // The button goes, and the keys of the player follow.
            keepFocus(player.current);
            void play();
          }}
        >
          <PlayIcon />
        </button>
      )}
    </div>
  );
}
