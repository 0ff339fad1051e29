/** What a failed call to a model means, and whether another one can help. */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { z } from 'zod';
import {
  BlockedError,
  CallTimeoutError,
  CutOffError,
  InvalidOutputError,
  LanguageError,
  RecitationError,
  RejectedError,
  UnavailableError,
} from './errors.ts';

export interface Classified {
  code: ErrorCode;
  /** `call`: again within this delivery. `later`: not before `retryAfterMs`. `never`: no use. */
  retry: 'call' | 'later' | 'never';
  /** How long the service asked us to wait. */
  retryAfterMs?: number;
}

const UNAVAILABLE: Classified = { code: 'analysis_unavailable', retry: 'call' };
const TIMEOUT: Classified = { code: 'analysis_timeout', retry: 'call' };
const INVALID_OUTPUT: Classified = { code: 'analysis_invalid_output', retry: 'call' };
const REJECTED: Classified = { code: 'analysis_rejected', retry: 'never' };
const UNSUPPORTED: Classified = { code: 'unsupported_media_type', retry: 'never' };
const BLOCKED: Classified = { code: 'analysis_blocked', retry: 'never' };
/** Nothing that a file could change: whoever runs the service has to. How long it lasts nobody says. */
const MODEL_MISSING: Classified = { code: 'analysis_model_missing', retry: 'later' };
const UNPAID: Classified = { code: 'analysis_unpaid', retry: 'later' };
/** A key that is wrong, expired or locked, a right that is missing, a country that is not served. */
const NO_ACCESS: Classified = { code: 'analysis_no_access', retry: 'later' };
const CUT_OFF: Classified = { code: 'analysis_cut_off', retry: 'never' };
const RECITATION: Classified = { code: 'analysis_recitation', retry: 'never' };
const LANGUAGE: Classified = { code: 'analysis_language', retry: 'never' };
/** Google says "in a few minutes". */
const PROVISIONING: Classified = {
  code: 'analysis_unavailable',
  retry: 'later',
  retryAfterMs: 3 * 60_000,
};
const INTERNAL: Classified = { code: 'internal', retry: 'never' };

/** @param now Epoch milliseconds: a daily quota is back at a time of day. */
export function classifyModelError(error: unknown, now = Date.now()): Classified {
  if (error instanceof BlockedError) return BLOCKED;
  if (error instanceof CutOffError) return CUT_OFF;
  if (error instanceof RecitationError) return RECITATION;
  if (error instanceof LanguageError) return LANGUAGE;
  if (error instanceof InvalidOutputError) return INVALID_OUTPUT;
  if (error instanceof CallTimeoutError) return TIMEOUT;
  if (error instanceof UnavailableError) return UNAVAILABLE;
  if (error instanceof RejectedError) return REJECTED;
  const genkitError = genkitErrorSchema.safeParse(error).data;
  if (!genkitError) return classifyPlainError(error);
  const status = httpStatusOf(genkitError);
  if (status !== undefined) return classifyHttp(status, genkitError, now);
  // Without an HTTP status it is the plugin's own word: an answer without candidates, or else a
  // model or a key that it does not have.
  return /no valid candidates|schema validation/i.test(genkitError.message)
    ? INVALID_OUTPUT
    : REJECTED;
}

/** The plugin throws bare errors for a network that failed and for credentials that are missing. */
function classifyPlainError(error: unknown): Classified {
  const { name, message } = plainErrorSchema.safeParse(error).data ?? { name: '', message: '' };
  // HTTP said 200, but the body is not whole.
  if (name === 'SyntaxError' || /parsing JSON response|parse stream|aggregating/i.test(message)) {
    return INVALID_OUTPUT;
  }
  if (/failed to fetch|reading from the stream/i.test(message)) return UNAVAILABLE;
  return /unable to authenticate|default credentials/i.test(message) ? NO_ACCESS : INTERNAL;
}

/** https://ai.google.dev/gemini-api/docs/troubleshooting */
function classifyHttp(status: number, error: GenkitErrorShape, now: number): Classified {
  const retryAfterMs = retryDelayOf(error);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (status) {
    case 429:
      return { ...classifyQuota(error, now), ...(isDailyQuota(error) ? {} : wait) };
    case 408:
    case 504:
      return { ...TIMEOUT, ...wait };
    case 400:
      return classifyBadRequest(error.message);
    case 401:
    case 403:
      return isAboutCaller(error) ? classifyRefusal(error.message) : REJECTED;
    case 404:
      return isAboutModel(error) ? MODEL_MISSING : REJECTED;
    case 499:
    case 500:
    case 502:
    case 503:
      return { ...UNAVAILABLE, ...wait };
    default:
      // Of something that stands between, as 520 and 529.
      return status > 500 ? { ...UNAVAILABLE, ...wait } : REJECTED;
  }
}

