/** The texts of the tab's title and of the notification. */

interface NoticeWords {
  /** How many of a batch have ended, for the title of the tab. */
  ended: (ended: number, total: number) => string;
  done: string;
  /** Switches the notification on. */
  notify: string;
  /** The heading of the notification. */
  allEnded: string;
}

const en: NoticeWords = {
  ended: (ended, total) => `${ended} of ${total}`,
  done: 'Done',
  notify: 'Notify me when done',
  allEnded: 'Your files are done',
};

const ja: NoticeWords = {
  ended: (ended, total) => `${total}件中${ended}件`,
  done: '完了',
  notify: '終わったら通知',
  allEnded: 'ファイルの処理が終わりました',
};

export const noticeWordsFor = (language: string): NoticeWords => (language === 'ja' ? ja : en);
