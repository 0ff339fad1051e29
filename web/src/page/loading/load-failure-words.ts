interface LoadFailureWords {
  partMissing: string;
  reload: string;
}

const en: LoadFailureWords = {
  partMissing:
    'A part of this page could not be loaded. Reload the page, and choose again what was not sent.',
  reload: 'Reload',
};

const ja: LoadFailureWords = {
  partMissing:
    'ページの一部を読み込めませんでした。再読み込みして、送信されていないファイルをもう一度選択してください。',
  reload: '再読み込み',
};

export const loadFailureWordsFor = (language: string): LoadFailureWords =>
  language === 'ja' ? ja : en;
