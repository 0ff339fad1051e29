/** The texts about files that another app has shared. */

interface SharedWords {
  title: string;
  ask: (count: number) => string;
  upload: string;
  discard: string;
}

const en: SharedWords = {
  title: 'Shared files',
  ask: (count) => (count === 1 ? 'Upload the shared file?' : `Upload the ${count} shared files?`),
  upload: 'Upload',
  discard: 'Discard',
};

const ja: SharedWords = {
  title: '共有されたファイル',
  ask: (count) => `共有された${count}件をアップロードしますか`,
  upload: 'アップロード',
  discard: '破棄',
};

export const sharedWordsFor = (language: string): SharedWords => (language === 'ja' ? ja : en);
