/** The journey of one photo through a running service, step by step, as a user sees it. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Media } from '@media-analysis/shared/media';
import { type PageConfig, pageConfigSchema } from '@media-analysis/shared/page-config';
import { createMediaClient, type MediaClient, MediaClientError } from '../web/src/client/index.ts';

export interface SmokeOptions {
  /** Address of the page, whose settings name the API. */
  url: string;
  /** A token of the user who sends the photo. The gateway of `npm start` needs none. */
  token?: string | undefined;
  /** Ends the whole journey when it is aborted. */
  signal: AbortSignal;
}

export interface Step {
  name: string;
  /** @returns a line about the result @throws {Error} with a message for the operator, if the step fails */
  run(): Promise<string>;
}

const PHOTO = new URL('../test/photos/18-cat-exif-orientation6.jpg', import.meta.url);

/** A client waits three seconds for the first event. */
const STREAM_TRIES = 4;

/** Run the steps in this order up to the first that fails, and run `cleanUp` in any case. */
export function smokeSteps({ url, token, signal }: SmokeOptions): { steps: Step[]; cleanUp: Step } {
  const baseUrl = url.replace(/\/+$/, '');
  let apiUrl = baseUrl;
  let newClient: () => MediaClient;
  let client: MediaClient;
  let photo: File | undefined;
  let media: Media | undefined;
  const known = (): Media => {
    if (!media) throw new Error('There is no media to look at.');
    return media;
  };
  const steps: Step[] = [
    {
      name: 'page',
      run: async () => {
        const { seen, config } = await servesPage(baseUrl, signal);
        apiUrl = config.api_url ?? baseUrl;
        newClient = () =>
          createMediaClient({
            baseUrl: apiUrl,
            streamUrl: config.stream_url ?? baseUrl,
            ...(token !== undefined && { getToken: () => token }),
          });
        client = newClient();
        return seen;
      },
    },
    { name: 'answers', run: () => answers(client, apiUrl, signal) },
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
        const { last, seen } = await watchByStream(newClient, known().id, signal);
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

/** Each run sends other bytes: a result of an earlier run must not stand for this one. */
async function uniquePhoto(): Promise<File> {
  // Bytes after the end of a JPEG are not part of the picture.
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
      throw new Error(
        `${error.message} Set SMOKE_TOKEN to a user's token (how to get one: docs/sign-in.md#with-curl).`,
        { cause: error },
      );
    }
    if (error.status !== 0) throw error;
    throw nothingAnswers(url, error);
  }
}

function nothingAnswers(url: string, cause: unknown): Error {
  const message = `Nothing answers at ${url}. Is it the right address, and is it running?`;
  return new Error(message, { cause });
}

async function servesPage(
  url: string,
  signal: AbortSignal,
): Promise<{ seen: string; config: PageConfig }> {
  const response = await fetch(`${url}/`, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw nothingAnswers(url, cause);
  });
  const html = await response.text();
  if (!response.ok || !/<div id="root">/.test(html)) {
    throw new Error(`${url}/ is not the page: ${response.status}. Has "npm run build" been run?`);
  }
  const settings = await fetch(`${url}/config.json`, { signal });
  if (!settings.ok) throw new Error(`The page's settings, ${url}/config.json: ${settings.status}.`);
  const config = pageConfigSchema.parse(await settings.json());
  const api = config.api_url === undefined ? '' : `, API at ${config.api_url}`;
  return { seen: `${html.length} characters of HTML${api}`, config };
}

/**
 * Watches by the event stream only: polling counts as a failure. But an instance that has just been started, or a busy one, may
 * be late with its first event: then a new client, which does not remember that, tries again.
 */
async function watchByStream(newClient: () => MediaClient, id: string, signal: AbortSignal) {
  for (let tries = STREAM_TRIES; tries > 0; tries--) {
    const seen = await watchOnce(newClient(), id, signal);
    if (seen) return seen;
  }
  throw new Error(
    'The event stream does not come through. Check the URL map and any proxy in between.',
  );
}

/** @returns undefined if the client has fallen back to polling */
async function watchOnce(client: MediaClient, id: string, signal: AbortSignal) {
  const polling = new AbortController();
  const onConnection = (connection: string) => {
    if (connection === 'polling') polling.abort();
  };
  const watched = { signal: AbortSignal.any([signal, polling.signal]), onConnection };
  const seen: string[] = [];
  let last: Media | undefined;
  try {
    for await (const update of client.watch([id], watched)) {
      if (update.type !== 'media') throw new Error('The photo was removed while it was watched.');
      last = update.media;
      seen.push(`${last.status} ${Math.round(last.progress * 100)} %`);
    }
  } catch (error) {
    if (!polling.signal.aborted) throw error;
  }
  signal.throwIfAborted();
  if (polling.signal.aborted) return undefined;
  if (!last) throw new Error('The event stream ended without an event.');
  if (last.status === 'completed') return { last, seen: seen.join(', ') };
  throw new Error(`The photo ended as ${last.status} (${last.error_code}): ${last.error_message}`);
}

function describeResult({ analytics, usage }: Media): string {
  if (!analytics?.title || !usage) throw new Error('The photo is completed but has no analysis.');
  // The photo lies on its side in the file; the analysis counts upright pixels.
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
  throw new Error('The preview is not a JPEG.');
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

/** Runs after a failure and after a timeout too: a smoke test leaves nothing behind. */
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
