/**
 * Other spellings of words, in English and in Japanese (Han and kana). So ねこ, ネコ, 猫 and "cat" find the same media. They are
 * applied to the search, so stored media need no change. The words are labels of the built-in model, colours, and common
 * things in photos. Any other word is found as it is typed.
 */
import { JAPANESE_LABELS } from '@media-analysis/shared/labels';
import { PLACE_WORDS } from './place-spellings.ts';
import { type Needle, nameOf, needlesOf } from './words.ts';

/** Each word with others of the same meaning, and nothing wider. Katakana is the same as hiragana. */
const WORDS: Readonly<Record<string, string>> = {
  person: '人, ひと, じんぶつ',
  bicycle: 'bike, じてんしゃ, チャリ',
  car: 'automobile, 自動車, くるま, じどうしゃ',
  motorcycle: 'motorbike, バイク, 単車',
  airplane: 'plane, aeroplane, aircraft, ひこうき, 航空機',
  train: '列車, でんしゃ, れっしゃ',
  truck: 'lorry, 貨物車',
  boat: 'ship, ふね, ボート',
  'traffic light': 'traffic signal, 信号, しんごうき, しんごう',
  'fire hydrant': 'hydrant, しょうかせん',
  'stop sign': '止まれ',
  bird: 'とり, 小鳥, ことり',
  cat: 'ねこ, ねこちゃん, ネコちゃん, 猫ちゃん',
  dog: 'いぬ, ワンちゃん, わんこ',
  horse: 'うま',
  sheep: 'ひつじ',
  cow: 'cattle, うし',
  elephant: 'ぞう',
  bear: 'くま',
  zebra: '縞馬',
  giraffe: '麒麟',
  backpack: 'rucksack, リュック, バックパック',
  umbrella: 'かさ',
  handbag: 'purse, バッグ, かばん, 鞄',
  tie: 'necktie',
  suitcase: 'luggage',
  skis: 'ski, スキー',
  snowboard: 'スノボ',
  'sports ball': 'ball, ボール',
  kite: 'たこ',
  'baseball bat': 'バット',
  'baseball glove': 'baseball mitt, グローブ, グラブ',
  'tennis racket': 'racket, ラケット',
  bottle: 'ボトル, びん',
  'wine glass': 'グラス',
  knife: '包丁, ほうちょう',
  bowl: 'お椀, おわん, 茶碗, ちゃわん',
  apple: 'リンゴ, 林檎',
  carrot: '人参, ニンジン',
  donut: 'doughnut',
  chair: 'いす',
  couch: 'sofa, ソファー',
  'potted plant': 'houseplant, はちうえ, 観葉植物',
  'dining table': 'table, 食卓, しょくたく',
  toilet: 'トイレ, お手洗い, べんき',
  tv: 'television',
  laptop: 'notebook computer, パソコン',
  remote: 'remote control',
  'cell phone':
    'mobile phone, smartphone, phone, 電話, 携帯, ケータイ, スマホ, スマートフォン, けいたいでんわ, でんわ',
  microwave: 'microwave oven, でんしレンジ, レンジ',
  sink: '流し, シンク, ながしだい',
  refrigerator: 'fridge, れいぞうこ',
  book: 'ほん, 書籍, しょせき',
  clock: 'とけい',
  vase: 'かびん',
  scissors: 'ハサミ, 鋏',
  'teddy bear': 'ぬいぐるみ, くまのぬいぐるみ',
  'hair drier': 'hair dryer',
  toothbrush: 'はぶらし',
  vehicle: '乗物, のりもの, 車両',
  animal: 'どうぶつ',
  tableware: 'しょっき',
  food: 'たべもの, 食物',
  furniture: 'かぐ',
  electronics: 'でんかせいひん, 電子機器',
  appliance: 'かでん',
  face: 'かお',
  jpg: 'jpeg, jfif',
  tif: 'tiff',
  heif: 'hif',
  mp4: 'm4v',
  mov: 'quicktime',
  document: 'しょるい, 文書, ぶんしょ',
  text: 'もじ',
  'qr code': 'キューアールコード',
  'black and white': 'monochrome, モノクロ, しろくろ',
  animated: 'animation, アニメ',
  blurry: 'blurred, ぼけ',
  bright: 'あかるい',

  black: '黒, くろ, 黒い',
  white: '白, しろ, 白い',
  gray: 'grey, 灰色, はいいろ, グレー',
  red: '赤, あか, 赤い',
  yellow: '黄色, きいろ, 黄色い',
  green: '緑, みどり, 緑色, みどりいろ',
  blue: '青, あお, 青い',
  'sky blue': '空色, そらいろ',
  cyan: '水色, みずいろ',
  navy: '紺色, 紺, こんいろ',
  purple: '紫, むらさき, 紫色',
  pink: 'ピンク, 桃色',
  brown: '茶色, ちゃいろ',
  beige: 'ベージュ',
  lime: '黄緑, きみどり',

  man: '男性, 男の人, 男, おとこ, だんせい',
  woman: '女性, 女の人, 女, おんな, じょせい',
  child: 'kid, 子供, 子ども, こども',
  boy: '男の子, 少年, おとこのこ',
  girl: '女の子, 少女, おんなのこ',
  baby: '赤ちゃん, 赤ん坊, あかちゃん',
  family: '家族, かぞく',
  friend: '友達, 友だち, ともだち',
  puppy: '子犬, 仔犬, こいぬ',
  kitten: '子猫, 仔猫, こねこ',
  fish: '魚, さかな',
  rabbit: 'bunny, うさぎ, 兎',
  monkey: '猿, さる',
  pig: '豚, ぶた',
  chicken: '鶏, にわとり',
  duck: '鴨, かも, アヒル',
  deer: '鹿, しか',
  lion: 'ライオン',
  tiger: '虎, とら',
  insect: 'bug, 虫, 昆虫, むし',
  butterfly: '蝶, ちょう, ちょうちょ',
  plant: '植物, しょくぶつ',
  flower: '花, はな, お花',
  'cherry blossom': '桜, さくら',
  rose: '薔薇, ばら',
  tree: '木, 樹木, き',
  leaf: '葉, 葉っぱ, はっぱ',
  'autumn leaf': 'autumn foliage, 紅葉, もみじ, こうよう',
  grass: '草, くさ, 芝生',
  forest: '森, もり, 森林',
  garden: '庭, にわ, 庭園',
  park: '公園, こうえん',
  mountain: '山, やま',
  sea: 'ocean, 海, うみ',
  beach: '海岸, 浜辺, 砂浜, ビーチ, かいがん, はまべ, すなはま',
  river: '川, 河, かわ',
  lake: '湖, みずうみ',
  waterfall: '滝, たき',
  island: '島, しま',
  sky: '空, そら',
  cloud: '雲, くも',
  sun: '太陽, たいよう',
  moon: '月, つき',
  star: '星, ほし',
  rain: '雨, あめ',
  snow: '雪, ゆき',
  rainbow: '虹, にじ',
  sunset: '夕日, 夕焼け, ゆうひ, ゆうやけ',
  sunrise: '朝日, 日の出, あさひ',
  night: '夜, よる',
  fireworks: '花火, はなび',
  landscape: 'scenery, 風景, 景色, ふうけい, けしき',
  spring: '春, はる',
  summer: '夏, なつ',
  autumn: '秋, あき',
  winter: '冬, ふゆ',
  city: '都市, 都会, とし',
  town: '街, 町, まち',
  street: '通り, 街路',
  road: '道路, 道, みち, どうろ',
  bridge: '橋, はし',
  building: '建物, ビル, たてもの',
  house: '家, いえ, 住宅',
  castle: '城, お城, しろ',
  temple: 'お寺, 寺院, 寺, てら, おてら',
  shrine: '神社, じんじゃ',
  church: '教会, きょうかい',
  tower: '塔, タワー',
  station: '駅, えき',
  airport: '空港, くうこう',
  school: '学校, がっこう',
  hospital: '病院, びょういん',
  shop: 'store, 店, お店, みせ, おみせ',
  restaurant: 'レストラン, 食堂, しょくどう',
  cafe: 'カフェ, 喫茶店, きっさてん',
  kitchen: '台所, だいどころ, キッチン',
  room: '部屋, へや',
  window: '窓, まど',
  door: 'ドア, 扉, とびら',
  stairs: 'staircase, 階段, かいだん',
  wall: '壁, かべ',
  sign: '看板, かんばん, 標識, ひょうしき',
  water: '水, みず',
  fire: '火, 炎, ほのお',
  fruit: '果物, くだもの, フルーツ',
  vegetable: '野菜, やさい',
  meat: '肉, にく',
  rice: 'ご飯, ごはん, 米',
  bread: 'パン',
  egg: '卵, 玉子, たまご',
  meal: '食事, しょくじ',
  dish: '料理, りょうり',
  noodle: '麺, めん',
  ramen: 'ラーメン',
  sushi: '寿司, 鮨, すし, お寿司',
  coffee: 'コーヒー, 珈琲',
  tea: '紅茶, お茶, こうちゃ, おちゃ',
  beer: 'ビール',
  drink: 'beverage, 飲み物, のみもの',
  strawberry: 'いちご, 苺',
  tomato: 'トマト',
  camera: 'カメラ',
  photo: 'photograph, 写真, しゃしん, フォト, 撮った, 撮影した',
  video: '動画, どうが, ビデオ',
  computer: 'コンピューター, パソコン',
  desk: '机, つくえ',
  letter: '手紙, てがみ',
  receipt: 'レシート, 領収書, りょうしゅうしょ',
  newspaper: '新聞, しんぶん',
  money: 'お金, おかね',
  map: '地図, ちず',
  music: '音楽, おんがく',
  guitar: 'ギター',
  piano: 'ピアノ',
  shoe: '靴, くつ',
  hat: 'cap, 帽子, ぼうし',
  clothes: 'clothing, 服, 洋服, ふく, ようふく',
  eyeglasses: 'spectacles, 眼鏡, めがね',
  smile: '笑顔, えがお',
  wedding: '結婚式, けっこんしき',
  birthday: '誕生日, たんじょうび',
  travel: 'trip, 旅行, りょこう',
  soccer: 'football, サッカー',
  baseball: '野球, やきゅう',
  swimming: '水泳, すいえい',
};

