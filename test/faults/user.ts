/** Somebody who uploads pictures and means it: sends again what failed, watches, deletes, retries. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import {
  type AnalyzeMediaResponse,
  analyzeMediaResponseSchema,
} from '@media-analysis/shared/uploads';
import sharp from 'sharp';
import { createRandom } from '../../local-cloud/faults/random.ts';
import { client, form, readEvents, type Stack } from '../support/stack.ts';

const RESEND_DELAY_MS = 500;
const RECONNECT_DELAY_MS = 200;

/** One file whose upload was answered with 202. */
export interface AcceptedFile {
  id: string;
  owner: string;
  file_name: string;
  /** Hex, of the bytes that were sent. */
  sha256: string;
  isDeleted: boolean;
}

export interface Picture {
  file: File;
  sha256: string;
}

/** A small picture that no other number gives. */
export async function makePicture(seed: number, number: number): Promise<Picture> {
  const random = createRandom(seed, `picture ${number}`);
  const side = 16;
  const pixels = Uint8Array.from({ length: side * side * 3 }, () => random.next() * 256);
  const raw = { width: side, height: side, channels: 3 } as const;
  const bytes = await sharp(pixels, { raw }).png().toBuffer();
  return {
    file: new File([new Uint8Array(bytes)], `${number}.png`, { type: 'image/png' }),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

export class User {
  readonly name: string;
  /** What this user saw and should not have seen, one line each. */
  readonly violations: string[] = [];
  readonly #api: ReturnType<typeof client>;

  constructor(stack: Stack, name: string, token: string) {
    this.name = name;
    this.#api = client(stack, token);
  }

  /** Uploads until each picture is accepted, and says by which id. */
  async upload(pictures: readonly Picture[]): Promise<AcceptedFile[]> {
    const answer = await this.#post(pictures.map(({ file }) => file));
    const isRejected = new Set(answer.rejected.map(({ index }) => index));
    const taken = pictures.filter((_, index) => !isRejected.has(index));
    const accepted = answer.media_ids.map((id, at) => {
      const { file, sha256 } = taken[at] as Picture;
      return { id, owner: this.name, file_name: file.name, sha256, isDeleted: false };
    });
    for (const { code, file_name } of answer.rejected) {
      if (code !== 'unavailable') this.violations.push(`${file_name} was refused as ${code}`);
    }
    const again = pictures.filter((_, index) => isRejected.has(index));
    return again.length === 0 ? accepted : [...accepted, ...(await this.upload(again))];
  }

  /** Watches until all are over, through as many connections as it takes. */
  async watch(ids: readonly string[]): Promise<void> {
    const seen = new Map<string, Media>();
    let isDone = false;
    while (!isDone) {
      isDone = await this.#watchOnce(ids, seen).catch(() => false);
      if (!isDone) await sleep(RECONNECT_DELAY_MS);
    }
    for (const [id, { status }] of seen) {
      if (!isTerminal(status))
        this.violations.push(`the stream was done while ${id} was ${status}`);
    }
  }

  /** @returns whether it was done away with: the answer may be lost, so it is asked for until it is gone. */
  async delete(id: string): Promise<void> {
    await this.#insist(`/api/media/${id}?permanently=true`, { method: 'DELETE' }, [204, 404]);
  }

  /** 409: it is at work again already, by a request whose answer was lost. */
  async retry(id: string): Promise<void> {
    await this.#insist(`/api/media/${id}/retry`, { method: 'POST' }, [202, 404, 409]);
  }

  /** Asks for somebody else's media in every way there is; it must look as if there were none. */
  async spy(id: string): Promise<void> {
    const paths = ['', '/content', '/preview', '/stream'].map((rest) => `/api/media/${id}${rest}`);
    for (const path of paths) {
      const { status } = await this.#insist(path, {}, [200, 302, 404]);
      if (status !== 404) this.violations.push(`${this.name} got ${status} from ${path}`);
    }
  }

  async #post(files: File[]): Promise<AnalyzeMediaResponse> {
    // The same key for every try: the first one may have arrived, whatever became of its answer.
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    for (;;) {
      const init = { method: 'POST', body: form(files), headers };
      const response = await this.#insist('/api/agent/analyze-media', init, [202]);
      const body: unknown = await response.json().catch(() => undefined);
      if (body !== undefined) return analyzeMediaResponseSchema.parse(body);
    }
  }

  /** Calls until the answer is one of `statuses`; what says "later" or nothing at all is asked again. */
  async #insist(path: string, init: RequestInit, statuses: number[]): Promise<Response> {
    for (;;) {
      const response = await this.#api.call(path, init).catch(() => undefined);
      if (response && statuses.includes(response.status)) return response;
      if (response && response.status < 500 && response.status !== 429) {
        throw new Error(`${path}: ${response.status} ${await response.text()}`);
      }
      await response?.body?.cancel();
      await sleep(RESEND_DELAY_MS);
    }
  }

  async #watchOnce(ids: readonly string[], seen: Map<string, Media>): Promise<boolean> {
    const response = await this.#api.call(`/api/agent/analyze-media/stream?ids=${ids}`);
    // Deleted, all of them.
    if (response.status === 404) return true;
    if (response.status !== 200) throw new Error(String(response.status));
    for await (const { event, data } of readEvents(response)) {
      if (event === 'done') return true;
      if (event === undefined) this.#check(mediaSchema.parse(data), ids, seen);
      if (event === 'removed' || event === 'problem')
        seen.delete((data as { media_id: string }).media_id);
    }
    return false;
  }

  #check(media: Media, ids: readonly string[], seen: Map<string, Media>): void {
    const { id, revision, progress, attempts } = media;
    const before = seen.get(id);
    seen.set(id, media);
    if (!ids.includes(id)) this.violations.push(`the stream told ${this.name} of ${id}`);
    if (!before) return;
    if (revision < before.revision) {
      this.violations.push(
        `${id}: the stream went from revision ${before.revision} to ${revision}`,
      );
    }
    if (attempts === before.attempts && progress < before.progress) {
      this.violations.push(`${id}: the stream went from ${before.progress} to ${progress}`);
    }
  }
}
