/** Sentences about the facts of a file, in English and Japanese. */
import { UNSEEN } from '@media-analysis/shared/local-models';
import type { MediaFacts } from '../../inspect/facts.ts';

/** The limit of `title` in the schema. */
const MAX_TITLE = 200;

export interface FactWords {
  /** The place and time, or the camera, or else the file's name. */
  title(facts: MediaFacts, fileName: string): string;
  /** The kind of the file and its size. */
  kind(facts: MediaFacts): string;
  /** About how it was made. */
  sentences(facts: MediaFacts): string[];
  /** Tells that no model has looked at the content. */
  notLookedAt: string;
  /** The same for a video, if the model would have looked at frames. */
  withoutFrames: string;
  /** Tells how many frames of a video were looked at. */
  frames(count: number): string;
  /** Separates two sentences. */
  space: string;
}

export const english: FactWords = {
  title(facts, fileName) {
    const kind = capital(englishKind(facts));
    const { taken_at, camera, place } = facts.capture;
    const from = [place?.city ?? place?.region, taken_at && longDate(taken_at, 'en-GB')];
    const known = from.filter((each) => each != null);
    if (known.length > 0) return `${kind} from ${known.join(', ')}`;
    return camera ? `${kind}${withCamera(camera)}` : nameOf(fileName) || kind;
  },
  kind(facts) {
    const size = `${facts.width} × ${facts.height} pixels`;
    const length =
      facts.duration_s === null ? '' : `, ${duration(facts.duration_s, ENGLISH_UNITS)} long`;
    const kind = englishKind(facts);
    return `${kind === 'animation' ? 'An' : 'A'} ${kind}, ${size}${length}.`;
  },
  sentences(facts) {
    const firstFrame = facts.animated && facts.kind === 'image';
    return [englishCapture(facts), firstFrame ? 'Only its first frame was measured.' : ''].filter(
      (sentence) => sentence !== '',
    );
  },
  notLookedAt: UNSEEN.en.notLookedAt,
  withoutFrames: UNSEEN.en.withoutFrames,
  frames: (count) =>
    count === 1 ? 'Based on one frame of the video.' : `Based on ${count} frames of the video.`,
  space: ' ',
};

function englishKind({ kind, animated }: MediaFacts): string {
  if (kind === 'video') return 'video';
  return animated ? 'animation' : 'photo';
}

function englishCapture({ kind, capture: { taken_at, camera } }: MediaFacts): string {
  if (!taken_at && !camera) return '';
  const date = taken_at ? ` on ${longDate(taken_at, 'en-GB')}` : '';
  return `${kind === 'video' ? 'Recorded' : 'Taken'}${date}${camera ? withCamera(camera) : ''}.`;
}

const withCamera = (camera: string) => ` with ${/^[aeiou]/i.test(camera) ? 'an' : 'a'} ${camera}`;

export const japanese: FactWords = {
  title(facts, fileName) {
    const kind = japaneseKind(facts);
    const { taken_at, camera, place } = facts.capture;
    const names = place?.translations?.ja;
    const where = names?.city ?? place?.city ?? names?.region ?? place?.region;
    const day = taken_at && longDate(taken_at, 'ja-JP');
    if (where) return `${where}の${kind}${day ? `（${day}）` : ''}`;
    if (day) return `${day}の${kind}`;
    return camera ? `${camera}で撮影した${kind}` : nameOf(fileName) || kind;
  },
  kind(facts) {
    const length =
      facts.duration_s === null ? '' : `、${duration(facts.duration_s, JAPANESE_UNITS)}`;
    return `${japaneseKind(facts)}（${facts.width}×${facts.height}ピクセル${length}）。`;
  },
  sentences(facts) {
    const firstFrame = facts.animated && facts.kind === 'image';
    return [japaneseCapture(facts), firstFrame ? '最初のコマだけを測定しました。' : ''].filter(
      (sentence) => sentence !== '',
    );
  },
  notLookedAt: UNSEEN.ja.notLookedAt,
  withoutFrames: UNSEEN.ja.withoutFrames,
  frames: (count) => `動画から${count}コマを抜き出して解析しました。`,
  space: '',
};

function japaneseKind({ kind, animated }: MediaFacts): string {
  if (kind === 'video') return '動画';
  return animated ? 'アニメーション' : '写真';
}

function japaneseCapture({ capture: { taken_at, camera } }: MediaFacts): string {
  if (!taken_at && !camera) return '';
  const date = taken_at ? `${longDate(taken_at, 'ja-JP')}に` : '';
  return `${date}${camera ? `${camera}で` : ''}撮影。`;
}

/** @param takenAt The camera's local time, without a zone. It is not converted. */
function longDate(takenAt: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${takenAt}Z`),
  );
}

interface DurationUnits {
  hours: string;
  minutes: string;
  seconds: string;
  /** Separates two of them. */
  space: string;
  /** For less than one second. */
  moment: string;
}

const ENGLISH_UNITS: DurationUnits = {
  hours: ' h',
  minutes: ' min',
  seconds: ' s',
  space: ' ',
  moment: 'less than 1 s',
};
const JAPANESE_UNITS: DurationUnits = {
  hours: '時間',
  minutes: '分',
  seconds: '秒',
  space: '',
  moment: '1秒未満',
};

/** In at most two units: nobody counts the seconds of a film. */
function duration(exact: number, { hours, minutes, seconds, space, moment }: DurationUnits) {
  const whole = Math.round(exact);
  if (whole < 1) return moment;
  if (whole < 60) return `${whole}${seconds}`;
  const two = (count: number, large: string, small: string) =>
    `${Math.floor(count / 60)}${large}${space}${count % 60}${small}`;
  if (whole < 3_600) return two(whole, minutes, seconds);
  return two(Math.round(exact / 60), hours, minutes);
}

/** A file's name as a title. */
export const nameOf = (fileName: string) => fileName.slice(0, MAX_TITLE).toWellFormed();

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
