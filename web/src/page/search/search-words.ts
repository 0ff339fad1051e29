/** The texts of the search. */
import type { MediaFilters } from '../../client/index.ts';

/** Of the day on which a photo was taken, and of the one on which it was added. */
type Dates = Record<'taken' | 'added', string>;

interface SearchWords {
  /** The name of the search, and what stands in its empty field. */
  search: string;
  placeholder: string;
  clear: string;
  /** The same, where nothing but filters or an order is chosen. */
  reset: string;
  filters: string;
  any: string;
  tag: string;
  text: string;
  place: string;
  kind: string;
  kinds: Record<NonNullable<MediaFilters['kind']>, string>;
  people: string;
  nobody: string;
  atLeast: (people: number) => string;
  status: string;
  statuses: Record<'completed' | 'failed', string>;
  /** Which day is meant. */
  date: string;
  dates: Dates;
  from: Dates;
  to: Dates;
  /** The first day is after the last one. */
  daysCrossed: Dates;
  yearTooLong: string;
  sort: string;
  sorts: Record<NonNullable<MediaFilters['sort']>, string>;
  searching: string;
  /** The search could not be made. Before the reason. */
  notSearched: string;
  /** The list does not begin with its month yet. Before the reason. */
  notLoaded: string;
  /** The list that begins with its first one. */
  showAll: string;
  /** The same, where nothing but an order is chosen. */
  notOrdered: string;
  found: (count: number, hasMore: boolean) => string;
  /** A word that may be typed wrong, and the one that was searched for in its place. */
  corrected: (from: string, to: string) => string;
  /** Two such sentences. */
  between: string;
  none: string;
  /** The same, where there are no words. */
  noneOfFilters: string;
  noneSimilar: string;
  /** The same, where a place was asked for. */
  noneOfPlace: string;
  /** The same, where people were asked for, or the day on which it was taken. */
  noneOfPeople: string;
  noneOfDays: string;
  similar: string;
  similarTo: (fileName: string) => string;
}

const en: SearchWords = {
  search: 'Search',
  placeholder: 'Search: dog, sign…',
  clear: 'Clear the search',
  reset: 'Reset the filters',
  filters: 'Filters',
  any: 'Any',
  tag: 'Tags',
  text: 'Visible text',
  place: 'Place',
  kind: 'Photos or videos',
  kinds: { image: 'Photos', video: 'Videos' },
  people: 'People',
  nobody: 'Nobody seen',
  atLeast: (people) => `At least ${people}`,
  status: 'State',
  statuses: { completed: 'Ready', failed: 'Failed' },
  date: 'Date',
  dates: { taken: 'Taken', added: 'Added' },
  from: { taken: 'Taken from', added: 'Added from' },
  to: { taken: 'Taken until', added: 'Added until' },
  daysCrossed: {
    taken: '“Taken from” is after “Taken until”. Choose an earlier first day or a later last day.',
    added: '“Added from” is after “Added until”. Choose an earlier first day or a later last day.',
  },
  yearTooLong: 'The year has more than four digits. Correct it, for example to 2026.',
  sort: 'Order',
  sorts: {
    relevance: 'Best match first',
    newest: 'Newest first',
    oldest: 'Oldest first',
    taken: 'Date taken, newest first',
    taken_asc: 'Date taken, oldest first',
  },
  searching: 'Searching…',
  notSearched: 'Not searched yet: the list is still the one from before. ',
  notLoaded: 'Not loaded yet: the list is still the one from before. ',
  showAll: 'Show the whole list',
  notOrdered: 'The order has not changed yet: the list is still the one from before. ',
  found: (count, hasMore) => `${count}${hasMore ? ' or more' : ''} found`,
  corrected: (from, to) => `Nothing was found for “${from}”. Showing “${to}”.`,
  between: ' ',
  none: 'Nothing was found. Try fewer words, other words, or fewer filters.',
  noneOfFilters: 'Nothing was found. Change or remove a filter.',
  noneSimilar: 'Nothing similar was found.',
  noneOfPlace:
    'Nothing was found. Files without a location are not included. Try a larger place, such as the country.',
  noneOfPeople:
    'Nothing was found. Files without a count of people are not included. Try removing this filter.',
  noneOfDays:
    'Nothing was found. Files that do not say when they were taken are left out: under “Date”, try “Added”.',
  similar: 'Show similar',
  similarTo: (fileName) => `Similar to ${fileName}`,
};

const ja: SearchWords = {
  search: '検索',
  placeholder: '検索：犬、看板…',
  clear: '検索をクリア',
  reset: '絞り込みをリセット',
  filters: '絞り込み',
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
  from: { taken: '撮影日（開始）', added: '追加日（開始）' },
  to: { taken: '撮影日（終了）', added: '追加日（終了）' },
  daysCrossed: {
    taken:
      '撮影日の開始が終了より後になっています。開始を前の日にするか、終了を後の日にしてください。',
    added:
      '追加日の開始が終了より後になっています。開始を前の日にするか、終了を後の日にしてください。',
  },
  yearTooLong: '年は4桁までです。2026のように直してください。',
  sort: '並べ替え',
  sorts: {
    relevance: '関連度順',
    newest: '新しい順',
    oldest: '古い順',
    taken: '撮影日の新しい順',
    taken_asc: '撮影日の古い順',
  },
  searching: '検索中…',
  notSearched: 'まだ検索できていません。下に表示しているのは、検索する前の一覧です。',
  notLoaded: 'まだ読み込めていません。下に表示しているのは、移動する前の一覧です。',
  showAll: '一覧をすべて表示',
  notOrdered: 'まだ並べ替えられていません。下に表示しているのは、並べ替える前の一覧です。',
  found: (count, hasMore) => `${count}件${hasMore ? '以上' : ''}見つかりました`,
  corrected: (from, to) =>
    `「${from}」は見つかりませんでした。「${to}」の検索結果を表示しています。`,
  between: '',
  none: '見つかりませんでした。言葉や絞り込みを減らすか、別の言葉でお試しください。',
  noneOfFilters: '見つかりませんでした。絞り込みを変えるか、外してお試しください。',
  noneSimilar: '似ているものは見つかりませんでした。',
  noneOfPlace:
    '見つかりませんでした。位置情報のないファイルは対象外です。国名など、より広い地名でもお試しください。',
  noneOfPeople:
    '見つかりませんでした。人数を数えていないファイルは対象外です。人数の絞り込みを外してお試しください。',
  noneOfDays:
    '見つかりませんでした。撮影日の記録がないファイルは対象外です。「日付」を「追加日」に変えてお試しください。',
  similar: '似ているものを表示',
  similarTo: (fileName) => `「${fileName}」に似ているもの`,
};

export function searchWordsFor(language: string): SearchWords {
  return language === 'ja' ? ja : en;
}
