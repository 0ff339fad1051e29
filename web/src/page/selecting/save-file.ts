/** Hands a file of the service to the browser's downloads. */
import { type Media, networkError } from '../../client/index.ts';

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

/** A connection can die without an error, and no more bytes come for ever. */
const STALL_MS = 60_000;

/** @throws {MediaClientError} if it breaks off, or nothing of it comes for a minute */
export async function wholeOf(answer: Response, stallMs = STALL_MS): Promise<Blob> {
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), stallMs);
  };
  wait();
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, stream) {
      wait();
      stream.enqueue(bytes);
    },
  });
  const whole = answer.body?.pipeThrough(watched, { signal: stalled.signal }) ?? null;
  try {
    return await new Response(whole, answer).blob();
  } catch (cause) {
    throw networkError(cause);
  } finally {
    clearTimeout(timer);
  }
}

/** How long the browser may take to begin with it. */
const KEEP_MS = 60_000;

export async function saveFile(response: Response, fallback: string): Promise<void> {
  const header = response.headers.get('Content-Disposition') ?? '';
  const name = /filename="([^"]+)"/.exec(header)?.[1] ?? fallback;
  const url = URL.createObjectURL(await wholeOf(response));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
