/** Files for `MediaClient.analyze` in Node. Not part of what a browser loads. */
import { constants, openAsBlob } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** No photo that is accepted is larger (`MAX_PHOTO_BYTES`). A larger video needs a path. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Makes a file to send. One at a path is read while it is sent, so a video of 2 GiB needs no memory. A stream, or what is at an
 * https address, is read into memory at once: up to 128 MiB.
 * @param source a path, a `URL` object with `file:` or `https:`, bytes, or a stream of bytes; no address that comes from strangers
 * @param name its file name; by default the last part of the path or the address, else `file`
 * @throws {Error} if it cannot be read, or is too large for memory
 * @example
 * import { fileFrom } from '@media-analysis/client/node';
 *
 * const files = [await fileFrom('holiday.mov'), await fileFrom(request, 'cat.jpg')];
 * const { media_ids } = await client.analyze(files);
 */
export async function fileFrom(
  source: string | URL | Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  name?: string,
): Promise<File> {
  if (source instanceof URL && source.protocol !== 'file:') {
    const { ok, status, body, headers } = await fetch(source);
    if (!ok || !body)
      throw new Error(`${source.host} answers ${status}: there is nothing to send.`);
    const file = await fileFrom(body, name ?? decodeURIComponent(basename(source.pathname)));
    return new File([file], file.name, { type: headers.get('content-type') ?? '' });
  }
  if (typeof source === 'string' || source instanceof URL) {
    const path = typeof source === 'string' ? source : fileURLToPath(source);
    // Opening a Blob reads nothing. Node ends the process if a file of a form cannot be read while it is sent.
    await access(path, constants.R_OK);
    if (!(await stat(path)).isFile()) throw new Error(`${path} is no file.`);
    return new File([await openAsBlob(path)], name ?? basename(path));
  }
  if (source instanceof Uint8Array) return new File([Buffer.from(source)], name ?? 'file');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new Error(
        `${name ?? 'The stream'} has more than 128 MiB: write it to a file, and give its path.`,
      );
    }
    chunks.push(chunk);
  }
  return new File([Buffer.concat(chunks)], name ?? 'file');
}
