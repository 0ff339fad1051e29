/** Hashes of streamed content, and the hashes that the sender claims. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32c, encodeCrc32c } from './crc32c.ts';
import { StorageError } from './errors.ts';

/** The facts about content whose bytes have all been read. */
export interface ContentSummary {
  size: number;
  /** Base64, big-endian. */
  crc32c: string;
  /** Base64. */
  md5Hash: string;
  /** Hexadecimal. */
  sha256: string | undefined;
}

/** Hashes that the sender wants checked, encoded as in `ContentSummary`. */
export interface HashClaims {
  crc32c?: string | undefined;
  md5Hash?: string | undefined;
  sha256?: string | undefined;
}

/** Feeds every chunk to all hashes. SHA-256 costs time on each upload, so it is computed only on request. */
export class ContentDigest {
  #size = 0;
  #crc = 0;
  readonly #md5 = createHash('md5');
  readonly #sha256;

  constructor({ sha256 = false } = {}) {
    this.#sha256 = sha256 ? createHash('sha256') : undefined;
  }

  /** Bytes hashed so far. */
  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#crc = crc32c(chunk, this.#crc);
    this.#md5.update(chunk);
    this.#sha256?.update(chunk);
  }

  summary(): ContentSummary {
    return {
      size: this.#size,
      crc32c: encodeCrc32c(this.#crc),
      md5Hash: this.#md5.copy().digest('base64'),
      sha256: this.#sha256?.copy().digest('hex'),
    };
  }
}

/**
 * The hashes that the headers `x-goog-hash` (`crc32c=…,md5=…`) and `Content-MD5` claim.
 * https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash
 */
export function claimsOf(headers: IncomingHttpHeaders): HashClaims {
  const claims: HashClaims = {};
  for (const pair of String(headers['x-goog-hash'] ?? '').split(',')) {
    const [, algorithm, hash] = /^\s*(crc32c|md5)=(.+?)\s*$/.exec(pair) ?? [];
    if (algorithm === 'crc32c') claims.crc32c = hash;
    if (algorithm === 'md5') claims.md5Hash = hash;
  }
  const contentMd5 = headers['content-md5'];
  if (typeof contentMd5 === 'string') claims.md5Hash = contentMd5;
  return claims;
}

/** @throws {StorageError} 400 if the content differs from any of `claims` */
export function checkClaims(content: ContentSummary, ...claims: HashClaims[]): void {
  for (const claim of claims) {
    for (const hash of ['crc32c', 'md5Hash', 'sha256'] as const) {
      const claimed = claim[hash];
      if (claimed !== undefined && claimed !== content[hash]) {
        throw new StorageError(
          'badDigest',
          `Provided ${hash} "${claimed}" doesn't match calculated ${hash} "${content[hash]}".`,
        );
      }
    }
  }
}
