/** The measured facts of a media, and the cost of its analysis. */
import type { ReactNode } from 'react';
import type { Media } from '../../client/index.ts';
import { useMediaUrl } from '../../hooks/index.ts';
import { Button } from '../base/button.tsx';
import { formatDuration } from '../upload/countdown.tsx';
import { commaIn, useWords, type Words } from '../words/index.ts';
import { useLabel, useViewWords, type ViewWords } from '../words/view.ts';
import { Fact } from './analysis-view.tsx';
import { colorNameOf } from './color-name.ts';
import { useSwitch } from './remembered.ts';

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
  const { analytics, usage } = media;
  const facts: [string, ReactNode][] = [
    ...(analytics ? factsOf(analytics, words, view) : []),
    [view.facts.size, sizeOf(media, words)],
    [view.facts.cost, usage && costOf(usage, words, view)],
    [view.facts.model, analytics?.model],
    [view.facts.file, <File key="file" media={media} />],
  ];
  return (
    <>
      {analytics && analytics.objects.length > 0 && <Objects {...props} analytics={analytics} />}
      {analytics && analytics.colors.length > 0 && <Colors colors={analytics.colors} />}
      <dl className="ma-facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ),
        )}
      </dl>
    </>
  );
}

type ObjectsProps = MediaFactsProps & { analytics: Analytics };

function Objects({ analytics, hasBoxes, onBoxes, onPoint }: ObjectsProps) {
  const labelOf = useLabel(analytics);
  const { facts, boxes } = useViewWords();
  return (
    <section>
      <h3>{facts.objects}</h3>
      <ul className="ma-tags">
        {analytics.objects.map(({ label, confidence }, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: two objects may differ in nothing else
            key={index}
            onPointerEnter={() => onPoint(index)}
            onPointerLeave={() => onPoint(undefined)}
          >
            {labelOf(label)} <Share share={confidence} />
          </li>
        ))}
      </ul>
      {analytics.objects.some(({ box }) => box) && (
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
      <ul className="ma-tags">
        {colors.map(({ hex, share }) => {
          const { name, shade } = colorNameOf(hex);
          return (
            <li key={hex} title={hex}>
              <span className="ma-swatch" style={{ backgroundColor: hex }} />
              {colorName(name, shade)} <Share share={share} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const Share = ({ share }: { share: number }) => (
  <span className="ma-muted">{Math.round(share * 100)}%</span>
);

/** Name of the file, and a link to the file. */
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

/** Where the photo was taken, with a link to a map if the user allowed maps in this browser. */
function Place({ latitude, longitude }: Record<'latitude' | 'longitude', number>) {
  const { map } = useViewWords();
  const [isAllowed, turn] = useSwitch('map', 'off');
  const [north, east] = [latitude.toFixed(5), longitude.toFixed(5)];
  const address = `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=15/${north}/${east}`;
  return (
    <div className="ma-place">
      <span>{`${north}, ${east}`}</span>
      {isAllowed && (
        <>
          <a href={address} target="_blank" rel="noopener noreferrer">
            {map.open}
          </a>
          <span className="ma-muted">{map.note}</span>
        </>
      )}
      <Button onClick={turn}>{isAllowed ? map.forbid : map.allow}</Button>
    </div>
  );
}

function factsOf(analytics: Analytics, words: Words, view: ViewWords): [string, ReactNode][] {
  const { facts } = view;
  const { people_count: people, quality, safety, capture, duration_s: seconds } = analytics;
  const judged = [view.safety[safety.verdict], ...safety.categories];
  return [
    [facts.people, people === 0 ? facts.noPeople : people],
    [facts.scene, analytics.scene],
    [facts.mood, analytics.mood],
    [
      facts.quality,
      quality && view.withDetail(view.quality[quality.verdict], whyOf(quality, view)),
    ],
    [facts.safety, safety.verdict !== 'unknown' && judged.join(commaIn(words.language))],
    [facts.camera, capture.camera],
    [facts.place, capture.place && <Place {...capture.place} />],
    [facts.duration, seconds != null && formatDuration(seconds)],
  ];
}

/** Below this contrast almost nothing is visible, as measured in functions/inspect/quality.ts. */
const FLAT_CONTRAST = 0.03;

/** "Poor (evenly exposed)" would not tell the reason. */
function whyOf(
  { verdict, exposure, contrast }: NonNullable<Analytics['quality']>,
  { exposure: light, unclear }: ViewWords,
): string {
  if (verdict === 'good' || exposure !== 'balanced') return light[exposure];
  if (verdict === 'fair') return unclear.soft;
  return contrast < FLAT_CONTRAST ? unclear.flat : unclear.blurry;
}

function sizeOf({ analytics, size }: Media, { language }: Words): string {
  const [unit, of] = size < 1e6 ? (['kilobyte', 1e3] as const) : (['megabyte', 1e6] as const);
  const format = { style: 'unit', unit, maximumFractionDigits: size / of < 10 ? 1 : 0 } as const;
  const bytes = (size / of).toLocaleString(language, format);
  if (!analytics?.width || !analytics.height) return bytes;
  return `${analytics.width} × ${analytics.height}${commaIn(language)}${bytes}`;
}

function costOf(
  { cost_usd: cost, cached, input_tokens, output_tokens }: NonNullable<Media['usage']>,
  { language }: Words,
  { facts }: ViewWords,
): string {
  const tokens = input_tokens + output_tokens;
  const style = { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 } as const;
  const price = cost === 0 ? facts.free : cost?.toLocaleString(language, style);
  return [price ?? facts.unknownCost, tokens > 0 && facts.tokens(tokens), cached && facts.cached]
    .filter(Boolean)
    .join(' · ');
}
