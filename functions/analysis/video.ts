/** Sends a video to a model: inside the request, by an address that the service reads, or through the Files API. */
import { AppError } from '@media-analysis/shared/errors';
import { quoted } from '../inspect/format.ts';
import type { ModelMedia } from './call.ts';
import { dataUrl } from './data-url.ts';
import { type FileService, uploadFile } from './files-api.ts';
import type { ModelProfile } from './providers/provider.ts';

/** A stored video. Only copies without the phone's tags are sent. */
export interface VideoSource {
  /** Bytes of the original. */
  size: number;
  /** The copy without tags, in memory: for a small video. */
  bytes(): Promise<Buffer>;
  /** The copy without tags, in Cloud Storage. */
  copy(signal: AbortSignal): Promise<VideoCopy>;
}

export interface VideoCopy {
  size: number;
  /** `gs://…`; undefined if Google's services cannot read the copy. */
  uri: string | undefined;
  /** An https address that works for anyone; undefined if Google's services cannot read the copy. */
  signedUrl(): Promise<string | undefined>;
  /** The bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Buffer>;
}

export interface VideoSubject {
  contentType: string;
  fileName: string;
  durationS: number | null;
  /** The operator's limit. Default: the model's limit. */
  maxSeconds?: number | undefined;
  source: VideoSource | undefined;
}

/**
 * Chooses how to send the video. If the model does not accept it, this throws before anything is copied or paid for.
 * @returns null for a model that accepts no video
 * @throws {AppError} `video_too_long`, `file_too_large`, `media_corrupt`; any error of reading and sending the video
 */
export async function videoFor(
  { video: limits }: ModelProfile,
  subject: VideoSubject,
  files: FileService,
  signal: AbortSignal,
): Promise<ModelMedia | null> {
  if (!limits) return null;
  const { contentType, fileName, durationS, source } = subject;
  const maxSeconds = Math.min(limits.maxSeconds, subject.maxSeconds ?? limits.maxSeconds);
  if (durationS !== null && durationS > maxSeconds) throw tooLong(fileName, durationS, maxSeconds);
  const { maxInlineBytes, maxUrlBytes, maxFileBytes, reads } = limits;
  const most = Math.max(maxInlineBytes, maxUrlBytes, maxFileBytes);
  if (!source || source.size > most) throw tooLarge(fileName, most);
  const inline = async () => {
    const bytes = await source.bytes();
    return { url: dataUrl(bytes, contentType), contentType };
  };
  const isSmall = source.size <= maxInlineBytes;
  if (reads === 'https' && isSmall) return inline();
  const copy = await source.copy(signal);
  if (copy.size <= maxUrlBytes) {
    const url = reads === 'gs' ? copy.uri : await copy.signedUrl();
    if (url !== undefined) return { url, contentType };
  }
  if (copy.size <= maxFileBytes) {
    return uploadFile(files, { ...copy, contentType, fileName }, signal);
  }
  // The copy is in an emulator, where Vertex AI cannot read it.
  if (isSmall) return inline();
  throw tooLarge(fileName, maxInlineBytes);
}

function tooLarge(fileName: string, most: number): AppError {
  return new AppError(
    'file_too_large',
    `${quoted(fileName)} is stored, but too large to be analysed: a video may have ${Math.floor(most / 1e6).toLocaleString('en')} MB. Send a shorter one.`,
  );
}

function tooLong(fileName: string, seconds: number, most: number): AppError {
  const minutes = (s: number) => Math.ceil(s / 60);
  return new AppError(
    'video_too_long',
    `${quoted(fileName)} is stored, but lasts ${minutes(seconds)} minutes, and videos of up to ${minutes(most)} are analysed. Send a part of it.`,
  );
}