const ROWS: Readonly<Record<string, string>> = { ...WORDS, ...PLACE_WORDS };

/** One way to write a word. */
interface Spelling {
  text: string;
  /** Several for "cell phone". */
  names: readonly string[];
  terms: readonly string[];
}

/** Each word with all words of its rows: はし is in two. Made at the first use. */
let table: Known | undefined;
type Known = ReadonlyMap<string, readonly Spelling[]>;

/** The longest spelling in the table. */
const MAX_WORDS = 3;

/** Each word may be found as it is typed, or in another spelling. */
export function spelledNeedlesOf(text: string): Needle[] {
  return wordsOf(text).map(({ needles, others }) => ({
    terms: [...new Set(needles.flatMap(({ terms }) => terms))],
    others: others.map(({ terms }) => terms),
    typed: needles.map(({ typed = '' }) => typed).join(' '),
  }));
}

/** The text, and other spellings of its words. */
export function withSpellings(text: string): string {
  return [text, ...wordsOf(text).flatMap(({ others }) => others.map((each) => each.text))].join(
    '\n',
  );
}

interface Word {
  needles: readonly Needle[];
  others: readonly Spelling[];
}

/** Splits a text into the longest words of the table: "cell phone" is one. */
function wordsOf(text: string): Word[] {
  table ??= readTable();
  const known = table;
  const needles = needlesOf(
    text.replace(HIRAGANA_RUN, (run) => splitAtParticles(run, known) ?? run),
  );
  const words: Word[] = [];
  for (let start = 0; start < needles.length; ) {
    const word = wordAt(needles.slice(start, start + MAX_WORDS), known);
    words.push(word);
    start += word.needles.length;
  }
  return words;
}

