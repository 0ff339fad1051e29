/** The result of the analysis as a list of facts. */
import type { ReactNode } from 'react';
import type { Media } from '../../client/index.ts';
import { formatTime } from '../base/dates.ts';
import { formatDuration } from '../upload/countdown.tsx';
import { commaIn, useWords, type Words } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import type { ViewWords } from '../words/words.ts';
import { CopyButton } from './copy-button.tsx';
import { PlaceLink } from './place-link.tsx';
import { placeName } from './place-name.ts';
import { Timeline } from './timeline.tsx';
import { useLabel } from './use-label.ts';

type Analytics = NonNullable<Media['analytics']>;

interface MediaFactsProps {
  media: Media;
  /** Called with the index of the object under the pointer, so that the picture can mark it. */
  onPoint: (index: number | undefined) => void;
  /** Shows the video; null for a photo. */
  player: HTMLVideoElement | null;
}

export function MediaFacts({ media, onPoint, player }: MediaFactsProps) {
  const words = useWords();
  const view = useViewWords();
  const { facts } = view;
  const { analytics } = media;
  return (
    <>
      {analytics && <Findings analytics={analytics} onPoint={onPoint} player={player} />}
      <dl className="ma-facts">
        {analytics && factsOf(analytics, words, view).map(([name, text]) => fact(name, text))}
        {fact(facts.size, sizeOf(media, words))}
        {media.usage && fact(facts.cost, costOf(media.usage, words, view))}
        {analytics && fact(facts.model, analytics.model)}
      </dl>
    </>
  );
}

const fact = (name: string, value: ReactNode) =>
  value && (
    <div key={name}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );

function Findings({
  analytics,
  onPoint,
  player,
}: { analytics: Analytics } & Omit<MediaFactsProps, 'media'>) {
  const words = useWords();
  const labelOf = useLabel(analytics);
  const { facts, notes } = useViewWords();
  const { tags, text, segments, objects, colors } = analytics;
  return (
    <>
      <p className="ma-summary">{analytics.summary}</p>
      {analytics.notes?.map((note) => (
        <p key={note} className="ma-muted">
          {notes[note]}
        </p>
      ))}
      {tags.length > 0 && (
        <ul className="ma-tags" aria-label={words.tags}>
          {tags.map((tag) => (
            <li key={tag}>{labelOf(tag)}</li>
          ))}
        </ul>
      )}
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
          <Timeline segments={segments} duration={analytics.duration_s ?? null} player={player} />
        </section>
      )}
      {objects.length > 0 && (
        <section>
          <h3>{facts.objects}</h3>
          <ul className="ma-objects">
            {objects.map(({ label, confidence }, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: two objects may differ in nothing else
                key={index}
                onPointerEnter={() => onPoint(index)}
                onPointerLeave={() => onPoint(undefined)}
              >
                {labelOf(label)} <span className="ma-muted">{Math.round(confidence * 100)}%</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {colors.length > 0 && (
        <section>
          <h3>{facts.colors}</h3>
          <ul className="ma-colors">
            {colors.map(({ hex, share }) => (
              <li key={hex}>
                <span className="ma-swatch" style={{ backgroundColor: hex }} />
                <code>{hex}</code> <span className="ma-muted">{Math.round(share * 100)}%</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function factsOf(analytics: Analytics, words: Words, view: ViewWords): [string, ReactNode][] {
  const { facts } = view;
  const { people_count: people, quality, safety, capture, duration_s: seconds } = analytics;
  const judged = safety.verdict !== 'unknown';
  return [
    [facts.people, people === 0 ? facts.noPeople : people],
    [facts.scene, analytics.scene],
    [facts.mood, analytics.mood],
    [
      facts.quality,
      quality && view.withDetail(view.quality[quality.verdict], whyOf(quality, view)),
    ],
    [
      facts.safety,
      judged && [view.safety[safety.verdict], ...safety.categories].join(commaIn(words.language)),
    ],
    [facts.taken, capture.taken_at && formatTaken(capture.taken_at, words.language)],
    [facts.camera, capture.camera],
    [facts.place, capture.place && <Place place={capture.place} language={words.language} />],
    [facts.duration, seconds != null && formatDuration(seconds)],
  ];
}

interface PlaceProps {
  place: NonNullable<Analytics['capture']['place']>;
  language: string;
}

function Place({ place, language }: PlaceProps) {
  const name = placeName(place, language);
  return (
    <>
      {name && (
        <p className="ma-place-name">
          {name} {/* Its licence asks for it: https://creativecommons.org/licenses/by/4.0/ */}
          <a href="https://www.geonames.org/" target="_blank" rel="noopener noreferrer">
            © GeoNames
          </a>
        </p>
      )}
      <PlaceLink {...place} />
    </>
  );
}

/** Below this contrast almost nothing can be seen, as the measurement says (functions/inspect/quality.ts). */
const FLAT_CONTRAST = 0.03;

/** "Poor (evenly exposed)" would not say why. */
function whyOf(
  { verdict, exposure, contrast }: NonNullable<Analytics['quality']>,
  { exposure: light, unclear }: ViewWords,
): string {
  if (verdict === 'good' || exposure !== 'balanced') return light[exposure];
  if (verdict === 'fair') return unclear.soft;
  return contrast < FLAT_CONTRAST ? unclear.flat : unclear.blurry;
}

/** Formats the local time of the camera. Its time zone is unknown, so the time is not converted. */
function formatTaken(takenAt: string, language: string): string {
  const time = Date.parse(`${takenAt}Z`);
  return Number.isNaN(time) ? takenAt : formatTime(time, language, 'UTC');
}

function sizeOf({ analytics, size }: Media, { language }: Words): string {
  const unit = size < 1_000_000 ? 'kilobyte' : 'megabyte';
  const amount = size / (unit === 'kilobyte' ? 1_000 : 1_000_000);
  const bytes = new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    maximumFractionDigits: amount < 10 ? 1 : 0,
  }).format(amount);
  if (!analytics?.width || !analytics.height) return bytes;
  return `${analytics.width} × ${analytics.height}${commaIn(language)}${bytes}`;
}

function costOf(
  usage: NonNullable<Media['usage']>,
  { language }: Words,
  { facts }: ViewWords,
): string {
  const { cost_usd: cost, cached, input_tokens, output_tokens } = usage;
  const tokens = input_tokens + output_tokens;
  const price = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    maximumSignificantDigits: 2,
  });
  return [
    cost === null ? facts.unknownCost : cost === 0 ? facts.free : price.format(cost),
    tokens > 0 && facts.tokens(tokens),
    cached && facts.cached,
  ]
    .filter(Boolean)
    .join(' · ');
}
