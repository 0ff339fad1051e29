/** Sentences about the facts of a file, in English and Japanese. */

import { UNSEEN } from '@media-analysis/shared/local-models';
import type { MediaFacts } from '../../inspect/facts.ts';
import type { Findings } from './findings.ts';

export interface FactWords {
  title(findings: Findings): string;
  /** The kind of the file and its size. */
  kind(findings: Findings): string;
  /** How it looks, and how it was made. */
  sentences(findings: Findings): string[];
  /** Says that no model has looked at the content. */
  notLookedAt: string;
  /** The same of a video, for a model that would have looked at frames. */
  withoutFrames: string;
  /** Says what was looked at in place of a video. */
  frames(count: number): string;
  /** Stands between two sentences. */
  space: string;
}

export const english: FactWords = {
  title({ facts, colors: [main], grayscale }) {
    const kind = capital(englishKind(facts));
    if (grayscale) return `${kind}, black and white`;
    return main ? `${kind}, mostly ${main.en}` : kind;
  },
  kind({ facts }) {
    const size = `${facts.width} × ${facts.height} pixels`;
    const length =
      facts.duration_s === null ? '' : `, ${duration(facts.duration_s, ENGLISH_UNITS)} long`;
    const kind = englishKind(facts);
    return `${kind === 'animation' ? 'An' : 'A'} ${kind}, ${size}${length}.`;
  },
  sentences(findings) {
    const { facts } = findings;
    const firstFrame = facts.animated && facts.kind === 'image';
    return [
      englishLook(findings),
      englishCapture(facts),
      firstFrame ? 'Only its first frame was measured.' : '',
    ].filter((sentence) => sentence !== '');
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

function englishLook({ facts: { quality }, grayscale, colors, focus }: Findings): string {
  if (!quality) return '';
  const names = new Intl.ListFormat('en-GB').format(colors.map(({ en }) => en));
  const look = grayscale ? 'Black and white' : names ? `Mostly ${names}` : 'Many colours';
  const clear = focus && { sharp: 'sharp, ', soft: 'slightly soft, ', blurry: 'blurry, ' }[focus];
  const light = { balanced: 'evenly exposed', dark: 'dark', bright: 'very bright' };
  return `${look}; ${clear ?? ''}${light[quality.exposure]}.`;
}

function englishCapture({ kind, capture: { taken_at, camera } }: MediaFacts): string {
  if (!taken_at && !camera) return '';
  const date = taken_at ? ` on ${longDate(taken_at, 'en-GB')}` : '';
  const article = /^[aeiou]/i.test(camera ?? '') ? 'an' : 'a';
  const device = camera ? ` with ${article} ${camera}` : '';
  return `${kind === 'video' ? 'Recorded' : 'Taken'}${date}${device}.`;
}

export const japanese: FactWords = {
  title({ facts, colors: [main], grayscale }) {
    const kind = japaneseKind(facts);
    if (grayscale) return `${kind}（白黒）`;
    return main ? `${kind}（主に${main.ja}）` : kind;
  },
  kind({ facts }) {
    const length =
      facts.duration_s === null ? '' : `、${duration(facts.duration_s, JAPANESE_UNITS)}`;
    return `${japaneseKind(facts)}（${facts.width}×${facts.height}ピクセル${length}）。`;
  },
  sentences(findings) {
    const { facts } = findings;
    const firstFrame = facts.animated && facts.kind === 'image';
    return [
      japaneseLook(findings),
      japaneseCapture(facts),
      firstFrame ? '最初のコマだけを測定しました。' : '',
    ].filter((sentence) => sentence !== '');
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

function japaneseLook({ facts: { quality }, grayscale, colors, focus }: Findings): string {
  if (!quality) return '';
  const names = colors.map(({ ja }) => ja).join('、');
  const look = grayscale ? '白黒です。' : names ? `主な色は${names}。` : '色はさまざまです。';
  const clear =
    focus && { sharp: 'くっきり写り、', soft: 'ややぼやけ、', blurry: 'ぼやけ、' }[focus];
  const light = {
    balanced: '明るさは適正です',
    dark: '全体に暗めです',
    bright: '全体に明るすぎます',
  };
  return `${look}${clear ?? ''}${light[quality.exposure]}。`;
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
  /** Stands between two of them. */
  space: string;
  /** Less than one second. */
  moment: string;
}

const ENGLISH_UNITS: DurationUnits = {
  ...{ hours: ' h', minutes: ' min', seconds: ' s', space: ' ' },
  moment: 'less than 1 s',
};
const JAPANESE_UNITS: DurationUnits = {
  ...{ hours: '時間', minutes: '分', seconds: '秒', space: '' },
  moment: '1秒未満',
};

/** In two units at most: of a film nobody counts the seconds. */
function duration(exact: number, { hours, minutes, seconds, space, moment }: DurationUnits) {
  const whole = Math.round(exact);
  if (whole < 1) return moment;
  if (whole < 60) return `${whole}${seconds}`;
  const two = (count: number, large: string, small: string) =>
    `${Math.floor(count / 60)}${large}${space}${count % 60}${small}`;
  if (whole < 3_600) return two(whole, minutes, seconds);
  return two(Math.round(exact / 60), hours, minutes);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
