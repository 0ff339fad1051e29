/**
 * Speaks the Gemini API on the loopback interface, so that tests can watch what leaves for a model,
 * and see what becomes of every way it can fail.
 * https://ai.google.dev/api/generate-content
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type JsonSchema, piecesOf, valueFor } from './answer-for-schema.ts';
import type { Written } from './answer-rows.ts';
import { answerEmbedding, type EmbedRequest } from './gemini-embeddings.ts';
import { GeminiFiles } from './gemini-files.ts';

/** One call, as it arrived. */
interface GeminiRequest {
  model: string;
  /** Path and query. */
  url: string;
  /** Of Vertex AI: the host that was asked, before the call was redirected here. */
  host: string | undefined;
  /** Of the Gemini API; Vertex AI takes `authorization`. */
  apiKey: string | undefined;
  authorization: string | undefined;
  /** Of Vertex AI: the tier, which it takes in a header. */
  requestType: string | undefined;
  /** The body as sent, to search it for what must not be there. */
  text: string;
  body: GenerateContentBody;
}

interface GenerateContentBody {
  serviceTier?: string;
  systemInstruction?: { parts: GeminiPart[] };
  contents: { role: string; parts: GeminiPart[] }[];
  generationConfig?: {
    responseMimeType?: string;
    responseJsonSchema?: JsonSchema;
    responseSchema?: JsonSchema;
    [name: string]: unknown;
  };
}

interface StreamedCandidate {
  content?: { parts?: GeminiPart[] };
  finishReason?: string;
}

interface GeminiPart {
  text?: string;
  thought?: boolean;
  inlineData?: { mimeType: string; data: string };
  fileData?: { mimeType: string; fileUri: string };
}

/** An answer; what is left out is a good one. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as it is if it is a string, else as JSON. */
  body?: unknown;
  /** What the answer says it took, besides what it takes if nobody says anything. */
  usageMetadata?: object;
  /** Fields of a good answer that are otherwise. */
  changes?: object;
  /** Why a good answer ended; without it, as it should. */
  finishReason?: string;
  delayMs?: number;
  /** Answers once this is resolved. */
  until?: Promise<void>;
  /**
   * `hang`: never answer. `reset`: break the connection. `cut`: break it after half of the answer. `endless`: go on with
   * the answer until the caller hangs up. `break`: break the connection after the body. `stall`: send nothing after the
   * body, and do not end it.
   */
  instead?: 'hang' | 'reset' | 'cut' | 'endless' | 'break' | 'stall';
}

export interface GeminiOptions {
  /** 0 = a free one. */
  port?: number;
  /** The only key that is let in; without it, any. */
  apiKey?: string;
  /** The model that answers what another one is asked; without it, each answers for itself. */
  answersAs?: (asked: string) => string;
  /** Whether there is such a model, for who asks for its record; without it, there is. */
  exists?: (model: string) => boolean;
  /** Decides each answer to a text whose vector is wanted; without it, a good one. */
  embed?: (request: EmbedRequest) => Reply | undefined;
  /** Decides each answer that `enqueue` left open. */
  respond?: (request: GeminiRequest, index: number) => Reply | undefined;
}

export interface RunningGemini {
  host: string;
  port: number;
  url: string;
  /** With these, a stack asks this model. */
  settings: Record<'ANALYSIS_MODEL' | 'GEMINI_API_KEY' | 'GEMINI_BASE_URL', string>;
  /** Every call that had a key, in order of arrival. */
  requests: GeminiRequest[];
  /** Every text whose vector was wanted. They are no calls of a model that writes. */
  embeddings: EmbedRequest[];
  /** What was sent ahead of a call. */
  files: GeminiFiles;
  /** The next calls get these, one each. */
  enqueue(...replies: Reply[]): void;
  /** Forgets the calls that came and the answers that are left. */
  reset(): void;
  close(): Promise<void>;
}

/** `/v1beta/models/…`, and of Vertex AI `/v1beta1/projects/…/models/…`. */
const CALL =
  /^\/v1(?:beta1?)?\/(?:projects\/.+\/google\/)?models\/([^/:]+):(generateContent|streamGenerateContent)(?:\?|$)/;

/** https://ai.google.dev/api/embeddings#method:-models.embedcontent */
const EMBED = /^\/v1(?:beta)?\/models\/([^/:]+):embedContent$/;

