/**
 * Makes small pictures of files that are being sent. Two hundred photos at full size would take gigabytes
 * and freeze the page. So two pictures are made at a time, each a few hundred pixels wide.
 */
const WIDTH = 480;
const AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** @returns undefined if it is not wanted any more when its turn comes */
export const shrink = (file: File, isWanted: () => boolean): Promise<Blob | undefined> =>
  takeTurn(async () => (isWanted() ? shrunk(file) : undefined));

async function shrunk(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: 'medium' });
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
  } finally {
    bitmap.close();
  }
}
