/** The texts of the bar at the top, and of its menu. */
const WORDS = {
  en: {
    more: 'More',
    sample: 'Try it with a sample photo',
    options: 'Options for new photos…',
    optionsTitle: 'Options for new photos',
    select: 'Select',
    export: 'Export…',
    exportHint: 'All that is in the list, as a file:',
    notTaken: (count: number) => `${count} not taken`,
    notTakenTitle: 'Not taken',
    andMore: (count: number) => `and ${count} more`,
    retry: (count: number) => `Try ${count} again`,
    remove: (count: number) => `Remove ${count}`,
  },
  ja: {
    more: 'その他',
    sample: 'サンプル写真で試す',
    options: '新しい写真の設定…',
    optionsTitle: '新しい写真の設定',
    select: '選択',
    export: '書き出し…',
    exportHint: '一覧にあるすべてをファイルに書き出します：',
    notTaken: (count: number) => `${count}件を受け付けられませんでした`,
    notTakenTitle: '受け付けられなかったファイル',
    andMore: (count: number) => `ほか${count}件`,
    retry: (count: number) => `${count}件を再試行`,
    remove: (count: number) => `${count}件を取り除く`,
  },
};

export const barWordsFor = (language: string) => WORDS[language === 'ja' ? 'ja' : 'en'];
