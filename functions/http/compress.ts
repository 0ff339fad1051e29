/** Compresses an answer for callers that accept it. A stream of events never comes here: each event leaves at once. */
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A smaller answer fits into one network packet uncompressed. */
const LEAST_BYTES = 1_024;

/** @returns undefined if the caller gets the bytes as they are */
export function gzipFor({ headers }: IncomingMessage, bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < LEAST_BYTES) return undefined;
  return isAccepted('gzip', String(headers['accept-encoding'] ?? '')) ? gzipSync(bytes) : undefined;
}

/** `Accept-Encoding` refuses an encoding by the weight 0. */
export function isAccepted(encoding: string, accepted: string): boolean {
  return accepted.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}
