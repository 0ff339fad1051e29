/** The environment, read once by each unit's `index.ts`; nothing else looks at `process.env`. */
import { z } from 'zod';
import { EXAMPLE_GEMINI, providerOf, VERTEX_LOCATIONS } from '../analysis/profiles.ts';

/** Names each variable that is missing or wrong, and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const flag = z.enum(['on', 'off']).transform((value) => value === 'on');
const positiveInt = z.coerce.number().int().positive();
/** `googleai/…` (Gemini API), `vertexai/…`, `local/vision` or `local/facts`. */
const modelName = z
  .string()
  .regex(
    /^((googleai|vertexai)\/[\w.-]+|local\/(vision|facts))$/,
    `local/vision, local/facts, or e.g. googleai/${EXAMPLE_GEMINI}`,
  );
const mebibytes = (n: number) => n * 1024 * 1024;

/** As a browser writes it into `Origin`, whichever way the operator did: https://a.example/ as well. */
const origin = z.string().transform((text, context) => {
  const url = URL.parse(text);
  // Origins are compared whole: a pattern would match nothing.
  const isOrigin = url?.href === `${url?.origin}/` && !text.includes('*');
  if (url && isOrigin && /^https?:$/.test(url.protocol)) return url.origin;
  const message = `"${text}" is no origin such as https://app.example, without a path`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Origins whose pages may call the API, comma separated; empty: only the API's own. */
const origins = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''))
  .pipe(z.array(origin));

/** What a unit tells of itself. */
const telemetryShape = {
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Where spans go, if anywhere; the exporter reads it, and its like, by itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
};

const firestoreShape = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  FIRESTORE_DATABASE: z.string().min(1).default('(default)'),
  FIRESTORE_EMULATOR_HOST: z.string().min(1).optional(),
};

/**
 * Who issues the callers' tokens. The defaults are Firebase Authentication's (Identity Platform):
 * https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library
 */
const callerShape = {
  AUTH_ISSUER: z.string().min(1).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  AUTH_JWKS_URL: z
    .url()
    .default(
      'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
    ),
  ALLOWED_ORIGINS: origins.default([]),
};

const queueShape = {
  TASKS_LOCATION: z.string().min(1),
  UPLOAD_QUEUE: z.string().min(1).default('media-upload'),
  ANALYZE_QUEUE: z.string().min(1).default('media-analyze'),
  /** Where Cloud Tasks delivers to, and the audience of the tokens it sends. */
  WORKER_URL: z.url(),
  /** The account that Cloud Tasks and Scheduler call the worker as. */
  TASKS_SERVICE_ACCOUNT: z.email(),
  CLOUD_TASKS_EMULATOR_HOST: z.string().min(1).optional(),
};

const bucketShape = {
  STAGING_BUCKET: z.string().min(1),
  MEDIA_BUCKET: z.string().min(1),
};

const apiSchema = z.object({
  ...telemetryShape,
  ...firestoreShape,
  ...callerShape,
  ...queueShape,
  ...bucketShape,
  MAX_FILES: positiveInt.max(100).default(100),
  MAX_FILE_BYTES: positiveInt.default(mebibytes(31)),
  /** Cloud Run takes 32 MiB a request over HTTP/1: https://cloud.google.com/run/quotas */
  MAX_REQUEST_BYTES: positiveInt.default(mebibytes(32)),
  /** Of a file that goes straight to Cloud Storage: what Gemini takes, and half an hour of a phone's video. */
  MAX_UPLOAD_BYTES: positiveInt.default(mebibytes(2 * 1024)),
  /** How long a sender of a body may say nothing. */
  BODY_STALL_S: positiveInt.default(30),
  /** How long a whole body may take; what takes longer, Node itself ends without a word. */
  BODY_TOTAL_S: positiveInt.max(300).default(300),
  /** Requests with files that one caller may have open on one instance. */
  MAX_UPLOADS_IN_FLIGHT: positiveInt.default(50),
  /** Of one caller, over all instances. */
  MAX_BYTES_PER_DAY: positiveInt.default(mebibytes(10 * 1024)),
  SIGNED_URL_TTL_S: positiveInt.max(7 * 24 * 3600).default(900),
});
export type ApiConfig = z.infer<typeof apiSchema>;

