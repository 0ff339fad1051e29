import { labelIn } from '@media-analysis/shared/labels';
import type { ErrorCode, Media } from '../../client/index.ts';
import { roundTime, type Words } from './en.ts';

const UNKNOWN_ERROR = '問題が発生しました。少し待ってからもう一度お試しください。';

const ERRORS: Record<ErrorCode, string | ((file: string) => string)> = {
  invalid_request: '送信内容に誤りがあります。',
  malformed_body: '送信内容を読み取れませんでした。もう一度お試しください。',
  no_file: 'ファイルを選択してください。',
  empty_file: (file) => `${file}は空です。中身のあるファイルを選択してください。`,
  unauthenticated: 'サインインしてください。',
  forbidden: 'この操作はできません。',
  media_held: '確認が必要なため、表示できません。',
  not_found: '見つかりません。削除された可能性があります。',
  method_not_allowed: 'この操作はできません。',
  request_timeout: '送信に時間がかかりすぎました。通信状況を確かめて、もう一度お試しください。',
  not_retryable: '今は再試行できないか、再試行しても結果は変わりません。',
  not_ready: 'まだ準備中です。少し待ってからもう一度お試しください。',
  quote_expired: '見積もりの有効期限が切れました。もう一度見積もってください。',
  reanalysis_conflict: 'この操作はできません。再解析が進行中か、すでに終わっています。',
  upload_incomplete: 'まだすべて送信されていません。もう一度お送りください。',
  precondition_failed:
    'ほかの人か解析によって変更されています。読み込み直してから、もう一度お試しください。',
  file_too_large: (file) =>
    `${file}が大きすぎます。写真は 128 MB、動画は 2 GB までで、解析できるのはそれより小さい場合もあります。小さくしてからお送りください。`,
  body_too_large: '一度に送る量が多すぎます。分けてお送りください。',
  too_many_files: 'ファイルの数が多すぎます。分けてお送りください。',
  not_multipart: '送信内容に誤りがあります。',
  not_json: '送信内容に誤りがあります。',
  unsupported_media_type: (file) =>
    `${file}は写真や動画として読み取れません。JPEG、PNG、HEIC などの写真か、MP4、MOV、WebM の動画をお送りください。`,
  upload_size_differs: (file) => `${file}の届いた大きさが、元と違います。もう一度お送りください。`,
  media_corrupt: (file) =>
    `${file}は壊れているか不完全なため、読み取れません。元のファイルをもう一度お送りください。`,
  media_too_complex: (file) =>
    `${file}は画素数が多すぎるか、複雑すぎて開けません。縮小するか、JPEG や MP4 に変換してからお送りください。`,
  idempotency_key_reused: '同じ送信が別の内容で行われました。もう一度お試しください。',
  rate_limited:
    'リクエストが多すぎるか、今日の上限に達しました。時間をおいてもう一度お試しください。',
  media_missing: (file) =>
    `${file}は移動か変更か削除されたか、権限がないため、読み取れません。もう一度お選びください。`,
  analysis_not_offered: '今のモデルでは、この解析はできません。',
  analysis_blocked:
    'モデルの安全上の規則により、この内容は解析できませんでした。別のファイルをお送りください。',
  analysis_language: 'モデルがこの言語に対応していません。英語など、別の言語をお選びください。',
  analysis_recitation:
    '出版された文章が写っているため、モデルが内容を書き出せませんでした。文章の少ない写真をお送りください。',
  analysis_cut_off:
    '内容が多すぎて、解析結果が途中で切れました。一部を切り取るか、もう一度お試しください。',
  analysis_too_costly:
    '費用がかかりすぎるため、解析を打ち切りました。別のファイルか短い動画をお送りいただくか、明日もう一度お試しください。',
  video_too_long: (file) =>
    `${file}は保存されましたが、長すぎるため解析できませんでした。一部を切り出してお送りください。`,
  video_without_frames: (file) =>
    `${file}は保存されましたが、静止画なしで送られたため解析できませんでした。写真を送るか、この動画を再生できるブラウザーからお送りください。`,
  analysis_rejected:
    '解析サービスに拒否されました。再試行しても変わらない場合は、管理者にお知らせください。',
  analysis_invalid_output: 'モデルから使える結果が得られませんでした。もう一度お試しください。',
  analysis_quota: '解析の利用枠を使い切りました。後でもう一度お試しください。',
  analysis_model_missing: '解析に使うモデルが、今は利用できません。後でもう一度お試しください。',
  analysis_spend_cap: '今日の解析の予算を使い切りました。明日もう一度お試しください。',
  analysis_unpaid: '解析の予算を使い切りました。後でもう一度お試しください。',
  analysis_no_access:
    '解析サービスへの接続が、今は許可されていません。後でもう一度お試しください。',
  analysis_unavailable: '解析サービスが応答していません。後でもう一度お試しください。',
  analysis_timeout: '解析に時間がかかりすぎました。もう一度お試しください。',
  unavailable:
    'サーバーに接続できないか、通信が途中で切れました。通信状況を確かめて、もう一度お試しください。',
  internal: UNKNOWN_ERROR,
};

