/** The texts about a page of which a part could not be loaded. */

interface NotWholeWords {
  notWhole: string;
  reload: string;
}

const en: NotWholeWords = {
  notWhole:
    'A part of this page could not be loaded. Reload the page, and choose again what was not sent.',
  reload: 'Reload',
};

const ja: NotWholeWords = {
  notWhole:
    'ページの一部を読み込めませんでした。再読み込みして、送信されていないファイルをもう一度選択してください。',
  reload: '再読み込み',
};

export const notWholeWordsFor = (language: string): NotWholeWords => (language === 'ja' ? ja : en);