const workerShape = z.object({
  ...telemetryShape,
  ...firestoreShape,
  ...queueShape,
  ...bucketShape,
  TASKS_ISSUER: z.string().min(1).default('https://accounts.google.com'),
  TASKS_JWKS_URL: z.url().default('https://www.googleapis.com/oauth2/v3/certs'),
  /** Who verifies the signature of a task's token: this code, or Cloud Run before it (`identity.ts`). */
  TASKS_AUTH: z.enum(['verify', 'platform']).default('verify'),
  ANALYSIS_MODEL: modelName.default('local/vision'),
  /** Asked instead when the first one's quota of the day is used up. */
  MODEL_FALLBACK: modelName.optional(),
  GEMINI_API_KEY: z.string().min(1).optional(),
  GEMINI_BASE_URL: z.url().optional(),
  /** Regions serve no model of today: https://docs.cloud.google.com/gemini-enterprise-agent-platform/models */
  VERTEX_LOCATION: z.enum(VERTEX_LOCATIONS).default('global'),
  CAPTURE_LOCATION: flag.default(false),
  /** Pixels; as large as the model makes use of if it is not said. */
  PREVIEW_MAX_SIDE: positiveInt.max(4096).optional(),
  LEASE_S: positiveInt.default(30),
  /** How long nothing may happen to a media before the sweeper takes its task for lost. */
  SWEEP_QUIET_S: positiveInt.default(120),
  /** Claims of one phase of one attempt before the media fails for good. */
  MAX_DELIVERIES: positiveInt.default(8),
  /** How long one delivery may work; stay below the dispatch deadline and the unit's timeout. */
  DELIVERY_BUDGET_S: positiveInt.default(240),
});

const workerSchema = workerShape.refine(
  ({ ANALYSIS_MODEL, MODEL_FALLBACK, GEMINI_API_KEY }) =>
    GEMINI_API_KEY !== undefined ||
    ![ANALYSIS_MODEL, MODEL_FALLBACK].some(
      (model) => model !== undefined && providerOf(model) === 'googleai',
    ),
  { path: ['GEMINI_API_KEY'], message: 'a googleai/ model needs a key of the Gemini API' },
);
export type WorkerConfig = z.infer<typeof workerSchema>;

const streamSchema = z.object({
  ...telemetryShape,
  ...firestoreShape,
  ...callerShape,
  /** Streams that one caller may have open on one instance. */
  MAX_STREAMS: positiveInt.default(200),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HEARTBEAT_S: positiveInt.default(15),
  /** A stream ends itself before the platform's 60 min, so that clients reconnect in good order. */
  MAX_STREAM_S: positiveInt.max(3_600).default(3_300),
});
export type StreamConfig = z.infer<typeof streamSchema>;

/** The settings of each unit: what a deployment has to know of. */
export const UNIT_SETTINGS: Record<'api' | 'worker' | 'stream', Record<string, z.ZodType>> = {
  api: apiSchema.shape,
  worker: workerShape.shape,
  stream: streamSchema.shape,
};

type Environment = Record<string, string | undefined>;

export const loadApiConfig = (env: Environment = process.env): ApiConfig => load(apiSchema, env);
export const loadWorkerConfig = (env: Environment = process.env): WorkerConfig =>
  load(workerSchema, env);
export const loadStreamConfig = (env: Environment = process.env): StreamConfig =>
  load(streamSchema, env);

/** @throws {ConfigError} with one line a variable. An empty variable counts as absent. */
function load<T extends z.ZodType>(schema: T, env: Environment): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The configuration is not usable:\n${lines.join('\n')}`);
}
