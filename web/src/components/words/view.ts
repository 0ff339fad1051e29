/** Texts of the full view. They are not in `en` and `ja`, so that a page loads them with the full view. */
import type { ColorName } from '../view/color-name.ts';
import { isBritish, useWords } from './index.ts';
import type { ViewWords } from './words.ts';

const en: ViewWords = {
  describeInLanguage: 'Analyze again in English',
  original: 'Open the original',
  boxes: 'Mark objects in the picture',
  details: 'Details',
  moreDetails: 'More details',
  askAbout: (isVideo) => `Ask about this ${isVideo ? 'video' : 'photo'}`,
  facts: {
    text: 'Text',
    segments: 'Timeline',
    objects: 'Objects',
    colors: 'Colors',
    people: 'People',
    noPeople: 'None',
    scene: 'Scene',
    mood: 'Mood',
    quality: 'Quality',
    safety: 'Safety',
    taken: 'Taken',
    camera: 'Camera',
    place: 'Place',
    size: 'Size',
    file: 'File',
    duration: 'Length',
    cost: 'Cost',
    model: 'Model',
    free: 'Free',
    unknownCost: 'Price not known',
    cached: 'already analyzed',
    tokens: (count) => `${count.toLocaleString('en')} tokens`,
  },
  notes: {
    text_left_out:
      'The text is left out: it was published elsewhere, and the model may not repeat it.',
    from_frames: 'Based on still pictures of the video. The sound was not analyzed.',
    shortened: 'This description is short: a full one does not fit into one answer of the model.',
  },
  colorName: (name, shade) => {
    const text = shade ? `${shade} ${name}` : name;
    return text.charAt(0).toUpperCase() + text.slice(1);
  },
  quality: { good: 'Good', fair: 'Fair', poor: 'Poor' },
  withDetail: (text, detail) => `${text} (${detail})`,
  exposure: { dark: 'dark', balanced: 'evenly exposed', bright: 'very bright' },
  unclear: { soft: 'slightly soft', blurry: 'blurry', flat: 'almost no contrast' },
  safety: {
    safe: 'Safe',
    sensitive: 'Sensitive',
    unsafe: 'Unsafe',
    unknown: 'Not checked',
  },
  copy: 'Copy',
  copied: 'Copied',
  download: 'Download',
  play: 'Play video',
  unplayed: 'This video cannot be played here. Download it to watch it.',
  unloaded: 'The file could not be loaded.',
  noLine: 'No connection. The video goes on by itself when there is one.',
  slideshow: {
    start: 'Slideshow',
    pause: 'Pause slideshow',
    resume: 'Resume slideshow',
    end: 'End slideshow',
    pace: 'Time for each picture',
    seconds: (count) => `${count} seconds`,
  },
  zoom: { in: 'Zoom in', out: 'Zoom out' },
  map: {
    allow: 'Link to a map…',
    note: 'Opening the link tells OpenStreetMap the location.',
    open: 'Open on OpenStreetMap',
    forbid: 'Hide map links',
  },
};

const JAPANESE_COLORS: Record<ColorName, string> = {
  red: '赤',
  orange: 'オレンジ',
  yellow: '黄',
  green: '緑',
  teal: '青緑',
  blue: '青',
  purple: '紫',
  pink: 'ピンク',
  black: '黒',
  white: '白',
  gray: 'グレー',
  brown: '茶',
  beige: 'ベージュ',
};

const enGB: ViewWords = {
  ...en,
  describeInLanguage: 'Analyse again in English',
  colorName: (name, shade) =>
    en.colorName(name, shade).replace(/gray/i, (gray) => gray.replace('a', 'e')),
  facts: { ...en.facts, colors: 'Colours', cached: 'already analysed' },
  notes: { ...en.notes, from_frames: en.notes.from_frames.replace('analyzed', 'analysed') },
};

const ja: ViewWords = {
  describeInLanguage: '日本語で再解析',
  original: '元のファイルを開く',
  boxes: '写真の中の物体を枠で示す',
  details: '詳細',
  moreDetails: 'さらに詳しく',
  askAbout: (isVideo) => `この${isVideo ? '動画' : '写真'}について調べる`,
  facts: {
    text: '文字',
    segments: '場面の流れ',
    objects: '物体',
    colors: '色',
    people: '人数',
    noPeople: 'なし',
    scene: '場面',
    mood: '雰囲気',
    quality: '画質',
    safety: '安全性',
    taken: '撮影日時',
    camera: 'カメラ',
    place: '場所',
    size: 'サイズ',
    file: 'ファイル',
    duration: '長さ',
    cost: '費用',
    model: 'モデル',
    free: '無料',
    unknownCost: '価格不明',
    cached: '解析済み',
    tokens: (count) => `${count.toLocaleString('ja')} トークン`,
  },
  notes: {
    text_left_out: '出版された文章のため、文字は書き出していません。',
    from_frames: '動画の静止画をもとにした説明です。音声は解析していません。',
    shortened: '内容が多いため、短くまとめています。',
  },
  colorName: (name, shade) =>
    `${shade ? { light: '明るい', dark: '暗い' }[shade] : ''}${JAPANESE_COLORS[name]}`,
  quality: { good: '良好', fair: '普通', poor: '悪い' },
  withDetail: (text, detail) => `${text}（${detail}）`,
  exposure: { dark: '暗い', balanced: '露出適正', bright: 'とても明るい' },
  unclear: { soft: 'ややぼやけている', blurry: 'ぼやけている', flat: '濃淡がほとんどない' },
  safety: { safe: '問題なし', sensitive: '注意が必要', unsafe: '不適切', unknown: '未確認' },
  copy: 'コピー',
  copied: 'コピーしました',
  download: 'ダウンロード',
  play: '動画を再生',
  unplayed: 'この動画はここでは再生できません。ダウンロードしてご覧ください。',
  unloaded: 'ファイルを読み込めませんでした。',
  noLine: '接続がありません。つながりしだい、動画を自動で読み込みます。',
  slideshow: {
    start: 'スライドショー',
    pause: '一時停止',
    resume: '再開',
    end: 'スライドショーを終了',
    pace: '1枚あたりの表示時間',
    seconds: (count) => `${count}秒`,
  },
  zoom: { in: '拡大', out: '縮小' },
  map: {
    allow: '地図へのリンクを表示…',
    note: 'リンクを開くと、撮影場所がOpenStreetMapに伝わります。',
    open: 'OpenStreetMapで開く',
    forbid: '地図リンクを非表示',
  },
};

export function useViewWords(): ViewWords {
  const { view, language } = useWords();
  return view ?? (language === 'ja' ? ja : isBritish(language) ? enGB : en);
}
