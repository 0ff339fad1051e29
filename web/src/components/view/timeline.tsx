/** The parts of a video: a press on one of them shows it in the player. */
import { useEffect, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { formatDuration } from '../upload/countdown.tsx';

type Segments = NonNullable<NonNullable<Media['analytics']>['segments']>;

interface TimelineProps {
  segments: Segments;
  /** Of the video, in seconds; null if it is not known. */
  duration: number | null;
  /** Null while there is none: then nothing can be pressed. */
  player: HTMLVideoElement | null;
}

export function Timeline({ segments, duration, player }: TimelineProps) {
  const now = useTimeOf(player);
  const last = segments.at(-1)?.end_s ?? 0;
  const length = Math.max(duration ?? last, last) || 1;
  const show = (seconds: number) => {
    if (player) player.currentTime = seconds;
  };
  return (
    <ol className="ma-timeline">
      {segments.map(({ start_s, end_s, summary }, n) => {
        const until = segments[n + 1]?.start_s ?? Number.POSITIVE_INFINITY;
        const isNow = now !== undefined && now >= start_s && now < until;
        return (
          <li key={`${start_s} ${summary}`}>
            <button
              type="button"
              className="ma-timeline-part"
              disabled={!player}
              aria-current={isNow ? 'time' : undefined}
              onClick={() => show(start_s)}
            >
              {/* As players count: the second that has begun. */}
              <time>{formatDuration(Math.floor(start_s))}</time>
              <span>{summary}</span>
              <span className="ma-timeline-bar" aria-hidden="true">
                <span
                  style={{
                    marginInlineStart: `${(start_s / length) * 100}%`,
                    width: `${(Math.max(0, end_s - start_s) / length) * 100}%`,
                  }}
                />
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** Where the player is, in seconds; undefined before it has begun. */
function useTimeOf(player: HTMLVideoElement | null): number | undefined {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    if (!player) return;
    const look = () => setNow(player.currentTime);
    const events = ['timeupdate', 'seeking'] as const;
    for (const event of events) player.addEventListener(event, look);
    return () => {
      for (const event of events) player.removeEventListener(event, look);
    };
  }, [player]);
  return now;
}
