/** The texts about files that another app has shared. */

interface SharedWords {
  title: string;
  ask: (count: number) => string;
  upload: string;
  discard: string;
  /** Why there is nothing to ask: what was shared has no files, or the browser could not keep them. */
  why: Record<'nothing' | 'failed', string>;
}

const en: SharedWords = {
  title: 'Shared files',
  ask: (count) => (count === 1 ? 'Upload the shared file?' : `Upload the ${count} shared files?`),
  upload: 'Upload',
  discard: 'Discard',
  why: {
    nothing: 'Nothing that can be uploaded was shared. Share photos or videos.',
    failed:
      'The shared files could not be taken, for example because the device has no room for a copy. Choose them here.',
  },
};

const ja: SharedWords = {
  title: '共有されたファイル',
  ask: (count) => `共有された${count}件をアップロードしますか`,
  upload: 'アップロード',
  discard: '破棄',
  why: {
    nothing: 'アップロードできるものが共有されませんでした。写真か動画を共有してください。',
    failed:
      '共有されたファイルを受け取れませんでした。端末の空き容量が足りない場合などに起こります。ここで選択してください。',
  },
};

export const sharedWordsFor = (language: string): SharedWords => (language === 'ja' ? ja : en);
