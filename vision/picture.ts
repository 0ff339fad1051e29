/** One decoded picture, which cuts and scales itself for each network. Always 8-bit RGB. */
import sharp from 'sharp';
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
   * A square around `box` with a side of `margin` times the box's longer side, scaled to `side`
   * pixels. Black outside of the picture. Null if too little of the picture is left.
   */
  squareAround(box: Box, margin: number, side: number): Promise<Uint8Array | null>;
  /**
   * A line of text, stretched to `width` × `height`. A vertical line is turned on its side first.
   */
  line(cut: Cut, vertical: boolean, width: number, height: number): Promise<Uint8Array>;
  /** A line of text as a PNG, with a margin of `room` pixels. */
  lineFile(cut: Cut, height: number, room: number): Promise<Buffer>;
}

// No picture is processed twice, so a cache saves nothing. More threads only add memory: glibc
// keeps an arena for each.
sharp.cache(false);
sharp.concurrency(1);

/** A network cannot recognise anything in a smaller square. */
const MIN_SQUARE = 8;

/** @param jpeg An upright JPEG of moderate size, such as a preview. */
export async function openPicture(jpeg: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(jpeg)
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
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
      // sharp pads after it scales, in whatever order the methods are called. Hence two passes.
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

    async lineFile(cut, toHeight, room) {
      const edges = { top: room, bottom: room, left: room, right: room };
      const image = whole().extract(cut).resize({ height: toHeight });
      return image
        .extend({ ...edges, extendWith: 'copy' })
        .png({ compressionLevel: 1 })
        .toBuffer();
    },
  };
}

/** The part of the square that lies in the picture, and the black bars that stand for the rest. */
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
