/** The names of colours, in the languages of the built-in analysis. */
import { type Lab, labDistance, rgbToLab } from '../../inspect/lab.ts';

export interface ColorName {
  en: string;
  ja: string;
}

/** Reference colours: each colour gets the name of the nearest one. The purest blue of a screen is far from all others. */
const REFERENCES: readonly (readonly [hex: string, en: string, ja: string])[] = [
  ['#0a0a0a', 'black', '黒'],
  ['#404040', 'dark grey', '濃い灰色'],
  ['#808080', 'grey', '灰色'],
  ['#bcbcbc', 'light grey', '薄い灰色'],
  ['#fafafa', 'white', '白'],
  ['#671c1c', 'maroon', 'えび茶'],
  ['#d32626', 'red', '赤'],
  ['#ef8626', 'orange', 'オレンジ'],
  ['#f2dc4a', 'yellow', '黄色'],
  ['#6c6e2c', 'olive', 'オリーブ色'],
  ['#98d440', 'lime', '黄緑'],
  ['#3b9a3d', 'green', '緑'],
  ['#1f4827', 'dark green', '深緑'],
  ['#20807e', 'teal', '青緑'],
  ['#50cede', 'cyan', '水色'],
  ['#88bae4', 'sky blue', '空色'],
  ['#2f5ecc', 'blue', '青'],
  ['#0a0ae6', 'blue', '青'],
  ['#17264e', 'navy', '紺色'],
  ['#000080', 'navy', '紺色'],
  ['#873ea6', 'purple', '紫'],
  ['#7a1ee0', 'purple', '紫'],
  ['#4b0082', 'purple', '紫'],
  ['#c0aedf', 'lavender', '藤色'],
  ['#cf3fae', 'magenta', '赤紫'],
  ['#f010f0', 'magenta', '赤紫'],
  ['#f2a4bc', 'pink', 'ピンク'],
  ['#784a28', 'brown', '茶色'],
  ['#c6a578', 'tan', '黄土色'],
  ['#ebdfc4', 'beige', 'ベージュ'],
];

const NAMES = REFERENCES.map(([hex, en, ja]) => ({ lab: labOf(hex), name: { en, ja } }));

/** @param hex `#rrggbb` */
export function colorName(hex: string): ColorName {
  const lab = labOf(hex);
  return NAMES.reduce((best, each) =>
    labDistance(each.lab, lab) < labDistance(best.lab, lab) ? each : best,
  ).name;
}

function labOf(hex: string): Lab {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return rgbToLab(rgb >> 16, (rgb >> 8) & 255, rgb & 255);
}
