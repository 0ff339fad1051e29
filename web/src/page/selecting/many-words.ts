/** The texts of what is done to many media, and of the bin. */
import { isBritish } from '../../components/words/index.ts';

interface ManyWords {
  start: string;
  bar: string;
  selected: (count: number) => string;
  all: string;
  none: string;
  /** While the rest is loaded. Not much longer than `selected`: the button beside it stays under the pointer. */
  selectingAll: (count: number) => string;
  stop: string;
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
  /** Of what nothing had arrived: it is not in the bin. */
  erased: (count: number) => string;
  /** Between two sentences. */
  between: string;
  undo: string;
  dismiss: string;
  removeFailed: (count: number) => string;
  removeStopped: (count: number) => string;
  binHint: string;
  binEmpty: string;
  left: (days: number) => string;
  restore: string;
  restoreOf: (name: string) => string;
  restoreAll: string;
  eraseAll: string;
  /** What `eraseAll` would erase. `hasMore`: there may be more than so many. */
  allOfBin: (count: number, hasMore: boolean) => string;
  /** While all of the bin is brought back or erased. */
  atWork: string;
  /** What was not done, as a sentence. `name`: that of the first, if it is known. */
  notDoneOf: (
    kind: 'remove' | 'erase' | 'retry' | 'restore' | 'edit' | 'download' | 'export',
    count: number,
    name: string | undefined,
  ) => string;
  /** An item that is not there any more. `name`: it was shown until now; undefined: a link led to it. */
  gone: (name: string | undefined) => string;
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
  selectingAll: (count) => `Selecting… ${count}`,
  stop: 'Stop',
  done: 'Done',
  remove: 'Delete',
  retry: (count) => `Retry ${count}`,
  download: 'Download',
  downloading: (part, of) => (of === 1 ? 'Downloading…' : `Downloading ${part} of ${of}…`),
  exportAs: 'Export…',
  exportFormat: 'Export as',
  formats: { csv: 'Table (CSV)', json: 'JSON', ndjson: 'JSON lines (NDJSON)' },
  deleted: (count) => (count === 1 ? 'Moved to the trash.' : `${count} moved to the trash.`),
  erased: (count) =>
    `${count} deleted for good: nothing of ${count === 1 ? 'it' : 'them'} had arrived yet.`,
  between: ' ',
  undo: 'Undo',
  dismiss: 'Dismiss',
  removeFailed: (count) => `Remove ${count} failed`,
  removeStopped: (count) => `Remove ${count} stopped`,
  binHint: 'Items are erased 30 days after you delete them.',
  binEmpty: 'The trash is empty.',
  left: (days) => (days <= 1 ? 'Less than a day left' : `${days} days left`),
  restore: 'Restore',
  restoreOf: (name) => `Restore ${name}`,
  restoreAll: 'Restore all',
  eraseAll: 'Empty the trash',
  allOfBin: (count, hasMore) =>
    hasMore
      ? `everything in the trash (${count} items or more)`
      : `${count} ${count === 1 ? 'item' : 'items'}`,
  atWork: 'This may take a moment…',
  notDoneOf: (kind, count, name) => {
    const was = count === 1 ? `${name ? `“${name}”` : 'One file'} was` : `${count} files were`;
    return `${was} not ${{ remove: 'deleted', erase: 'deleted', retry: 'tried again', restore: 'restored', edit: 'saved', download: 'downloaded', export: 'exported' }[kind]}.`;
  },
  gone: (name) =>
    name
      ? `“${name}” is no longer in your library.`
      : 'The item of this link is not in your library.',
  edit: 'Edit title and tags',
  title: 'Title',
  tags: 'Tags',
  tagsHint: 'Separate with commas',
  tagTooLong: (tag, most) =>
    `“${tag}” is too long for a tag, which has at most ${most} characters. Put commas between tags.`,
  tooManyTags: (count, most) => `${count} tags are too many: at most ${most} are kept.`,
  save: 'Save',
  cancel: 'Cancel',
  models: 'Restore the model’s title and tags',
  edited: 'Edited by you',
};

const enGB: ManyWords = {
  ...en,
  deleted: (count) => en.deleted(count).replace('trash', 'bin'),
  binEmpty: 'The bin is empty.',
  eraseAll: 'Empty the bin',
  allOfBin: (count, hasMore) => en.allOfBin(count, hasMore).replace('trash', 'bin'),
};

const ja: ManyWords = {
  start: '選択',
  bar: '選択中の項目',
  selected: (count) => `${count}件を選択中`,
  all: 'すべて選択',
  none: '選択を解除',
  selectingAll: (count) => `選択しています…${count}件`,
  stop: '中止',
  done: '完了',
  remove: '削除',
  retry: (count) => `${count}件を再試行`,
  download: 'ダウンロード',
  downloading: (part, of) => (of === 1 ? 'ダウンロード中…' : `ダウンロード中（${part}/${of}）…`),
  exportAs: '書き出し…',
  exportFormat: '書き出す形式',
  formats: { csv: '表（CSV）', json: 'JSON', ndjson: 'JSON Lines（NDJSON）' },
  deleted: (count) => `${count}件をごみ箱に移動しました。`,
  erased: (count) =>
    `${count}件を完全に削除しました（まだアップロードされていなかったため、元に戻せません）。`,
  between: '',
  undo: '元に戻す',
  dismiss: '閉じる',
  removeFailed: (count) => `失敗した${count}件を一覧から削除`,
  removeStopped: (count) => `中止した${count}件を一覧から削除`,
  binHint: 'ごみ箱の中身は、削除から30日後に完全に消去されます。',
  binEmpty: 'ごみ箱は空です。',
  left: (days) => (days <= 1 ? '残り1日未満' : `残り${days}日`),
  restore: '元に戻す',
  restoreOf: (name) => `${name}を元に戻す`,
  restoreAll: 'すべて元に戻す',
  eraseAll: 'ごみ箱を空にする',
  allOfBin: (count, hasMore) => (hasMore ? `ごみ箱の中身すべて（${count}件以上）` : `${count}件`),
  atWork: '少し時間がかかることがあります…',
  notDoneOf: (kind, count, name) => {
    const what = count === 1 && name ? `「${name}」` : `${count}件`;
    return `${what}を${{ remove: '削除', erase: '完全に削除', retry: '再試行', restore: '復元', edit: '保存', download: 'ダウンロード', export: '書き出し' }[kind]}できませんでした。`;
  },
  gone: (name) =>
    name
      ? `「${name}」はライブラリからなくなりました。`
      : 'このリンクの写真や動画は、ライブラリにありません。',
  edit: 'タイトルとタグを編集',
  title: 'タイトル',
  tags: 'タグ',
  tagsHint: 'コンマで区切ってください',
  tagTooLong: (tag, most) =>
    `「${tag}」は長すぎます。タグは${most}文字までです。コンマで区切ってください。`,
  tooManyTags: (count, most) => `タグは${most}個までです。今は${count}個あります。`,
  save: '保存',
  cancel: 'キャンセル',
  models: 'モデルのタイトルとタグに戻す',
  edited: '編集済み',
};

export function manyWordsFor(language: string): ManyWords {
  return language === 'ja' ? ja : isBritish(language) ? enGB : en;
}
