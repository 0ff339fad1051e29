/** What was measured of a media, and what its analysis cost. */
import type { ReactNode } from 'react';
import type { Media } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { formatDuration } from '../upload/countdown.tsx';
import { commaIn, useWords, type Words } from '../words/index.ts';
import { useViewWords, type ViewWords } from '../words/view.ts';
import { colorNameOf } from './color-name.ts';
import { PlaceLink } from './place-link.tsx';
import { useLabel } from './use-label.ts';

type Analytics = NonNullable<Media['analytics']>;

interface MediaFactsProps {
  media: Media;
  hasBoxes: boolean;
  onBoxes: () => void;
  /** Called with the index of the object under the pointer, so that the picture can mark it. */
  onPoint: (index: number | undefined) => void;
}

export function MediaFacts(props: MediaFactsProps) {
  const { media } = props;
  const words = useWords();
  const view = useViewWords();
  const { facts } = view;
  const { analytics } = media;
  return (
    <>
      {analytics && analytics.objects.length > 0 && <Objects {...props} analytics={analytics} />}
      {analytics && analytics.colors.length > 0 && <Colors colors={analytics.colors} />}
      <dl className="ma-facts">
        {analytics && factsOf(analytics, words, view).map(([name, text]) => fact(name, text))}
        {fact(facts.size, sizeOf(media, words))}
        {media.usage && fact(facts.cost, costOf(media.usage, words, view))}
        {analytics && fact(facts.model, analytics.model)}
        {fact(facts.file, <File media={media} />)}
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

function Objects({
  analytics,
  hasBoxes,
  onBoxes,
  onPoint,
}: MediaFactsProps & { analytics: Analytics }) {
  const { objects } = analytics;
  const labelOf = useLabel(analytics);
  const { facts, boxes } = useViewWords();
  return (
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
      {objects.some(({ box }) => box) && (
        <label className="ma-boxes">
          <input type="checkbox" checked={hasBoxes} onChange={onBoxes} />
          {boxes}
        </label>
      )}
    </section>
  );
}

function Colors({ colors }: Pick<Analytics, 'colors'>) {
  const { facts, colorName } = useViewWords();
  return (
    <section>
      <h3>{facts.colors}</h3>
      <ul className="ma-colors">
        {colors.map(({ hex, share }) => {
          const { name, shade } = colorNameOf(hex);
          return (
            <li key={hex} title={hex}>
              <span className="ma-swatch" style={{ backgroundColor: hex }} />
              {colorName(name, shade)} <span className="ma-muted">{Math.round(share * 100)}%</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Its name leads to the file itself. */
function File({ media: { id, held, file_name } }: Pick<MediaFactsProps, 'media'>) {
  const { original } = useViewWords();
  const { url } = useMediaUrl(held ? undefined : id, 'content');
  return (
    <>
      <span className="ma-file-name">{file_name}</span>
      {url && (
        <a href={url} target="_blank" rel="noreferrer">
          {original}
        </a>
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
    [facts.camera, capture.camera],
    [facts.place, capture.place && <PlaceLink {...capture.place} />],
    [facts.duration, seconds != null && formatDuration(seconds)],
  ];
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