/** https://ai.google.dev/api/models#method:-models.get, and of Vertex AI `publishers.models.get`. */
const RECORD = /^\/v1(?:beta1?)?\/(?:publishers\/google\/)?models\/([^/:?]+)$/;

function answerForRecord(
  model: string,
  { headers }: IncomingMessage,
  { apiKey, exists }: GeminiOptions,
): Reply {
  const key = headers['x-goog-api-key'];
  if (key && apiKey !== undefined && key !== apiKey) return replies.invalidKey();
  if (exists && !exists(model)) return replies.noSuchModel();
  return { body: { name: `models/${model}`, version: '001', outputTokenLimit: 65_536 } };
}

export async function startGemini(options: GeminiOptions = {}): Promise<RunningGemini> {
  const host = '127.0.0.1';
  const requests: GeminiRequest[] = [];
  const embeddings: EmbedRequest[] = [];
  const queue: Reply[] = [];
  const files = new GeminiFiles();

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (await files.handle(req, res)) return;
    const record = req.method === 'GET' && RECORD.exec(req.url ?? '');
    if (record) return send(res, answerForRecord(record[1] ?? '', req, options));
    const embed = EMBED.exec(req.url ?? '');
    if (req.method === 'POST' && embed) {
      const request = { model: embed[1] ?? '', body: JSON.parse(await readText(req)) };
      embeddings.push(request);
      const key = req.headers['x-goog-api-key'];
      if (options.apiKey !== undefined && key !== options.apiKey)
        return send(res, replies.invalidKey());
      const reply = options.embed?.(request) ?? {};
      await reply.until;
      if (reply.instead === 'hang') return;
      return send(res, { body: answerEmbedding(request), ...reply });
    }
    const call = CALL.exec(req.url ?? '');
    if (req.method !== 'POST' || !call) return send(res, replies.notFound());
    const text = await readText(req);
    const apiKey = req.headers['x-goog-api-key']?.toString();
    const { authorization } = req.headers;
    if (!apiKey && !authorization) return send(res, replies.forbidden());
    if (apiKey && options.apiKey !== undefined && apiKey !== options.apiKey) {
      return send(res, replies.invalidKey());
    }
    const url = req.url ?? '';
    const body = JSON.parse(text);
    const host = req.headers['x-asked-host']?.toString();
    const requestType = req.headers['x-vertex-ai-llm-shared-request-type']?.toString();
    const caller = { host, apiKey, authorization, requestType };
    const request = { model: call[1] ?? '', url, ...caller, text, body };
    const index = requests.push(request) - 1;
    const reply = queue.shift() ?? options.respond?.(request, index) ?? {};
    if (reply.delayMs) await sleep(reply.delayMs);
    await reply.until;
    if (reply.instead === 'hang') return;
    if (reply.instead === 'reset') return void req.socket.resetAndDestroy();
    const good = () => JSON.stringify({ ...(answerFor(body) as object), ...reply.changes });
    const answer = reply.body ?? replies.text(good(), reply.finishReason).body;
    const modelVersion = options.answersAs?.(request.model) ?? request.model;
    const signed = isCandidates(answer)
      ? {
          modelVersion,
          ...answer,
          usageMetadata: { ...answer.usageMetadata, ...reply.usageMetadata },
        }
      : answer;
    send(res, { ...reply, body: signed }, call[2] === 'streamGenerateContent');
  }

  const server = createServer((req, res) => {
    // A kept connection may close just as the next call takes it: a fault that no test has asked for.
    res.shouldKeepAlive = false;
    handle(req, res).catch((error: unknown) => res.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  return {
    host,
    port,
    url,
    settings: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: url,
    },
    requests,
    embeddings,
    files,
    enqueue: (...more) => void queue.push(...more),
    reset: () => {
      requests.length = 0;
      embeddings.length = 0;
      queue.length = 0;
      files.reset();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isCandidates(body: unknown): body is { candidates: unknown; usageMetadata?: object } {
  return typeof body === 'object' && body !== null && 'candidates' in body;
}

/** The answers that tests ask for, as the service words them. */
export const replies = {
  good: (): Reply => ({}),
  slow: (delayMs: number): Reply => ({ delayMs }),
  hang: (): Reply => ({ instead: 'hang' }),
  reset: (): Reply => ({ instead: 'reset' }),
  cut: (): Reply => ({ instead: 'cut' }),
  endless: (): Reply => ({ instead: 'endless' }),
  endlessError: (): Reply => ({ status: 500, instead: 'endless' }),
  /** A proxy that says one thing and sends another. */
  bodyOfSuccess: (): Reply => apiError(500, 'OK', 'Fine.', undefined, 200),

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
  written: ({ text = '', call, thoughts }: Written): Reply => ({
    body: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              ...(thoughts === undefined ? [] : [{ text: thoughts, thought: true }]),
              ...(text === '' ? [] : [{ text }]),
              // The service reads the arguments, and gives none if they are no JSON.
              ...(call === undefined
                ? []
                : [{ functionCall: { name: 'answer', args: args(call) } }]),
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 400, candidatesTokenCount: 100, totalTokenCount: 500 },
    },
  }),
  /** A good answer that took what it says. */
  usage: (usageMetadata: object): Reply => ({ usageMetadata }),

  /** The model stopped at its token limit. */
  cutOff: (): Reply => replies.text('{"title":"A har', 'MAX_TOKENS'),
  truncatedJson: (): Reply => replies.text('{"title":"A harbour","summary":"Boats'),
  wrongSchema: (): Reply => replies.text('{"titel":"A harbour"}'),
  emptyText: (): Reply => replies.text(''),
  noCandidates: (): Reply => ({ body: { usageMetadata: { promptTokenCount: 400 } } }),
  /** The service took the prompt, thought about it, and wrote nothing. */
  onlyUsage: (): Reply => ({
    body: { usageMetadata: { promptTokenCount: 400, thoughtsTokenCount: 900 } },
  }),
  /** Whole, but the model went on with blanks. */
  blanksToTheLimit: (): Reply => ({ changes: {}, finishReason: 'MAX_TOKENS' }),
  /** An error after the head of the answer, which said 200: as the last event of all. */
  failing: ({ body }: Reply, before = ''): Reply => ({
    headers: { 'content-type': 'text/event-stream' },
    body: `${before}${JSON.stringify(body)}\r\n\r\n`,
  }),
  /**
   * The first events of an answer. As with the service, each says what the answer took so far.
   * @param text The text so far, in one event for each 200 characters.
   * @param finishReason Of the last event; without it, more would come.
   */
  begun: (text: string, then: 'break' | 'stall' | 'end', finishReason?: string): Reply => {
    const pieces = text.match(/[\s\S]{1,200}/g) ?? [];
    const events = pieces.map((piece, n) => ({
      candidates: [
        {
          content: { role: 'model', parts: [{ text: piece }] },
          ...(n === pieces.length - 1 && finishReason !== undefined && { finishReason }),
        },
      ],
      usageMetadata: { promptTokenCount: 400, candidatesTokenCount: 50 * (n + 1) },
    }));
    const body = events.map((event) => `${JSON.stringify(event)}\r\n\r\n`).join('data: ');
    return {
      headers: { 'content-type': 'text/event-stream' },
      body,
      ...(then !== 'end' && { instead: then }),
    };
  },
  /** The connection ended in good order, in the middle of the JSON. */
  brokenBody: (): Reply => ({ body: '{"candidates":[{"content":' }),
  blockedPrompt: (): Reply => ({
    body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
  }),
  blockedAnswer: (): Reply => replies.brokenOff('SAFETY'),
  /** An answer that a filter broke off: nothing of it is left but the reason. */
  brokenOff: (finishReason: string): Reply => ({
    body: {
      candidates: [{ finishReason, index: 0 }],
      usageMetadata: { promptTokenCount: 400, candidatesTokenCount: 100, totalTokenCount: 500 },
    },
  }),
  /** The model stopped at its token limit before it came to an answer. */
  onlyThoughts: (): Reply => ({
    body: {
      candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }],
      usageMetadata: { promptTokenCount: 400, thoughtsTokenCount: 16_380, totalTokenCount: 16_780 },
    },
  }),
  /** A good answer, but for what `changes` says. */
  answer: (changes: object): Reply => ({ changes }),

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
  /** Of a project that names something in Cloud Storage for the first time. */
  provisioning: (): Reply =>
    apiError(
      400,
      'FAILED_PRECONDITION',
      'Service agents are being provisioned. Please try again in a few minutes.',
    ),
  /** https://github.com/googleapis/js-genai/issues/1385 */
  urlNotFetched: (): Reply =>
    apiError(400, 'INVALID_ARGUMENT', 'Cannot fetch content from the provided URL.'),
  unsupportedKind: (): Reply =>
    apiError(400, 'INVALID_ARGUMENT', 'Unsupported MIME type: video/quicktime'),
  /** A page of something that stands between, with a good status. */
  html: (): Reply => ({
    headers: { 'content-type': 'text/html' },
    body: '<html><title>Please sign in</title></html>',
  }),
  otherJson: (): Reply => ({ body: { status: 'ok', error: 'no such app' } }),
  forbidden: (): Reply => apiError(403, 'PERMISSION_DENIED', 'Method needs an API key.'),
  noBilling: (): Reply =>
    apiError(403, 'PERMISSION_DENIED', 'This API method requires billing to be enabled.'),
  /** An address that there is not. */
  notFound: (): Reply => apiError(404, 'NOT_FOUND', 'Requested entity was not found.'),
  noSuchModel: (): Reply =>
    apiError(404, 'NOT_FOUND', 'models/x is not found for API version v1beta.'),
  closedToNewKeys: (): Reply =>
    apiError(404, 'NOT_FOUND', 'This model models/x is no longer available to new users.'),
  spendCap: (): Reply =>
    apiError(429, 'RESOURCE_EXHAUSTED', 'Your project has exceeded its monthly spending cap.'),
  emptyBalance: (): Reply =>
    apiError(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.'),
};

function args(call: string): unknown {
  try {
    return JSON.parse(call);
  } catch {
    return {};
  }
}

function apiError(
  status: number,
  name: string,
  message: string,
  details?: unknown[],
  code = status,
): Reply {
  return { status, body: { error: { code, message, status: name, details } } };
}

function quotaFailure(quotaId: string) {
  return {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaMetric: 'generativelanguage.googleapis.com/requests', quotaId }],
  };
}

