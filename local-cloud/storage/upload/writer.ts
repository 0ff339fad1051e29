/** Writes the bytes of resumable sessions: one writer for each session, which also computes the hashes. */
import type { IncomingMessage } from 'node:http';
import type { BlobStore, Source } from '../blobs.ts';
import type { ContentDigest } from '../digest.ts';
import { StorageError } from '../errors.ts';
import type { UploadSession } from './uploads.ts';

/** Cloud Storage keeps unfinished uploads in whole multiples of this number of bytes. */
export const CHUNK_GRANULARITY = 256 * 1024;

interface Writer {
  request: IncomingMessage;
  done: Promise<unknown>;
}

export class SessionWriter {
  readonly #blobs: BlobStore;
  readonly #writers = new Map<string, Writer>();
  /** Saves hashing a session's earlier bytes again for each chunk. Recomputed after a restart. */
  readonly #digests = new Map<string, ContentDigest>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /**
   * Runs `work` as the only writer of a session. If a client comes back, it has given up its earlier request, even if the server
   * has not noticed yet: that request is cut off.
   */
  async exclusively<T>(id: string, request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    for (let other = this.#writers.get(id); other; other = this.#writers.get(id)) {
      other.request.destroy();
      await other.done;
    }
    const result = work();
    const done = result.catch(() => undefined).then(() => this.#writers.delete(id));
    this.#writers.set(id, { request, done });
    try {
      return await result;
    } finally {
      await done;
    }
  }

  /** True while a request is writing bytes or finishing the object. */
  isBusy(id: string): boolean {
    return this.#writers.has(id);
  }

  /** Number of bytes that a client may rely on. It continues after them. */
  persisted(session: UploadSession): number {
    const size = this.#blobs.size(session.blob);
    return size - (size % CHUNK_GRANULARITY);
  }

  /** All bytes that have arrived, also those that do not fill a multiple. */
  received(session: UploadSession): number {
    return this.#blobs.size(session.blob);
  }

  /**
   * Appends the new part of a body that begins at `start`. Bytes that are stored already are skipped.
   * @param length how many bytes the body may have
   * @param keep how many of them are stored
   * @throws {StorageError} 503 if bytes before `start` are missing; 400 if the body is longer
   */
  async append(
    session: UploadSession,
    { start, length, keep, body }: { start: number; length: number; keep: number; body: Source },
  ): Promise<void> {
    const persisted = this.persisted(session);
    if (start > persisted) {
      throw new StorageError(
        'offsetTooHigh',
        `Invalid request. According to the Content-Range header, the upload offset is ${start} byte(s), which exceeds already uploaded size of ${persisted} byte(s).`,
      );
    }
    const digest = await this.digest(session, persisted);
    const fresh = slice(body, { skip: persisted - start, keep, length });
    await this.#blobs.write(session.blob, persisted, fresh, digest);
  }

  /** The digest of a session's first `length` bytes. */
  async digest(session: UploadSession, length: number): Promise<ContentDigest> {
    const known = this.#digests.get(session.id);
    if (known?.size === length) return known;
    const digest = await this.#blobs.digest(session.blob, length);
    this.#digests.set(session.id, digest);
    return digest;
  }

  forget(session: UploadSession): void {
    this.#digests.delete(session.id);
  }
}

/** Bytes `skip` to `keep` of a body. @throws {StorageError} 400 if the body has more than `length` bytes */
async function* slice(
  body: Source,
  { skip, keep, length }: { skip: number; keep: number; length: number },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of body) {
    const from = Math.max(0, skip - at);
    const wanted = chunk.subarray(from, Math.max(from, keep - at));
    if (wanted.length > 0) yield wanted;
    at += chunk.length;
    if (at > length) {
      throw new StorageError(
        'invalid',
        `Invalid request. The body is longer than ${length} bytes.`,
      );
    }
  }
}