const WAITS: Partial<Record<NonNullable<Media['wait_code']>, string>> = {
  no_place: 'ほかのファイルを先に処理しています。',
  analysis_quota: '解析の利用枠を使い切りました。ファイルは失われません。',
  analysis_model_missing: '解析に使うモデルが、今は利用できません。ファイルは失われません。',
  analysis_unpaid: '解析の予算を使い切りました。ファイルは失われません。',
  analysis_spend_cap:
    '今日の解析の予算を使い切りました。ファイルは失われません。UTC の午前0時過ぎまでに、自動で再開します。',
  analysis_no_access: '解析サービスへの接続が、今は許可されていません。ファイルは失われません。',
  analysis_unavailable: '解析サービスが応答していません。ファイルは失われません。',
  analysis_timeout: '解析サービスの応答に時間がかかっています。ファイルは失われません。',
  unavailable: '保存先のサービスが応答していません。ファイルは失われません。',
};

function overLimit({ usd, of }: NonNullable<Media['wait_limit']>): string {
  const whose = of === 'owner' ? 'お客さまの解析' : '全員分の解析';
  return `${whose}に使える1日の上限（${usd.toFixed(2)}ドル）に達しました。ファイルは失われません。UTC の午前0時過ぎまでに、自動で再開します。`;
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
    title: '写真や動画をここにドロップ',
    promise: '写っているものから説明が付き、それで検索できます。',
    add: '写真を追加',
    choose: 'ファイルを選択',
    takePhoto: '写真を撮る',
    chooseFolder: 'フォルダーを選択',
    accepted:
      'JPEG・PNG・WebP・GIF・AVIF・TIFF・HEIC\u00a0は\u00a0128\u00a0MB\u00a0まで／MP4・MOV・WebM\u00a0は\u00a02\u00a0GB\u00a0まで',
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
    // On a narrow card, the texts break at these spaces without width.
    label: 'サーバーに\u200b接続できません',
    unavailable: '現在\u200bサービスを\u200b利用できません',
    note: 'ファイルは失われません。自動で再開します。',
    offline: 'オフラインです。接続が戻ると自動で再開します。',
  },
  connection: {
    connecting: '',
    live: '',
    reconnecting: '再接続中',
    polling: '',
    closed: '',
  },
  summary: ({ ready, failed, total, stopped }) =>
    (ready + failed === total && (failed || stopped) ? '' : `${total}件中`) +
    `${ready}件完了` +
    (failed ? `、${failed}件失敗` : '') +
    (stopped ? `、${stopped}件中止` : ''),
  allDone: 'すべて完了',
  pause: '一時停止',
  resume: '再開',
  cancel: '残りを中止',
  retry: '再試行',
  timeLeft: (time) => {
    const [from, to, unit] = roundTime(time);
    const name = { s: '秒', min: '分', h: '時間' }[unit];
    if (from === 0) return `残り${to}${name}以内`;
    return `残り約${from === to ? to : `${from}〜${to}`}${name}`;
  },
  sent: (sent, size) => `${size}\u00a0MB中${sent}\u00a0MB`,
  sendAgain: '再試行',
  chooseAgain: (name) =>
    `${name}をもう一度選択すると、続きから再開します。届いた分は送り直しません。`,
  notAllHere: (name) =>
    `ほかのタブや端末で送信していない場合は、${name}をもう一度選択するか、ここで削除してください。`,
  remove: '削除',
  reallyRemove: (name) => `${name}を完全に削除しますか？`,
  takeOff: '一覧から削除',
  bin: 'ごみ箱',
  actOn: (label, name) => `${name}を${label}`,
  open: (name) => `${name}を開く`,
  select: (name) => `${name}を選択`,
  close: '閉じる',
  previous: '前へ',
  next: '次へ',
  loadMore: 'もっと見る',
  loading: '読み込み中',
  tryAgain: 'もう一度試す',
  gallery: 'ライブラリ',
  waitsFor: (code, limit) =>
    (limit && overLimit(limit)) ?? (code && WAITS[code]) ?? '解析の順番を待っています。',
  continuesIn: (time) => `${time}後に再開します`,
  continuesSoon: 'まもなく再開します',
  progressOf: (name) => `${name}の進み具合`,
  overall: '全体の進み具合',
  noPreview: 'プレビューなし',
  unshown: 'この項目は表示できません。ページを再読み込みしてください。',
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
    cancel: 'キャンセル',
    yes: 'はい',
    no: 'いいえ',
    none: '—',
    nothing: (title, isVideo) =>
      `この${isVideo ? '動画' : '写真'}には${title ?? '答え'}が見つかりませんでした。`,
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
