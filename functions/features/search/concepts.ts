/** Groups of English and Japanese words that people use for one another. A group whose name is a word of another one is narrower. */
export const CONCEPTS = {
  animal:
    'animal pet wildlife creature dog puppy cat kitten bird horse sheep cow elephant bear zebra giraffe fish rabbit moose crocodile 動物 ペット 犬 猫 鳥 馬 羊 牛 魚',
  dog: 'dog puppy hound retriever terrier 犬 子犬',
  cat: 'cat kitten feline 猫 子猫',
  bird: 'bird eagle osprey hawk gull owl duck 鳥',
  vehicle:
    'vehicle traffic transport car automobile truck bus train bicycle bike motorcycle airplane plane aircraft boat ship 乗り物 車 自動車 電車 自転車 飛行機 船',
  car: 'car automobile taxi van 車 自動車',
  bicycle: 'bicycle bike cycling 自転車',
  aircraft: 'airplane plane aircraft jet helicopter rocket 飛行機',
  boat: 'boat ship yacht ferry canoe 船 ボート',
  food: 'food meal dish dinner lunch breakfast snack fruit vegetable banana apple sandwich orange carrot pizza donut cake bread 食べ物 料理 食事 果物 野菜',
  drink: 'drink beverage coffee tea espresso juice beer wine cup mug 飲み物 コーヒー お茶',
  tableware: 'tableware dishes bottle glass cup mug fork knife spoon bowl plate 食器',
  person: 'person man woman child boy girl face portrait selfie crowd family 人物 人 顔 子供 家族',
  furniture: 'furniture chair couch sofa bed table desk bench 家具 椅子 ソファ 机',
  electronics:
    'electronics computer laptop phone smartphone tv television screen keyboard camera 電化製品 パソコン 携帯電話',
  document:
    'document paper letter invoice receipt bill form page note newspaper 書類 領収書 レシート 手紙',
  money: 'money receipt invoice bill price coin 領収書 レシート お金',
  sign: 'sign signboard poster notice billboard 看板 標識 ポスター',
  plant: 'plant flower tree leaf grass garden forest bloom dahlia dandelion 植物 花 木 草 森',
  flower: 'flower bloom blossom rose tulip dahlia dandelion 花',
  forest: 'forest woodland tree jungle 森 林',
  water: 'water sea ocean lake river stream beach coast shore wave 水 海 湖 川 海辺 海岸',
  mountain: 'mountain hill peak alps summit volcano 山 丘',
  landscape:
    'landscape scenery nature view outdoors countryside meadow field valley 風景 景色 自然',
  city: 'city town street road urban downtown skyline cityscape square 街 町 都市 道路',
  building:
    'building house tower castle palace church temple skyscraper bridge dam pagoda museum 建物 家 塔 城 寺 橋',
  station: 'station railway platform train 駅 駅前',
  night: 'night dark evening dusk 夜 夕方',
  sunset: 'sunset sunrise dusk dawn evening 夕日 夕焼け 朝日',
  snow: 'snow winter ice frost 雪 冬 氷',
  sport:
    'sport game match player ball frisbee ski snowboard kite baseball skateboard surfboard tennis football soccer スポーツ 試合',
  tool: 'tool screwdriver hammer wrench bucket brush 道具 工具',
  clothes: 'clothes clothing fashion shirt dress hat shoe tie 服 帽子 靴',
  book: 'book novel magazine library reading 本 雑誌',
} as const satisfies Record<string, string>;
