/** Small pictures of files that are being sent. What makes them is loaded with the first one. */
import { useEffect, useState } from 'react';

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
    const make = async () => {
      const { shrink } = await import('../base/shrink.ts');
      const blob = await shrink(file, () => isWanted);
      if (!blob || !isWanted) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    make().catch(() => setUrl(null));
    return () => {
      isWanted = false;
      if (made) URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [isPicture, file]);
  return isPicture ? url : null;
}
