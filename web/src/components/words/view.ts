/** Texts of the full view. They are not in `en` and `ja`, so that a page loads them with the full view. */
import { useWords } from './index.ts';
import type { ViewWords } from './words.ts';

const en: ViewWords = {
  original: 'Open the original',
  boxes: 'Mark objects in the picture',
  facts: {
    text: 'Text',
    segments: 'Timeline',
    objects: 'Objects',
    colors: 'Colours',
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
    duration: 'Length',
    cost: 'Cost',
    model: 'Model',
    free: 'Free',
    unknownCost: 'Price not known',
    cached: 'seen before',
    tokens: (count) => `${count.toLocaleString('en')} tokens`,
  },
  notes: {
    text_left_out:
      'The text is left out: it was published elsewhere, and the model may not repeat it.',
    from_frames: 'Described by still pictures of the video. Its sound was not heard.',
    shortened: 'This description is short: a full one does not fit into one answer of the model.',
  },
  quality: { good: 'Good', fair: 'Fair', poor: 'Poor' },
  withDetail: (text, detail) => `${text} (${detail})`,
  exposure: { dark: 'dark', balanced: 'evenly exposed', bright: 'very bright' },
  safety: {
    safe: 'Safe',
    sensitive: 'Sensitive',
    unsafe: 'Unsafe',
    unknown: 'Not checked',
  },
  copy: 'Copy',
  copied: 'Copied',
  download: 'Download',
  unplayed: 'This video cannot be played here. Download it to watch it.',
  zoom: { in: 'Zoom in', out: 'Zoom out' },
  map: {
    allow: 'Link to a map…',
    note: 'OpenStreetMap learns the place when you open the link.',
    open: 'Open on OpenStreetMap',
    forbid: 'No links to maps',
  },
};

const ja: ViewWords = {
  original: '元のファイルを開く',
  boxes: '写真の中の物体を枠で示す',
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
    from_frames: '動画の静止画をもとにした説明です。音声は含みません。',
    shortened: '内容が多いため、短くまとめています。',
  },
  quality: { good: '良好', fair: '普通', poor: '悪い' },
  withDetail: (text, detail) => `${text}（${detail}）`,
  exposure: { dark: '暗い', balanced: '露出適正', bright: 'とても明るい' },
  safety: { safe: '問題なし', sensitive: '注意が必要', unsafe: '不適切', unknown: '未判定' },
  copy: 'コピー',
  copied: 'コピーしました',
  download: 'ダウンロード',
  unplayed: 'この動画はここでは再生できません。ダウンロードしてご覧ください。',
  zoom: { in: '拡大', out: '縮小' },
  map: {
    allow: '地図へのリンクを表示…',
    note: 'リンクを開くと、撮影場所がOpenStreetMapに伝わります。',
    open: 'OpenStreetMapで開く',
    forbid: '地図へのリンクを表示しない',
  },
};

export function useViewWords(): ViewWords {
  const { view, language } = useWords();
  return view ?? (language === 'ja' ? ja : en);
}
