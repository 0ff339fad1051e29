/** One decoded picture, which cuts and scales itself for each network. Always 8-bit RGB. */
import sharp, { type Sharp } from 'sharp';
import type { Box } from './geometry.ts';

/** A rectangle in pixels of the picture. */
export interface Cut {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Picture {
  width: number;
  height: number;
  /** The whole picture, centred in a black square of `side` pixels. */
  inSquare(side: number): Promise<Uint8Array>;
  /** The whole picture, stretched to `width` × `height`. */
  scaled(width: number, height: number): Promise<Uint8Array>;
  /**
   * A square around `box`, `margin` times as long as the box's longer side, scaled to `side` pixels. It is black outside
   * the picture. Null if too little of the picture is in it.
   */
  squareAround(box: Box, margin: number, side: number): Promise<Uint8Array | null>;
  /** A line of text, stretched to `width` × `height`. A vertical line is turned on its side first. */
  line(cut: Cut, vertical: boolean, width: number, height: number): Promise<Uint8Array>;
  /** A line of text in gray as a PNG, with a margin around it. */
  lineFile(cut: Cut, height: number): Promise<Buffer>;
  /** Lines of text below each other as a PNG, made dark on white. */
  sheet(cuts: readonly Cut[], height: number): Promise<Buffer>;
  /** The picture turned clockwise around its middle, with gray corners. */
  turned(degrees: number): Promise<Picture>;
  /** The whole picture, with an opaque fourth channel. */
  rgba(): Promise<{ data: Uint8ClampedArray<ArrayBuffer>; width: number; height: number }>;
}

// No picture is processed twice, so a cache saves nothing. More threads only take more memory: glibc keeps an arena for each.
sharp.cache(false);
sharp.concurrency(1);

/** A network recognises nothing in a smaller square. */
const MIN_SQUARE = 8;

/** @param jpeg An upright JPEG of moderate size, such as a preview. */
export async function openPicture(jpeg: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(jpeg)
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return pictureOf(data, info.width, info.height);
}

function pictureOf(data: Buffer, width: number, height: number): Picture {
  const whole = () => sharp(data, { raw: { width, height, channels: 3 } });
  return {
    width,
    height,
    inSquare: (side) =>
      whole().resize(side, side, { fit: 'contain', background: '#000' }).raw().toBuffer(),
    scaled: (toWidth, toHeight) =>
      whole().resize(toWidth, toHeight, { fit: 'fill' }).raw().toBuffer(),

    async squareAround(box, margin, side) {
      const square = squareOf(box, margin, width, height);
      if (!square) return null;
      const { cut, bars, size } = square;
      // sharp scales before it pads, whatever the order of the calls. So this takes two passes.
      const padded = await whole()
        .extract(cut)
        .extend({ ...bars, background: '#000' })
        .raw()
        .toBuffer();
      return sharp(padded, { raw: { width: size, height: size, channels: 3 } })
        .resize(side, side)
        .raw()
        .toBuffer();
    },

    async line(cut, vertical, toWidth, toHeight) {
      if (!vertical) {
        return whole().extract(cut).resize(toWidth, toHeight, { fit: 'fill' }).raw().toBuffer();
      }
      const turned = await whole().extract(cut).rotate(270).raw().toBuffer();
      return sharp(turned, { raw: { width: cut.height, height: cut.width, channels: 3 } })
        .resize(toWidth, toHeight, { fit: 'fill' })
        .raw()
        .toBuffer();
    },

    lineFile(cut, toHeight) {
      const line = whole()
        .extract(withMargin(cut, width, height))
        .resize({ height: toHeight });
      return line.greyscale().png(QUICK).withMetadata({ density: 300 }).toBuffer();
    },

    async sheet(cuts, lineHeight) {
      const lines = await Promise.all(
        cuts.map((cut) => darkOnWhite(whole().extract(cut).resize({ height: lineHeight }))),
      );
      const step = Math.round(lineHeight * 1.3);
      const size = {
        width: Math.max(...lines.map((line) => line.width)) + 2 * lineHeight,
        height: lines.length * step + lineHeight,
      };
      return sharp({ create: { ...size, channels: 3, background: '#fff' } })
        .composite(
          lines.map(({ png }, i) => ({
            input: png,
            left: lineHeight,
            top: Math.round(lineHeight / 2) + i * step,
          })),
        )
        .png(QUICK)
        .withMetadata({ density: 300 })
        .toBuffer();
    },

    async rgba() {
      const pixels = await whole().ensureAlpha().raw().toBuffer();
      return { data: new Uint8ClampedArray(pixels), width, height };
    },

    async turned(degrees) {
      const { data: pixels, info } = await whole()
        .rotate(degrees, { background: '#808080' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      return pictureOf(pixels, info.width, info.height);
    },
  };
}

const QUICK = { compressionLevel: 1 };

/** Tesseract reads better with a margin around the letters: an eighth of the line's height. */
function withMargin(cut: Cut, width: number, height: number): Cut {
  const margin = Math.round(cut.height / 8);
  const left = Math.max(0, cut.left - margin);
  const top = Math.max(0, cut.top - margin);
  return {
    left,
    top,
    width: Math.min(width, cut.left + cut.width + margin) - left,
    height: Math.min(height, cut.top + cut.height + margin) - top,
  };
}

/** Letters cover less of a line than the background does. */
async function darkOnWhite(line: Sharp) {
  const { data, info } = await line
    .greyscale()
    .normalise()
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const isDark = data.reduce((sum, value) => sum + value, 0) / data.length < 128;
  const { width, height } = info;
  const upright = sharp(data, { raw: { width, height, channels: 1 } });
  const png = await (isDark ? upright.negate() : upright).png(QUICK).toBuffer();
  return { width, png };
}

/** The part of the square that is in the picture, and black bars for the rest. */
function squareOf(box: Box, margin: number, width: number, height: number) {
  const longer = Math.max((box.right - box.left) * width, (box.bottom - box.top) * height);
  const size = Math.round(longer * margin);
  const left = Math.round(((box.left + box.right) / 2) * width - size / 2);
  const top = Math.round(((box.top + box.bottom) / 2) * height - size / 2);
  const cut = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(width, left + size) - Math.max(0, left),
    height: Math.min(height, top + size) - Math.max(0, top),
  };
  if (Math.min(cut.width, cut.height) < MIN_SQUARE) return null;
  const bars = {
    left: cut.left - left,
    top: cut.top - top,
    right: left + size - cut.left - cut.width,
    bottom: top + size - cut.top - cut.height,
  };
  return { cut, bars, size };
}
