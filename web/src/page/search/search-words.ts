/** The texts of the search. */
const en = {
  search: 'Search',
  placeholder: 'Search your photos',
  clear: 'Clear the search',
  filters: 'Filters',
  more: 'More',
  done: 'Done',
  any: 'Any',
  tag: 'Tags',
  text: 'Visible text',
  place: 'Place',
  kind: 'Photos or videos',
  kinds: { image: 'Photos', video: 'Videos' },
  people: 'People',
  nobody: 'Nobody seen',
  atLeast: (people: number) => `At least ${people}`,
  status: 'State',
  statuses: { completed: 'Ready', failed: 'Failed' },
  date: 'Date',
  dates: { taken: 'Taken', added: 'Added' },
  /** `date` is one of those. */
  from: (date: string) => `${date} from`,
  to: (date: string) => `${date} until`,
  daysCrossed: (from: string, to: string) =>
    `“${from}” is after “${to}”. Choose an earlier first day or a later last day.`,
  sort: 'Order',
  sorts: {
    relevance: 'Best match first',
    newest: 'Newest first',
    oldest: 'Oldest first',
    taken: 'Date taken, newest first',
    taken_asc: 'Date taken, oldest first',
  },
  searching: 'Searching…',
  /** The list does not show yet what was asked for. Before the reason. */
  notYet: 'Not loaded yet: the list is still the one from before. ',
  showAll: 'Show the whole list',
  found: (count: number, hasMore: boolean) => `${count}${hasMore ? ' or more' : ''} found`,
  /** A word that may be typed wrong, and the one that was searched for in its place. */
  corrected: (from: string, to: string) => `Nothing was found for “${from}”. Showing “${to}”. `,
  none: 'Nothing was found.',
  /** The same, before buttons each of which leaves out one of what was asked for: the days, for example. */
  noneOfAll: 'Nothing was found. Leave one out:',
  /** `count`: what is found then. Absent: too many to be counted. */
  without: (condition: string, count: number | undefined) =>
    `Without ${condition}${count === undefined ? '' : `: ${count}`}`,
  quoted: (text: string) => `“${text}”`,
  days: 'the days',
  likeness: 'the likeness',
  similar: 'Show similar',
  similarTo: (fileName: string) => `Similar to ${fileName}`,
};

const ja: typeof en = {
  search: '検索',
  placeholder: '写真を検索',
  clear: '検索をクリア',
  filters: '絞り込み',
  more: 'その他',
  done: '完了',
  any: '指定なし',
  tag: 'タグ',
  text: '画像内の文字',
  place: '場所',
  kind: '写真・動画',
  kinds: { image: '写真', video: '動画' },
  people: '人数',
  nobody: '人物なし',
  atLeast: (people) => `${people}人以上`,
  status: '状態',
  statuses: { completed: '完了', failed: '失敗' },
  date: '日付',
  dates: { taken: '撮影日', added: '追加日' },
  from: (date) => `${date}（開始）`,
  to: (date) => `${date}（終了）`,
  daysCrossed: (from, to) =>
    `${from}が${to}より後になっています。開始を前の日にするか、終了を後の日にしてください。`,
  sort: '並べ替え',
  sorts: {
    relevance: '関連度順',
    newest: '新しい順',
    oldest: '古い順',
    taken: '撮影日の新しい順',
    taken_asc: '撮影日の古い順',
  },
  searching: '検索中…',
  notYet: 'まだ読み込めていません。下に表示しているのは、その前の一覧です。',
  showAll: '一覧をすべて表示',
  found: (count, hasMore) => `${count}件${hasMore ? '以上' : ''}見つかりました`,
  corrected: (from, to) =>
    `「${from}」は見つかりませんでした。「${to}」の検索結果を表示しています。`,
  none: '見つかりませんでした。',
  noneOfAll: '見つかりませんでした。条件を一つ外してみてください。',
  without: (condition, count) => `${condition}なし${count === undefined ? '' : `：${count}件`}`,
  quoted: (text) => `「${text}」`,
  days: '日付',
  likeness: '似ているもの',
  similar: '似ているものを表示',
  similarTo: (fileName) => `「${fileName}」に似ているもの`,
};

export function searchWordsFor(language: string): typeof en {
  return language === 'ja' ? ja : en;
}
