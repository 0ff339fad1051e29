/**
 * Reads the errors of a server of `/chat/completions`. Servers agree only on HTTP statuses, so the words count too:
 * https://developers.openai.com/api/docs/guides/error-codes,
 * https://openrouter.ai/docs/api-reference/errors, https://github.com/ollama/ollama/blob/main/openai/openai.go
 */
import { boundedWait } from '@media-analysis/shared/wait';
import { z } from 'zod';
import {
  BLOCKED,
  type Classified,
  MODEL_MISSING,
  NO_ACCESS,
  REJECTED,
  TIMEOUT,
  UNAVAILABLE,
  UNPAID,
  UNSUPPORTED,
} from '../classified.ts';
import { ServiceError } from '../errors.ts';
import { foreign, type Service } from '../unreachable.ts';

export const SERVICE: Service = {
  setting: 'OPENAI_BASE_URL',
  standard: 'OpenAI is asked',
  api: 'an API with /chat/completions (most addresses end with /v1)',
};

/** This much of a refusal is read, and `SHOWN` is the part that the operator sees. */
const MAX_BYTES = 64 * 1024;
const SHOWN = 300;

const BLIND =
  /image_url is only supported|not a multimodal|at most 0 image|required for image input|(no endpoints found that|n[o']t) support\w* (image|vision|multimodal)|(image|vision|multimodal)\w*( input)? (is|are) not supported/i;
const BLIND_ADVICE =
  'This model looks at no pictures. Set ANALYSIS_MODEL to one that does, or start the server with its part for pictures. What waits goes on by itself.';
const NO_MODEL =
  /model_not_found|\bmodels?\b.*\b(not (found|exist|available|valid)|does not exist|no longer)|not a valid model|invalid model|no models? (is )?loaded|no endpoints found/i;
const BLOCKING = /content_?(filter|policy)|moderation|flagged|safety system|responsible ai/i;
const MONEY = /insufficient_(quota|balance|credits)|\bcredit|\bbilling\b|\bbalance\b|\bspend/i;
const BAD_PICTURE =
  /invalid_(base64_)?image|image_parse|unsupported_image|(invalid|unsupported|could not process|failed to \w+) (the )?image/i;

export interface ErrorBody {
  /** False for the page of something else. */
  isJson: boolean;
  /** Codes and words. */
  text: string;
}

/** The servers agree on no form: `{error: {message, type, code}}`, `{error: "…"}`, `{message}`, `{detail}`. */
const bodySchema = z.looseObject({
  error: z.union([z.string(), z.looseObject({})]).nullish(),
});

export async function readErrorBody({ body }: Response): Promise<ErrorBody> {
  const decoder = new TextDecoder();
  let read = '';
  // If a body breaks off or does not end, the part that came counts.
  try {
    for await (const bytes of body ?? []) {
      read += decoder.decode(bytes, { stream: true });
      if (read.length > MAX_BYTES) break;
    }
  } catch {}
  return errorBodyOf(read);
}

function errorBodyOf(read: string): ErrorBody {
  try {
    const json = bodySchema.parse(JSON.parse(read));
    return { isJson: true, text: wordsOf(json.error ?? json) };
  } catch {
    return { isJson: false, text: read };
  }
}

/** @param error From a body, or from an event of a stream. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { code, type, message, detail, param } = error as Record<string, unknown>;
  const words = [code, type, param, message, detail].filter((word) => typeof word === 'string');
  return words.join(': ');
}

/**
 * For a refusal, which costs nothing.
 * @param key Removed from the words, because they get into the log.
 */
export function refusalOf(
  response: Pick<Response, 'status' | 'url' | 'headers'>,
  body: ErrorBody,
  key: string | undefined,
): Error {
  const { status, headers } = response;
  const words = body.text.replace(/https?:\/\/\S+/g, '');
  // The page of a proxy, or an unknown address: no file is at fault.
  const isLost = [404, 405].includes(status) && !NO_MODEL.test(words) && !BLIND.test(words);
  if (status < 400 || isLost || (status === 403 && !body.isJson)) {
    return foreign(response, withoutKey(body.text, key), SERVICE);
  }
  return errorFor({ status, words, retryAfterMs: retryAfterOf(headers, words), isFree: true, key });
}

/** @param error From an event in the middle of an answer. The tokens so far may have to be paid for. */
export function errorInStream(error: unknown, key: string | undefined): Error {
  const words = wordsOf(error);
  const { code } = (error ?? {}) as { code?: unknown };
  const number = Number(code);
  const isStatus = number >= 400 && number < 600;
  const status = isStatus ? number : /rate.?limit|insufficient_quota/i.test(words) ? 429 : 500;
  return errorFor({ status, words, retryAfterMs: undefined, isFree: false, key });
}

/** A service's words get into the log and may repeat its key. Remove it before they are shortened: no part of it may stay. */
export function withoutKey(words: string, key: string | undefined): string {
  return key ? words.replaceAll(key, '…') : words;
}

interface Refusal {
  status: number;
  words: string;
  retryAfterMs: number | undefined;
  isFree: boolean;
  key: string | undefined;
}

function errorFor({ status, words, retryAfterMs, isFree, key }: Refusal): ServiceError {
  const isBlind = BLIND.test(words) && status !== 429;
  const classified = isBlind ? MODEL_MISSING : classify(status, words);
  const hasWait = retryAfterMs !== undefined && classified.retry !== 'never';
  const said = withoutKey(words, key).replace(/\s+/g, ' ').slice(0, SHOWN);
  return new ServiceError(`status ${status}: ${said}`, {
    classified: { ...classified, ...(hasWait && { retryAfterMs }) },
    isFree,
    ...(isBlind && { whatToDo: BLIND_ADVICE }),
  });
}

function classify(status: number, words: string): Classified {
  switch (status) {
    case 401:
      return NO_ACCESS;
    case 402:
      return UNPAID;
    case 403:
      if (BLOCKING.test(words)) return BLOCKED;
      return MONEY.test(words) ? UNPAID : NO_ACCESS;
    case 408:
    case 504:
    case 524:
      return TIMEOUT;
    case 429:
      return classifyLimit(words);
    default:
      return status >= 499 ? UNAVAILABLE : classifyBadRequest(words);
  }
}

function classifyLimit(words: string): Classified {
  // OpenAI has both in one text: "… rate limit … billing …".
  if (MONEY.test(words) && !/rate_limit_exceeded/.test(words)) return UNPAID;
  const isOfDay = /\bper[ _-]?day\b|\bdaily\b|\b[RT]PD\b/i.test(words);
  return { code: 'analysis_quota', retry: isOfDay ? 'later' : 'call' };
}

function classifyBadRequest(words: string): Classified {
  if (BLOCKING.test(words)) return BLOCKED;
  if (/api.?key/i.test(words)) return NO_ACCESS;
  if (MONEY.test(words)) return UNPAID;
  if (NO_MODEL.test(words)) return MODEL_MISSING;
  return BAD_PICTURE.test(words) ? UNSUPPORTED : REJECTED;
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after; OpenAI also has it in its text: "try again in 7m12s". */
function retryAfterOf(headers: Headers, words: string): number | undefined {
  const header = headers.get('retry-after');
  const ms = headers.get('retry-after-ms');
  if (ms !== null && ms !== '') return boundedWait(Number(ms));
  if (header !== null && header !== '') {
    const seconds = Number(header);
    return boundedWait(Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000);
  }
  const said = /try again in (?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)(ms|s))?/i.exec(words);
  if (!said) return undefined;
  const [, hours = 0, minutes = 0, rest = 0, unit] = said;
  const seconds = unit === 'ms' ? Number(rest) / 1_000 : Number(rest);
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + seconds;
  return total > 0 ? boundedWait(total * 1_000) : undefined;
}
