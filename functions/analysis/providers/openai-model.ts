/** A Genkit model that asks a server of `/chat/completions`. The answer is streamed. */
import type { Tier } from '@media-analysis/shared/analytics';
import { createParser } from 'eventsource-parser';
import type { GenerateRequest, Genkit, MessageData } from 'genkit';
import { z } from 'zod';
import { PROVIDERS } from '../catalog/model-name.ts';
import { BlockedError, CutOffError, InvalidOutputError, UnavailableError } from '../errors.ts';
import { patientDispatcher } from '../patient-dispatcher.ts';
import { foreign, unreachable } from '../unreachable.ts';
import { errorInStream, readErrorBody, refusalOf, SERVICE, withoutKey } from './openai-errors.ts';
import { closed, hasAllRequired, type JsonSchema } from './strict-schema.ts';

/** An answer at the token limit has about 100 kB of text, in events. A longer one has no end. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** The start of an answer decides whether it comes from the API. */
const MAX_HEAD = 1_000;

/** A server may refuse these parts of a request. Then the call is made without them. */
type Extra = 'response_format' | 'stream_options' | 'max_tokens' | 'max_completion_tokens';

export function defineChatModel(
  ai: Genkit,
  name: string,
  address: string,
  apiKey: string | undefined,
): void {
  /** Parts that this server has refused. They are not sent again. */
  const refused = new Set<Extra>();
  const supports = { media: true, multiturn: false, tools: false, constrained: 'all' as const };
  ai.defineModel(
    { apiVersion: 'v2', name: `openai/${name}`, supports },
    async (request, { abortSignal: signal, sendChunk }) => {
      const isPatient = configOf(request).serviceTier === 'flex';
      const server = { url: `${address}/chat/completions`, apiKey, signal, isPatient };
      const response = await askWithout(refused, server, (extras) =>
        bodyOf(name, address, request, extras),
      );
      const onText = (text: string) => sendChunk({ index: 0, content: [{ text }] });
      const answer = await readAnswer(response, server, onText);
      return {
        message: { role: 'model', content: partsOf(answer) },
        finishReason: FINISH[answer.finish ?? 'stop'] ?? 'other',
        usage: answer.usage ?? {},
        custom: { model: answer.model, tier: answer.tier, isWhole: answer.isWhole },
      };
    },
  );
}

const FINISH: Record<string, 'stop' | 'length' | 'blocked'> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'blocked',
};

interface Server {
  url: string;
  apiKey: string | undefined;
  signal: AbortSignal;
  /** The answer may begin late. */
  isPatient: boolean;
}

/** Asks again without the parts that the server names in its refusal, and adds them to `refused`. */
async function askWithout(
  refused: Set<Extra>,
  server: Server,
  bodyFor: (refused: ReadonlySet<Extra>) => Record<string, unknown>,
): Promise<Response> {
  const without = new Set(refused);
  for (;;) {
    const body = bodyFor(without);
    const response = await post(server, body);
    if (response.ok) {
      // Only if it has helped: an error may also repeat words of a prompt.
      for (const extra of without) refused.add(extra);
      return response;
    }
    const error = await readErrorBody(response);
    const extras = REFUSING.has(response.status) ? namedExtras(error.text, body) : [];
    if (extras.length === 0) throw refusalOf(response, error, server.apiKey);
    for (const extra of extras) without.add(extra);
  }
}

/** A server should answer 400 to an unknown part. Some answer 422, and forks of llama.cpp 500. */
const REFUSING: ReadonlySet<number> = new Set([400, 422, 500, 501]);

/** The parts of `body` that the server's words name. */
function namedExtras(words: string, body: Record<string, unknown>): Extra[] {
  const named: Extra[] = [];
  // Also if our limit is higher than the server's, which ends answers itself. A prompt that is too long would be so without the
  // limit too.
  if (/max_(completion_)?tokens/i.test(words)) {
    named.push('max_tokens');
    // Try the other name of the limit, but not if the number was too high.
    if (!/unsupported|unknown|unrecognized|not (supported|permitted)|extra/i.test(words)) {
      named.push('max_completion_tokens');
    } else if ('max_completion_tokens' in body) {
      named.splice(0, 1, 'max_completion_tokens');
    }
  } else if (/stream_options|include_usage/i.test(words)) named.push('stream_options');
  else if (/response.?format|json.?schema|structured.?output|grammar/i.test(words)) {
    named.push('response_format');
  }
  const isSent = named.some((extra) => extra in body);
  return isSent ? named : [];
}

