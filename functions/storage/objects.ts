/** Objects in Cloud Storage. Bytes arrive in the staging bucket, and stay in the media bucket. */
import type { Readable } from 'node:stream';
import type { File, Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { UnusableAnswerError } from '../process/service-fault.ts';
import {
  downloadObject,
  downloadPart,
  hashObject,
  type ObjectAddress,
  type ObjectPart,
  type Range,
} from './download.ts';
import { StalledError, withStallLimit } from './stalled.ts';
import { type UploadedObject, uploadStream } from './upload.ts';

/** Names of objects are made of ids. The sender's name for a file is never part of them. */
export const stagingName = (id: string) => id;
export const originalName = (id: string) => `${id}/original`;
export const previewName = (id: string) => `${id}/preview`;
/** The preview once more, for a tile. */
export const smallName = (id: string) => `${id}/small`;
/** All frames that the sender of a video has sent, in one object. */
export const stagedFramesName = (id: string) => `${id}-frames`;
export const framesName = (id: string) => `${id}/frames`;
/** A copy of a video without its tags, for a model. It exists only during the analysis. */
export const bareName = (id: string) => `${id}/bare`;

/** The limit for a call with no more than a preview. Three such waits are less than a delivery may take. */
const ANSWER_MS = 60_000;

/** A preview is written once. The browser of its owner keeps it: a page that is loaded again shows it without a request. */
const UNCHANGING = 'private, max-age=31536000, immutable';

/** Accepted bytes are kept this long, in case the queues stand still. */
const KEEP_STAGED_MS = 14 * 24 * 3600 * 1_000;

/** The client library returns whatever comes with status 200, so the fields that are read here are checked. */
const metadataSchema = z.object({ size: z.coerce.number().int().nonnegative() });
const rewriteSchema = z.union([
  z.object({ done: z.literal(true), resource: z.object({ name: z.string() }) }),
  z.object({ done: z.literal(false), rewriteToken: z.string().min(1) }),
]);

/** An object in somebody's own bucket, from which a media is imported. */
export interface SourceObject {
  bucket: string;
  name: string;
  /** Names exactly these bytes: an object that replaces them has another generation. */
  generation: string;
}

/**
 * The name of the original of a media that stays in somebody's own bucket. It is only read: nothing here changes or
 * removes it.
 */
export const inPlaceName = ({ bucket, name, generation }: SourceObject) =>
  `gs://${bucket}/${name}#${generation}`;

/** @returns undefined for an object of the media bucket */
function parseInPlaceName(text: string): SourceObject | undefined {
  const [, bucket, name, generation] = /^gs:\/\/([^/]+)\/(.+)#(\d+)$/s.exec(text) ?? [];
  return bucket && name && generation ? { bucket, name, generation } : undefined;
}

/** The bytes of a new media: a name in the staging bucket, or an object in another bucket. */
export type Arrived = string | SourceObject;

interface Buckets {
  STAGING_BUCKET: string;
  MEDIA_BUCKET: string;
}

export class ObjectStore {
  readonly #storage: Storage;
  readonly #buckets: Buckets;
  readonly #now: () => number;
  readonly #answerMs: number;

  constructor(
    storage: Storage,
    buckets: Buckets,
    now: () => number = Date.now,
    answerMs: number = ANSWER_MS,
  ) {
    this.#storage = storage;
    this.#buckets = buckets;
    this.#now = now;
    this.#answerMs = answerMs;
  }

  /** @param signal If it is aborted, no object is stored. */
  async stage(name: string, bytes: Readable, signal: AbortSignal): Promise<UploadedObject> {
    return uploadStream(this.#storage, {
      bucket: this.#buckets.STAGING_BUCKET,
      name,
      bytes,
      signal,
    });
  }

  /**
   * Opens a resumable session in the staging bucket for one object of a known size. It lasts a week, and anyone who has
   * its address can send the bytes: https://cloud.google.com/storage/docs/resumable-uploads#session-uris
   * The object gets a custom time: unless `keepStaged` is called, it is deleted two days after it.
   * @param origin Origin of the page that will send the bytes, for the CORS headers of the session.
   * @returns the address
   */
  async openSession(name: string, size: number, origin: string | undefined): Promise<string> {
    const session = this.#staging(name).createResumableUpload({
      metadata: {
        contentLength: size,
        // The real type is known only after the worker has checked the bytes.
        contentType: 'application/octet-stream',
        customTime: new Date(this.#now()).toISOString(),
      },
      preconditionOpts: { ifGenerationMatch: 0 },
      ...(origin !== undefined && { origin }),
    });
    const [url] = await this.#limited(session);
    return parseAnswer(z.url(), url);
  }

  /** @returns undefined if the object does not exist */
  async readStaged(at: Arrived, range: Range): Promise<ObjectPart | undefined> {
    return downloadPart(this.#stagingAddress(at), range);
  }

  /** @returns the SHA-256 in hexadecimal, or undefined if the object does not exist */
  async hashStaged(
    at: Arrived,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<string | undefined> {
    return hashObject(this.#stagingAddress(at), signal, onBytes);
  }

  /** @returns the size in bytes, or undefined if the object does not exist, not yet or no longer */
  async stagedSize(at: Arrived): Promise<number | undefined> {
    return this.#sizeOf(this.#staging(at));
  }

  /**
   * Keeps an object that came through a session as long as other staged objects. The rule of the bucket counts from the
   * object's custom time (terraform/storage.tf), which can only be moved forward:
   * https://cloud.google.com/storage/docs/metadata#custom-time
   */
  async keepStaged(name: string): Promise<void> {
    const customTime = new Date(this.#now() + KEEP_STAGED_MS).toISOString();
    await this.#ignoringStatus(404, this.#staging(name).setMetadata({ customTime }));
  }

  /** Stores the frames of a video that may not have arrived yet. They replace earlier frames. */
  async stageFrames(name: string, bytes: Buffer): Promise<void> {
    const metadata = { customTime: new Date(this.#now()).toISOString() };
    const options = { resumable: false, contentType: 'application/octet-stream', metadata };
    await this.#limited(this.#staging(name).save(bytes, options));
  }

  async unstage(name: string): Promise<void> {
    await this.#limited(this.#staging(name).delete({ ignoreNotFound: true }));
  }

  /**
   * Copies an object that arrived into the media bucket, inside Cloud Storage. A second call changes nothing. The staged
   * object is removed afterwards, so the answer must say that the copy exists. The library's own `copy` accepts any answer,
   * and an answer without a body ends the process.
   * https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
   */
  async promote(at: Arrived, name: string, contentType: string): Promise<void> {
    const { MEDIA_BUCKET } = this.#buckets;
    const { bucket: from, name: source, generation: sourceGeneration } = this.#sourceOf(at);
    const bucket = this.#storage.bucket(from);
    const uri = `/o/${encodeURIComponent(source)}/rewriteTo/b/${MEDIA_BUCKET}/o/${encodeURIComponent(name)}`;
    let rewriteToken: string | undefined;
    do {
      const qs = {
        ifGenerationMatch: 0,
        ...(sourceGeneration !== undefined && { sourceGeneration }),
        ...(rewriteToken !== undefined && { rewriteToken }),
      };
      const call = bucket.request({ method: 'POST', uri, qs, json: { contentType } });
      const answer = await this.#ignoringStatus(412, call);
      const hasCopy = !answer;
      if (hasCopy) return;
      const rewritten = parseAnswer(rewriteSchema, answer[0]);
      rewriteToken = rewritten.done ? undefined : rewritten.rewriteToken;
    } while (rewriteToken !== undefined);
  }

  async savePreview(name: string, bytes: Buffer, contentType: string): Promise<void> {
    const options = {
      resumable: false,
      contentType,
      metadata: { cacheControl: UNCHANGING },
      preconditionOpts: { ifGenerationMatch: 0 },
    };
    await this.#ignoringStatus(412, this.#media(name).save(bytes, options));
  }

  /** Replaces the frames that an earlier delivery has stored. */
  async saveFrames(name: string, bytes: Buffer): Promise<void> {
    const options = { resumable: false, contentType: 'application/octet-stream' };
    await this.#limited(this.#media(name).save(bytes, options));
  }

  /**
   * Stores a new object in the media bucket.
   * @param signal If it is aborted, no object is stored.
   * @throws {Error} if an object of that name exists
   */
  async saveMedia(
    name: string,
    bytes: Readable,
    contentType: string,
    signal: AbortSignal,
  ): Promise<UploadedObject> {
    const bucket = this.#buckets.MEDIA_BUCKET;
    return uploadStream(this.#storage, { bucket, name, bytes, signal, contentType });
  }

  async readMedia(name: string): Promise<Buffer | undefined> {
    return downloadObject(this.#mediaAddress(name));
  }

  /** @returns undefined if the object does not exist */
  async readMediaPart(name: string, range: Range): Promise<ObjectPart | undefined> {
    return downloadPart(this.#mediaAddress(name), range);
  }

  /** @returns the size in bytes, or undefined if the object does not exist */
  async mediaSize(name: string): Promise<number | undefined> {
    return this.#sizeOf(this.#media(name));
  }

  async removeMedia(name: string): Promise<void> {
    await this.#limited(this.#media(name).delete({ ignoreNotFound: true }));
  }

  /** The address of an object for Google's services. Undefined for an emulator, which they cannot reach. */
  uri(name: string): string | undefined {
    return this.#storage.customEndpoint ? undefined : `gs://${this.#buckets.MEDIA_BUCKET}/${name}`;
  }

  /** Removes all objects of a media, in both buckets. */
  async removeAll(id: string): Promise<void> {
    await Promise.all([
      this.removeMedia(originalName(id)),
      this.removeMedia(previewName(id)),
      this.removeMedia(smallName(id)),
      this.removeMedia(bareName(id)),
      this.removeMedia(framesName(id)),
      this.unstage(stagingName(id)),
      this.unstage(stagedFramesName(id)),
    ]);
  }

  /**
   * A V4 signed URL for Google's services, without the sender's name for the file. Undefined for an emulator, which they
   * cannot reach.
   */
  async bareUrl(name: string, ttlMs: number): Promise<string | undefined> {
    if (this.#storage.customEndpoint) return undefined;
    const expires = this.#now() + ttlMs;
    const [url] = await this.#media(name).getSignedUrl({ version: 'v4', action: 'read', expires });
    return url;
  }

  /**
   * A V4 signed URL under which a browser shows the object, with the sender's name for the file.
   * It works for `ttlMs` at most, and for half of that at least: in between the address is the same, so that browsers find the
   * object in their cache.
   * @param isSaved The browser saves the file instead of showing it.
   * @param contentType The checked type of an object in somebody's own bucket: its type there was not checked.
   */
  async signedUrl(
    name: string,
    fileName: string,
    ttlMs: number,
    isSaved = false,
    contentType?: string,
  ): Promise<string> {
    const elsewhere = parseInPlaceName(name);
    const file = elsewhere ? this.#staging(elsewhere) : this.#media(name);
    const stepMs = Math.max(1_000, Math.floor(ttlMs / 2_000) * 1_000);
    const accessibleAt = Math.floor(this.#now() / stepMs) * stepMs;
    // In a deployment this calls another service of Google, which signs.
    const signed = file.getSignedUrl({
      version: 'v4',
      action: 'read',
      accessibleAt,
      expires: accessibleAt + ttlMs,
      responseDisposition: contentDisposition(fileName, isSaved),
      ...(elsewhere && contentType !== undefined && { responseType: contentType }),
    });
    const [url] = await withStallLimit(signed, this.#answerMs);
    return url;
  }

  #sourceOf(at: Arrived): Omit<SourceObject, 'generation'> & { generation?: string } {
    return typeof at === 'string' ? { bucket: this.#buckets.STAGING_BUCKET, name: at } : at;
  }

  #stagingAddress(at: Arrived): ObjectAddress {
    return { storage: this.#storage, ...this.#sourceOf(at) };
  }

  #mediaAddress(name: string): ObjectAddress {
    const elsewhere = parseInPlaceName(name);
    return {
      storage: this.#storage,
      ...(elsewhere ?? { bucket: this.#buckets.MEDIA_BUCKET, name }),
    };
  }

  async #sizeOf(file: File): Promise<number | undefined> {
    const found = await this.#ignoringStatus(404, file.getMetadata());
    return found && parseAnswer(metadataSchema, found[0]).size;
  }

  async #limited<T>(call: Promise<T>): Promise<T> {
    try {
      return await withStallLimit(call, this.#answerMs);
    } catch (error) {
      const hasStatus = typeof (error as { code?: unknown }).code === 'number';
      if (hasStatus || error instanceof StalledError) throw error;
      throw new UnusableAnswerError('Cloud Storage could not be asked.', { cause: error });
    }
  }

  /** @returns undefined if the answer has this status */
  async #ignoringStatus<T>(status: number, call: Promise<T>): Promise<T | undefined> {
    try {
      return await this.#limited(call);
    } catch (error) {
      if ((error as { code?: unknown }).code === status) return undefined;
      throw error;
    }
  }

  #staging(at: Arrived): File {
    const { bucket, name, generation } = this.#sourceOf(at);
    return this.#storage.bucket(bucket).file(name, { ...(generation && { generation }) });
  }

  #media(name: string): File {
    return this.#storage.bucket(this.#buckets.MEDIA_BUCKET).file(name);
  }
}

/** @throws {UnusableAnswerError} */
function parseAnswer<T extends z.ZodType>(schema: T, answer: unknown): z.infer<T> {
  const { data, error } = schema.safeParse(answer);
  if (error) {
    throw new UnusableAnswerError('Cloud Storage gave no answer to the question.', {
      cause: error,
    });
  }
  return data;
}

/** The header of RFC 6266, with the name in two forms: each client can read one of them. */
export function contentDisposition(fileName: string, isSaved = false): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  const utf8 = encodeURIComponent(fileName.toWellFormed()).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `${isSaved ? 'attachment' : 'inline'}; filename="${ascii}"; filename*=UTF-8''${utf8}`;
}
