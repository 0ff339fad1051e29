import { baseOf } from '../../components/words/index.ts';
import { wordsIn } from '../shell/words-in.ts';

/**
 * Formats an estimate, for which two digits are enough.
 * @param range The least and the most that it may be.
 * @returns e.g. `$0.5 ($0.1–$2)`; undefined if it is not known
 */
export function priceOf(usd: number | null, language: string, range?: [number, number] | null) {
  const { format } = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    maximumSignificantDigits: 2,
  });
  const [least, most] = range?.map(format) ?? [];
  if (usd === null) return undefined;
  return format(usd) + (least === most ? '' : ` (${least}–${most})`);
}

const nameOf = (described: string, language: string) =>
  new Intl.DisplayNames(language, { type: 'language' }).of(baseOf(described)) ?? described;

export const againWordsFor = wordsIn({
  open: ['Analyze again…', '再解析…', 'Analyse again…'],
  openFound: ['Analyze these again…', '見つかったものを再解析…', 'Analyse these again…'],
  openInLanguage: ['Analyze in English…', '日本語で再解析…', 'Analyse in English…'],
  /** About some of the media shown. `language` is BCP 47, and not that of the page. */
  foreign: [
    (language: string) => `Some are described in ${nameOf(language, 'en')}.`,
    (language) => `${nameOf(language, 'ja')}の説明があります。`,
  ],
  leaveForeign: ['Keep as they are', 'このままにする'],
  title: ['Analyze again', '再解析', 'Analyse again'],
  ofAll: ['Applies to all your files.', 'すべてのファイルが対象です。'],
  ofFound: [
    'Applies only to the files that your search finds.',
    '検索で見つかったファイルだけが対象です。',
  ],
  ofSelected: ['Applies only to what is selected.', '選択したものだけが対象です。'],
  /** For more media than one request may name. */
  ofFirst: [
    (most: number) => `Only the first ${most.toLocaleString('en')} of these at once.`,
    (most) => `一度に対象になるのは、最初の${most.toLocaleString('ja')}件までです。`,
  ],
  options: ['Options', '詳しい設定'],
  analysis: ['Analysis', '解析の種類'],
  quote: ['What would it cost?', '見積もりを見る'],
  counting: ['Counting…', '確認中…'],
  confirm: ['Start', '開始'],
  nothing: [
    'There is nothing to analyze again.',
    '再解析するものはありません。',
    'There is nothing to analyse again.',
  ],
  upToDate: [
    ' All results are of the current model and options.',
    'どの結果も、今のモデルと設定によるものです。',
  ],
  /** How many files, out of how many. */
  media: [
    (media: number, total: number) => `${media} of ${total} would be analyzed. `,
    (media, total) => `${total}件中${media}件を解析します。`,
    (media, total) => `${media} of ${total} would be analysed. `,
  ],
  cost: [
    (price: string | undefined) =>
      price ? `It costs about ${price}. ` : 'What it costs is not known yet. ',
    (price) => (price ? `費用はおよそ${price}です。` : '費用はまだ分かりません。'),
  ],
  kept: [
    'The current results are kept: open a file to bring one back.',
    '今の結果は残り、ファイルを開けばいつでもその結果に戻せます。',
  ],
  again: [(title: string) => `${title}, again`, (title) => `${title}の再解析`],
  states: [
    { running: '', paused: ': paused', completed: ': done', cancelled: ': cancelled' },
    { running: '', paused: '：一時停止中', completed: '：完了', cancelled: '：中止しました' },
  ],
  counts: [
    (done: number, total: number) => `${done} of ${total} answered`,
    (done, total) => `${total}件中${done}件完了`,
  ],
  failed: [(count: number) => `, ${count} failed`, (count) => `、${count}件失敗`],
  spent: [(price: string) => `Cost: ${price}`, (price) => `費用：${price}`],
  pause: ['Pause', '一時停止'],
  resume: ['Resume', '再開'],
  cancel: ['Cancel', '中止'],
  earlier: ['Earlier results', '以前の結果'],
  noneEarlier: ['There are no earlier results.', '以前の結果はありません。'],
  unknownTime: ['Earlier', '日時不明'],
  bringBack: ['Bring back', 'この結果に戻す'],
  /** For screen readers. */
  bringBackOne: [
    (title: string, made: string) => `Bring back: ${title}, ${made}`,
    (title, made) => `この結果に戻す：${title}、${made}`,
  ],
  broughtBack: [
    'It is back. What was there before is now among the earlier results.',
    '選んだ結果に戻しました。それまでの結果は、以前の結果に移りました。',
  ],
});
