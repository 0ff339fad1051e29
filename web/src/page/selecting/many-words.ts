/** Texts for acts on many media, and for the bin. */
import { isBritish } from '../../components/words/index.ts';

/** Names of acts that failed, in English and in Japanese. */
const ACTS = {
  remove: ['deleted', '削除'],
  erase: ['deleted', '完全に削除'],
  retry: ['tried again', '再試行'],
  restore: ['restored', '復元'],
  edit: ['saved', '保存'],
  download: ['downloaded', 'ダウンロード'],
  export: ['exported', '書き出し'],
};

const en = {
  bar: 'Selected',
  selected: (count: number) => `${count} selected`,
  all: 'Select all',
  none: 'Select none',
  selectingAll: (count: number) => `Selecting… ${count}`,
  stop: 'Stop',
  done: 'Done',
  retry: (count: number) => `Retry ${count}`,
  download: 'Download',
  downloading: (part: number, of: number) =>
    of === 1 ? 'Downloading…' : `Downloading ${part} of ${of}…`,
  exportAs: 'Export…',
  exportFormat: 'Export as',
  formats: { csv: 'Table (CSV)', json: 'JSON', ndjson: 'JSON lines (NDJSON)' },
  deleted: (count: number) =>
    count === 1 ? 'Moved to the trash.' : `${count} moved to the trash.`,
  erased: (count: number) =>
    `${count} deleted for good: nothing of ${count === 1 ? 'it' : 'them'} had arrived yet.`,
  between: ' ',
  undo: 'Undo',
  dismiss: 'Dismiss',
  binHint: 'Items are erased 30 days after you delete them.',
  binEmpty: 'The trash is empty.',
  left: (days: number) => (days <= 1 ? 'Less than a day left' : `${days} days left`),
  restore: 'Restore',
  restoreOf: (name: string) => `Restore ${name}`,
  restoreAll: 'Restore all',
  eraseAll: 'Empty the trash',
  /** `hasMore`: there may be more than `count`. */
  allOfBin: (count: number, hasMore: boolean) =>
    hasMore
      ? `everything in the trash (${count} items or more)`
      : `${count} ${count === 1 ? 'item' : 'items'}`,
  atWork: 'This may take a moment…',
  /** A sentence: what was not done. `name`: that of the first file, if it is known. */
  notDoneOf: (kind: keyof typeof ACTS, count: number, name: string | undefined) => {
    const was = count === 1 ? `${name ? `“${name}”` : 'One file'} was` : `${count} files were`;
    return `${was} not ${ACTS[kind][0]}.`;
  },
  /** `name`: of the media shown until now; undefined: a link led to it. */
  gone: (name: string | undefined) =>
    name
      ? `“${name}” is no longer in your library.`
      : 'The item of this link is not in your library.',
  edit: 'Edit title, summary and tags',
  title: 'Title',
  summary: 'Summary',
  tags: 'Tags',
  tagsHint: 'Separate with commas',
  tagTooLong: (tag: string, most: number) =>
    `“${tag}” is too long for a tag, which has at most ${most} characters. Put commas between tags.`,
  tooManyTags: (count: number, most: number) =>
    `${count} tags are too many: at most ${most} are kept.`,
  save: 'Save',
  cancel: 'Cancel',
  addTags: 'Add tags',
  tagged: (done: number, of: number) => `Tags added to ${done === of ? done : `${done} of ${of}`}.`,
  models: 'Restore the model’s words',
  edited: 'Edited by you',
};

type ManyWords = typeof en;

const enGB: ManyWords = {
  ...en,
  deleted: (count) => en.deleted(count).replace('trash', 'bin'),
  binEmpty: 'The bin is empty.',
  eraseAll: 'Empty the bin',
  allOfBin: (count, hasMore) => en.allOfBin(count, hasMore).replace('trash', 'bin'),
};

const ja: ManyWords = {
  bar: '選択中の項目',
  selected: (count) => `${count}件を選択中`,
  all: 'すべて選択',
  none: '選択を解除',
  selectingAll: (count) => `選択しています…${count}件`,
  stop: '中止',
  done: '完了',
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
    return `${what}を${ACTS[kind][1]}できませんでした。`;
  },
  gone: (name) =>
    name
      ? `「${name}」はライブラリからなくなりました。`
      : 'このリンクの写真や動画は、ライブラリにありません。',
  edit: 'タイトル・説明・タグを編集',
  title: 'タイトル',
  summary: '説明',
  tags: 'タグ',
  tagsHint: 'コンマで区切ってください',
  tagTooLong: (tag, most) =>
    `「${tag}」は長すぎます。タグは${most}文字までです。コンマで区切ってください。`,
  tooManyTags: (count, most) => `タグは${most}個までです。今は${count}個あります。`,
  save: '保存',
  cancel: 'キャンセル',
  addTags: 'タグを追加',
  tagged: (done, of) => `${done === of ? '' : `${of}件のうち`}${done}件にタグを追加しました。`,
  models: 'モデルの記述に戻す',
  edited: '編集済み',
};

export function manyWordsFor(language: string): ManyWords {
  return language === 'ja' ? ja : isBritish(language) ? enGB : en;
}
