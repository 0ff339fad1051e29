/**
 * The fixed tags and object labels in other languages. The keys stay English in records, so that
 * a search does not depend on a language. A model may use any other label, which stays as it is.
 */
export const JAPANESE_LABELS: Readonly<Record<string, string>> = {
  person: '人物',
  bicycle: '自転車',
  car: '車',
  motorcycle: 'オートバイ',
  airplane: '飛行機',
  bus: 'バス',
  train: '電車',
  truck: 'トラック',
  boat: '船',
  'traffic light': '信号機',
  'fire hydrant': '消火栓',
  'stop sign': '一時停止標識',
  'parking meter': 'パーキングメーター',
  bench: 'ベンチ',
  bird: '鳥',
  cat: '猫',
  dog: '犬',
  horse: '馬',
  sheep: '羊',
  cow: '牛',
  elephant: '象',
  bear: '熊',
  zebra: 'シマウマ',
  giraffe: 'キリン',
  backpack: 'リュックサック',
  umbrella: '傘',
  handbag: 'ハンドバッグ',
  tie: 'ネクタイ',
  suitcase: 'スーツケース',
  frisbee: 'フリスビー',
  skis: 'スキー板',
  snowboard: 'スノーボード',
  'sports ball': 'スポーツ用のボール',
  kite: '凧',
  'baseball bat': '野球のバット',
  'baseball glove': '野球のグローブ',
  skateboard: 'スケートボード',
  surfboard: 'サーフボード',
  'tennis racket': 'テニスラケット',
  bottle: '瓶',
  'wine glass': 'ワイングラス',
  cup: 'カップ',
  fork: 'フォーク',
  knife: 'ナイフ',
  spoon: 'スプーン',
  bowl: 'ボウル',
  banana: 'バナナ',
  apple: 'りんご',
  sandwich: 'サンドイッチ',
  orange: 'オレンジ',
  broccoli: 'ブロッコリー',
  carrot: 'にんじん',
  'hot dog': 'ホットドッグ',
  pizza: 'ピザ',
  donut: 'ドーナツ',
  cake: 'ケーキ',
  chair: '椅子',
  couch: 'ソファ',
  'potted plant': '鉢植え',
  bed: 'ベッド',
  'dining table': 'テーブル',
  toilet: '便器',
  tv: 'テレビ',
  laptop: 'ノートパソコン',
  mouse: 'マウス',
  remote: 'リモコン',
  keyboard: 'キーボード',
  'cell phone': '携帯電話',
  microwave: '電子レンジ',
  oven: 'オーブン',
  toaster: 'トースター',
  sink: '流し台',
  refrigerator: '冷蔵庫',
  book: '本',
  clock: '時計',
  vase: '花瓶',
  scissors: 'はさみ',
  'teddy bear': 'テディベア',
  'hair drier': 'ドライヤー',
  toothbrush: '歯ブラシ',
  vehicle: '乗り物',
  animal: '動物',
  sport: 'スポーツ',
  tableware: '食器',
  food: '食べ物',
  furniture: '家具',
  electronics: '電化製品',
  appliance: '家電',
  face: '顔',
  receipt: 'レシート',
  document: '書類',
  text: '文字',
  'qr code': 'QRコード',
  barcode: 'バーコード',
  'black and white': '白黒',
  animated: 'アニメーション',
  blurry: 'ぼやけ',
  dark: '暗い',
  bright: '明るい',
};

/**
 * The name of a tag or of an object's label.
 * @param language BCP 47.
 * @example
 * ```ts
 * import { labelIn } from '@media-analysis/shared/labels';
 *
 * labelIn('ja-JP', 'cat'); // '猫'
 * labelIn('ja', 'drum'); // 'drum': not in the table
 * ```
 */
export function labelIn(language: string, label: string): string {
  const isJapanese = language.toLowerCase().split('-')[0] === 'ja';
  const key = label.toLowerCase();
  return isJapanese && Object.hasOwn(JAPANESE_LABELS, key)
    ? (JAPANESE_LABELS[key] ?? label)
    : label;
}
