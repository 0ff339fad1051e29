/** One decoded picture, cut and scaled to what each network takes. 8-bit RGB throughout. */
import sharp from 'sharp';
import type { Box } from './geometry.ts';

/** In pixels of the picture. */
export interface Cut {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Picture {
  width: number;
  height: number;
  /** Centred in a black square. */
  inSquare(side: number): Promise<Uint8Array>;
  /** Stretched. */
  scaled(width: number, height: number): Promise<Uint8Array>;
  /** A square around `box`, `margin` times its longer side; black where it leaves the picture. */
  squareAround(box: Box, margin: number, side: number): Promise<Uint8Array | null>;
  /** A line of text, stretched to `width` × `height`; one that runs down is laid on its side first. */
  line(cut: Cut, vertical: boolean, width: number, height: number): Promise<Uint8Array>;
  /** A line of text as a PNG, with some room around it. */
  lineFile(cut: Cut, height: number, room: number): Promise<Buffer>;
}

// No picture is asked for twice, and more threads would only add memory: glibc keeps an arena for each.
sharp.cache(false);
sharp.concurrency(1);

/** Below this a square holds nothing that a network could tell. */
const MIN_SQUARE = 8;

/** @param jpeg Upright and of moderate size, as previews are. */
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
      // sharp pads after it scales, whatever the order of the calls: hence two passes.
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

/** What of a square lies in the picture, and the bars that make up for the rest. */
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
