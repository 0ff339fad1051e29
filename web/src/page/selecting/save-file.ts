/** Hands a file of the service to the browser's downloads. */
import { type Media, networkError } from '../../client/index.ts';

/** The limits of one download: `MAX_DOWNLOAD_BYTES` and `MAX_MANY` of the service. */
const MOST = { bytes: 1024 ** 3, files: 500 };

/** Splits media into downloads, in their order. A media that is too large stands alone, and its download says why. */
export function downloadsOf(media: readonly Pick<Media, 'id' | 'size'>[], most = MOST): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const { id, size } of media) {
    const part = parts.at(-1);
    bytes += size;
    if (part && part.length < most.files && bytes <= most.bytes) part.push(id);
    else {
      parts.push([id]);
      bytes = size;
    }
  }
  return parts;
}

/** How long the browser may take to begin the download. */
const KEEP_MS = 60_000;

/** @throws {MediaClientError} if the download breaks off */
export async function saveFile(response: Response, fallback: string): Promise<void> {
  const header = response.headers.get('Content-Disposition') ?? '';
  const whole = await response.blob().catch((cause: unknown) => {
    throw networkError(cause);
  });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(whole);
  link.download = /filename="([^"]+)"/.exec(header)?.[1] ?? fallback;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}
