/** The texts of the map of the library. */
interface MapWords {
  /** What a screen reader calls the map. */
  map: string;
  /** Buttons that zoom. */
  in: string;
  out: string;
  /** What it calls the list below it. */
  list: string;
  /** Button: a picture on the map that stands for several. */
  group: (count: number) => string;
  /** Button: a picture. */
  open: (name: string) => string;
  /** In place of a name, until it is loaded. */
  unknown: string;
  loading: string;
  none: string;
  inSight: (count: number) => string;
  /** Of a group that no zoom takes apart. */
  chosen: (count: number) => string;
}

const en: MapWords = {
  map: 'Map of the library. The arrow keys move it, + and − zoom.',
  in: 'Zoom in',
  out: 'Zoom out',
  list: 'In this part of the map',
  group: (count) => `${count.toLocaleString('en')} items: show them larger`,
  open: (name) => `Open ${name}`,
  unknown: 'an item',
  loading: 'Loading the places…',
  none: 'No file here says where it was taken.',
  inSight: (count) =>
    count === 1
      ? '1 item in this part of the map'
      : `${count.toLocaleString('en')} items in this part of the map`,
  chosen: (count) => `${count.toLocaleString('en')} items at this place`,
};

const ja: MapWords = {
  map: 'ライブラリの地図。矢印キーで移動、＋と−で拡大・縮小します。',
  in: '拡大',
  out: '縮小',
  list: '地図のこの範囲',
  group: (count) => `${count.toLocaleString('ja')}件：拡大して表示`,
  open: (name) => `${name}を開く`,
  unknown: '項目',
  loading: '撮影場所を読み込み中…',
  none: '撮影場所のわかるファイルはありません。',
  inSight: (count) => `この範囲に${count.toLocaleString('ja')}件`,
  chosen: (count) => `この場所に${count.toLocaleString('ja')}件`,
};

export function mapWordsFor(language: string): MapWords {
  return language === 'ja' ? ja : en;
}
