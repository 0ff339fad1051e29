/** Decides which files share a request, and which files the client refuses to send. */
import {
  ACCEPTED_TYPES_TEXT,
  isSaidToBePhoto,
  MAX_PHOTO_BYTES,
  mayBeAccepted,
} from '@media-analysis/shared/accepted';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import type { Line } from './line.ts';

export interface UploadLimits {
  /**
   * Largest file that is sent to the API. A larger one goes to Cloud Storage in pieces: if the connection breaks, only a piece is
   * lost. Default: 4 MiB.
   */
  maxFileBytes: number;
  /** Largest file at all: the API's `MAX_UPLOAD_BYTES`. Default: 2,048 MiB. */
  maxUploadBytes: number;
  /** Most bytes of the files in one request on a fast line; a larger file gets a request of its own. Default: 8 MiB. */
  maxRequestBytes: number;
  /** Most files in one request. Default: 100. */
  maxFiles: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Cloud Run accepts requests of up to 32 MiB over HTTP/1, the form's own bytes included. Our requests are smaller because the
 * work on a file starts when its request is complete: the first photos are analysed while the last are still being sent.
 */
export const DEFAULT_LIMITS: UploadLimits = {
  maxFileBytes: 4 * MEBIBYTE,
  maxUploadBytes: 2048 * MEBIBYTE,
  maxRequestBytes: 8 * MEBIBYTE,
  maxFiles: 100,
};

/** The server ends a form after 420 s (`BODY_TOTAL_S`), and the line may become slower. */
const LONGEST_FORM_MS = 120_000;

/** A file and its position in the caller's list. */
export interface Candidate {
  index: number;
  file: File;
  /** The app's own id of the file. */
  externalId?: string | undefined;
}

/** Refuses a file that the server would certainly refuse. */
export function refuse(file: File, limits: UploadLimits): Omit<RejectedFile, 'index'> | undefined {
  const { name: file_name, size, type } = file;
  const refusal = (code: RejectedFile['code'], words: string) => {
    return { file_name, code, message: `“${file_name}” ${words}` };
  };
  if (!mayBeAccepted(file_name, type)) {
    const [, ending = 'These'] = /\.(\w+)$/.exec(file_name.toUpperCase()) ?? [];
    const [kind] = /^(image|video)(?=\/)/.exec(type) ?? [];
    const what = kind ? `${ending} ${kind}s are not supported yet` : 'It is no photo or video';
    const words = `cannot be used. ${what}. Send ${ACCEPTED_TYPES_TEXT}.`;
    return refusal('unsupported_media_type', words);
  }
  if (size === 0) return refusal('empty_file', 'is empty. Choose a file with content.');
  const isPhoto = isSaidToBePhoto(file_name, type);
  const most = isPhoto ? Math.min(MAX_PHOTO_BYTES, limits.maxUploadBytes) : limits.maxUploadBytes;
  if (size <= most) return undefined;
  const limit = `${Math.floor(most / MEBIBYTE)} MB, the limit for ${isPhoto ? 'photo' : 'video'}s`;
  return refusal('file_too_large', `is larger than ${limit}. Send a smaller version.`);
}

/**
 * Takes the files of the next request out of `small`, or the next file out of `large`: each large file goes straight to Cloud
 * Storage, in pieces. Large files come last because they take long.
 */
export function takeNext(
  small: Candidate[],
  large: Candidate[],
  { maxRequestBytes, maxFiles }: UploadLimits,
  line: Pick<Line, 'requestBytes' | 'bytesIn'>,
): { form: Candidate[] } | { alone: Candidate } | undefined {
  const isSlow = (small[0]?.file.size ?? 0) > line.bytesIn(LONGEST_FORM_MS);
  const alone = isSlow ? small.shift() : small.length === 0 ? large.shift() : undefined;
  if (alone || small.length === 0) return alone && { alone };
  const most = Math.min(maxRequestBytes, line.requestBytes());
  let bytes = 0;
  const end = small.findIndex(({ file }, n) => {
    bytes += file.size;
    return n > 0 && (bytes > most || n === maxFiles);
  });
  return { form: small.splice(0, end < 0 ? small.length : end) };
}
