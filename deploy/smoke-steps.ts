/** The journey of one photo through a running service, as a user has it, step by step. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Media } from '@media-analysis/shared/media';
import { createMediaClient, type MediaClient, MediaClientError } from '../web/src/client/index.ts';

export interface SmokeOptions {
  /** Where the page is; the API is below it. */
  url: string;
  /** Of the user who sends the photo; the gateway of `npm start` needs none. */
  token?: string | undefined;
  /** Of the whole journey. */
  signal: AbortSignal;
}

export interface Step {
  name: string;
  /** What was seen. @throws what is wrong, in words for people */
  run(): Promise<string>;
}

const PHOTO = new URL('../test/photos/18-cat-exif-orientation6.jpg', import.meta.url);

/** To be run in this order, up to the first that fails; the last one in any case. */
export function smokeSteps({ url, token, signal }: SmokeOptions): { steps: Step[]; cleanUp: Step } {
  const baseUrl = url.replace(/\/+$/, '');
  const client = createMediaClient({
    baseUrl,
    ...(token !== undefined && { getToken: () => token }),
  });
  let photo: File | undefined;
  let media: Media | undefined;
  const known = (): Media => {
    if (!media) throw new Error('There is no media to look at.');
    return media;
  };
  const steps: Step[] = [
    { name: 'answers', run: () => answers(client, baseUrl, signal) },
    { name: 'page', run: () => servesPage(baseUrl, signal) },
    {
      name: 'upload',
      run: async () => {
        photo = await uniquePhoto();
        [media] = (await client.analyze([photo], { signal })).media;
        return `${known().id}, ${photo.size} bytes`;
      },
    },
    {
      name: 'watch',
      run: async () => {
        const { last, seen } = await watchByStream(client, known().id, signal);
        media = last;
        return seen;
      },
    },
    { name: 'result', run: async () => describeResult(known()) },
    { name: 'content', run: () => sameBytes(client, known().id, photo, signal) },
    { name: 'preview', run: () => isJpeg(client, known().id, signal) },
  ];
  return { steps, cleanUp: { name: 'clean up', run: () => removes(client, media) } };
}

/** No result of an earlier run may stand for this one, so no two photos have the same bytes. */
async function uniquePhoto(): Promise<File> {
  // What comes after the end of a JPEG is no part of the picture.
  const bytes = Buffer.concat([await readFile(PHOTO), randomBytes(16)]);
  return new File([bytes], 'smoke-test.jpg', { type: 'image/jpeg' });
}

async function answers(client: MediaClient, url: string, signal: AbortSignal): Promise<string> {
  try {
    const { media } = await client.list({ limit: 1, signal });
    return `${media.length === 0 ? 'no' : 'some'} media so far`;
  } catch (error) {
    if (!(error instanceof MediaClientError)) throw error;
    if (error.code === 'unauthenticated') {
      throw new Error(`${error.message} Set SMOKE_TOKEN to a user's token.`, { cause: error });
    }
    if (error.status !== 0) throw error;
    throw new Error(`Nothing answers at ${url}. Is it the right address, and is it running?`, {
      cause: error,
    });
  }
}

async function servesPage(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/`, { signal });
  const html = await response.text();
  if (response.ok && /<div id="root">/.test(html)) return `${html.length} characters of HTML`;
  throw new Error(`${url}/ is not the page: ${response.status}. Has "npm run build" been run?`);
}

/** The client would go on by polling where streams do not come through; here that is a failure. */
async function watchByStream(client: MediaClient, id: string, signal: AbortSignal) {
  const polling = new AbortController();
  const onConnection = (connection: string) => {
    if (connection !== 'polling') return;
    polling.abort(
      new Error('The event stream does not come through: see the URL map, and proxies.'),
    );
  };
  const watched = { signal: AbortSignal.any([signal, polling.signal]), onConnection };
  const seen: string[] = [];
  let last: Media | undefined;
  for await (const update of client.watch([id], watched)) {
    if (update.type !== 'media') throw new Error('It was removed while it was watched.');
    last = update.media;
    seen.push(`${last.status} ${Math.round(last.progress * 100)} %`);
  }
  polling.signal.throwIfAborted();
  if (!last) throw new Error('The stream ended and said nothing.');
  if (last.status === 'completed') return { last, seen: seen.join(', ') };
  throw new Error(`It ended as ${last.status} (${last.error_code}): ${last.error_message}`);
}

function describeResult({ analytics, usage }: Media): string {
  if (!analytics?.title || !usage) throw new Error('It is completed, and was not analysed.');
  // In the file it lies on its side.
  const { width, height } = analytics;
  if (width !== 451 || height !== 300) {
    throw new Error(`The photo is 451 × 300; the analysis says ${width} × ${height}.`);
  }
  return `${usage.model}: ${analytics.title}`;
}

async function sameBytes(
  client: MediaClient,
  id: string,
  photo: File | undefined,
  signal: AbortSignal,
): Promise<string> {
  const bytes = await fetchRendition(client, id, 'content', signal);
  if (photo && bytes.equals(Buffer.from(await photo.arrayBuffer()))) return 'byte for byte';
  throw new Error(`What came back (${bytes.length} bytes) is not what was sent.`);
}

async function isJpeg(client: MediaClient, id: string, signal: AbortSignal): Promise<string> {
  const bytes = await fetchRendition(client, id, 'preview', signal);
  if (bytes.readUInt16BE(0) === 0xffd8) return `${bytes.length} bytes`;
  throw new Error('The preview is no JPEG.');
}

async function fetchRendition(
  client: MediaClient,
  id: string,
  which: 'content' | 'preview',
  signal: AbortSignal,
): Promise<Buffer> {
  const address = await client.resolveUrl(id, which, { signal });
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${new URL(address).host} answers ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}

/** Also after a failure, and when time is over: a smoke test leaves nothing behind. */
async function removes(client: MediaClient, media: Media | undefined): Promise<string> {
  if (!media) return 'nothing to remove';
  const signal = AbortSignal.timeout(20_000);
  await client.remove(media.id, { signal });
  const gone = await client.get(media.id, { signal }).then(
    () => false,
    (error) => error instanceof MediaClientError && error.code === 'not_found',
  );
  if (!gone) throw new Error(`${media.id} is still there. Remove it by hand.`);
  return 'removed';
}
