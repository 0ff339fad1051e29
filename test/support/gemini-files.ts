/** The Files API of the Gemini API, as https://ai.google.dev/api/files has it: sent in pieces, ready after a while. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type FileState = 'PROCESSING' | 'ACTIVE' | 'FAILED';

export interface GeminiFile {
  /** `files/…` */
  name: string;
  uri: string;
  mimeType: string;
  /** What was announced. */
  size: number;
  bytes: Buffer;
  /** The sizes of the pieces that came. */
  pieces: number[];
  /** The state after each further question; the last one stays. */
  states: FileState[];
  isDeleted: boolean;
}

/** What goes wrong once, at the next piece: `lost`, it arrives and its answer does not; `refused`, it does not arrive. */
export type PieceFault = 'lost' | 'refused';

/** A piece that is not the last one is a multiple of this. */
const GRANULARITY = 256 * 1024;

export class GeminiFiles {
  readonly all: GeminiFile[] = [];
  /** Of the files to come. */
  states: FileState[] = ['PROCESSING', 'ACTIVE'];
  faults: PieceFault[] = [];
  /** Whether the service can read a file, if that is to depend on what is in it. */
  canRead: (bytes: Buffer) => boolean = () => true;
  /** Answers to the next requests that are no pieces: a status each. */
  refusals: number[] = [];
  /** All that came but the pieces' bytes, to search it for what must not be there. */
  readonly texts: string[] = [];
  /** Never answers who wants a file deleted. */
  keepsDeleting = false;

  reset(): void {
    this.all.length = 0;
    this.texts.length = 0;
    this.states = ['PROCESSING', 'ACTIVE'];
    this.faults = [];
    this.refusals = [];
    this.keepsDeleting = false;
  }

  /** @returns whether the request was one of this API. */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const url = new URL(req.url ?? '', `http://${req.headers.host}`);
    const id = url.searchParams.get('upload_id');
    const name = /^\/v1beta\/(files\/\w+)$/.exec(url.pathname)?.[1];
    if (url.pathname !== '/upload/v1beta/files' && name === undefined) return false;
    if (id !== null) {
      await this.#take(req, res, Number(id));
      return true;
    }
    const body = (await buffer(req)).toString();
    this.texts.push(`${req.url} ${JSON.stringify(req.headers)} ${body}`);
    const refusal = this.refusals.shift();
    if (!req.headers['x-goog-api-key']) answer(res, 403);
    else if (refusal !== undefined) answer(res, refusal);
    else if (name === undefined) this.#start(req, res, url);
    else this.#tell(req, res, name);
    return true;
  }

  #start(req: IncomingMessage, res: ServerResponse, url: URL): void {
    const id = this.all.length;
    this.all.push({
      name: `files/f${id}`,
      uri: `${url.origin}/v1beta/files/f${id}`,
      mimeType: String(req.headers['x-goog-upload-header-content-type']),
      size: Number(req.headers['x-goog-upload-header-content-length']),
      bytes: Buffer.alloc(0),
      pieces: [],
      states: [...this.states],
      isDeleted: false,
    });
    res.setHeader('x-goog-upload-url', `${url.href}?upload_id=${id}&upload_protocol=resumable`);
    answer(res, 200, {});
  }

  async #take(req: IncomingMessage, res: ServerResponse, id: number): Promise<void> {
    const file = this.all[id];
    this.texts.push(`${req.url} ${JSON.stringify(req.headers)}`);
    const commands = String(req.headers['x-goog-upload-command']).split(', ');
    const piece = await buffer(req);
    if (!file) return answer(res, 404);
    res.setHeader('x-goog-upload-status', 'active');
    res.setHeader('x-goog-upload-size-received', file.bytes.length);
    if (commands.includes('query')) return answer(res, 200, {});
    const fault = this.faults.shift();
    if (fault === 'refused') return answer(res, 503);
    const isLast = commands.includes('finalize');
    const isInPlace = Number(req.headers['x-goog-upload-offset']) === file.bytes.length;
    if (!isInPlace || (!isLast && piece.length % GRANULARITY !== 0)) return answer(res, 400);
    file.bytes = Buffer.concat([file.bytes, piece]);
    file.pieces.push(piece.length);
    if (fault === 'lost') return void req.socket.resetAndDestroy();
    if (!isLast) return answer(res, 200, {});
    if (file.bytes.length !== file.size) return answer(res, 400);
    if (!this.canRead(file.bytes)) file.states = ['PROCESSING', 'FAILED'];
    answer(res, 200, { file: describe(file) });
  }

  #tell(req: IncomingMessage, res: ServerResponse, name: string): void {
    const file = this.all.find((each) => each.name === name && !each.isDeleted);
    if (!file) {
      answer(res, 403);
    } else if (req.method === 'DELETE') {
      if (this.keepsDeleting) return;
      file.isDeleted = true;
      answer(res, 200, {});
    } else {
      if (file.states.length > 1) file.states.shift();
      answer(res, 200, describe(file));
    }
  }
}

function describe({ name, uri, mimeType, size, states }: GeminiFile) {
  const [state] = states;
  const error = state === 'FAILED' ? { error: { code: 3, message: 'no video stream' } } : {};
  return { name, uri, mimeType, sizeBytes: String(size), state, ...error };
}

function answer(res: ServerResponse, status: number, body: unknown = { error: { code: status } }) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}
