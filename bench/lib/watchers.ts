/**
 * Many readers of event streams in one process. They use plain sockets and almost no parsing, so that the
 * server works more than they do.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

interface WatchedEvent {
  mediaId: string;
  revision: number;
}

export interface WatchOptions {
  port: number;
  path: string;
  token?: string;
  onEvent?: (event: WatchedEvent, watcher: Watcher) => void;
}

const EVENT_END = '\n\n';

/** One open stream. */
export class Watcher {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #onEvent: WatchOptions['onEvent'];
  #text = '';

  constructor({ port, path, token, onEvent }: WatchOptions) {
    this.#onEvent = onEvent;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${authorization}\r\n`,
    );
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.once('close', () => reject(new Error('The server closed the stream.')));
      this.#socket.once('data', (text) => {
        if (text.toString().startsWith('HTTP/1.1 200')) resolve();
        else reject(new Error(text.toString()));
      });
    });
    this.#socket.on('data', (text) => this.#take(text.toString()));
  }

  /** Stops reading until `resume`. Events then fill the buffers between the server and this reader. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.on('error', () => undefined);
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#text += text;
    for (;;) {
      const end = this.#text.indexOf(EVENT_END);
      if (end === -1) return;
      this.#emit(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + EVENT_END.length);
    }
  }

  #emit(block: string): void {
    if (!this.#onEvent) return;
    const mediaId = /"id":"(\w+)"/.exec(block)?.[1];
    const revision = /"revision":(\d+)/.exec(block)?.[1];
    if (mediaId && revision) this.#onEvent({ mediaId, revision: Number(revision) }, this);
  }
}

const RETRY_AFTER = /^HTTP\/1\.1 503.*\r\nRetry-After: (\d+)/is;

/** Opens a stream. Like a browser it comes back to a busy server when the server says. */
async function openWatcher(options: WatchOptions): Promise<Watcher> {
  for (;;) {
    const watcher = new Watcher(options);
    const refusal = await watcher.opened.then(
      () => undefined,
      (error: Error) => error,
    );
    if (!refusal) return watcher;
    watcher.close();
    const retryAfter = RETRY_AFTER.exec(refusal.message)?.[1];
    if (retryAfter === undefined) throw refusal;
    await sleep(Number(retryAfter) * 1_000);
  }
}

/** Opens `count` streams, some at a time, and waits until all are open. */
export async function openWatchers(
  count: number,
  options: (index: number) => WatchOptions,
): Promise<Watcher[]> {
  const AT_A_TIME = 50;
  const watchers: Watcher[] = [];
  for (let start = 0; start < count; start += AT_A_TIME) {
    const some = Array.from({ length: Math.min(AT_A_TIME, count - start) }, (_, index) =>
      openWatcher(options(start + index)),
    );
    watchers.push(...(await Promise.all(some)));
  }
  return watchers;
}