async function post({ url, apiKey, signal, isPatient }: Server, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
    // Pictures go only to the address that the operator has set.
    redirect: 'manual',
    signal,
    ...(isPatient && patientDispatcher()),
  }).catch((error: Error) => {
    signal.throwIfAborted();
    throw unreachable(error, url, SERVICE) ?? new UnavailableError('no answer', { cause: error });
  });
}

/** https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create */
function bodyOf(
  name: string,
  address: string,
  request: GenerateRequest,
  refused: ReadonlySet<Extra>,
): Record<string, unknown> {
  const { messages, output } = request;
  const { maxOutputTokens, serviceTier } = configOf(request);
  const { schema } = output ?? {};
  const isAsked = schema !== undefined && !refused.has('response_format');
  const limit = limitName(address, refused);
  const sent = messages.map(toChat);
  return {
    model: name,
    messages: schema && !isAsked ? [schemaInWords(schema), ...sent] : sent,
    stream: true,
    ...(!refused.has('stream_options') && { stream_options: { include_usage: true } }),
    ...(limit && { [limit]: maxOutputTokens }),
    ...(serviceTier && { service_tier: serviceTier }),
    ...(isAsked && {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: closed(schema), strict: hasAllRequired(schema) },
      },
    }),
  };
}

/** From the provider's `callConfig`. */
function configOf({ config }: GenerateRequest): { maxOutputTokens?: number; serviceTier?: Tier } {
  return config ?? {};
}

/** OpenAI's newer models refuse the old name, and Ollama ignores the new one. */
function limitName(address: string, refused: ReadonlySet<Extra>): Extra | undefined {
  const names: Extra[] = ['max_tokens', 'max_completion_tokens'];
  if (URL.parse(address)?.hostname === 'api.openai.com') names.reverse();
  return names.find((each) => !refused.has(each));
}

function schemaInWords(schema: JsonSchema) {
  const content = `Answer with nothing but one JSON object that fits this JSON Schema: ${JSON.stringify(schema)}`;
  return { role: 'system', content };
}

function toChat({ role, content }: MessageData) {
  const text = content.map((part) => part.text ?? '').join('');
  if (role !== 'user') return { role: role === 'model' ? 'assistant' : role, content: text };
  const pictures = content.flatMap(({ media }) => (media ? [pictureOf(media)] : []));
  if (pictures.length > 1) return { role, content: content.map(toChatPart) };
  return { role, content: [...pictures, { type: 'text', text }] };
}

/** With several pictures each has its own text before it. */
function toChatPart({ media, text = '' }: MessageData['content'][number]) {
  return media ? pictureOf(media) : { type: 'text', text };
}

const pictureOf = ({ url }: { url: string }) => ({ type: 'image_url', image_url: { url } });

function partsOf({ text, calls, thoughts }: Answer): MessageData['content'] {
  return [
    { text },
    // Some servers answer by a tool call. The name of the tool does not matter.
    ...[...calls.values()].map((input) => ({ toolRequest: { name: 'answer', input } })),
    ...(thoughts === '' ? [] : [{ reasoning: thoughts }]),
  ];
}

interface Answer {
  text: string;
  /** The arguments of each tool call, by its index in the answer. */
  calls: Map<number, string>;
  thoughts: string;
  finish: string | undefined;
  model: string | undefined;
  tier: string | undefined;
  usage: { inputTokens: number; outputTokens: number; cachedContentTokens: number } | undefined;
  /** The answer says that it came to its end. */
  isWhole: boolean;
}

/** A piece of a tool call in a stream. Some servers send an object where others send its JSON text. */
const toolCallSchema = z.object({
  index: z.number().optional().catch(undefined),
  function: z.object({ arguments: z.union([z.string(), z.looseObject({})]).nullish() }).nullish(),
});

const words = z.string().nullish().catch(undefined);

/** Some servers send text in parts, and some send one object although a stream was asked for. */
const messageSchema = z.object({
  content: z
    .union([
      z.string(),
      z.array(z.looseObject({ text: z.string().optional().catch(undefined) })),
      z.looseObject({}),
    ])
    .nullish(),
  tool_calls: z.array(toolCallSchema).nullish().catch(undefined),
  /** Thoughts: the first name is that of vLLM and DeepSeek, the second one that of Ollama and OpenRouter. */
  reasoning_content: words,
  reasoning: words,
  refusal: z.string().nullish(),
});

const count = z.number().nonnegative();

