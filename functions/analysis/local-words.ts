/** The sentences of the built-in analysis: each one states something that was measured. */
import type { MediaFacts } from '../inspect/index.ts';
import { BLURRY_BELOW, SHARP_FROM } from '../inspect/quality.ts';
import { type ColorName, colorName, isGray } from './color-names.ts';

/** What is worth saying about a file. */
export interface Findings {
  facts: MediaFacts;
  orientation: 'landscape' | 'portrait' | 'square';
  grayscale: boolean;
  /** At most three, most common first. */
  colors: ColorName[];
  focus: 'sharp' | 'soft' | 'blurry' | null;
}

export interface Words {
  title(findings: Findings): string;
  summary(findings: Findings): string;
}

export function findingsOf(facts: MediaFacts): Findings {
  const { width, height, colors, quality } = facts;
  const names = new Map(colors.map(({ hex }) => [colorName(hex).en, colorName(hex)]));
  return {
    facts,
    orientation: width === height ? 'square' : width > height ? 'landscape' : 'portrait',
    grayscale: colors.length > 0 && colors.every(({ hex }) => isGray(hex)),
    colors: [...names.values()].slice(0, 3),
    focus: quality && focusOf(quality.sharpness),
  };
}

function focusOf(sharpness: number) {
  if (sharpness < BLURRY_BELOW) return 'blurry';
  return sharpness < SHARP_FROM ? 'soft' : 'sharp';
}

export const english: Words = {
  title({ facts, orientation, colors: [main], grayscale }) {
    const kind = `${capital(orientation)} ${englishKind(facts)}`;
    if (grayscale) return `${kind}, black and white`;
    return main ? `${kind}, mostly ${main.en}` : kind;
  },
  summary(findings) {
    const { facts, orientation } = findings;
    const size = `${facts.width} × ${facts.height} pixels`;
    const length =
      facts.duration_s === null ? '' : `, ${duration(facts.duration_s, ' min', ' s')} long`;
    return sentences(' ', [
      `A ${orientation} ${englishKind(facts)}, ${size}${length}.`,
      englishLook(findings),
      englishCapture(facts),
      facts.animated && facts.kind === 'image' && 'Only its first frame was measured.',
      'What it shows was not looked at: this is the basic on-device analysis.',
    ]);
  },
};

function englishKind({ kind, animated }: MediaFacts): string {
  if (kind === 'video') return 'video';
  return animated ? 'animation' : 'photo';
}

function englishLook({ facts: { quality }, grayscale, colors, focus }: Findings): string {
  if (!quality || !focus) return '';
  const names = new Intl.ListFormat('en-GB').format(colors.map(({ en }) => en));
  const look = grayscale ? 'Black and white' : names ? `Mostly ${names}` : 'Many colours';
  const clear = { sharp: 'sharp', soft: 'slightly soft', blurry: 'blurry' }[focus];
  const light = { balanced: 'evenly exposed', dark: 'dark', bright: 'very bright' };
  return `${look}; ${clear}, ${light[quality.exposure]}.`;
}

function englishCapture({ kind, capture: { taken_at, camera } }: MediaFacts): string {
  if (!taken_at && !camera) return '';
  const date = taken_at ? ` on ${longDate(taken_at, 'en-GB')}` : '';
  const article = /^[aeiou]/i.test(camera ?? '') ? 'an' : 'a';
  const device = camera ? ` with ${article} ${camera}` : '';
  return `${kind === 'video' ? 'Recorded' : 'Taken'}${date}${device}.`;
}

export const japanese: Words = {
  title({ facts, orientation, colors: [main], grayscale }) {
    const kind = `${japaneseShape[orientation]}の${japaneseKind(facts)}`;
    if (grayscale) return `${kind}（白黒）`;
    return main ? `${kind}（主に${main.ja}）` : kind;
  },
  summary(findings) {
    const { facts, orientation } = findings;
    const length = facts.duration_s === null ? '' : `、${duration(facts.duration_s, '分', '秒')}`;
    return sentences('', [
      `${japaneseShape[orientation]}の${japaneseKind(facts)}（${facts.width}×${facts.height}ピクセル${length}）。`,
      japaneseLook(findings),
      japaneseCapture(facts),
      facts.animated && facts.kind === 'image' && '最初のコマだけを測定しました。',
      '何が写っているかは調べていません（端末内の基本解析です）。',
    ]);
  },
};

const japaneseShape = { landscape: '横長', portrait: '縦長', square: '正方形' };

function japaneseKind({ kind, animated }: MediaFacts): string {
  if (kind === 'video') return '動画';
  return animated ? 'アニメーション' : '写真';
}

function japaneseLook({ facts: { quality }, grayscale, colors, focus }: Findings): string {
  if (!quality || !focus) return '';
  const names = colors.map(({ ja }) => ja).join('、');
  const look = grayscale ? '白黒です。' : names ? `主な色は${names}。` : '色はさまざまです。';
  const clear = { sharp: 'くっきり写り', soft: 'ややぼやけ', blurry: 'ぼやけ' }[focus];
  const light = {
    balanced: '明るさは適正です',
    dark: '全体に暗めです',
    bright: '全体に明るすぎます',
  };
  return `${look}${clear}、${light[quality.exposure]}。`;
}

function japaneseCapture({ capture: { taken_at, camera } }: MediaFacts): string {
  if (!taken_at && !camera) return '';
  const date = taken_at ? `${longDate(taken_at, 'ja-JP')}に` : '';
  return `${date}${camera ? `${camera}で` : ''}撮影。`;
}

/** @param takenAt A camera's clock, without a zone: formatted as it reads. */
function longDate(takenAt: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${takenAt}Z`),
  );
}

function duration(seconds: number, minuteWord: string, secondWord: string): string {
  const whole = Math.max(1, Math.round(seconds));
  const rest = `${whole % 60}${secondWord}`;
  if (whole < 60) return rest;
  return `${Math.floor(whole / 60)}${minuteWord}${secondWord.startsWith(' ') ? ' ' : ''}${rest}`;
}

function sentences(space: string, parts: (string | false)[]): string {
  return parts.filter((part) => part !== '' && part !== false).join(space);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
