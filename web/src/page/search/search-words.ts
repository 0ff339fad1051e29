import { wordsIn } from '../shell/words-in.ts';

export const searchWordsFor = wordsIn({
  search: ['Search', '検索'],
  placeholder: ['Search your photos', '写真を検索'],
  clear: ['Clear the search', '検索をクリア'],
  filters: ['Filters', '絞り込み'],
  more: ['More', 'その他'],
  done: ['Done', '完了'],
  any: ['Any', '指定なし'],
  tag: ['Tags', 'タグ'],
  text: ['Visible text', '画像内の文字'],
  place: ['Place', '場所'],
  kind: ['Photos or videos', '写真・動画'],
  kinds: [
    { image: 'Photos', video: 'Videos' },
    { image: '写真', video: '動画' },
  ],
  people: ['People', '人数'],
  nobody: ['Nobody seen', '人物なし'],
  atLeast: [(people: number) => `At least ${people}`, (people) => `${people}人以上`],
  status: ['State', '状態'],
  statuses: [
    { completed: 'Ready', failed: 'Failed' },
    { completed: '完了', failed: '失敗' },
  ],
  date: ['Date', '日付'],
  dates: [
    { taken: 'Taken', added: 'Added' },
    { taken: '撮影日', added: '追加日' },
  ],
  /** `date` is one of the texts above. */
  from: [(date: string) => `${date} from`, (date) => `${date}（開始）`],
  to: [(date: string) => `${date} until`, (date) => `${date}（終了）`],
  sort: ['Order', '並べ替え'],
  sorts: [
    {
      relevance: 'Best match first',
      newest: 'Newest first',
      oldest: 'Oldest first',
      taken: 'Date taken, newest first',
      taken_asc: 'Date taken, oldest first',
    },
    {
      relevance: '関連度順',
      newest: '新しい順',
      oldest: '古い順',
      taken: '撮影日の新しい順',
      taken_asc: '撮影日の古い順',
    },
  ],
  searching: ['Searching…', '検索中…'],
  /** While the list does not show the new search yet. The reason follows. */
  notYet: [
    'Not loaded yet: the list is still the one from before. ',
    'まだ読み込めていません。下に表示しているのは、その前の一覧です。',
  ],
  showAll: ['Show the whole list', '一覧をすべて表示'],
  found: [
    (count: number, hasMore: boolean) => `${count}${hasMore ? ' or more' : ''} found`,
    (count, hasMore) => `${count}件${hasMore ? '以上' : ''}見つかりました`,
  ],
  /** None of them has the words. */
  near: [
    (count: number, hasMore: boolean) =>
      `No exact match. ${count}${hasMore ? ' or more' : ''} similar`,
    (count, hasMore) =>
      `一致するものはありません。似ているもの：${count}件${hasMore ? '以上' : ''}`,
  ],
  none: ['Nothing was found.', '見つかりませんでした。'],
  /** The same, before buttons that each leave out one condition, e.g. the days. */
  noneOfAll: [
    'Nothing was found. Leave one out:',
    '見つかりませんでした。条件を一つ外してみてください。',
  ],
  /** `count`: how many are found then. Undefined: too many to be counted. */
  without: [
    (condition: string, count: number | undefined) =>
      `Without ${condition}${count === undefined ? '' : `: ${count}`}`,
    (condition, count) => `${condition}なし${count === undefined ? '' : `：${count}件`}`,
  ],
  quoted: [(text: string) => `“${text}”`, (text) => `「${text}」`],
  days: ['the days', '日付'],
  likeness: ['the likeness', '似ているもの'],
  similar: ['Show similar', '似ているものを表示'],
  similarTo: [(title: string) => `Similar to “${title}”`, (title) => `「${title}」に似ているもの`],
});
