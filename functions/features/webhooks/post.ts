/**
 * Posts a message to an address that somebody else has chosen. `pinned` looks the name up once, and the connection goes there. So
 * a name that changes in between leads nowhere else. Redirects are not followed.
 */
import type { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { addressRefusal, type Loopback } from '../../outbound/allowed-address.ts';
import { pinned, RefusedAddressError } from '../../outbound/pinned-lookup.ts';

/** An answer is read up to this size, for a receiver that says more than "ok". None of it is kept. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** There was no answer. `message` is one word, safe to show. */
export class PostError extends Error {
  override readonly name = 'PostError';
}

export interface PostOptions {
  loopback: Loopback;
  signal?: AbortSignal | undefined;
  /** Covers lookup, connection and answer. */
  timeoutMs: number;
  lookup?: typeof lookup;
}

/** @returns the status of the answer @throws {PostError} */
export async function post(
  address: string,
  headers: Record<string, string>,
  body: string,
  { loopback, signal, timeoutMs, lookup: look }: PostOptions,
): Promise<number> {
  const url = new URL(address);
  // The check at registration may have used older rules.
  if (addressRefusal(address, loopback) !== undefined) throw new PostError('refused_address');
  const timeout = AbortSignal.timeout(timeoutMs);
  const { request } = url.protocol === 'https:' ? https : http;
  const options = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    // A reused connection would skip the lookup.
    agent: false,
    lookup: pinned(url, loopback, look),
    signal: AbortSignal.any([timeout, ...(signal ? [signal] : [])]),
  };
  try {
    return await new Promise<number>((resolve, reject) => {
      let said: number | undefined;
      request(url, options, (answer) => {
        said = answer.statusCode ?? 0;
        readSome(answer).then(() => resolve(said ?? 0), reject);
      })
        // Without this listener, Node closes the connection of a receiver that answers 101, and reports nothing.
        .on('upgrade', ({ statusCode = 0 }, socket) => {
          socket.destroy();
          resolve(statusCode);
        })
        .on('error', (error) => (said === undefined ? reject(error) : resolve(said)))
        .end(body);
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new PostError(timeout.aborted ? 'timeout' : wordOf(error), { cause: error });
  }
}

/** An answer that is too long or never ends still counts: its status is known. */
function readSome(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) answer.destroy();
    });
    answer.on('error', () => undefined).once('close', resolve);
  });
}

function wordOf(error: unknown): string {
  if (error instanceof RefusedAddressError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code.toLowerCase() : 'no_answer';
}
