/** What the analysis understood of a media, in words: the first part of the full view. */
import { type ReactNode, useEffect, useState } from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { Button } from '../base/button.tsx';
import { formatTime } from '../base/dates.ts';
import { formatDuration } from '../upload/countdown.tsx';
import { useWords } from '../words/index.ts';
import { useLabel, useViewWords } from '../words/view.ts';
import { placeName, placeNames } from './place-name.ts';
import { CalendarIcon, PlaceIcon } from './view-icons.tsx';

type Analytics = NonNullable<Media['analytics']>;

interface MediaWordsProps {
  analytics: Analytics;
  player: HTMLVideoElement | null;
  /** Called by a press on a tag or on the place. Without it they are plain text. */
  onSearch?: ((filters: Pick<MediaFilters, 'tag' | 'place'>) => void) | undefined;
}

export function MediaWords({ analytics, player, onSearch }: MediaWordsProps) {
  const { language, tags: tagsLabel } = useWords();
  const labelOf = useLabel(analytics);
  const { facts, notes } = useViewWords();
  const { tags, text, segments, capture, duration_s: duration } = analytics;
  const place = capture.place && placeName(capture.place, language);
  const [town = ''] = capture.place ? placeNames(capture.place, language) : [];
  const finding = (words: string, filters: Pick<MediaFilters, 'tag' | 'place'>) =>
    onSearch ? (
      <button type="button" className="ma-finding" onClick={() => onSearch(filters)}>
        {words}
      </button>
    ) : (
      words
    );
  return (
    <>
      <p className="ma-summary">{analytics.summary}</p>
      {analytics.notes?.map((note) => (
        <p key={note} className="ma-muted">
          {notes[note]}
        </p>
      ))}
      {text && (
        <section>
          <h3>{facts.text}</h3>
          <blockquote className="ma-text">{text}</blockquote>
          <CopyButton text={text} />
        </section>
      )}
      {segments && segments.length > 0 && (
        <section>
          <h3>{facts.segments}</h3>
          <Timeline segments={segments} duration={duration ?? 0} player={player} />
        </section>
      )}
      {tags.length > 0 && (
        <ul className="ma-tags" aria-label={tagsLabel}>
          {tags.map((tag) => (
            <li key={tag}>{finding(labelOf(tag), { tag: labelOf(tag) })}</li>
          ))}
        </ul>
      )}
      {(capture.taken_at || place) && (
        <dl className="ma-when">
          {capture.taken_at && (
            <Line name={facts.taken} icon={<CalendarIcon />}>
              {formatTaken(capture.taken_at, language)}
            </Line>
          )}
          {place && (
            <Line name={facts.place} icon={<PlaceIcon />}>
              <span className="ma-place-name">
                {finding(place, { place: town })}{' '}
                {/* The licence of GeoNames asks for it: https://creativecommons.org/licenses/by/4.0/ */}
                <a href="https://www.geonames.org/" target="_blank" rel="noopener noreferrer">
                  © GeoNames
                </a>
              </span>
            </Line>
          )}
        </dl>
      )}
    </>
  );
}

function Line({ name, icon, children }: { name: string; icon: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt title={name}>
        {icon}
        <span className="ma-unseen">{name}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Formats the camera's local time. Its time zone is unknown, so the time is not converted. */
function formatTaken(takenAt: string, language: string): string {
  const time = Date.parse(`${takenAt}Z`);
  return Number.isNaN(time) ? takenAt : formatTime(time, language, 'UTC');
}

function CopyButton({ text }: { text: string }) {
  const words = useViewWords();
  const [isCopied, setIsCopied] = useState(false);
  // On a page without HTTPS, `clipboard` is undefined, unlike its type.
  const { clipboard }: { clipboard?: Clipboard } = navigator;
  if (!clipboard) return null;
  const copy = async () => {
    await clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 2_000);
  };
  return (
    // A status inside the button would replace the button's name.
    <div aria-live="polite">
      {/* The browser's settings may forbid copying. The user can still select the text. */}
      <Button onClick={() => copy().catch(() => undefined)}>
        {isCopied ? words.copied : words.copy}
      </Button>
    </div>
  );
}

interface TimelineProps {
  segments: NonNullable<Analytics['segments']>;
  duration: number;
  player: HTMLVideoElement | null;
}

/** The parts of a video. A press on a part moves the player to it. */
export function Timeline({ segments, duration, player }: TimelineProps) {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    const ends = new AbortController();
    const look = () => setNow(player?.currentTime);
    for (const event of ['timeupdate', 'seeking']) player?.addEventListener(event, look, ends);
    return () => ends.abort();
  }, [player]);
  const length = Math.max(duration, segments.at(-1)?.end_s ?? 0) || 1;
  const share = (seconds: number) => `${(Math.max(0, seconds) / length) * 100}%`;
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
              onClick={() => player && Object.assign(player, { currentTime: start_s })}
            >
              {/* Rounded down, as players do. */}
              <time>{formatDuration(Math.floor(start_s))}</time>
              <span>{summary}</span>
              <span className="ma-timeline-bar" aria-hidden="true">
                <span
                  style={{ marginInlineStart: share(start_s), width: share(end_s - start_s) }}
                />
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
