/** The texts of the bar at the top, and of its menu. */
import { wordsIn } from './words-in.ts';

const joined = (failed: number, fails: string, comma: string, stopped: number, stops: string) =>
  [failed && `${failed}${fails}`, stopped && `${stopped}${stops}`].filter(Boolean).join(comma);

export const barWordsFor = wordsIn({
  more: ['More', 'その他'],
  sample: ['Try it with a sample photo', 'サンプル写真で試す'],
  options: ['Options for new photos…', '新しい写真の設定…'],
  optionsTitle: ['Options for new photos', '新しい写真の設定'],
  look: ['Look before sending', '送信する前に確認'],
  upload: ['Upload', 'アップロード'],
  select: ['Select', '選択'],
  shortcuts: ['Keyboard shortcuts', 'キーボードショートカット'],
  export: ['Export…', '書き出し…'],
  exportHint: ['All that is in the list, as a file:', '一覧にあるすべてをファイルに書き出します：'],
  showFailed: [
    (failed: number, stopped: number) =>
      `Show ${joined(failed, ' failed', ', ', stopped, ' stopped')}`,
    (failed, stopped) => `${joined(failed, '件失敗', '、', stopped, '件中止')}を表示`,
  ],
  notTakenTitle: ['Failed', '失敗したファイル'],
  andMore: [(count: number) => `and ${count} more`, (count) => `ほか${count}件`],
  retry: [(count: number) => `Try ${count} again`, (count) => `${count}件を再試行`],
  remove: [(count: number) => `Remove ${count}`, (count) => `${count}件を取り除く`],
});