/** The dictionary splits ねこといぬ into ね, こと and いぬ. So this looks for a particle with a known word on both sides. */
const HIRAGANA_RUN = /[ぁ-ゖー]{3,}/g;
const PARTICLE = /[がとにのはもや]/g;

function splitAtParticles(run: string, known: Known): string | undefined {
  if (isKnown(run, known)) return run;
  for (const { index } of run.matchAll(PARTICLE)) {
    const rest = isKnown(run.slice(0, index), known)
      ? splitAtParticles(run.slice(index + 1), known)
      : undefined;
    if (rest !== undefined) return `${run.slice(0, index)} ${rest}`;
  }
  return undefined;
}

const isKnown = (text: string, known: Known) => known.has(keyOf(needlesOf(text).map(nameOf)));

function wordAt(next: readonly Needle[], known: Known): Word {
  for (let length = next.length; length > 0; length--) {
    const needles = next.slice(0, length);
    const name = keyOf(needles.map(nameOf));
    const spellings = known.get(name);
    if (spellings || length === 1) {
      return { needles, others: spellings?.filter(({ names }) => keyOf(names) !== name) ?? [] };
    }
  }
  return { needles: [], others: [] };
}

function readRows(): string[][] {
  const words = new Set([...Object.keys(JAPANESE_LABELS), ...Object.keys(ROWS)]);
  return [...words].map((english) =>
    [english, JAPANESE_LABELS[english], ...(ROWS[english]?.split(', ') ?? [])].filter(
      (text) => text !== undefined,
    ),
  );
}

function readTable(): Map<string, readonly Spelling[]> {
  const known = new Map<string, readonly Spelling[]>();
  for (const texts of readRows()) {
    const row = texts.map(spellingOf);
    const unique = [...new Map(row.map((each) => [keyOf(each.names), each])).entries()];
    for (const [key] of unique) {
      known.set(key, [...(known.get(key) ?? []), ...unique.map(([, each]) => each)]);
    }
  }
  return known;
}

function spellingOf(text: string): Spelling {
  const needles = needlesOf(text);
  const terms = [...new Set(needles.flatMap((needle) => needle.terms))];
  return { text, names: needles.map(nameOf), terms };
}

const keyOf = (names: readonly string[]) => names.join('\n');
