/** Bytes in Cloud Storage: the staging bucket they arrive in and the media bucket they live in. */
import type { Readable } from 'node:stream';
import type { File, Storage } from '@google-cloud/storage';
import { downloadObject } from './download.ts';
import { type UploadedObject, uploadStream } from './upload.ts';

/** Object names are made of ids alone: what a sender calls a file is never part of a path. */
export const stagingName = (id: string) => id;
export const originalName = (id: string) => `${id}/original`;
export const previewName = (id: string) => `${id}/preview`;

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

  /** @returns the staged bytes, or undefined when they are gone. */
  async readStaged(name: string): Promise<Buffer | undefined> {
    return downloadObject(this.storage, this.buckets.STAGING_BUCKET, name);
  }

  async isStaged(name: string): Promise<boolean> {
    const [exists] = await this.staging(name).exists();
    return exists;
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

  async readMedia(name: string): Promise<Buffer | undefined> {
    return downloadObject(this.storage, this.buckets.MEDIA_BUCKET, name);
  }

  /** Where Google's own services find an object; they see nothing of an emulator. */
  uri(name: string): string | undefined {
    return this.storage.customEndpoint ? undefined : `gs://${this.buckets.MEDIA_BUCKET}/${name}`;
  }

  /** Everything that was ever stored for a media, wherever its journey ended. */
  async removeAll(id: string): Promise<void> {
    await Promise.all([
      this.media(originalName(id)).delete({ ignoreNotFound: true }),
      this.media(previewName(id)).delete({ ignoreNotFound: true }),
      this.unstage(stagingName(id)),
    ]);
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
