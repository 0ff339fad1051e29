/** The 80 kinds of objects in COCO, in the order of its classes: a key for tags, and their names. */
import { labelIn } from '@media-analysis/shared/labels';

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

type Row = readonly [key: string, many: string, counter: string, one?: string];

const ROWS: readonly (readonly [group: string | null, rows: readonly Row[]])[] = [
  [null, [['person', 'people', '人']]],
  [
    'vehicle',
    [
      ['bicycle', 'bicycles', '台'],
      ['car', 'cars', '台'],
      ['motorcycle', 'motorcycles', '台'],
      ['airplane', 'airplanes', '機'],
      ['bus', 'buses', '台'],
      ['train', 'trains', '本'],
      ['truck', 'trucks', '台'],
      ['boat', 'boats', '隻'],
    ],
  ],
  [
    null,
    [
      ['traffic light', 'traffic lights', '基'],
      ['fire hydrant', 'fire hydrants', '基'],
      ['stop sign', 'stop signs', '枚'],
      ['parking meter', 'parking meters', '基'],
      ['bench', 'benches', '台'],
    ],
  ],
  [
    'animal',
    [
      ['bird', 'birds', '羽'],
      ['cat', 'cats', '匹'],
      ['dog', 'dogs', '匹'],
      ['horse', 'horses', '頭'],
      ['sheep', 'sheep', '頭'],
      ['cow', 'cows', '頭'],
      ['elephant', 'elephants', '頭'],
      ['bear', 'bears', '頭'],
      ['zebra', 'zebras', '頭'],
      ['giraffe', 'giraffes', '頭'],
    ],
  ],
  [
    null,
    [
      ['backpack', 'backpacks', '個'],
      ['umbrella', 'umbrellas', '本'],
      ['handbag', 'handbags', '個'],
      ['tie', 'ties', '本'],
      ['suitcase', 'suitcases', '個'],
    ],
  ],
  [
    'sport',
    [
      ['frisbee', 'frisbees', '枚'],
      ['skis', 'pairs of skis', '組', 'a pair of skis'],
      ['snowboard', 'snowboards', '枚'],
      ['sports ball', 'sports balls', '個'],
      ['kite', 'kites', '枚'],
      ['baseball bat', 'baseball bats', '本'],
      ['baseball glove', 'baseball gloves', '個'],
      ['skateboard', 'skateboards', '台'],
      ['surfboard', 'surfboards', '枚'],
      ['tennis racket', 'tennis rackets', '本'],
    ],
  ],
  [
    'tableware',
    [
      ['bottle', 'bottles', '本'],
      ['wine glass', 'wine glasses', '個'],
      ['cup', 'cups', '個'],
      ['fork', 'forks', '本'],
      ['knife', 'knives', '本'],
      ['spoon', 'spoons', '本'],
      ['bowl', 'bowls', '個'],
    ],
  ],
  [
    'food',
    [
      ['banana', 'bananas', '本'],
      ['apple', 'apples', '個'],
      ['sandwich', 'sandwiches', '個'],
      ['orange', 'oranges', '個'],
      ['broccoli', 'pieces of broccoli', '個', 'broccoli'],
      ['carrot', 'carrots', '本'],
      ['hot dog', 'hot dogs', '個'],
      ['pizza', 'pizzas', '枚'],
      ['donut', 'donuts', '個'],
      ['cake', 'cakes', '個'],
    ],
  ],
  [
    'furniture',
    [
      ['chair', 'chairs', '脚'],
      ['couch', 'couches', '台'],
      ['potted plant', 'potted plants', '鉢'],
      ['bed', 'beds', '台'],
      ['dining table', 'dining tables', '台'],
      ['toilet', 'toilets', '台'],
    ],
  ],
  [
    'electronics',
    [
      ['tv', 'TVs', '台', 'a TV'],
      ['laptop', 'laptops', '台'],
      ['mouse', 'computer mice', '個', 'a computer mouse'],
      ['remote', 'remote controls', '個', 'a remote control'],
      ['keyboard', 'keyboards', '台'],
      ['cell phone', 'cell phones', '台'],
    ],
  ],
  [
    'appliance',
    [
      ['microwave', 'microwaves', '台'],
      ['oven', 'ovens', '台'],
      ['toaster', 'toasters', '台'],
      ['sink', 'sinks', '台'],
      ['refrigerator', 'refrigerators', '台'],
    ],
  ],
  [
    null,
    [
      ['book', 'books', '冊'],
      ['clock', 'clocks', '個'],
      ['vase', 'vases', '個'],
      ['scissors', 'pairs of scissors', '丁', 'a pair of scissors'],
      ['teddy bear', 'teddy bears', '個'],
      ['hair drier', 'hair driers', '台'],
      ['toothbrush', 'toothbrushes', '本'],
    ],
  ],
];

/** The index is the class number. */
export const KINDS: readonly Kind[] = ROWS.flatMap(([group, rows]) =>
  rows.map(([key, many, counter, one = withArticle(key)]) => ({
    key,
    group,
    one,
    many,
    ja: labelIn('ja', key),
    counter,
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