/** Some of them say nothing of the request. */
function classifyBadRequest(message: string): Classified {
  if (/unsupported mime type/i.test(message)) return UNSUPPORTED;
  // Of a project that uses `gs://` for the first time:
  // https://cloud.google.com/vertex-ai/docs/general/access-control#service-agents
  if (/service agents are being provisioned/i.test(message)) return PROVISIONING;
  // Of a signed URL that works: https://github.com/googleapis/js-genai/issues/1385
  if (/cannot fetch content from the provided url/i.test(message)) return UNAVAILABLE;
  // https://ai.google.dev/gemini-api/docs/troubleshooting: FAILED_PRECONDITION, and of a key INVALID_ARGUMENT.
  if (/api.key|location is not supported|enable billing/i.test(message)) {
    return classifyRefusal(message);
  }
  return REJECTED;
}

/** What is refused to whoever asks, whatever is asked. */
function classifyRefusal(message: string): Classified {
  return /\bbilling\b/i.test(message) ? UNPAID : NO_ACCESS;
}

/**
 * Of the service, and not of something that stands between; and not about one file, as "You do not have
 * permission to access the File", or "storage.objects.get denied".
 */
function isAboutCaller({ detail, message }: GenkitErrorShape): boolean {
  return detail?.error?.code !== undefined && !/\bfiles?\b|\bstorage\b/i.test(message);
}

/**
 * "models/x is not found for API version v1beta", "Publisher Model `…` was not found or your project does not
 * have access to it", "This model is no longer available to new users": and not a page of a proxy.
 */
function isAboutModel({ message }: GenkitErrorShape): boolean {
  return /\bmodels?\b/i.test(message.replace(/https?:\/\/\S+/g, ''));
}

/**
 * Minutes come back by waiting here; a day does not, and its `RetryInfo` names a few seconds all the
 * same. A quota of nothing is of a model outside the plan. Two more have no details, and only their words,
 * which Google changes, tell: "Your project has exceeded its monthly spending cap", "Your prepayment credits
 * are depleted" (https://ai.google.dev/gemini-api/docs/billing).
 */
function classifyQuota(error: GenkitErrorShape, now: number): Classified {
  if (/\bprepa(id|y)|\bcredits?\b|\bspend(ing)?[ -](cap|limit)/i.test(error.message)) return UNPAID;
  if (/\blimit: 0\b/.test(error.message)) return MODEL_MISSING;
  if (!isDailyQuota(error)) return { code: 'analysis_quota', retry: 'call' };
  return { code: 'analysis_quota', retry: 'later', retryAfterMs: untilPacificMidnight(now) };
}

function isDailyQuota(error: GenkitErrorShape): boolean {
  return detailsOf(error).some((detail) =>
    detail.violations?.some(({ quotaId = '' }) => quotaId.includes('PerDay')),
  );
}

/**
 * Daily quotas start anew at midnight Pacific time (https://ai.google.dev/gemini-api/docs/rate-limits).
 * On the two days a year when clocks change this is an hour off, and the next delivery waits again.
 */
function untilPacificMidnight(now: number): number {
  const time = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(now);
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return (24 * 3_600 - (hours * 3_600 + minutes * 60 + seconds)) * 1_000;
}

/** Nobody is away for longer: a wait of years would stop the model, and be the end of each media that waits. */
const MAX_WAIT_MS = 24 * 3_600_000;

/** google.rpc.RetryInfo in the body, else the `Retry-After` header. */
function retryDelayOf(error: GenkitErrorShape): number | undefined {
  const delay = detailsOf(error).find((detail) => detail.retryDelay !== undefined)?.retryDelay;
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? '')?.[1];
  const ms =
    seconds === undefined
      ? error.responseMetadata?.retryAfterMs
      : Math.ceil(Number(seconds) * 1_000);
  return ms === undefined ? undefined : Math.min(ms, MAX_WAIT_MS);
}

/** Genkit's own status is no help: it knows 504, 404 and 403 only as UNKNOWN. */
function httpStatusOf(error: GenkitErrorShape): number | undefined {
  const code = error.detail?.error?.code;
  if (code !== undefined) return code;
  const inMessage = /Error fetching from \S+ \[(\d{3})\b/.exec(error.message)?.[1];
  return inMessage === undefined ? undefined : Number(inMessage);
}

function detailsOf(error: GenkitErrorShape) {
  return error.detail?.error?.details ?? [];
}

const plainErrorSchema = z.object({ name: z.string(), message: z.string() });

/** The parts of a GenkitError that are read here; `detail` is the API's body (google.rpc.Status). */
const genkitErrorSchema = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string(),
  detail: z
    .object({
      error: z
        .object({
          code: z.number().optional(),
          details: z
            .array(
              z.object({
                retryDelay: z.string().optional(),
                violations: z.array(z.object({ quotaId: z.string().optional() })).optional(),
              }),
            )
            .optional()
            .catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  responseMetadata: z.object({ retryAfterMs: z.number().optional() }).optional().catch(undefined),
});
type GenkitErrorShape = z.infer<typeof genkitErrorSchema>;
