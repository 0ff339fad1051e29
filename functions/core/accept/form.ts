/** Reads multipart forms (RFC 7578) as a stream: each file is passed on before the next one begins. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { MIMEType } from 'node:util';
import { AppError } from '@media-analysis/shared/errors';
import busboy from 'busboy';
import { contentTypeOf } from '../../http/body.ts';
import { type BodyTimeouts, watchBody } from '../../http/body-timeout.ts';
import { countStreamed } from '../../process/memory.ts';
import { createHeaderCleaner, unescapeFileName } from './part-headers.ts';
import { tooManyFiles } from './rejected.ts';

export interface FilePart {
  /** Position among the file parts of the form, from 0. */
  index: number;
  /** As it was sent, with path separators and control characters: only to be shown to people. */
  fileName: string;
  /** The type that the sender claims. */
  contentType: string;
  /** The receiver must read it to its end, also if it rejects the file: the form goes on only then. */
  bytes: Readable;
  /**
   * Aborted, at the latest when `bytes` ends, if the file must not be kept. The reason is `file_too_large`,
   * `empty_file`, or `malformed_body` if the form breaks off.
   */
  signal: AbortSignal;
}

export interface FormLimits {
  files: number;
  fileBytes: number;
  requestBytes: number;
  timeouts: BodyTimeouts;
}

export interface Form<T> {
  /** The results and errors of `onFile`, in the order of the parts. */
  files: { part: FilePart; outcome: PromiseSettledResult<T> }[];
  fields: Record<string, string>;
}

const FORM_TYPE = 'multipart/form-data';
const MAX_FIELDS = 20;
/** As much as a body of JSON. What a field may have is up to its reader. */
const MAX_FIELD_BYTES = 64 * 1024;
const MAX_NAME_LENGTH = 1_000;

/**
 * Reads the whole form and gives each file to `onFile` while it arrives. A file that fails does not stop the others.
 *
 * @param onFile Reads one file. It must throw if the file's signal is aborted.
 * @param undo If the form fails, `undo` is called for each file that `onFile` has finished.
 * @throws {AppError} `not_multipart`, `malformed_body`, `too_many_files`, `invalid_request` or `body_too_large`, after
 *   every `onFile` has ended and was undone.
 */
export async function readForm<T>(
  request: IncomingMessage,
  limits: FormLimits,
  onFile: (part: FilePart) => Promise<T>,
  undo: (result: T) => Promise<void>,
): Promise<Form<T>> {
  const boundary = boundaryOf(request);
  const parser = createParser(boundary, limits);
  const parts: FilePart[] = [];
  const work: Promise<T>[] = [];
  const fields: Record<string, string> = {};

  parser.on('field', (name, value, { valueTruncated }) => {
    if (valueTruncated) {
      parser.destroy(new AppError('invalid_request', `${name}: at most ${MAX_FIELD_BYTES} bytes.`));
    } else if (!Object.hasOwn(fields, name)) {
      fields[name] = value;
    }
  });
  parser.on('file', (_field, stream, info) => {
    // A parser that has failed goes on to the end of the chunk. It would never end a file that begins there.
    if (parser.destroyed) {
      stream.destroy();
      return;
    }
    const sent = (info.filename ?? '').slice(0, MAX_NAME_LENGTH).toWellFormed();
    const fileName = unescapeFileName(sent);
    const part = {
      index: parts.length,
      fileName,
      contentType: info.mimeType,
      bytes: stream,
      signal: watch(stream, fileName, limits.fileBytes),
    };
    parts.push(part);
    const running = onFile(part);
    // The error is handled below. The rest of the bytes is read here, because the form goes on only then.
    running.catch(() => stream.resume());
    work.push(running);
  });
  parser.on('filesLimit', () => parser.destroy(tooManyFiles(limits.files)));
  parser.on('fieldsLimit', () => parser.destroy(tooManyParts()));
  parser.on('partsLimit', () => parser.destroy(tooManyParts()));

  try {
    await parse(request, boundary, parser, limits);
  } catch (error) {
    const outcomes = await Promise.allSettled(work);
    const done = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    await Promise.allSettled(done.map(({ value }) => undo(value)));
    throw error;
  }
  const outcomes = await Promise.allSettled(work);
  const files = outcomes.flatMap((outcome, index) => {
    const part = parts[index];
    return part ? [{ part, outcome }] : [];
  });
  return { files, fields };
}

