/** The whole product on free ports, and what tests do with it: upload, watch, wait. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import {
  type AnalyzeMediaResponse,
  analyzeMediaResponseSchema,
} from '@media-analysis/shared/uploads';
import { createParser } from 'eventsource-parser';
import { ON_DEMAND, RELAXED } from '../../local/front/modes.ts';
import { PAGE_DIR } from '../../local/page.ts';
import { type Stack, type StackOptions, startStack as start } from '../../local/stack.ts';
import { holdEventToContract, holdToContract } from './api-contract.ts';
import { currentBuild } from './build.ts';

export type { Stack } from '../../local/stack.ts';
export { eventually } from './eventually.ts';

/** No test judges the speed of the machine: a call to Firestore that a person would have given up may still be answered. */
const PATIENT = { FIRESTORE_ANSWER_S: '60' };

/**
 * In memory unless told otherwise, and without models that take seconds to load; what the units log
 * is only worth reading when a test is studied. The units are those that are deployed, as they also start in half the time
 * of the sources.
 */
export async function startStack({ environment, ...options }: StackOptions = {}): Promise<Stack> {
  const { LOG_LEVEL = 'silent', FIRESTORE_EMULATOR_HOST } = process.env;
  // Where all tests share one Firestore, each has a project of its own in it.
  const project = FIRESTORE_EMULATOR_HOST ? `test-${randomUUID().slice(0, 8)}` : undefined;
  return start({
    project,
    bundles: await currentBuild(),
    // Jest sets the first, `jest.long.config.js` the second. All else has the units of `npm start`.
    mode: process.env.JEST_WORKER_ID && !process.env.LONG_RUN ? ON_DEMAND : RELAXED,
    // Tests end units on purpose.
    report: () => undefined,
    ...options,
    environment: { LOG_LEVEL, PAGE_DIR, ...PATIENT, ANALYSIS_MODEL: 'local/facts', ...environment },
  });
}

/** A client looks for Google's metadata server unless it is told that there is none. */
process.env.METADATA_SERVER_DETECTION = 'none';

/** A client of its Firestore, for what no person may do. Who asks for it ends it. */
export function databaseOf({ environment }: Pick<Stack, 'environment'>): Firestore {
  const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } = environment;
  return new Firestore({ projectId, host, ssl: false });
}

export const photo = (name: string) => new URL(`../photos/${name}`, import.meta.url);

export const TEN_PHOTOS = [
  '01-astronaut.png',
  '02-cat.png',
  '03-coffee.webp',
  '05-dogs.jpg',
  '06-osprey.jpg',
  '07-cityscape.jpg',
  '08-lake.jpg',
  '17-room-bottle.jpg',
  '18-cat-exif-orientation6.jpg',
  '20-synthetic-japanese-sign.jpg',
];

const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  txt: 'text/plain',
};

export async function file(name: string): Promise<File> {
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return new File([await readFile(photo(name))], basename(name), { type });
}

export function form(files: File[], fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const each of files) data.append('files', each);
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

/** A client of the API as one user; without a name, the one that has no token. */
export function client(stack: Pick<Stack, 'url'> & Partial<Pick<Stack, 'apiUrl'>>, token?: string) {
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const call = async (path: string, init: RequestInit = {}) => {
    const isStream = /^[^?]*\/stream\b/.test(path);
    const url = `${isStream ? stack.url : (stack.apiUrl ?? stack.url)}${path}`;
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: {
        ...authorization,
        // Without it, `fetch` says that a text is `text/plain`.
        ...(typeof init.body === 'string' && { 'Content-Type': 'application/json' }),
        ...(init.headers as Record<string, string>),
      },
    });
    await holdToContract({ method: init.method, url }, response);
    return response;
  };
  return {
    call,

    async analyze(
      files: File[],
      headers: Record<string, string> = {},
    ): Promise<AnalyzeMediaResponse> {
      const response = await call('/api/agent/analyze-media', {
        method: 'POST',
        body: form(files),
        headers,
      });
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
      return analyzeMediaResponseSchema.parse(await response.json());
    },

    async get(id: string): Promise<Media> {
      return mediaSchema.parse(await (await call(`/api/media/${id}`)).json());
    },

    /** Reads the stream to its end. */
    async watch(ids: string[]): Promise<StreamEvent[]> {
      const response = await call(`/api/agent/analyze-media/stream?ids=${ids}`);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      const events: StreamEvent[] = [];
      for await (const event of readEvents(response)) events.push(event);
      return events;
    },

    /** The media once they are over, by the stream; `undefined` for those that are not there. */
    async results(ids: string[]): Promise<(Media | undefined)[]> {
      const events = await this.watch(ids);
      const last = new Map(mediaOf(events).map((media) => [media.id, media]));
      return ids.map((id) => last.get(id));
    },
  };
}

/**
 * An answer with its whole body. Without it, Node keeps a connection with unread bytes until the answer is collected as
 * garbage, so the test file could not end.
 */
export async function fetchWhole(url: string | null, init?: RequestInit): Promise<Response> {
  const response = await fetch(url ?? '', init);
  return new Response(await response.arrayBuffer(), response);
}

export interface StreamEvent {
  event: string | undefined;
  id: string | undefined;
  data: unknown;
}

/** What a browser's EventSource would see of a response. */
export async function* readEvents(response: Response): AsyncGenerator<StreamEvent> {
  const queue: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) => queue.push({ event, id, data: JSON.parse(data) }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    for (const event of queue.splice(0)) {
      if (response.url !== '') holdEventToContract(response.url, event.event, event.data);
      yield event;
    }
  }
}

/** The states of media that a stream told of, in order. */
export function mediaOf(events: StreamEvent[]): Media[] {
  return events
    .filter(({ event }) => event === undefined)
    .map(({ data }) => mediaSchema.parse(data));
}

export async function tokenOf(stack: Pick<Stack, 'url'>, sub: string): Promise<string> {
  const response = await fetch(`${stack.url}/local/token`, {
    method: 'POST',
    body: JSON.stringify({ sub }),
  });
  return ((await response.json()) as { token: string }).token;
}
