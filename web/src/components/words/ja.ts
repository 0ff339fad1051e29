import { labelIn } from '@media-analysis/shared/labels';
import type { ErrorCode, Media } from '../../client/index.ts';
import type { Words } from './words.ts';

const UNKNOWN_ERROR = '問題が発生しました。少し待ってからもう一度お試しください。';

/** Some name the file. */
const ERRORS: Record<ErrorCode, string | ((file: string) => string)> = {
  invalid_request: '送信内容に誤りがあります。',
  malformed_body: '送信内容を読み取れませんでした。もう一度お試しください。',
  no_file: 'ファイルを選んでください。',
  empty_file: (file) => `${file}が空です。別のファイルを選んでください。`,
  unauthenticated: 'サインインしてください。',
  forbidden: 'この操作はできません。',
  media_held: '確認が必要なため、表示できません。',
  not_found: '見つかりません。削除された可能性があります。',
  method_not_allowed: 'この操作はできません。',
  request_timeout: '送信に時間がかかりすぎました。通信状況を確かめて、もう一度お試しください。',
  not_retryable: '今はやり直せないか、やり直しても結果は変わりません。',
  not_ready: 'まだ準備中です。少し待ってからお試しください。',
  quote_expired: '見積もりの有効期限が切れました。もう一度見積もってください。',
  reanalysis_conflict: '今はこの操作ができません。進行中の再解析があるか、すでに終わっています。',
  upload_incomplete: 'まだすべて送信されていません。もう一度お送りください。',
  file_too_large: (file) =>
    `${file}が大きすぎます。写真は 128 MB、動画は 2 GB までです。小さくしてからお送りください。`,
  body_too_large: '一度に送る量が多すぎます。分けてお送りください。',
  too_many_files: 'ファイルの数が多すぎます。分けてお送りください。',
  not_multipart: '送信形式が正しくありません。',
  unsupported_media_type: (file) =>
    `${file}の形式には対応していません。JPEG、PNG、HEIC などの写真か、MP4、MOV、WebM の動画をお送りください。`,
  upload_size_differs: (file) => `${file}の届いた大きさが、元と違います。もう一度お送りください。`,
  media_corrupt: (file) => `${file}が壊れていて読み取れません。別のファイルをお送りください。`,
  media_too_complex: (file) =>
    `${file}は画素数が多すぎて処理できません。縮小してからお送りください。`,
  idempotency_key_reused: '同じ送信が別の内容で行われました。もう一度お試しください。',
  rate_limited: 'リクエストが多すぎます。少し待ってからお試しください。',
  media_missing: (file) =>
    `${file}は移動か変更か削除されたか、権限がないため、読み取れません。もう一度お選びください。`,
  analysis_not_offered: '今のモデルでは、この解析はできません。',
  analysis_blocked: 'この内容は AI による解析が拒否されました。',
  analysis_language: 'この言語では解析できません。英語など、別の言語をお選びください。',
  analysis_recitation:
    '出版された文章が写っているため、AI が内容を書き出せませんでした。文章の少ない写真をお送りください。',
  analysis_cut_off:
    '内容が多すぎて、解析結果が途中で切れました。一部を切り取るか、もう一度お試しください。',
  analysis_too_costly:
    '費用がかかりすぎるため、解析を打ち切りました。明日もう一度お試しいただくか、別のファイルか短い動画をお送りください。',
  video_too_long: '動画が長すぎて解析できません。短くしてからお送りください。',
  video_without_frames: (file) =>
    `${file}は保存されましたが、静止画なしで送られたため解析できませんでした。写真か、別の形式の動画をお送りください。`,
  analysis_rejected: '解析の要求が受け付けられませんでした。',
  analysis_invalid_output: '解析結果が正しくありませんでした。もう一度お試しください。',
  analysis_quota: '解析の利用枠を使い切りました。後でもう一度お試しください。',
  analysis_model_missing: '解析に使うモデルが、今は利用できません。',
  analysis_spend_cap: '今日の解析の予算を使い切りました。',
  analysis_unpaid: '解析の予算を使い切りました。',
  analysis_no_access: '解析サービスへの接続が、今は許可されていません。',
  analysis_unavailable: '解析サービスを利用できません。後でもう一度お試しください。',
  analysis_timeout: '解析に時間がかかりすぎました。もう一度お試しください。',
  unavailable:
    'サーバーに接続できないか、通信が途中で切れました。通信状況を確かめて、もう一度お試しください。',
  internal: UNKNOWN_ERROR,
};

const WAITS: Partial<Record<NonNullable<Media['wait_code']>, string>> = {
  no_place: 'ほかのファイルを先に処理しています。',
  analysis_quota: '解析の利用枠を使い切りました。ファイルは保存されています。',
  analysis_model_missing: '解析に使うモデルが、今は利用できません。ファイルは保存されています。',
  analysis_unpaid: '解析の予算を使い切りました。ファイルは保存されています。',
  analysis_spend_cap:
    '今日の解析の予算を使い切りました。ファイルは保存されています。遅くとも協定世界時（UTC）の午前0時過ぎに、自動で再開します。',
  analysis_no_access:
    '解析サービスへの接続が、今は許可されていません。ファイルは保存されています。',
  analysis_unavailable: '解析サービスが応答していません。ファイルは保存されています。',
  analysis_timeout: '解析サービスの応答に時間がかかっています。ファイルは保存されています。',
  unavailable: '保存先のサービスが応答していません。ファイルは失われません。',
};

function roundTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds <= 50) return `${Math.max(10, Math.ceil(seconds / 10) * 10)}秒`;
  return minutes < 100 ? `${minutes}分` : `${Math.ceil(minutes / 60)}時間`;
}

function overLimit({ usd, of }: NonNullable<Media['wait_limit']>): string {
  const whose = of === 'owner' ? 'お客さまの解析' : '全員分の解析';
  return `${whose}に使える1日の上限（${usd.toFixed(2)}ドル）に達しました。ファイルは保存されています。遅くとも協定世界時（UTC）の午前0時過ぎに、自動で再開します。`;
}

/**
 * The Japanese texts.
 * @example
 * ```ts
 * import { ja } from '@media-analysis/react';
 *
 * show(ja.stages.completed); // '完了'
 * ```
 */
export const ja: Words = {
  language: 'ja',
  appName: 'メディア解析',
  upload: {
    title: '写真や動画を追加',
    hint: 'ここにドロップ、貼り付け、または',
    choose: 'ファイルを選択',
    takePhoto: '写真を撮る',
    chooseFolder: 'フォルダーを選択',
    accepted:
      'JPEG・PNG・WebP・GIF・AVIF・TIFF・HEIC は 128\u00a0MB まで／MP4・MOV・WebM は 2\u00a0GB まで',
    drop: '離すとアップロードします',
  },
  stages: {
    sending: 'アップロード中',
    paused: '一時停止中',
    stopped: '中止しました',
    missing: 'アップロード未完了',
    waiting: '順番待ち',
    storing: '保存中',
    analyzing: '解析中',
    completed: '完了',
    failed: '失敗',
  },
  outage: {
    label: 'サーバーに接続できません',
    note: 'ファイルは失われません。自動で再開します。',
  },
  connection: {
    connecting: '接続中',
    live: 'ライブ更新中',
    reconnecting: '再接続中',
    polling: '',
    closed: '',
  },
  summary: ({ ready, failed, total }) =>
    `${total}件中${ready}件完了${failed === 0 ? '' : `、${failed}件失敗`}`,
  allDone: 'すべて完了',
  pause: '一時停止',
  resume: '再開',
  cancel: 'アップロードを中止',
  retry: '再試行',
  retryAll: (count) => `${count}件すべて再試行`,
  timeLeft: (seconds) => `残り約${roundTime(seconds)}`,
  placeInLine: ['', '番目'],
  sendAgain: '再試行',
  chooseAgain: (name) =>
    `${name}をもう一度選択すると、続きから再開します。届いた分は送り直しません。`,
  notAllHere: (name) =>
    `ほかのタブや端末で送信していない場合は、${name}をもう一度選択するか、ここで削除してください。`,
  remove: '削除',
  reallyRemove: '本当に削除しますか',
  dismiss: '閉じる',
  open: (name) => `${name}を開く`,
  select: (name) => `${name}を選択`,
  close: '閉じる',
  previous: '前へ',
  next: '次へ',
  loadMore: 'もっと見る',
  loading: '読み込み中',
  tryAgain: 'もう一度試す',
  gallery: 'ライブラリ',
  empty: 'まだ何もありません',
  emptyHint: 'アップロードした写真や動画が、解析結果とともに新しい順に並びます。',
  waitsFor: (code, limit) =>
    (limit && overLimit(limit)) ?? (code && WAITS[code]) ?? '解析の順番を待っています。',
  continuesIn: (time) => `${time}後にもう一度試します`,
  continuesSoon: 'まもなくもう一度試します',
  progressOf: (name) => `${name}の進み具合`,
  overall: '全体の進み具合',
  noPreview: 'プレビューなし',
  held: {
    unchecked: '確認が済むまで表示されません。',
    notChecked:
      '確認されていないため、表示していません。解析で確認されるか、担当者が承認するまで、このままです。',
    unsafe: '不適切な可能性があるため、表示していません。担当者が確認します。',
    rejected: '担当者が確認した結果、表示できません。',
  },
  analyses: {
    title: '解析',
    choose: '各ファイルの解析内容（1つ以上）',
    describe: '解析する',
    describeAgain: '再解析',
    again: (title) => `${title}をもう一度`,
    withInput: (title) => `${title}…`,
    send: '送信',
    cancel: 'やめる',
    yes: 'はい',
    no: 'いいえ',
    none: '—',
    noCurrency: '通貨が分からないため、金額は最小単位（セントなど）の数です。',
  },
  tags: 'タグ',
  label: (label) => labelIn('ja', label),
  error: (code, message, name) => {
    const text = code && ERRORS[code];
    if (typeof text !== 'function') return text ?? message ?? UNKNOWN_ERROR;
    return text(name === undefined ? 'ファイル' : `「${name}」`);
  },
};
