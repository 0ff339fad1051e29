/**
 * Speaks `/chat/completions` on the loopback interface, as OpenAI, Ollama and vLLM do, so that tests can watch what leaves
 * for a model, and see what becomes of every way it can fail.
 * https://developers.openai.com/api/reference/resources/chat, https://docs.ollama.com/api/openai-compatibility,
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonSchema, piecesOf, valueFor } from './answer-for-schema.ts';

export type Dialect = 'openai' | 'ollama' | 'vllm';

interface ChatBody {
  model: string;
  messages: { role: string; content: string | ChatPart[] }[];
  stream?: boolean;
  service_tier?: string;
  stream_options?: { include_usage?: boolean };
  max_tokens?: number;
  max_completion_tokens?: number;
  response_format?: { json_schema?: { schema: JsonSchema; strict: boolean } };
}

interface ChatPart {
  type: string;
  text?: string;
  image_url?: { url: string };
}

/** One call, as it arrived. */
interface ChatCall {
  url: string;
  authorization: string | undefined;
  text: string;
  body: ChatBody;
}

/** An answer; what is left out is a good one. */
export interface ChatReply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as it is if it is a string, else as JSON, in place of an answer. */
  body?: unknown;
  /** What the model writes; absent: what fits the schema. */
  text?: string;
  /** What it gives to a tool. */
  call?: string | undefined;
  /** What it thinks, beside what it writes. */
  thoughts?: string | undefined;
  /** Around what the model writes. */
  around?: [before: string, after: string];
  /** Fields of a good answer that are otherwise. */
  changes?: object;
  /** Null: the answer does not say why it ended. */
  finish?: string | null;
  refusal?: string;
  usage?: object | null;
  /** Whether the stream ends with `[DONE]`. */
  done?: boolean;
  /** An event in place of the end: what stands after `data: `. */
  event?: string;
  /** The whole answer as one object, although a stream was asked for. */
  asObject?: boolean;
  delayMs?: number;
  /**
   * `hang`: never answer. `reset`: break the connection. `cut`: break it in the middle of the answer. `endless`: go on
   * until the caller hangs up. `short`: end the answer in its middle, in good order. `linger`: say all, and keep the
   * connection open. `pause`: say half, and keep the connection open.
   */
  instead?: 'hang' | 'reset' | 'cut' | 'endless' | 'short' | 'linger' | 'pause';
}

export interface ChatOptions {
  dialect?: Dialect;
  /** The only key that is let in; without it, any or none. */
  apiKey?: string;
  /** What a request may not have: it is refused with the words of this server. */
  refuses?: string[];
  /** Decides each answer that `enqueue` left open. */
  respond?: (call: ChatCall, index: number) => ChatReply | undefined;
  /** The names of the models that are there; without it, any is. */
  models?: string[];
}

export interface RunningChat {
  url: string;
  calls: ChatCall[];
  /** What a request may not have, from now on. */
  refuses: string[];
  enqueue(...replies: ChatReply[]): void;
  reset(): void;
  close(): Promise<void>;
}

