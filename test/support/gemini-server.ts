/**
 * Speaks the Gemini API on the loopback interface, so that tests can watch what leaves for a model,
 * and see what becomes of every way it can fail.
 * https://ai.google.dev/api/generate-content
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One call, as it arrived. */
interface GeminiRequest {
  model: string;
  apiKey: string | undefined;
  /** The body as sent, to search it for what must not be there. */
  text: string;
  body: GenerateContentBody;
}

interface GenerateContentBody {
  systemInstruction?: { parts: GeminiPart[] };
  contents: { role: string; parts: GeminiPart[] }[];
  generationConfig?: {
    responseMimeType?: string;
    responseJsonSchema?: JsonSchema;
    responseSchema?: JsonSchema;
    [name: string]: unknown;
  };
}

interface GeminiPart {
  text?: string;
  inlineData?: { mimeType: string; data: string };
}

/** An answer; what is left out is a good one. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as it is if it is a string, else as JSON. */
  body?: unknown;
  delayMs?: number;
  /** `hang`: never answer. `reset`: break the connection. */
  instead?: 'hang' | 'reset';
}

export interface GeminiOptions {
  /** 0 = a free one. */
  port?: number;
  /** The only key that is let in; without it, any. */
  apiKey?: string;
  /** Decides each answer that `enqueue` left open. */
  respond?: (request: GeminiRequest, index: number) => Reply | undefined;
}

export interface RunningGemini {
  host: string;
  port: number;
  url: string;
  /** Every call that had a key, in order of arrival. */
  requests: GeminiRequest[];
  /** The next calls get these, one each. */
  enqueue(...replies: Reply[]): void;
  /** Forgets the calls that came and the answers that are left. */
  reset(): void;
  close(): Promise<void>;
}

const CALL = /^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent)(?:\?|$)/;

export async function startGemini(options: GeminiOptions = {}): Promise<RunningGemini> {
  const host = '127.0.0.1';
  const requests: GeminiRequest[] = [];
  const queue: Reply[] = [];

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const call = CALL.exec(req.url ?? '');
    if (req.method !== 'POST' || !call) return send(res, replies.notFound());
    const text = await readText(req);
    const apiKey = req.headers['x-goog-api-key']?.toString();
    if (!apiKey) return send(res, replies.forbidden());
    if (options.apiKey !== undefined && apiKey !== options.apiKey) {
      return send(res, replies.invalidKey());
    }
    const request = { model: call[1] ?? '', apiKey, text, body: JSON.parse(text) };
    const index = requests.push(request) - 1;
    const reply = queue.shift() ?? options.respond?.(request, index) ?? {};
    if (reply.delayMs) await sleep(reply.delayMs);
    if (reply.instead === 'hang') return;
    if (reply.instead === 'reset') return void req.socket.resetAndDestroy();
    const body = reply.body ?? replies.text(JSON.stringify(answerFor(request.body))).body;
    send(res, { ...reply, body }, call[2] === 'streamGenerateContent');
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => res.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host,
    port,
    url: `http://${host}:${port}`,
    requests,
    enqueue: (...more) => void queue.push(...more),
    reset: () => {
      requests.length = 0;
      queue.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The answers that tests ask for, as the service words them. */
export const replies = {
  good: (): Reply => ({}),
  slow: (delayMs: number): Reply => ({ delayMs }),
  hang: (): Reply => ({ instead: 'hang' }),
  reset: (): Reply => ({ instead: 'reset' }),

  text: (text: string, finishReason = 'STOP'): Reply => ({
    body: {
      candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason, index: 0 }],
      usageMetadata: {
        promptTokenCount: 400,
        candidatesTokenCount: 100,
        thoughtsTokenCount: 20,
        totalTokenCount: 520,
      },
    },
  }),
  /** The model stopped at its token limit. */
  cutOff: (): Reply => replies.text('{"title":"A har', 'MAX_TOKENS'),
  truncatedJson: (): Reply => replies.text('{"title":"A harbour","summary":"Boats'),
  wrongSchema: (): Reply => replies.text('{"titel":"A harbour"}'),
  emptyText: (): Reply => replies.text(''),
  noCandidates: (): Reply => ({ body: { usageMetadata: { promptTokenCount: 400 } } }),
  /** The connection ended in good order, in the middle of the JSON. */
  brokenBody: (): Reply => ({ body: '{"candidates":[{"content":' }),
  blockedPrompt: (): Reply => ({
    body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
  }),
  blockedAnswer: (): Reply => ({ body: { candidates: [{ finishReason: 'SAFETY', index: 0 }] } }),

  quotaPerMinute: (retryDelay: string): Reply =>
    apiError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [
      quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'),
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
    ]),
  quotaPerDay: (): Reply =>
    apiError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [
      quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '20.5s' },
    ]),
  quotaOfNothing: (): Reply =>
    apiError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for metric: free_tier_requests, limit: 0'),
  retryAfter: (seconds: number): Reply => ({
    ...apiError(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted.'),
    headers: { 'retry-after': String(seconds) },
  }),
  internal: (): Reply => apiError(500, 'INTERNAL', 'An internal error has occurred.'),
  badGateway: (): Reply => ({
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><title>Error 502 (Server Error)!!1</title></html>',
  }),
  unavailable: (): Reply => apiError(503, 'UNAVAILABLE', 'The model is overloaded.'),
  deadlineExceeded: (): Reply => apiError(504, 'DEADLINE_EXCEEDED', 'Deadline expired.'),
  invalidArgument: (): Reply =>
    apiError(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'),
  invalidKey: (): Reply => apiError(400, 'INVALID_ARGUMENT', 'API key not valid.'),
  forbidden: (): Reply => apiError(403, 'PERMISSION_DENIED', 'Method needs an API key.'),
  notFound: (): Reply =>
    apiError(404, 'NOT_FOUND', 'models/x is not found for API version v1beta.'),
};

function apiError(code: number, status: string, message: string, details?: unknown[]): Reply {
  return { status: code, body: { error: { code, message, status, details } } };
}

function quotaFailure(quotaId: string) {
  return {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaMetric: 'generativelanguage.googleapis.com/requests', quotaId }],
  };
}

type JsonSchema = {
  type?: string;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
};

/** A value that fits the schema which the request asks for. */
function answerFor({ generationConfig }: GenerateContentBody): unknown {
  return valueFor(generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema ?? {});
}

function valueFor(schema: JsonSchema): unknown {
  const first = schema.anyOf?.[0];
  if (first) return valueFor(first);
  if (schema.enum) return schema.enum[0];
  switch (schema.type?.toLowerCase()) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {});
      return Object.fromEntries(members.map(([name, member]) => [name, valueFor(member)]));
    }
    case 'array':
      return [valueFor(schema.items ?? {})];
    case 'integer':
      return 2;
    case 'number':
      return 0.5;
    default:
      return 'harbour';
  }
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(res: ServerResponse, { status = 200, headers = {}, body }: Reply, sse = false): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const asEvents = sse && status === 200;
  res.writeHead(status, {
    'content-type': asEvents ? 'text/event-stream' : 'application/json; charset=UTF-8',
    ...headers,
  });
  res.end(asEvents ? `data: ${text}\r\n\r\n` : text);
}
