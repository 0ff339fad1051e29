/** What was understood of a media, in words: the first that its full view says. */
import type { ReactNode } from 'react';
import type { Media } from '../../client/index.ts';
import { formatTime } from '../base/dates.ts';
import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { CopyButton } from './copy-button.tsx';
import { placeName } from './place-name.ts';
import { Timeline } from './timeline.tsx';
import { useLabel } from './use-label.ts';
import { CalendarIcon, PlaceIcon } from './view-icons.tsx';

type Analytics = NonNullable<Media['analytics']>;

interface MediaWordsProps {
  analytics: Analytics;
  /** Shows the video; null for a photo. */
  player: HTMLVideoElement | null;
}

export function MediaWords({ analytics, player }: MediaWordsProps) {
  const words = useWords();
  const labelOf = useLabel(analytics);
  const { facts, notes } = useViewWords();
  const { tags, text, segments, capture, duration_s: seconds } = analytics;
  const place = capture.place && placeName(capture.place, words.language);
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
          <Timeline segments={segments} duration={seconds ?? null} player={player} />
        </section>
      )}
      {tags.length > 0 && (
        <ul className="ma-tags" aria-label={words.tags}>
          {tags.map((tag) => (
            <li key={tag}>{labelOf(tag)}</li>
          ))}
        </ul>
      )}
      {(capture.taken_at || place) && (
        <dl className="ma-when">
          {capture.taken_at && (
            <Line name={facts.taken} icon={<CalendarIcon />}>
              {formatTaken(capture.taken_at, words.language)}
            </Line>
          )}
          {place && (
            <Line name={facts.place} icon={<PlaceIcon />}>
              <span className="ma-place-name">
                {place}{' '}
                {/* Its licence asks for it: https://creativecommons.org/licenses/by/4.0/ */}
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
        <span className="ma-when-name">{name}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Formats the local time of the camera. Its time zone is unknown, so the time is not converted. */
function formatTaken(takenAt: string, language: string): string {
  const time = Date.parse(`${takenAt}Z`);
  return Number.isNaN(time) ? takenAt : formatTime(time, language, 'UTC');
}
