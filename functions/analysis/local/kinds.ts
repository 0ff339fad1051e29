/** The 80 kinds of objects of COCO, in the order of its classes: a key for tags, and their names. */
interface Kind {
  /** Stable English key. */
  key: string;
  /** A more general tag that people would search for; null if there is none. */
  group: string | null;
  one: string;
  many: string;
  ja: string;
  /** Japanese counter. */
  counter: string;
}

type Row = readonly [key: string, many: string, ja: string, counter: string, one?: string];

const ROWS: readonly (readonly [group: string | null, rows: readonly Row[]])[] = [
  [null, [['person', 'people', '人物', '人']]],
  [
    'vehicle',
    [
      ['bicycle', 'bicycles', '自転車', '台'],
      ['car', 'cars', '車', '台'],
      ['motorcycle', 'motorcycles', 'オートバイ', '台'],
      ['airplane', 'airplanes', '飛行機', '機'],
      ['bus', 'buses', 'バス', '台'],
      ['train', 'trains', '電車', '本'],
      ['truck', 'trucks', 'トラック', '台'],
      ['boat', 'boats', '船', '隻'],
    ],
  ],
  [
    null,
    [
      ['traffic light', 'traffic lights', '信号機', '基'],
      ['fire hydrant', 'fire hydrants', '消火栓', '基'],
      ['stop sign', 'stop signs', '一時停止標識', '枚'],
      ['parking meter', 'parking meters', 'パーキングメーター', '基'],
      ['bench', 'benches', 'ベンチ', '台'],
    ],
  ],
  [
    'animal',
    [
      ['bird', 'birds', '鳥', '羽'],
      ['cat', 'cats', '猫', '匹'],
      ['dog', 'dogs', '犬', '匹'],
      ['horse', 'horses', '馬', '頭'],
      ['sheep', 'sheep', '羊', '頭'],
      ['cow', 'cows', '牛', '頭'],
      ['elephant', 'elephants', '象', '頭'],
      ['bear', 'bears', '熊', '頭'],
      ['zebra', 'zebras', 'シマウマ', '頭'],
      ['giraffe', 'giraffes', 'キリン', '頭'],
    ],
  ],
  [
    null,
    [
      ['backpack', 'backpacks', 'リュックサック', '個'],
      ['umbrella', 'umbrellas', '傘', '本'],
      ['handbag', 'handbags', 'ハンドバッグ', '個'],
      ['tie', 'ties', 'ネクタイ', '本'],
      ['suitcase', 'suitcases', 'スーツケース', '個'],
    ],
  ],
  [
    'sport',
    [
      ['frisbee', 'frisbees', 'フリスビー', '枚'],
      ['skis', 'pairs of skis', 'スキー板', '組', 'a pair of skis'],
      ['snowboard', 'snowboards', 'スノーボード', '枚'],
      ['sports ball', 'sports balls', 'スポーツ用のボール', '個'],
      ['kite', 'kites', '凧', '枚'],
      ['baseball bat', 'baseball bats', '野球のバット', '本'],
      ['baseball glove', 'baseball gloves', '野球のグローブ', '個'],
      ['skateboard', 'skateboards', 'スケートボード', '台'],
      ['surfboard', 'surfboards', 'サーフボード', '枚'],
      ['tennis racket', 'tennis rackets', 'テニスラケット', '本'],
    ],
  ],
  [
    'tableware',
    [
      ['bottle', 'bottles', '瓶', '本'],
      ['wine glass', 'wine glasses', 'ワイングラス', '個'],
      ['cup', 'cups', 'カップ', '個'],
      ['fork', 'forks', 'フォーク', '本'],
      ['knife', 'knives', 'ナイフ', '本'],
      ['spoon', 'spoons', 'スプーン', '本'],
      ['bowl', 'bowls', 'ボウル', '個'],
    ],
  ],
  [
    'food',
    [
      ['banana', 'bananas', 'バナナ', '本'],
      ['apple', 'apples', 'りんご', '個'],
      ['sandwich', 'sandwiches', 'サンドイッチ', '個'],
      ['orange', 'oranges', 'オレンジ', '個'],
      ['broccoli', 'pieces of broccoli', 'ブロッコリー', '個', 'broccoli'],
      ['carrot', 'carrots', 'にんじん', '本'],
      ['hot dog', 'hot dogs', 'ホットドッグ', '個'],
      ['pizza', 'pizzas', 'ピザ', '枚'],
      ['donut', 'donuts', 'ドーナツ', '個'],
      ['cake', 'cakes', 'ケーキ', '個'],
    ],
  ],
  [
    'furniture',
    [
      ['chair', 'chairs', '椅子', '脚'],
      ['couch', 'couches', 'ソファ', '台'],
      ['potted plant', 'potted plants', '鉢植え', '鉢'],
      ['bed', 'beds', 'ベッド', '台'],
      ['dining table', 'dining tables', 'テーブル', '台'],
      ['toilet', 'toilets', '便器', '台'],
    ],
  ],
  [
    'electronics',
    [
      ['tv', 'TVs', 'テレビ', '台', 'a TV'],
      ['laptop', 'laptops', 'ノートパソコン', '台'],
      ['mouse', 'computer mice', 'マウス', '個', 'a computer mouse'],
      ['remote', 'remote controls', 'リモコン', '個', 'a remote control'],
      ['keyboard', 'keyboards', 'キーボード', '台'],
      ['cell phone', 'cell phones', '携帯電話', '台'],
    ],
  ],
  [
    'appliance',
    [
      ['microwave', 'microwaves', '電子レンジ', '台'],
      ['oven', 'ovens', 'オーブン', '台'],
      ['toaster', 'toasters', 'トースター', '台'],
      ['sink', 'sinks', '流し台', '台'],
      ['refrigerator', 'refrigerators', '冷蔵庫', '台'],
    ],
  ],
  [
    null,
    [
      ['book', 'books', '本', '冊'],
      ['clock', 'clocks', '時計', '個'],
      ['vase', 'vases', '花瓶', '個'],
      ['scissors', 'pairs of scissors', 'はさみ', '丁', 'a pair of scissors'],
      ['teddy bear', 'teddy bears', 'テディベア', '個'],
      ['hair drier', 'hair driers', 'ドライヤー', '台'],
      ['toothbrush', 'toothbrushes', '歯ブラシ', '本'],
    ],
  ],
];

/** By class number. */
export const KINDS: readonly Kind[] = ROWS.flatMap(([group, rows]) =>
  rows.map(([key, many, ja, counter, one = withArticle(key)]) => ({
    ...{ key, group, one, many, ja, counter },
  })),
);

const BY_KEY = new Map(KINDS.map((kind) => [kind.key, kind]));

export function kindOf(key: string): Kind {
  const kind = BY_KEY.get(key);
  if (!kind) throw new Error(`no such kind: ${key}`);
  return kind;
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
