/** The texts of the search. */
import type { MediaFilters } from '../client/index.ts';

interface SearchWords {
  /** The name of the search, and what stands in its empty field. */
  search: string;
  placeholder: string;
  clear: string;
  filters: string;
  any: string;
  tag: string;
  text: string;
  kind: string;
  kinds: Record<NonNullable<MediaFilters['kind']>, string>;
  people: string;
  nobody: string;
  atLeast: (people: number) => string;
  status: string;
  statuses: Record<'completed' | 'failed', string>;
  from: string;
  to: string;
  sort: string;
  sorts: Record<NonNullable<MediaFilters['sort']>, string>;
  searching: string;
  found: (count: number, hasMore: boolean) => string;
  none: string;
  /** The same, where people were asked for. */
  noneOfPeople: string;
  similar: string;
  similarTo: (fileName: string) => string;
}

const en: SearchWords = {
  search: 'Search',
  placeholder: 'Search: a dog, a word on a sign…',
  clear: 'Clear the search',
  filters: 'Filters',
  any: 'Any',
  tag: 'Tags',
  text: 'Text in the picture',
  kind: 'Photos or videos',
  kinds: { image: 'Photos', video: 'Videos' },
  people: 'People',
  nobody: 'Nobody seen',
  atLeast: (people) => `At least ${people}`,
  status: 'State',
  statuses: { completed: 'Ready', failed: 'Failed' },
  from: 'Added from',
  to: 'Added until',
  sort: 'Order',
  sorts: { relevance: 'Best match first', newest: 'Newest first', oldest: 'Oldest first' },
  searching: 'Searching…',
  found: (count, hasMore) => `${count}${hasMore ? ' or more' : ''} found`,
  none: 'Nothing was found. Try fewer words, other words, or fewer filters.',
  noneOfPeople:
    'Nothing was found. Files whose people the model has not counted are left out: try it without this filter.',
  similar: 'Show similar ones',
  similarTo: (fileName) => `Similar to ${fileName}`,
};

const ja: SearchWords = {
  search: '検索',
  placeholder: '検索：犬、看板の文字など',
  clear: '検索をクリア',
  filters: '絞り込み',
  any: '指定なし',
  tag: 'タグ',
  text: '画像内の文字',
  kind: '写真・動画',
  kinds: { image: '写真', video: '動画' },
  people: '人数',
  nobody: '人物なし',
  atLeast: (people) => `${people}人以上`,
  status: '状態',
  statuses: { completed: '完了', failed: '失敗' },
  from: '追加日（開始）',
  to: '追加日（終了）',
  sort: '並べ替え',
  sorts: { relevance: '関連度順', newest: '新しい順', oldest: '古い順' },
  searching: '検索中…',
  found: (count, hasMore) => `${count}件${hasMore ? '以上' : ''}見つかりました`,
  none: '見つかりませんでした。言葉や絞り込みを減らすか、別の言葉でお試しください。',
  noneOfPeople:
    '見つかりませんでした。人数を数えていないファイルは対象外です。人数の絞り込みを外してお試しください。',
  similar: '似ているものを表示',
  similarTo: (fileName) => `「${fileName}」に似ているもの`,
};

export function searchWordsFor(language: string): SearchWords {
  return language === 'ja' ? ja : en;
}