/** A value that fits the schema which the request asks for. */
function answerFor({ generationConfig }: GenerateContentBody): unknown {
  return valueFor(generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema ?? {});
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(res: ServerResponse, reply: Reply, asStream = false): void {
  const { status = 200, headers = {}, body, instead } = reply;
  const stream = asStream && status === 200;
  res.writeHead(status, {
    'content-type': stream ? 'text/event-stream' : 'application/json; charset=UTF-8',
    ...headers,
  });
  if (instead === 'endless') return void sendEndless(res, stream);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = stream ? eventsOf(body).join('') : text;
  if (instead === 'stall') return void res.write(all);
  if (instead === 'break') return void res.write(all, () => res.socket?.resetAndDestroy());
  if (instead !== 'cut') return void res.end(all);
  res.write(all.slice(0, all.length / 2), () => res.socket?.resetAndDestroy());
}

/** As fast as the caller reads: events, each with a piece of the text, or one body of spaces. */
function sendEndless(res: ServerResponse, stream: boolean): void {
  const text = ' '.repeat(10_000);
  const [event] = eventsOf({ candidates: [{ content: { role: 'model', parts: [{ text }] } }] });
  const goOn = () => {
    while (!res.destroyed && res.write(stream ? event : text));
  };
  res.on('drain', goOn);
  goOn();
}

/** As the service streams: the text in pieces, and at the end why it ended and what it took. */
function eventsOf(body: unknown): string[] {
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\r\n\r\n`;
  if (typeof body === 'string') return [`data: ${body}`];
  const { candidates, ...rest } = body as { candidates?: StreamedCandidate[] };
  const [candidate] = candidates ?? [];
  const [part, ...others] = candidate?.content?.parts ?? [];
  const text = part?.text;
  if (!candidate || !text || part.thought || others.length > 0) return [event(body)];
  const { finishReason, ...piece } = candidate;
  const pieces = piecesOf(text, 200);
  const withText = (part: string) => ({
    ...piece,
    content: { role: 'model', parts: [{ text: part }] },
  });
  const { usageMetadata: _, ...head } = rest as { usageMetadata?: unknown };
  return [
    ...pieces.map((part) => event({ candidates: [withText(part)], ...head })),
    event({ candidates: [{ ...withText(''), finishReason }], ...rest }),
  ];
}
