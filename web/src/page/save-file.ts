/** Hands a file of the service to the browser's downloads. */
import type { Media } from '../client/index.ts';

/** What one download may have: as `MAX_DOWNLOAD_BYTES` and `MAX_MANY` of the service. */
const MOST = { bytes: 1024 ** 3, files: 500 };

/** Cuts media into downloads, in their order. One that is too large by itself stands alone, and its download says why. */
export function downloadsOf(media: readonly Pick<Media, 'id' | 'size'>[], most = MOST): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const { id, size } of media) {
    const part = parts.at(-1);
    if (part && part.length < most.files && bytes + size <= most.bytes) {
      part.push(id);
      bytes += size;
    } else {
      parts.push([id]);
      bytes = size;
    }
  }
  return parts;
}

/** How long the browser may take to begin with it. */
const KEEP_MS = 60_000;

export async function saveFile(response: Response, fallback: string): Promise<void> {
  const header = response.headers.get('Content-Disposition') ?? '';
  const name = /filename="([^"]+)"/.exec(header)?.[1] ?? fallback;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
