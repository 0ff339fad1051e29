import { wordsIn } from './words-in.ts';

export const shortcutWordsFor = wordsIn({
  ofPhotos: ['Among the photos', '一覧'],
  arrows: ['Arrow keys', '矢印キー'],
  go: ['Move from photo to photo', '写真を移動'],
  open: ['Open', '開く'],
  select: ['Select', '選択'],
  selectTo: ['Select up to here', 'ここまで選択'],
  selectAll: ['Select all, once one is', '選択中：すべて選択'],
  remove: ['Move to the trash', 'ごみ箱に移動', 'Move to the bin'],
  undo: ['Undo', '元に戻す'],
  search: ['Search', '検索'],
  ofOne: ['In an open photo', '写真を開いているとき'],
  turn: ['Next or previous', '次・前の写真'],
  zoom: ['Zoom', '拡大・縮小'],
  details: ['More details', '詳細'],
  slideshow: ['Slideshow', 'スライドショー'],
  close: ['Close', '閉じる'],
});
