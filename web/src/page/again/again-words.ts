/** The texts of analysing again. */
import type { ReanalysisQuote } from '../../client/index.ts';
import { baseOf, isBritish } from '../../components/words/index.ts';

/** Numbers of files. Services of earlier versions do not say them. */
type Reasons = Pick<ReanalysisQuote, 'missing' | 'stale' | 'failed'> & {
  /** The answers are to be in another language. */
  isInLanguage: boolean;
};

type Range = readonly [number, number];

/** Two digits say enough of an estimate. */
const dollars = (usd: number, language: string) =>
  new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    maximumSignificantDigits: 2,
  }).format(usd);

/** `3 minutes`, `2.5 hours` */
function rangeOf(range: Range | undefined, language: string): string {
  if (!range) return '';
  const [least, most] = range.map((usd) => dollars(usd, language));
  if (least === most) return '';
  return language === 'ja' ? `（${least}〜${most}）` : ` (${least} to ${most})`;
}

const nameOf = (described: string, language: string) =>
  new Intl.DisplayNames(language, { type: 'language' }).of(baseOf(described)) ?? described;

function duration(minutes: number, language: string): string {
  const [value, unit] = minutes < 90 ? [Math.ceil(minutes), 'minute'] : [minutes / 60, 'hour'];
  const options = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language, options).format(value);
}

const en = {
  open: 'Analyze again…',
  openFound: 'Analyze these again…',
  openInLanguage: 'Analyze again in English…',
  /** Of some of what is shown. `language` is BCP 47, and not that of the page. */
  foreign: (language: string) => `Some of these are described in ${nameOf(language, 'en')}.`,
  leaveForeign: 'Leave them so',
  title: 'Analyze again',
  scope: {
    all: 'Applies to all your files.',
    found: (isMost: boolean): string =>
      isMost
        ? 'Applies only to the first files that your search finds: no more can be done at once.'
        : 'Applies only to the files that your search finds.',
    selected(files: number, most: number) {
      if (files === 1) return 'Applies only to the selected file.';
      const number = files.toLocaleString('en');
      if (files <= most) return `Applies only to the ${number} selected files.`;
      return `Applies only to the first ${most.toLocaleString('en')} of the ${number} selected files: no more can be done at once. Select the others when these are done.`;
    },
  },
  options: 'Options',
  analysis: 'Analysis',
  which: 'Which ones',
  only: {
    any: 'All that are not up to date',
    missing: 'Those without an answer',
    failed: 'Those that failed',
  },
  kind: 'Photos or videos',
  bothKinds: 'Photos and videos',
  kinds: { image: 'Only photos', video: 'Only videos' },
  answers: 'Language of the answers',
  asBefore: 'As before',
  languageName: 'English',
  quote: 'What would it cost?',
  counting: 'Counting…',
  confirm: 'Start',
  nothing: 'There is nothing to analyze again.',
  /** How many files would be analysed, of how many, and why. */
  count(
    media: number,
    total: number | undefined,
    { missing = 0, stale = 0, failed = 0, isInLanguage }: Reasons,
  ) {
    const is = (count: number) => `${count} ${count === 1 ? 'is' : 'are'}`;
    const why = [
      stale > 0 && `${is(stale)} ${isInLanguage ? 'in another language or ' : ''}of an older model`,
      failed > 0 && `${failed} failed`,
      missing > 0 && `${missing} ${missing === 1 ? 'has' : 'have'} no answer yet`,
    ].filter(Boolean);
    const of = total === undefined ? '' : ` of ${total}`;
    return `${media}${of} would be analyzed${why.length > 0 ? `: ${why.join(', ')}` : ''}.`;
  },
  cost(usd: number | null, range: Range | undefined, receipts: number) {
    if (usd === 0) return 'It costs nothing.';
    if (usd !== null) return `It costs about ${dollars(usd, 'en')}${rangeOf(range, 'en')}.`;
    return receipts === 0
      ? 'What it costs is not known: nothing like it has been done yet.'
      : 'What it costs is not known: the price of the model is not known.';
  },
  time(minutes: number | null) {
    if (minutes === null) return 'How long it takes is not known.';
    const time = minutes < 1 ? 'less than a minute' : `about ${duration(minutes, 'en')}`;
    return `It takes ${time}.`;
  },
  notPossible: (media: number) =>
    `${media} cannot be done, because ${media === 1 ? 'it is' : 'they are'} not stored.`,
  kept: 'The present answers are kept: open a file to bring one back.',
  between: ' ',
  states: {
    quoted: (title: string) => title,
    running: (title: string) => `${title}, again`,
    paused: (title: string) => `${title}, again: paused`,
    completed: (title: string) => `${title}, again: done`,
    cancelled: (title: string) => `${title}, again: cancelled`,
  },
  counts: ({
    done,
    failed,
    skipped,
    total,
  }: Record<'done' | 'failed' | 'skipped' | 'total', number>) =>
    `${done} of ${total} answered${failed === 0 ? '' : `, ${failed} failed`}${skipped === 0 ? '' : `, ${skipped} skipped`}`,
  progress: (title: string) => `Progress: ${title}, again`,
  inFlight: (media: number) =>
    media === 1
      ? 'One has begun, and will be finished.'
      : `${media} have begun, and will be finished.`,
  spent: (usd: number, isOver: boolean) =>
    `It has cost ${usd === 0 ? 'nothing' : dollars(usd, 'en')}${isOver ? '' : ' so far'}.`,
  freshUploads: 'The files that you have just added go first.',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  earlier: 'Earlier results',
  noneEarlier: 'There are no earlier results.',
  unknownTime: 'Earlier',
  bringBack: 'Bring back',
  /** For screen readers. */
  bringBackOne: (title: string, made: string) => `Bring back: ${title}, ${made}`,
  broughtBack: 'It is back. What was there before is now among the earlier results.',
};