export async function startChat(options: ChatOptions = {}): Promise<RunningChat> {
  const { dialect = 'openai', apiKey, models } = options;
  const calls: ChatCall[] = [];
  const queue: ChatReply[] = [];
  const running = { refuses: options.refuses ?? [] };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { authorization } = req.headers;
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
      return send(res, errorOf(dialect, 401, `Incorrect API key provided: ${authorization}.`));
    }
    const record = /^\/v1\/models\/(.+)$/.exec(req.url ?? '')?.[1];
    if (req.method === 'GET' && record) return send(res, recordOf(decodeURI(record)));
    if (req.method !== 'POST' || req.url !== '/v1/chat/completions') {
      return send(res, { status: 404, headers: PLAIN, body: '404 page not found' });
    }
    const text = await textOf(req);
    const body = JSON.parse(text) as ChatBody;
    const call = { url: req.url, authorization, text, body };
    const index = calls.push(call) - 1;
    const reply =
      refusalOf(dialect, body, running.refuses, models) ??
      queue.shift() ??
      options.respond?.(call, index) ??
      {};
    if (reply.delayMs) await sleep(reply.delayMs);
    if (reply.instead === 'hang') return;
    if (reply.instead === 'reset') return void req.socket.resetAndDestroy();
    if (reply.body !== undefined || reply.status !== undefined) return send(res, reply);
    stream(res, dialect, body, reply);
  }

  function recordOf(name: string): ChatReply {
    if (dialect === 'vllm') return { status: 404, body: { detail: 'Not Found' } };
    if (models && !models.includes(name)) return noModel(dialect, name);
    return { body: { id: name, object: 'model', created: 1, owned_by: 'library' } };
  }

  const server = createServer((req, res) => {
    // A kept connection may close just as the next call takes it: a fault that no test has asked for.
    res.shouldKeepAlive = false;
    handle(req, res).catch((error: unknown) => res.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(running, {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    enqueue: (...more: ChatReply[]) => void queue.push(...more),
    reset: () => {
      calls.length = 0;
      queue.length = 0;
      running.refuses = options.refuses ?? [];
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** The name of the field with the thoughts. */
const THOUGHTS = { openai: 'reasoning', ollama: 'reasoning', vllm: 'reasoning_content' };
const TOOL = { id: 'call_1', type: 'function' };

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

/** How each server words a refusal. */
export function errorOf(
  dialect: Dialect,
  status: number,
  message: string,
  code: string | null = null,
  type = 'invalid_request_error',
): ChatReply {
  const body = {
    openai: { error: { message, type, param: null, code } },
    ollama: { error: { message, type: 'api_error', param: null, code: null } },
    vllm: { object: 'error', message, type: 'BadRequestError', param: null, code: status },
  }[dialect];
  return { status, body };
}

export function noModel(dialect: Dialect, name: string): ChatReply {
  const words = {
    openai: `The model \`${name}\` does not exist or you do not have access to it.`,
    ollama: `model "${name}" not found, try pulling it first`,
    vllm: `The model \`${name}\` does not exist.`,
  }[dialect];
  return errorOf(dialect, 404, words, 'model_not_found');
}

function refusalOf(
  dialect: Dialect,
  body: ChatBody,
  refuses: string[],
  models: string[] | undefined,
): ChatReply | undefined {
  if (models && !models.includes(body.model)) return noModel(dialect, body.model);
  const refused = refuses.find((name) => name in body);
  if (refused === undefined) return undefined;
  const words: Record<string, string> = {
    max_tokens:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    response_format: 'This response_format type is unavailable now',
  };
  return errorOf(dialect, 400, words[refused] ?? `Unrecognized request argument: ${refused}`);
}

function stream(res: ServerResponse, dialect: Dialect, body: ChatBody, reply: ChatReply): void {
  const { schema } = body.response_format?.json_schema ?? {};
  const good = () => {
    const value = valueFor(schema ?? schemaInWords(body)) as object;
    const json = JSON.stringify({ ...value, ...reply.changes });
    // Without a schema to hold it, a small model writes as in a chat.
    return schema ? json : `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nI hope that this helps.`;
  };
  const [before, after] = reply.around ?? ['', ''];
  const text = `${before}${reply.text ?? good()}${after}`;
  const usage =
    reply.usage === undefined
      ? { prompt_tokens: 400, completion_tokens: 120, total_tokens: 520 }
      : reply.usage;
  const finish = reply.finish === undefined ? 'stop' : reply.finish;
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: body.model };
  if (reply.asObject) {
    const tool_calls = reply.call && [{ ...TOOL, function: { arguments: reply.call } }];
    const thoughts = reply.thoughts && { [THOUGHTS[dialect]]: reply.thoughts };
    const message = { role: 'assistant', content: text, refusal: null, tool_calls, ...thoughts };
    const choices = [{ index: 0, message, finish_reason: finish }];
    send(res, { body: { ...head, object: 'chat.completion', choices, usage } });
    return;
  }
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...reply.headers });
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  const wantsUsage = body.stream_options?.include_usage === true;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({
      ...head,
      choices: [{ index: 0, delta, finish_reason }],
      ...(dialect === 'openai' && wantsUsage && { usage: null }),
    });
  // A few characters an event: no delta is JSON, and one event may hold half of an escape.
  const pieces = piecesOf(text, 7);
  const begun = [
    // What OpenRouter sends while it waits.
    ': PROCESSING\n\n',
    chunk({ role: 'assistant', content: '', ...(dialect === 'openai' && { refusal: null }) }),
    ...piecesOf(reply.thoughts ?? '', 7).map((each) => chunk({ [THOUGHTS[dialect]]: each })),
    ...pieces.map((content) => chunk({ content })),
    ...piecesOf(reply.call ?? '', 7).map((each, n) =>
      chunk({ tool_calls: [{ index: 0, ...(n === 0 && TOOL), function: { arguments: each } }] }),
    ),
    ...(reply.refusal ? [chunk({ refusal: reply.refusal })] : []),
  ];
  const ended = [
    ...(finish === null ? [] : [chunk(dialect === 'ollama' ? { content: '' } : {}, finish)]),
    ...(usage && wantsUsage
      ? [event({ ...head, choices: dialect === 'vllm' ? null : [], usage })]
      : []),
    ...(reply.done === false ? [] : ['data: [DONE]\n\n']),
  ];
  const half = begun.slice(0, begun.length / 2).join('');
  if (reply.instead === 'cut') return void res.write(half, () => res.socket?.resetAndDestroy());
  if (reply.instead === 'short') return void res.end(half);
  if (reply.instead === 'pause') return void res.write(half);
  if (reply.instead === 'endless')
    return void sendEndless(res, chunk({ content: ' '.repeat(10_000) }));
  if (reply.event !== undefined) return void res.end(`${half}data: ${reply.event}\n\n`);
  const all = [...begun, ...ended].join('');
  if (reply.instead === 'linger') return void res.write(all);
  res.end(all);
}

/** Where a server refuses schemas, the prompt has it. */
function schemaInWords({ messages }: ChatBody): JsonSchema {
  const text = messages.map(({ content }) => (typeof content === 'string' ? content : '')).join('');
  return JSON.parse(/JSON Schema: (\{.*\})/.exec(text)?.[1] ?? '{}');
}

function sendEndless(res: ServerResponse, event: string): void {
  const goOn = () => {
    while (!res.destroyed && res.write(event));
  };
  res.on('drain', goOn);
  goOn();
}

function send(res: ServerResponse, { status = 200, headers = {}, body }: ChatReply): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
}
