/** Texts of the full view. They are not in `en` and `ja`, so that a page loads them with the full view. */
import { useWords } from './index.ts';
import type { ViewWords } from './words.ts';

const en: ViewWords = {
  copy: 'Copy',
  copied: 'Copied',
  download: 'Download',
  zoom: { in: 'Zoom in', out: 'Zoom out' },
  map: {
    allow: 'Link to a map…',
    note: 'OpenStreetMap learns the place when you open the link.',
    open: 'Open on OpenStreetMap',
    forbid: 'No links to maps',
  },
};

const ja: ViewWords = {
  copy: 'コピー',
  copied: 'コピーしました',
  download: 'ダウンロード',
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
