/** Decides which files share a request, and which files are refused unsent. */
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

/** The unsent files of one call, in sending order. */
export class SendQueue {
  readonly #limits: UploadLimits;
  readonly #line: Pick<Line, 'requestBytes' | 'bytesIn'>;
  readonly #small: Candidate[];
  /** They come last, each alone, because they take long. */
  readonly #large: Candidate[];

  constructor(
    candidates: readonly Candidate[],
    limits: UploadLimits,
    line: Pick<Line, 'requestBytes' | 'bytesIn'>,
    isSentAlone: (file: File) => boolean = () => false,
  ) {
    this.#limits = limits;
    this.#line = line;
    const isLarge = ({ file }: Candidate) => file.size > limits.maxFileBytes || isSentAlone(file);
    this.#small = candidates.filter((candidate) => !isLarge(candidate));
    this.#large = candidates.filter(isLarge);
  }

  /** For files that took too long in one request: they go to Cloud Storage in pieces. */
  sendInPieces(candidates: readonly Candidate[]): void {
    this.#large.push(...candidates);
  }

  /** For files whose request failed because of another file in it. */
  sendFirst(candidates: readonly Candidate[]): void {
    this.#small.unshift(...candidates);
  }

  /**
   * @returns the files of the next request; or one file that goes straight to Cloud Storage, because it is large or the line is
   * slow
   */
  next(): { form: Candidate[] } | { alone: Candidate } | undefined {
    const first = this.#small.shift();
    if (!first) {
      const alone = this.#large.shift();
      return alone && { alone };
    }
    if (first.file.size > this.#line.bytesIn(LONGEST_FORM_MS)) return { alone: first };
    const form = [first];
    const most = Math.min(this.#limits.maxRequestBytes, this.#line.requestBytes);
    let bytes = first.file.size;
    for (let next = this.#small[0]; next; next = this.#small[0]) {
      bytes += next.file.size;
      if (bytes > most || form.length === this.#limits.maxFiles) break;
      form.push(next);
      this.#small.shift();
    }
    return { form };
  }
}