/** https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 @throws {AppError} `not_multipart`, `malformed_body` */
function boundaryOf(request: IncomingMessage): string {
  const contentType = contentTypeOf(request) ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    throw new AppError(
      'not_multipart',
      'Send the files as multipart/form-data, for example with curl -F "files=@photo.jpg".',
    );
  }
  try {
    const { essence, params } = new MIMEType(contentType);
    const boundary = params.get('boundary');
    if (essence === FORM_TYPE && boundary !== null) return boundary;
    throw new Error(contentType);
  } catch (cause) {
    throw new AppError('malformed_body', 'The multipart Content-Type has no boundary.', { cause });
  }
}

function createParser(boundary: string, limits: FormLimits): busboy.Busboy {
  // Not the header that was sent: the parser and `part-headers.ts` must search for the same boundary.
  const type = new MIMEType(FORM_TYPE);
  type.params.set('boundary', boundary);
  return busboy({
    headers: { 'content-type': type.toString() },
    // Every browser sends names in UTF-8: https://www.rfc-editor.org/rfc/rfc7578#section-5.1.1
    defParamCharset: 'utf8',
    preservePath: true,
    limits: {
      files: limits.files,
      // The parser reports a file or field of exactly this size as too large.
      fileSize: limits.fileBytes + 1,
      fields: MAX_FIELDS,
      fieldSize: MAX_FIELD_BYTES + 1,
      // The parser reports the limit at the end of this part, not at the beginning of the next one.
      parts: limits.files + MAX_FIELDS + 1,
    },
  });
}

/** Resolves when the form is complete. If it fails, the rest of the request is read and dropped. */
function parse(
  request: IncomingMessage,
  boundary: string,
  parser: busboy.Busboy,
  { requestBytes: maxBytes, timeouts }: FormLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cleanHeaders = createHeaderCleaner(boundary);
    let received = 0;
    let failed = false;
    const fail = (cause: unknown) => {
      failed = true;
      const error = asBroken(cause);
      parser.destroy(error);
      // Many senders read the answer only after they have sent everything.
      request.resume();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      if (failed) return;
      received += chunk.length;
      countStreamed(chunk.length);
      if (received > maxBytes) return fail(bodyTooLarge(maxBytes));
      const clean = cleanHeaders(chunk);
      if (!clean) fail(new Error('The header of a part is too long, or has no end.'));
      else if (!parser.write(clean)) request.pause();
    });
    parser.on('drain', () => request.resume());
    const stopWatching = watchBody(request, timeouts, fail);
    request.on('end', () => {
      stopWatching();
      if (!failed) parser.end();
    });
    request.on('error', fail);
    request.on('close', () => {
      stopWatching();
      if (!request.complete) fail(new Error('The connection closed before the body was complete.'));
    });
    // This listener stays: a parser that is destroyed after an error of its own emits the error again.
    parser.on('error', fail);
    parser.on('close', () => failed || resolve());
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) fail(bodyTooLarge(maxBytes));
    // A sender that went away before this point causes no further event.
    if (request.destroyed && !request.complete) fail(new Error('The connection is closed.'));
  });
}

/** @returns a signal that is aborted if the part has too many bytes or none, or is cut off. */
function watch(bytes: Readable, fileName: string, maxBytes: number): AbortSignal {
  const controller = new AbortController();
  let size = 0;
  bytes.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) controller.abort(fileTooLarge(fileName, maxBytes));
  });
  bytes.on('end', () => size === 0 && controller.abort(emptyFile(fileName)));
  bytes.on('error', (error) => controller.abort(asBroken(error)));
  // The listener above would let the bytes flow. They must wait for their reader.
  bytes.pause();
  return controller.signal;
}

/** An error of the parser or of the connection is the sender's fault, so it gets a code of the 4xx kind. */
function asBroken(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('malformed_body', 'The multipart body is broken or was cut off.', { cause });
}

function tooManyParts(): AppError {
  return new AppError('invalid_request', `A form may have ${MAX_FIELDS} fields besides its files.`);
}

function emptyFile(fileName: string): AppError {
  return new AppError('empty_file', `"${fileName}" is empty. Choose a file with content.`);
}

function fileTooLarge(fileName: string, maxBytes: number): AppError {
  return new AppError(
    'file_too_large',
    `"${fileName}" is larger than ${inMegabytes(maxBytes)}. Send a smaller version of it.`,
  );
}

function bodyTooLarge(maxBytes: number): AppError {
  return new AppError(
    'body_too_large',
    `One request may have ${inMegabytes(maxBytes)}. Send fewer files at a time, or smaller ones.`,
  );
}

function inMegabytes(bytes: number): string {
  return `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;
}
