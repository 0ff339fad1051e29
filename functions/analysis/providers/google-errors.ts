/** Reads the errors of Genkit's plugin for the Gemini API and for Vertex AI. */
import { boundedWait } from '@media-analysis/shared/wait';
import { z } from 'zod';
import {
  type Classified,
  INTERNAL,
  INVALID_OUTPUT,
  MODEL_MISSING,
  NO_ACCESS,
  PROVISIONING,
  REJECTED,
  TIMEOUT,
  UNAVAILABLE,
  UNPAID,
  UNSUPPORTED,
} from '../classified.ts';

/** @param now Epoch milliseconds: a daily quota comes back at a time of day. */
export function readGoogleError(error: unknown, now: number): Classified {
  const genkitError = genkitErrorSchema.safeParse(error).data;
  if (!genkitError) return classifyPlainError(error);
  const status = httpStatusOf(genkitError);
  if (status !== undefined) return classifyHttp(status, genkitError, now);
  // Without an HTTP status the error is the plugin's own: an answer without candidates, or a missing model or key.
  return /no valid candidates|schema validation/i.test(genkitError.message)
    ? INVALID_OUTPUT
    : REJECTED;
}

/**
 * "If your request fails with a 400 or 500 error, you won't be charged for the tokens used"
 * (https://ai.google.dev/gemini-api/docs/billing).
 * @returns false also if it is not known, e.g. after a timeout
 */
export function isFreeGoogleError(error: unknown): boolean {
  const genkitError = genkitErrorSchema.safeParse(error).data;
  if (genkitError) return httpStatusOf(genkitError) !== undefined;
  return plainErrorSchema.safeParse(error).success && classifyPlainError(error) === NO_ACCESS;
}

/** The plugin throws plain errors if the network fails or credentials are missing. */
function classifyPlainError(error: unknown): Classified {
  const { name, message } = plainErrorSchema.safeParse(error).data ?? { name: '', message: '' };
  // The HTTP status was 200, but the body is incomplete.
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
      // 520, 529 and others come from a proxy.
      return status > 500 ? { ...UNAVAILABLE, ...wait } : REJECTED;
  }
}

/** Not every answer with 400 means that the request is wrong. */
function classifyBadRequest(message: string): Classified {
  if (/unsupported mime type/i.test(message)) return UNSUPPORTED;
  // A project gets this when it uses `gs://` for the first time:
  // https://cloud.google.com/vertex-ai/docs/general/access-control#service-agents
  if (/service agents are being provisioned/i.test(message)) return PROVISIONING;
  // The service says this of valid signed URLs too: https://github.com/googleapis/js-genai/issues/1385
  if (/cannot fetch content from the provided url/i.test(message)) return UNAVAILABLE;
  // https://ai.google.dev/gemini-api/docs/troubleshooting: FAILED_PRECONDITION; for a key, INVALID_ARGUMENT.
  if (/api.key|location is not supported|enable billing/i.test(message)) {
    return classifyRefusal(message);
  }
  return REJECTED;
}

/** For an error about the caller, not about the request. */
function classifyRefusal(message: string): Classified {
  return /\bbilling\b/i.test(message) ? UNPAID : NO_ACCESS;
}

/**
 * The error comes from the service, not from a proxy, and is not about one file, as in "You do not have permission to access
 * the File" or "storage.objects.get denied".
 */
function isAboutCaller({ detail, message }: GenkitErrorShape): boolean {
  return detail?.error?.code !== undefined && !/\bfiles?\b|\bstorage\b/i.test(message);
}

/**
 * The error is about the model, and not the page of a proxy: "models/x is not found for API version v1beta", "Publisher Model
 * `…` was not found or your project does not have access to it", "This model is no longer available to new users".
 */
function isAboutModel({ message }: GenkitErrorShape): boolean {
  return /\bmodels?\b/i.test(message.replace(/https?:\/\/\S+/g, ''));
}

/**
 * A quota of a minute comes back in this delivery. A quota of a day does not, although its `RetryInfo` says a few seconds. A
 * quota of 0 means that the model is not part of the plan. Two other answers have only a text that Google may change: "Your
 * project has exceeded its monthly spending cap" and "Your prepayment credits are depleted"
 * (https://ai.google.dev/gemini-api/docs/billing).
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
 * Milliseconds until midnight Pacific time, when daily quotas start again (https://ai.google.dev/gemini-api/docs/rate-limits).
 * On the two days a year when clocks change this is wrong by an hour, and the next delivery waits again.
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

/**
 * From google.rpc.RetryInfo in the body, otherwise from the `Retry-After` header. All media that wait for the model wait this
 * long.
 */
function retryDelayOf(error: GenkitErrorShape): number | undefined {
  const delay = detailsOf(error).find((detail) => detail.retryDelay !== undefined)?.retryDelay;
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? '')?.[1];
  const ms =
    seconds === undefined
      ? error.responseMetadata?.retryAfterMs
      : Math.ceil(Number(seconds) * 1_000);
  return boundedWait(ms);
}

/**
 * Genkit's own status is useless: for 504, 404 and 403 it is UNKNOWN. After an answer that began well there is only the code in
 * the body, which counts only if it is the code of an error.
 */
function httpStatusOf(error: GenkitErrorShape): number | undefined {
  const inMessage = /^(?:\S+: )*Error fetching from \S+: \[(\d{3})\b/.exec(error.message)?.[1];
  const inBody = error.detail?.error?.code ?? 0;
  const isError = inBody >= 400 && inBody < 600;
  if (inMessage !== undefined) return Number(inMessage);
  return isError ? inBody : undefined;
}

function detailsOf(error: GenkitErrorShape) {
  return error.detail?.error?.details ?? [];
}

const plainErrorSchema = z.object({ name: z.string(), message: z.string() });

/** The parts of a GenkitError that this file reads. `detail` is the API's body (google.rpc.Status). */
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
