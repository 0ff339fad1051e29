/** Bytes in Cloud Storage: the staging bucket they arrive in and the media bucket they live in. */
import type { Readable } from 'node:stream';
import type { File, Storage } from '@google-cloud/storage';
import {
  downloadObject,
  downloadPart,
  hashObject,
  type ObjectAddress,
  type ObjectPart,
  type Range,
} from './download.ts';
import { type UploadedObject, uploadStream } from './upload.ts';

/** Object names are made of ids alone: what a sender calls a file is never part of a path. */
export const stagingName = (id: string) => id;
export const originalName = (id: string) => `${id}/original`;
export const previewName = (id: string) => `${id}/preview`;
/** A video without its tags, for a model to read; there for as long as its analysis takes. */
export const bareName = (id: string) => `${id}/bare`;

interface Buckets {
  STAGING_BUCKET: string;
  MEDIA_BUCKET: string;
}

export class ObjectStore {
  private readonly storage: Storage;
  private readonly buckets: Buckets;
  private readonly now: () => number;

  constructor(storage: Storage, buckets: Buckets, now: () => number = Date.now) {
    this.storage = storage;
    this.buckets = buckets;
    this.now = now;
  }

  /** @param signal Aborted when the object must not be stored after all. */
  async stage(name: string, bytes: Readable, signal: AbortSignal): Promise<UploadedObject> {
    return uploadStream(this.storage, this.buckets.STAGING_BUCKET, name, bytes, signal);
  }

  /**
   * Opens the staging bucket for one object of a known size, to whoever has the address that is answered:
   * a resumable session, which lasts a week.
   * @param origin Of the page that will send the bytes: its browser is told that it may.
   * https://cloud.google.com/storage/docs/resumable-uploads#session-uris
   */
  async openSession(name: string, size: number, origin: string | undefined): Promise<string> {
    const [url] = await this.staging(name).createResumableUpload({
      // What the sender says it is does not matter until the bytes were looked at.
      metadata: { contentLength: size, contentType: 'application/octet-stream' },
      preconditionOpts: { ifGenerationMatch: 0 },
      ...(origin !== undefined && { origin }),
    });
    return url;
  }

  /** @returns staged bytes, or undefined when the object is gone. */
  async readStaged(name: string, range: Range): Promise<ObjectPart | undefined> {
    return downloadPart(this.stagingAddress(name), range);
  }

  /** @returns the SHA-256, in hexadecimal, or undefined when the object is gone. */
  async hashStaged(
    name: string,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<string | undefined> {
    return hashObject(this.stagingAddress(name), signal, onBytes);
  }

  /** @returns bytes of the staged object, or undefined if there is none (yet, or any more). */
  async stagedSize(name: string): Promise<number | undefined> {
    const found = await ignoring(404, this.staging(name).getMetadata());
    return found && Number(found[0].size);
  }

  async unstage(name: string): Promise<void> {
    await this.staging(name).delete({ ignoreNotFound: true });
  }

  /** Copies a staged object into the media bucket, server to server. Doing it twice is harmless. */
  async promote(staged: string, name: string, contentType: string): Promise<void> {
    const target = this.media(name);
    await ignoring(
      412,
      this.staging(staged).copy(target, {
        contentType,
        preconditionOpts: { ifGenerationMatch: 0 },
      }),
    );
  }

  async savePreview(name: string, bytes: Buffer, contentType: string): Promise<void> {
    const options = { resumable: false, contentType, preconditionOpts: { ifGenerationMatch: 0 } };
    await ignoring(412, this.media(name).save(bytes, options));
  }

  /** @param signal When it is aborted, nothing is stored. @throws if there is one of that name. */
  async saveMedia(
    name: string,
    bytes: Readable,
    contentType: string,
    signal: AbortSignal,
  ): Promise<UploadedObject> {
    const { storage, buckets } = this;
    return uploadStream(storage, buckets.MEDIA_BUCKET, name, bytes, signal, contentType);
  }

  async readMedia(name: string): Promise<Buffer | undefined> {
    return downloadObject(this.mediaAddress(name));
  }

  /** @returns a part of an object, or undefined when it is gone. */
  async readMediaPart(name: string, range: Range): Promise<ObjectPart | undefined> {
    return downloadPart(this.mediaAddress(name), range);
  }

  /** @returns bytes of the object, or undefined if there is none. */
  async mediaSize(name: string): Promise<number | undefined> {
    const found = await ignoring(404, this.media(name).getMetadata());
    return found && Number(found[0].size);
  }

  async removeMedia(name: string): Promise<void> {
    await this.media(name).delete({ ignoreNotFound: true });
  }

  /** Where Google's own services find an object; they see nothing of an emulator. */
  uri(name: string): string | undefined {
    return this.storage.customEndpoint ? undefined : `gs://${this.buckets.MEDIA_BUCKET}/${name}`;
  }

  /** Everything that was ever stored for a media, wherever its journey ended. */
  async removeAll(id: string): Promise<void> {
    await Promise.all([
      this.removeMedia(originalName(id)),
      this.removeMedia(previewName(id)),
      this.removeMedia(bareName(id)),
      this.unstage(stagingName(id)),
    ]);
  }

  /**
   * A V4 signed URL that says nothing of the object but its name here, for a service of Google's to read it;
   * undefined for an emulator, which such a service cannot reach.
   */
  async bareUrl(name: string, ttlMs: number): Promise<string | undefined> {
    if (this.storage.customEndpoint) return undefined;
    const expires = this.now() + ttlMs;
    const [url] = await this.media(name).getSignedUrl({ version: 'v4', action: 'read', expires });
    return url;
  }

  /** A V4 signed URL that shows or saves the object under the name that its sender gave it. */
  async signedUrl(name: string, fileName: string, ttlMs: number): Promise<string> {
    const [url] = await this.media(name).getSignedUrl({
      version: 'v4',
      action: 'read',
      expires: this.now() + ttlMs,
      responseDisposition: contentDisposition(fileName),
    });
    return url;
  }

  private stagingAddress(name: string): ObjectAddress {
    return { storage: this.storage, bucket: this.buckets.STAGING_BUCKET, name };
  }

  private mediaAddress(name: string): ObjectAddress {
    return { storage: this.storage, bucket: this.buckets.MEDIA_BUCKET, name };
  }

  private staging(name: string): File {
    return this.storage.bucket(this.buckets.STAGING_BUCKET).file(name);
  }

  private media(name: string): File {
    return this.storage.bucket(this.buckets.MEDIA_BUCKET).file(name);
  }
}

/** RFC 6266, with the name in both forms: every client reads one of them. */
export function contentDisposition(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  const utf8 = encodeURIComponent(fileName.toWellFormed()).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `inline; filename="${ascii}"; filename*=UTF-8''${utf8}`;
}

async function ignoring<T>(status: number, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: unknown }).code === status) return undefined;
    throw error;
  }
}
