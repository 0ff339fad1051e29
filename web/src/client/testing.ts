/** For tests: a clock that only the test advances, and a server that the test controls. */
import type { AnalysisInfo } from '@media-analysis/shared/analyses';
import type { AnalysisResult, Media } from '@media-analysis/shared/media';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import type { Clock, WakeUps } from './clock.ts';

export class FakeClock implements Clock {
  #time = 0;
  #timers: { at: number; fn: () => void }[] = [];

  now = () => this.#time;
  /** With 0.5 a backoff waits for three quarters of its ceiling. */
  random = () => 0.5;

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#time + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settle();
    for (;;) {
      const next = this.#timers.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers.shift();
      this.#time = next.at;
      next.fn();
      await settle();
    }
    this.#time = end;
  }
}

/** Waits until all promises and callbacks that are ready have run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeWakeUps implements WakeUps {
  readonly #wakes = new Set<(reason: 'online' | 'visible') => void>();

  subscribe(wake: (reason: 'online' | 'visible') => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  fire(reason: 'online' | 'visible'): void {
    for (const wake of [...this.#wakes]) wake(reason);
  }
}

export class FakeServer {
  readonly streams: ReturnType<typeof openStream>[] = [];
  readonly polls: URL[] = [];
  /** Answers a request for a stream, if set. */
  refuseStream: (() => Response) | undefined;
  /** Answers a poll, if set. */
  refusePoll: (() => Response) | undefined;
  /** The media that polling finds. */
  media: Media[] = [];
  isDown = false;

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), 'http://server.test');
    init.signal?.throwIfAborted();
    if (this.isDown) throw new TypeError('fetch failed');
    if (url.pathname.endsWith('/stream')) {
      const refusal = this.refuseStream?.();
      if (refusal) return refusal;
      this.streams.push(openStream(url, init));
      return this.latest.response;
    }
    this.polls.push(url);
    if (this.refusePoll) return this.refusePoll();
    const ids = url.searchParams.get('ids')?.split(',') ?? [];
    return Response.json({ media: this.media.filter(({ id }) => ids.includes(id)) });
  };

  get latest() {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('No stream was opened.');
    return stream;
  }
}

/** The server's side of a stream. */
function openStream(url: URL, { headers, signal }: RequestInit) {
  let isOpen = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      isOpen = false;
    },
  });
  const act = async (work: () => void, staysOpen = false) => {
    if (isOpen) work();
    isOpen &&= staysOpen;
    await settle();
  };
  signal?.addEventListener('abort', () => void act(() => controller?.error(signal.reason)));
  return {
    url,
    headers: new Headers(headers),
    response: new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }),
    isOpen: () => isOpen,
    send: (text: string) => act(() => controller?.enqueue(new TextEncoder().encode(text)), true),
    /** Breaks the connection. */
    cut: () => act(() => controller?.error(new TypeError('terminated'))),
  };
}

export function media(id: string, change: Partial<Media> = {}): Media {
  return {
    id,
    file_name: `${id}.jpg`,
    content_type: 'image/jpeg',
    size: 1,
    status: 'analyzing',
    progress: 0.5,
    attempts: 1,
    error_code: null,
    error_message: null,
    retry_at: null,
    wait_code: null,
    url: null,
    analytics: null,
    usage: null,
    revision: 1,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

export const done = (id: string, revision = 9) =>
  media(id, { status: 'completed', progress: 1, revision });

/** An analysis as `GET /api/analyses` lists it. */
export function analysisInfo(change: Partial<AnalysisInfo> = {}): AnalysisInfo {
  return {
    name: 'receipt',
    title: 'Receipt',
    description: 'Reads a receipt.',
    translations: {},
    input: {},
    required: [],
    output: { type: 'object', properties: {} },
    version: 'receipt-1f0a2b3c',
    offered: true,
    ...change,
  };
}

export function analysisResult(change: Partial<AnalysisResult> = {}): AnalysisResult {
  return {
    status: 'completed',
    input: {},
    output: null,
    model: 'local/vision',
    version: 'receipt-1f0a2b3c',
    usage: null,
    error_code: null,
    error_message: null,
    updated_at: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

/** A reanalysis of four media that is running. */
export function reanalysis(change: Partial<Reanalysis> = {}): Reanalysis {
  return {
    id: 'r1',
    analysis: 'receipt',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter: { only: 'any' },
    state: 'running',
    wait_code: null,
    quote: {
      media: 4,
      up_to_date: 0,
      not_possible: 0,
      input_tokens: 4_000,
      output_tokens: 400,
      cost_usd: 0.0016,
      minutes: 1,
      receipts: 3,
      note: null,
      expires_at: '2026-01-01T01:00:00.000Z',
    },
    done: 0,
    failed: 0,
    skipped: 0,
    in_flight: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_usd: 0,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ended_at: null,
    revision: 1,
    ...change,
  };
}

/** A media as the stream sends it. */
export const event = (state: Media) => `id: ${state.revision}\ndata: ${JSON.stringify(state)}\n\n`;