const enGB: typeof en = {
  ...en,
  open: 'Analyse again…',
  openFound: 'Analyse these again…',
  openInLanguage: 'Analyse again in English…',
  title: 'Analyse again',
  nothing: 'There is nothing to analyse again.',
  count: (...of) => en.count(...of).replace('analyzed', 'analysed'),
};

const ja: typeof en = {
  open: '再解析…',
  openFound: '見つかったものを再解析…',
  openInLanguage: '日本語で再解析…',
  foreign: (language) => `${nameOf(language, 'ja')}で説明されたものがあります。`,
  leaveForeign: 'このままにする',
  title: '再解析',
  scope: {
    all: 'すべてのファイルが対象です。',
    found: (isMost) =>
      isMost
        ? '検索で見つかったファイルのうち、最初のものだけが対象です。一度に再解析できるのはここまでです。'
        : '検索で見つかったファイルだけが対象です。',
    selected(files, most) {
      const number = files.toLocaleString('ja');
      if (files <= most) return `選択した${number}件だけが対象です。`;
      const first = most.toLocaleString('ja');
      return `一度に再解析できるのは${first}件までです。選択した${number}件のうち、最初の${first}件だけが対象です。残りは、これが終わってから選択してください。`;
    },
  },
  options: '詳しい設定',
  analysis: '解析の種類',
  which: '対象',
  only: {
    any: '最新でないものすべて',
    missing: 'まだ結果がないもの',
    failed: '失敗したもの',
  },
  kind: '写真・動画',
  bothKinds: '写真と動画',
  kinds: { image: '写真のみ', video: '動画のみ' },
  answers: '結果の言語',
  asBefore: '元のまま',
  languageName: '日本語',
  quote: '見積もりを見る',
  counting: '確認中…',
  confirm: '開始',
  nothing: '再解析するものはありません。',
  count(media, total, { missing = 0, stale = 0, failed = 0, isInLanguage }) {
    const why = [
      stale > 0 && `${isInLanguage ? '言語が違うか' : ''}モデルが古い ${stale}件`,
      failed > 0 && `失敗 ${failed}件`,
      missing > 0 && `未解析 ${missing}件`,
    ].filter(Boolean);
    const of = total === undefined ? '' : `${total}件中`;
    return `${of}${media}件を解析します${why.length > 0 ? `（${why.join('、')}）` : ''}。`;
  },
  cost(usd, range, receipts) {
    if (usd === 0) return '費用はかかりません。';
    if (usd !== null) return `費用はおよそ${dollars(usd, 'ja')}${rangeOf(range, 'ja')}です。`;
    return receipts === 0
      ? '費用は分かりません。まだ同じような解析をしていないためです。'
      : '費用は分かりません。モデルの価格が分からないためです。';
  },
  time(minutes) {
    if (minutes === null) return '所要時間は分かりません。';
    const time = minutes < 1 ? '1分以内に終わります' : `およそ${duration(minutes, 'ja')}かかります`;
    return `${time}。`;
  },
  notPossible: (media) => `アップロードに失敗した${media}件は解析できません。`,
  kept: '今の結果は残り、ファイルを開けばいつでもその結果に戻せます。',
  between: '',
  states: {
    quoted: (title) => title,
    running: (title) => `${title}の再解析`,
    paused: (title) => `${title}の再解析：一時停止中`,
    completed: (title) => `${title}の再解析：完了`,
    cancelled: (title) => `${title}の再解析：中止しました`,
  },
  counts: ({ done, failed, skipped, total }) =>
    `${total}件中${done}件完了${failed === 0 ? '' : `、${failed}件失敗`}${skipped === 0 ? '' : `、${skipped}件対象外`}`,
  progress: (title) => `${title}の再解析の進み具合`,
  inFlight: (media) => `始めていた${media}件は最後まで解析します。`,
  spent: (usd, isOver) =>
    usd === 0
      ? '費用はかかっていません。'
      : `${isOver ? '費用' : 'これまでの費用'}：${dollars(usd, 'ja')}`,
  freshUploads: '追加したばかりのファイルを先に処理しています。',
  pause: '一時停止',
  resume: '再開',
  cancel: '中止',
  earlier: '以前の結果',
  noneEarlier: '以前の結果はありません。',
  unknownTime: '日時不明',
  bringBack: 'この結果に戻す',
  bringBackOne: (title, made) => `この結果に戻す：${title}、${made}`,
  broughtBack: '選んだ結果に戻しました。それまでの結果は、以前の結果に移りました。',
};

export function againWordsFor(language: string): typeof en {
  return language === 'ja' ? ja : isBritish(language) ? enGB : en;
}