const eventSchema = z.object({
  model: z.string().optional().catch(undefined),
  /** The tier by which the answer is billed. */
  service_tier: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.object({
        delta: messageSchema.nullish(),
        message: messageSchema.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z
        .object({ cached_tokens: count.nullish() })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
  error: z.unknown().optional(),
});

async function readAnswer(
  response: Response,
  { apiKey, signal }: Server,
  onText: (text: string) => void,
): Promise<Answer> {
  const answer: Answer = {
    text: '',
    calls: new Map(),
    thoughts: '',
    finish: undefined,
    model: undefined,
    tier: undefined,
    usage: undefined,
    isWhole: false,
  };
  let refusal = '';
  let isOfApi = false;
  let isDone = false;
  let head = '';

  const read = (data: string) => {
    if (data.trim() === '[DONE]') {
      answer.isWhole = true;
      isDone = true;
      return;
    }
    const json = parsed(data);
    const isBroken = json === undefined && (isOfApi || data.includes('"choices"'));
    if (isBroken) throw new InvalidOutputError('a part of the answer is no JSON');
    if (!isOfApi && !isApi(json)) throw foreign(response, withoutKey(head, apiKey), SERVICE);
    isOfApi = true;
    const event = eventSchema.safeParse(json).data;
    if (!event) throw new InvalidOutputError('a part of the answer cannot be read');
    if (event.error && answer.isWhole) return;
    if (event.error) throw errorInStream(event.error, apiKey);
    const { model, service_tier, choices, usage } = event;
    if (model !== undefined && PROVIDERS.openai.names.test(model)) answer.model = model;
    answer.tier = service_tier ?? answer.tier;
    if (usage) answer.usage = tokensOf(usage);
    for (const { delta, message, finish_reason } of choices ?? []) {
      const said = delta ?? message;
      const text = textOf(said?.content);
      answer.text += text;
      answer.thoughts += said?.reasoning_content ?? said?.reasoning ?? '';
      for (const [n, { index = n, function: called }] of (said?.tool_calls ?? []).entries()) {
        const piece = called?.arguments ?? '';
        const input = typeof piece === 'string' ? piece : JSON.stringify(piece);
        answer.calls.set(index, (answer.calls.get(index) ?? '') + input);
      }
      refusal += said?.refusal ?? '';
      if (text !== '') onText(text);
      if (!finish_reason) continue;
      answer.finish = finish_reason;
      answer.isWhole = true;
    }
  };

  const parser = createParser({ onEvent: ({ data }) => read(data) });
  const isHtml = /\bhtml\b/.test(response.headers.get('content-type') ?? '');
  let whole = '';
  let isOneObject = false;
  for await (const text of textsOf(response, signal, () => answer.isWhole)) {
    if (head.trim() === '') isOneObject = /^\s*[{[]/.test(head + text);
    if (head.length < MAX_HEAD) head += text;
    if (isHtml) break;
    if (isOneObject) whole += text;
    else parser.feed(text);
    // Some servers keep the connection open after the end.
    if (isDone) break;
  }
  if (isOneObject && !isHtml) read(whole);
  // Some servers send no blank line after the last event.
  else if (!isHtml) parser.feed('\n\n');
  if (!isOfApi && head.trim() !== '') throw foreign(response, withoutKey(head, apiKey), SERVICE);
  if (!isOfApi) throw new UnavailableError('the answer is empty');
  if (refusal !== '') throw new BlockedError('the model refuses this picture');
  return answer;
}

/** After a complete answer a server has this long to send its usage and to end. */
const AFTER_END_MS = 2_000;

/** @param isWhole The answer came to its end, so the rest may break off or not come. */
async function* textsOf(
  { body }: Response,
  signal: AbortSignal,
  isWhole: () => boolean,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  const chunks = body?.getReader();
  try {
    for (;;) {
      const next = chunks?.read();
      const chunk = (await (isWhole() ? orEnd(next) : next))?.value;
      if (!chunk) return;
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) {
        throw new CutOffError(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
      }
      yield decoder.decode(chunk, { stream: true });
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof CutOffError) throw cause;
    if (isWhole()) return;
    throw new UnavailableError('the answer broke off', { cause });
  } finally {
    chunks?.cancel().catch(() => undefined);
  }
}

/** @returns undefined if nothing comes */
async function orEnd<T>(next: Promise<T> | undefined): Promise<T | undefined> {
  const ended = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => ended.resolve(undefined), AFTER_END_MS);
  try {
    return await Promise.race([next, ended.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** @param json The first event. */
function isApi(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const isError = 'error' in json && typeof json.error === 'object' && json.error !== null;
  return 'choices' in json || isError;
}

function tokensOf(usage: NonNullable<z.infer<typeof eventSchema>['usage']>): Answer['usage'] {
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedContentTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
  };
}

function textOf(content: z.infer<typeof messageSchema>['content']): string {
  if (Array.isArray(content)) return content.map((part) => part.text ?? '').join('');
  return typeof content === 'object' && content !== null
    ? JSON.stringify(content)
    : (content ?? '');
}
