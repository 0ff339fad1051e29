/** The texts of what is done to many media, and of the bin. */

interface ManyWords {
  start: string;
  bar: string;
  selected: (count: number) => string;
  all: string;
  none: string;
  done: string;
  remove: string;
  retry: (count: number) => string;
  download: string;
  downloading: (part: number, of: number) => string;
  exportAs: string;
  /** Before the formats. */
  exportFormat: string;
  formats: Record<'csv' | 'json' | 'ndjson', string>;
  deleted: (count: number) => string;
  undo: string;
  notBack: (count: number) => string;
  dismiss: string;
  dismissAll: (count: number) => string;
  bin: string;
  binHint: string;
  binEmpty: string;
  left: (days: number) => string;
  restore: string;
  restoreOf: (name: string) => string;
  restoreAll: string;
  eraseAll: string;
  /** What `eraseAll` would erase, for screen readers: stands after "Delete". */
  allOfBin: string;
  /** While all of the bin is brought back or erased. */
  atWork: string;
  notDone: (count: number) => string;
  edit: string;
  title: string;
  tags: string;
  tagsHint: string;
  /** `tag` is its beginning. */
  tagTooLong: (tag: string, most: number) => string;
  tooManyTags: (count: number, most: number) => string;
  save: string;
  cancel: string;
  models: string;
  edited: string;
}

const en: ManyWords = {
  start: 'Select',
  bar: 'Selected',
  selected: (count) => `${count} selected`,
  all: 'Select all',
  none: 'Select none',
  done: 'Done',
  remove: 'Delete',
  retry: (count) => `Retry ${count}`,
  download: 'Download',
  downloading: (part, of) => (of === 1 ? 'Downloading…' : `Downloading ${part} of ${of}…`),
  exportAs: 'Export…',
  exportFormat: 'Export as',
  formats: { csv: 'Table (CSV)', json: 'JSON', ndjson: 'JSON lines (NDJSON)' },
  deleted: (count) => (count === 1 ? 'Moved to the bin.' : `${count} moved to the bin.`),
  undo: 'Undo',
  notBack: (count) => `${count} cannot be brought back: nothing of it had arrived yet.`,
  dismiss: 'Dismiss',
  dismissAll: (count) => `Dismiss ${count} refused files`,
  bin: 'Bin',
  binHint: 'What is here is erased 30 days after it was deleted.',
  binEmpty: 'The bin is empty.',
  left: (days) => (days <= 1 ? 'Less than a day left' : `${days} days left`),
  restore: 'Restore',
  restoreOf: (name) => `Restore ${name}`,
  restoreAll: 'Restore all',
  eraseAll: 'Empty the bin',
  allOfBin: 'everything in the bin',
  atWork: 'This may take a moment…',
  notDone: (count) => `${count} could not be changed. Try again.`,
  edit: 'Edit title and tags',
  title: 'Title',
  tags: 'Tags',
  tagsHint: 'With commas between them',
  tagTooLong: (tag, most) =>
    `“${tag}” is too long for a tag, which has at most ${most} characters. Put commas between tags.`,
  tooManyTags: (count, most) => `${count} tags are too many: at most ${most} are kept.`,
  save: 'Save',
  cancel: 'Cancel',
  models: 'Use the words of the model',
  edited: 'Edited by you',
};

const ja: ManyWords = {
  start: '選択',
  bar: '選択中の項目',
  selected: (count) => `${count}件を選択中`,
  all: 'すべて選択',
  none: '選択を解除',
  done: '完了',
  remove: '削除',
  retry: (count) => `${count}件を再試行`,
  download: 'ダウンロード',
  downloading: (part, of) => (of === 1 ? 'ダウンロード中…' : `ダウンロード中（${part}/${of}）…`),
  exportAs: '書き出し…',
  exportFormat: '書き出す形式',
  formats: { csv: '表（CSV）', json: 'JSON', ndjson: 'JSON Lines（NDJSON）' },
  deleted: (count) => `${count}件をごみ箱に移動しました。`,
  undo: '元に戻す',
  notBack: (count) => `${count}件は、まだアップロードされていなかったため元に戻せません。`,
  dismiss: '閉じる',
  dismissAll: (count) => `受け付けられない${count}件を閉じる`,
  bin: 'ごみ箱',
  binHint: 'ごみ箱の中身は、削除から30日後に完全に消去されます。',
  binEmpty: 'ごみ箱は空です。',
  left: (days) => (days <= 1 ? '残り1日未満' : `残り${days}日`),
  restore: '元に戻す',
  restoreOf: (name) => `${name}を元に戻す`,
  restoreAll: 'すべて元に戻す',
  eraseAll: 'ごみ箱を空にする',
  allOfBin: 'ごみ箱の中身すべて',
  atWork: '処理しています…',
  notDone: (count) => `${count}件を変更できませんでした。もう一度お試しください。`,
  edit: 'タイトルとタグを編集',
  title: 'タイトル',
  tags: 'タグ',
  tagsHint: 'コンマで区切ってください',
  tagTooLong: (tag, most) =>
    `「${tag}」は長すぎます。タグは${most}文字までです。コンマで区切ってください。`,
  tooManyTags: (count, most) => `タグは${most}個までです。今は${count}個あります。`,
  save: '保存',
  cancel: 'キャンセル',
  models: 'モデルの言葉に戻す',
  edited: '編集済み',
};

export function manyWordsFor(language: string): ManyWords {
  return language === 'ja' ? ja : en;
}
