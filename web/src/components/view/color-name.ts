const HUES = [
  [15, 'red'],
  [42, 'orange'],
  [68, 'yellow'],
  [160, 'green'],
  [195, 'teal'],
  [255, 'blue'],
  [290, 'purple'],
  [345, 'pink'],
  [360, 'red'],
] as const;

export type ColorName = (typeof HUES)[number][1] | 'black' | 'white' | 'gray' | 'brown' | 'beige';
export type Shade = 'light' | 'dark';

/** @param hex such as `#1f5eff` */
export function colorNameOf(hex: string): { name: ColorName; shade?: Shade | undefined } {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(
    (at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255,
  );
  const most = Math.max(r, g, b);
  const chroma = most - Math.min(r, g, b);
  const light = most - chroma / 2;
  if (light < 0.1) return { name: 'black' };
  if (light > 0.94) return { name: 'white' };
  const shade: Shade | undefined = light < 0.33 ? 'dark' : light > 0.68 ? 'light' : undefined;
  const shaded = (name: ColorName) => ({ name, shade });
  if (chroma < 0.09) return shaded('gray');
  const sixth =
    most === r ? (g - b) / chroma : most === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  const hue = (sixth * 60 + 360) % 360;
  const name = HUES.find(([end]) => hue <= end)?.[1] ?? 'red';
  // People call a dull or dark orange brown, and a pale one beige.
  const isWarm = hue > 15 && hue < 60;
  if (isWarm && light > 0.68 && chroma < 0.35) return { name: 'beige' };
  if (isWarm && (light < 0.4 || chroma < 0.3)) return shaded('brown');
  return shaded(name);
}
