/**
 * Keeps each content in a file with a random id. Object names never reach the file system, a file never
 * changes once an object uses it, and copies of an object share one file.
 *
 * Files are not written under a temporary name and then renamed. A file becomes content when the
 * transaction that names it in the database commits, which happens after the file's last byte was
 * written. Until then no object leads to the file, and after a crash `sweep` removes it. So half an
 * object is never visible.
 */
import { randomUUID } from 'node:crypto';
import {
  constants,
  createReadStream,
  mkdirSync,
  openSync,
  type ReadStream,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { BeforeWrite } from '../base/disk-full.ts';
import { ContentDigest, type ContentSummary } from './digest.ts';

export type Source = AsyncIterable<Uint8Array>;

/** Content that is complete, but that no object uses yet. */
export interface StoredContent extends ContentSummary {
  blob: string;
}

export class BlobStore {
  readonly #directory: string;
  readonly #beforeWrite: BeforeWrite;

  constructor(directory: string, beforeWrite: BeforeWrite = () => undefined) {
    this.#beforeWrite = beforeWrite;
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
  }

  newId(): string {
    return randomUUID();
  }

  /** Writes `source` to a new file. Removes the file if that fails. */
  async store(source: Source, digest = new ContentDigest()): Promise<StoredContent> {
    const blob = this.newId();
    try {
      await this.write(blob, 0, source, digest);
      return { blob, ...digest.summary() };
    } catch (error) {
      this.remove(blob);
      throw error;
    }
  }

  /**
   * Cuts the file at `start`, then appends `source`. If `source` fails, the bytes before the failure
   * stay.
   */
  async write(blob: string, start: number, source: Source, digest: ContentDigest): Promise<void> {
    await using file = await this.#openForWriting(blob);
    await file.truncate(start);
    let at = start;
    for await (const chunk of source) {
      this.#beforeWrite(chunk.length);
      await writeFully(file, chunk, at);
      digest.update(chunk);
      at += chunk.length;
    }
  }

  /** Hashes the first `length` bytes of a file. */
  async digest(blob: string, length: number): Promise<ContentDigest> {
    const digest = new ContentDigest();
    if (length === 0) return digest;
    for await (const chunk of this.read(blob, { start: 0, end: length - 1 })) digest.update(chunk);
    return digest;
  }

  /**
   * Reads from `start` to `end`, both inclusive. The file is opened before this function returns, so a
   * reader can read to the end even if the object is deleted meanwhile.
   */
  read(blob: string, range: { start?: number; end?: number } = {}): ReadStream {
    const path = this.#path(blob);
    return createReadStream(path, { ...range, fd: openSync(path, 'r') });
  }

  /** 0 if the file does not exist. */
  size(blob: string): number {
    return statSync(this.#path(blob), { throwIfNoEntry: false })?.size ?? 0;
  }

  remove(blob: string): void {
    rmSync(this.#path(blob), { force: true });
  }

  /** Removes every file that nothing uses: the remains of uploads that a killed process left unfinished. */
  sweep(isHeld: (blob: string) => boolean): void {
    for (const blob of readdirSync(this.#directory)) {
      if (!isHeld(blob)) this.remove(blob);
    }
  }

  #path(blob: string): string {
    return join(this.#directory, blob);
  }

  #openForWriting(blob: string): Promise<FileHandle> {
    // Created if missing, but never emptied: a resumable upload continues with the bytes that it has.
    return open(this.#path(blob), constants.O_RDWR | constants.O_CREAT);
  }
}

async function writeFully(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(
      chunk,
      written,
      chunk.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}
