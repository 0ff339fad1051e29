/**
 * Makes small pictures of files that are being sent. Two hundred photos at full size would take gigabytes
 * and freeze the page. So two pictures are made at a time, each a few hundred pixels wide.
 */
import { useEffect, useState } from 'react';

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

async function shrink(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: 'medium' });
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
  } finally {
    bitmap.close();
  }
}

/**
 * The address of a small picture of the file: `undefined` until the picture is made, `null` if the browser
 * cannot make one (HEIC, videos).
 */
export function useFileThumbnail(file: File | undefined): string | null | undefined {
  const isPicture = file !== undefined && !file.type.startsWith('video/');
  const [url, setUrl] = useState<string | null>();
  useEffect(() => {
    if (!isPicture) return;
    let made: string | undefined;
    let isWanted = true;
    takeTurn(async () => {
      if (!isWanted) return;
      const blob = await shrink(file);
      if (!isWanted) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    }).catch(() => setUrl(null));
    return () => {
      isWanted = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [isPicture, file]);
  return isPicture ? url : null;
}
