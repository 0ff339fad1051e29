/** Something between the browser and the server that does to event streams what such things do. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * - `pass`: as it is
 * - `reset`: the connection breaks after the first event
 * - `silence`: after the first event nothing comes through, and the connection stays open
 * - `buffer`: an answer is held back until it is complete
 * - `refuse`: 503, or what `refusal` says
 * - `lose`: nothing comes through, and the connection stays open
 */
type StreamMode = 'pass' | 'reset' | 'silence' | 'buffer' | 'refuse' | 'lose';

export interface TestProxy {
  url: string;
  /** What becomes of the next streams, one each. */
  modes: StreamMode[];
  /** What becomes of all further streams. */
  mode: StreamMode;
  refusal: number;
  /** Whether the answers to requests that send files get lost. */
  losesAnswers: boolean;
  /** Whether originals come back as something else. */
  damagesContent: boolean;
  streams: number;
  /** Those that are open now. */
  openStreams: number;
  /** Requests for the state of several media. */
  polls: number;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<TestProxy> {
  const server = http.createServer((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/api/media?ids=')) proxy.polls++;
    if (proxy.damagesContent && path.endsWith('/content')) return void response.end('damaged');
    // The stream of the library comes beside the others, tells the same, and has its own tests: here it tells nothing.
    const isLibrary = path.startsWith('/api/media/stream');
    const isStream = !isLibrary && /^\/api\/.*\/stream\b/.test(path);
    if (isStream) {
      proxy.streams++;
      proxy.openStreams++;
      response.once('close', () => proxy.openStreams--);
    }
    const isLost = proxy.losesAnswers && path === '/api/agent/analyze-media';
    const other = isLost ? 'lose' : isLibrary ? 'silence' : 'pass';
    const mode = isStream ? (proxy.modes.shift() ?? proxy.mode) : other;
    if (mode === 'refuse') return void response.writeHead(proxy.refusal).end('<h1>Refused</h1>');
    forward(target, request, response, mode);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: TestProxy = {
    url: `http://localhost:${port}`,
    modes: [],
    mode: 'pass',
    refusal: 503,
    losesAnswers: false,
    damagesContent: false,
    streams: 0,
    openStreams: 0,
    polls: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function forward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  mode: StreamMode,
): void {
  const { method, headers, url } = request;
  const upstream = http.request(new URL(url ?? '/', target), { method, headers });
  request.pipe(upstream);
  response.on('close', () => upstream.destroy());
  upstream.on('error', () => response.destroy());
  upstream.on('response', (answer) => {
    answer.on('error', () => response.destroy());
    if (mode === 'lose') return void answer.resume();
    const start = () => response.writeHead(answer.statusCode ?? 502, answer.headers);
    if (mode === 'buffer') {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => start().end(Buffer.concat(chunks)));
      return;
    }
    start().flushHeaders();
    if (mode === 'pass') {
      answer.pipe(response);
      return;
    }
    let text = '';
    answer.on('data', (chunk) => {
      if (text.includes('data:')) return;
      text += chunk;
      response.write(chunk);
      if (mode === 'reset' && text.includes('data:')) {
        // What was written must get out first.
        setImmediate(() => response.socket?.resetAndDestroy());
      }
    });
  });
}
