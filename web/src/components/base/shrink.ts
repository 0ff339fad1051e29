/**
 * Makes small pictures of files that are being sent. Two hundred photos at full size would take gigabytes
 * and freeze the page. So two pictures are made at a time, each a few hundred pixels wide.
 */
const WIDTH = 480;
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

/** @returns undefined if nobody wants the picture any more when its turn comes */
export function shrink(file: File, isWanted: () => boolean): Promise<Blob | undefined> {
  const made = Promise.resolve(lanes.shift()).then(() => (isWanted() ? shrunk(file) : undefined));
  lanes.push(made.catch(() => undefined));
  return made;
}

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
