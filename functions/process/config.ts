/**
 * Reads the environment of a unit. Its `index.ts` does this once; no other code of `functions/` reads `process.env`. `sandbox/`
 * passes a few variables on to its processes, and that of `vision/` reads its log level.
 */
import { strictPageConfigSchema } from '@media-analysis/shared/page-config';
import { z } from 'zod';
import { arrivalRulesSchema, bucketName } from './arrival-rules.ts';
import { inWords } from './issue-words.ts';
import { jsonText } from './json-text.ts';
import {
  EMBEDDING_MODELS,
  EXAMPLE_GEMINI,
  isModelName,
  type KeySettings,
  namingOf,
  VERTEX_LOCATIONS,
} from './model-name.ts';
import { isPrivateAddress } from './private-address.ts';

/** The message names each variable that is missing or wrong, and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const flag = z.enum(['on', 'off']).transform((value) => value === 'on');
const positiveInt = z.coerce.number().int().positive();
/** US dollars, or `off` for no limit. */
const dollars = z.union([
  z.literal('off').transform(() => Number.POSITIVE_INFINITY),
  z.coerce.number('a number of US dollars, or off').positive(),
]);
/** `googleai/…` (Gemini API), `vertexai/…`, `openai/…`, `local/vision` or `local/facts`. */
const modelName = z
  .string()
  .refine(
    isModelName,
    `local/vision, local/facts, or a model with its provider, such as googleai/${EXAMPLE_GEMINI} or openai/NAME`,
  );

/** Parts that are separated by commas, without the blanks around them. */
const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''));

/** The server gets pictures and a key, so what leaves the operator's own network is encrypted. */
const serverUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isPrivateAddress(url),
    'https://…, because pictures and a key are sent there; http:// only for an address of this machine or network',
  )
  .transform((url) => url.replace(/\/+$/, ''));

/** A shorter delivery ends its calls sooner, so its setting stays allowed. */
const DEFAULT_CALL_TIMEOUT_S = 60;

/** US dollars for a million tokens: of the prompt, and of the answer. */
const price = z
  .string()
  .regex(/^\s*\d+(\.\d+)?\s*,\s*\d+(\.\d+)?\s*$/, 'two prices in US dollars, such as 0.15,0.60')
  .transform((text) => {
    const [input = 0, output = 0] = text.split(',').map(Number);
    return { input, output };
  });

const mebibytes = (n: number) => n * 1024 * 1024;

/** An origin in the form of the header `Origin`. The operator may also write `https://a.example/`. */
const origin = z.string().transform((text, context) => {
  const url = URL.parse(text);
  // Whole origins are compared, so a pattern would match nothing.
  const isOrigin = url?.href === `${url?.origin}/` && !text.includes('*');
  if (url && isOrigin && /^https?:$/.test(url.protocol)) return url.origin;
  const message = `"${text}" is no origin such as https://app.example, without a path`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** The origins of pages that may call the API, separated by commas. Empty: only the API's own origin. */
const origins = list.pipe(z.array(origin));

/** Logs and traces. */
const telemetryShape = {
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Where spans are sent; absent: nowhere. The exporter reads this variable, and others like it, by itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
};

/** Whether what is unsafe, or was not judged, is held back. The same for all units. */
const moderationShape = { MODERATION: z.enum(['off', 'hold']).default('off') };

const firestoreShape = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  FIRESTORE_DATABASE: z.string().min(1).default('(default)'),
  FIRESTORE_EMULATOR_HOST: z.string().min(1).optional(),
  /**
   * How long a call waits for Firestore, a transaction with all its tries, or for Cloud Tasks. A caller gets an answer within
   * twice that.
   */
  FIRESTORE_ANSWER_S: positiveInt.default(12),
};

/**
 * The issuer of the callers' tokens. The defaults are those of Firebase Authentication (Identity Platform):
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
  /** For analyses in the tier `flex`: they take so long that no other media may stand behind them. */
  FLEX_QUEUE: z.string().min(1).default('media-flex'),
  /** For what is sent to webhooks. */
  WEBHOOK_QUEUE: z.string().min(1).default('media-webhooks'),
  /** For what is sent to receivers that take long for an answer. */
  SLOW_WEBHOOK_QUEUE: z.string().min(1).default('media-slow-webhooks'),
  /** After this time Cloud Tasks gives a delivery up, and sends it again. */
  DELIVERY_TIMEOUT_S: positiveInt.max(1_800).default(300),
  /**
   * The same in the tier `flex`, where a call to a model may take a quarter of an hour. The unit's own timeout is as long.
   * Cloud Tasks allows half an hour: https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks#Task
   */
  FLEX_TIMEOUT_S: positiveInt.min(1_020).max(1_800).default(1_080),
  /** Where Cloud Tasks delivers tasks, and the audience of its tokens. */
  WORKER_URL: z.url(),
  /** The service account of the calls that Cloud Tasks and Scheduler make to the worker. */
  TASKS_SERVICE_ACCOUNT: z.email(),
  /** How many media of one owner may be in the two queues at a time; the others wait for their turn. */
  MAX_QUEUED_PER_OWNER: positiveInt.default(10),
  /** How many media of one reanalysis are asked about at a time. */
  REANALYSIS_IN_FLIGHT: positiveInt.max(20).default(2),
  CLOUD_TASKS_EMULATOR_HOST: z.string().min(1).optional(),
  /** Whether webhooks may lead to this machine. Only the local cloud says so, for a receiver that is being written. */
  WEBHOOK_LOOPBACK: z.enum(['refuse', 'allow']).default('refuse'),
};

/** Where models are asked. The tiers that can be asked for depend on it. */
const modelPlaceShape = {
  /** Where `openai/` models are asked: any server that has `/chat/completions`. Absent: OpenAI. */
  OPENAI_BASE_URL: serverUrl.optional(),
  /** Whether that server has the tier `flex` at half the price. Absent: only if it is OpenAI. */
  OPENAI_FLEX: flag.optional(),
  /** No single region serves current models: https://docs.cloud.google.com/gemini-enterprise-agent-platform/models */
  VERTEX_LOCATION: z.enum(VERTEX_LOCATIONS).default('global'),
};

const geminiShape = {
  GEMINI_API_KEY: z.string().min(1).optional(),
  GEMINI_BASE_URL: z.url().optional(),
};

/** All that the providers of models need, besides the project. */
const providerShape = {
  ...modelPlaceShape,
  ...geminiShape,
  OPENAI_API_KEY: z.string().min(1).optional(),
  /** Absent: not known, so the limits in dollars count each call at the dearest price; nothing at an address of this machine. */
  OPENAI_PRICE: price.optional(),
};

/** The api and the worker make vectors with the same embedder: those of another one cannot be compared. */
const embeddingShape = {
  EMBEDDING_MODEL: z.enum(EMBEDDING_MODELS).default('local/words'),
  ...geminiShape,
  /** What the calls to models for all owners, and for one owner, may cost in a day (UTC). */
  MAX_USD_PER_DAY: dollars.default(20),
  MAX_OWNER_USD_PER_DAY: dollars.default(5),
};

const bucketShape = {
  STAGING_BUCKET: z.string().min(1),
  MEDIA_BUCKET: z.string().min(1),
};

/** The variable that has the key of a model, if the model needs one and it is not there. */
function requireKeys(models: readonly string[], config: KeySettings, context: z.RefinementCtx) {
  for (const model of models) {
    const key = namingOf(model)?.key;
    if (!key?.isNeeded(config) || config[key.setting] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [key.setting], message: key.message });
    return;
  }
}

/** What one owner may send, and from where it may be imported. The api and the worker both bring files in. */
const intakeShape = {
  /** Most bytes of a file for Cloud Storage: the limit of Gemini, and half an hour of video from a phone. */
  MAX_UPLOAD_BYTES: positiveInt.default(mebibytes(2 * 1024)),
  /** Most bytes of one caller, over all instances. */
  MAX_BYTES_PER_DAY: positiveInt.default(mebibytes(10 * 1024)),
  /** Most files of one caller, over all instances. */
  MAX_FILES_PER_DAY: positiveInt.default(10_000),
  /** The buckets from which backends may import. None by default: the service may read more than its callers should. */
  IMPORT_BUCKETS: list.pipe(z.array(bucketName)).default([]),
};

const apiShape = z.object({
  ...telemetryShape,
  ...firestoreShape,
  ...moderationShape,
  ...callerShape,
  ...queueShape,
  ...bucketShape,
  ...intakeShape,
  ...modelPlaceShape,
  ...embeddingShape,
  MAX_FILES: positiveInt.max(100).default(100),
  MAX_FILE_BYTES: positiveInt.default(mebibytes(31)),
  /** Cloud Run accepts requests of up to 32 MiB over HTTP/1: https://cloud.google.com/run/quotas */
  MAX_REQUEST_BYTES: positiveInt.default(mebibytes(32)),
  /** How long the sender of a body may pause. */
  BODY_STALL_S: positiveInt.default(30),
  /**
   * How long a whole body may take. The largest one arrives in that time at 80 kB/s. Cloud Run allows a request an hour,
   * and the answer takes half a minute of it.
   */
  BODY_TOTAL_S: positiveInt.max(3_570).default(420),
  /** The fewest bytes of each minute of a body: 2 kB/s, which the slowest of lines in use can do. */
  BODY_MIN_BYTES_PER_MINUTE: positiveInt.default(120_000),
  /** How many requests with files one caller may have open on one instance: at most a quarter of its places. */
  MAX_UPLOADS_IN_FLIGHT: positiveInt.default(10),
  /** How many requests with files all callers may have open on one instance. The other places stay free for reading. */
  MAX_UPLOADS_PER_INSTANCE: positiveInt.default(32),
  /** How many files one caller may have announced whose bytes are still on their way. */
  MAX_ANNOUNCED: positiveInt.default(1_000),
  SIGNED_URL_TTL_S: positiveInt.max(7 * 24 * 3600).default(900),
  /** As the worker has it: which analyses are offered depends on it. */
  ANALYSIS_MODEL: modelName.default('local/vision'),
  /** As the worker has it: a reanalysis may ask one of these. */
  MODEL_FALLBACK: list.pipe(z.array(modelName)).default([]),
});
const apiSchema = apiShape.superRefine((config, context) => {
  requireKeys([config.EMBEDDING_MODEL], config, context);
});
export type ApiConfig = z.infer<typeof apiSchema>;

/** The service's own buckets are never among them: they have the files of all owners. */
export function importableBuckets({
  IMPORT_BUCKETS,
  STAGING_BUCKET,
  MEDIA_BUCKET,
}: Pick<ApiConfig, 'IMPORT_BUCKETS' | 'STAGING_BUCKET' | 'MEDIA_BUCKET'>): readonly string[] {
  return IMPORT_BUCKETS.filter((bucket) => ![STAGING_BUCKET, MEDIA_BUCKET].includes(bucket));
}

/** A signed address outlives a verdict that comes after it. */
const MOST_SIGNED_URL_S = { off: Number.POSITIVE_INFINITY, hold: 120 };

export type SignedUrlSettings = Pick<ApiConfig, 'MODERATION' | 'SIGNED_URL_TTL_S'>;

/** How long a signed address works, in seconds. */
export function signedUrlTtlS({ MODERATION, SIGNED_URL_TTL_S }: SignedUrlSettings): number {
  return Math.min(SIGNED_URL_TTL_S, MOST_SIGNED_URL_S[MODERATION]);
}

/** Events for a topic. */
const eventsShape = {
  /** The topic of Pub/Sub that gets each event as a CloudEvent. Absent: none does. */
  EVENTS_TOPIC: z
    .string()
    .regex(
      /^projects\/[a-z0-9:.-]{1,100}\/topics\/[A-Za-z][\w.~+%-]{2,254}$/,
      'projects/PROJECT/topics/TOPIC',
    )
    .optional(),
  PUBSUB_EMULATOR_HOST: z.string().min(1).optional(),
};

const workerShape = z.object({
  ...eventsShape,
  ...telemetryShape,
  ...firestoreShape,
  ...moderationShape,
  ...queueShape,
  ...bucketShape,
  ...intakeShape,
  /** Buckets whose new objects become media by themselves, as JSON. */
  IMPORT_NEW_OBJECTS: arrivalRulesSchema.default([]),
  ...providerShape,
  ...embeddingShape,
  TASKS_ISSUER: z.string().min(1).default('https://accounts.google.com'),
  TASKS_JWKS_URL: z.url().default('https://www.googleapis.com/oauth2/v3/certs'),
  /** Who verifies the signature of a task's token: this code, or Cloud Run (`identity.ts`). */
  TASKS_AUTH: z.enum(['verify', 'platform']).default('verify'),
  ANALYSIS_MODEL: modelName.default('local/vision'),
  /** Asked instead, in this order, while `ANALYSIS_MODEL` does not answer, is missing, or has used up its quota. */
  MODEL_FALLBACK: list.pipe(z.array(modelName)).default([]),
  /** How long one call for a photo may take; a video may take three times as long. */
  CALL_TIMEOUT_S: positiveInt.default(DEFAULT_CALL_TIMEOUT_S),
  CAPTURE_LOCATION: flag.default(false),
  /** Pixels. Absent: the best size for the model. */
  PREVIEW_MAX_SIDE: positiveInt.max(4096).optional(),
  LEASE_S: positiveInt.default(30),
  /** If nothing is written to a media for this time, the sweeper enqueues it again. */
  SWEEP_QUIET_S: positiveInt.default(120),
  /** How often one phase of one attempt may be claimed before the media fails. */
  MAX_DELIVERIES: positiveInt.default(8),
  /** How often a model may be asked about one media in a day, over all deliveries and attempts, if each answer costs money. */
  MAX_PAID_CALLS: positiveInt.default(8),
  /** A longer video is not sent to a model that costs money. A second costs about a hundred tokens. */
  MAX_VIDEO_S: positiveInt.default(600),
  /** How long one delivery may work. This must be less than the dispatch deadline and the unit's timeout. */
  DELIVERY_BUDGET_S: positiveInt.default(240),
});

/** What the service stores would be imported again. */
function checkArrivals(config: z.infer<typeof workerShape>, context: z.RefinementCtx): void {
  const { IMPORT_NEW_OBJECTS: rules, STAGING_BUCKET, MEDIA_BUCKET } = config;
  for (const [n, { bucket }] of rules.entries()) {
    if (![STAGING_BUCKET, MEDIA_BUCKET].includes(bucket)) continue;
    const path = ['IMPORT_NEW_OBJECTS', n, 'bucket'];
    context.addIssue({ code: 'custom', path, message: 'not a bucket of this service' });
  }
}

const workerSchema = workerShape
  .superRefine((config, context) => {
    const { ANALYSIS_MODEL, MODEL_FALLBACK, EMBEDDING_MODEL } = config;
    requireKeys([ANALYSIS_MODEL, ...MODEL_FALLBACK, EMBEDDING_MODEL], config, context);
    checkArrivals(config, context);
  })
  .refine(
    ({ CALL_TIMEOUT_S: call, DELIVERY_BUDGET_S: delivery }) =>
      call <= Math.max(delivery, DEFAULT_CALL_TIMEOUT_S),
    { path: ['CALL_TIMEOUT_S'], message: 'at most DELIVERY_BUDGET_S, which ends each call' },
  );
export type WorkerConfig = z.infer<typeof workerSchema>;

const streamSchema = z.object({
  ...telemetryShape,
  ...firestoreShape,
  ...moderationShape,
  ...callerShape,
  /** How many streams one caller may have open on one instance: at most a quarter of its places. */
  MAX_STREAMS: positiveInt.default(50),
  /** How many streams all callers may have open on one instance. The other places stay free, e.g. for `/health`. */
  MAX_STREAMS_PER_INSTANCE: positiveInt.default(950),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HEARTBEAT_S: positiveInt.default(15),
  /** A stream ends before the platform's limit of 60 minutes, so that its client reconnects without an error. */
  MAX_STREAM_S: positiveInt.max(3_600).default(3_300),
  /** Folder of the built page; the container image sets it. Absent: this unit serves no page. */
  PAGE_DIR: z.string().min(1).optional(),
  /** What the page finds at `/config.json` (`shared/page-config.ts`), as JSON. */
  PAGE_CONFIG: jsonText.pipe(strictPageConfigSchema).default({}),
  /** Signed URLs lead there. */
  STORAGE_EMULATOR_HOST: z.url().default('https://storage.googleapis.com'),
});
export type StreamConfig = z.infer<typeof streamSchema>;

/** The settings of each unit, for the check of the deployment. */
export const UNIT_SETTINGS: Record<'api' | 'worker' | 'stream', Record<string, z.ZodType>> = {
  api: apiShape.shape,
  worker: workerShape.shape,
  stream: streamSchema.shape,
};

const providerSettings = z.object({
  ...providerShape,
  GOOGLE_CLOUD_PROJECT: z.string().min(1).optional(),
});
export type ProviderSettings = z.infer<typeof providerSettings>;

type Environment = Record<string, string | undefined>;

export const loadApiConfig = (env: Environment = process.env): ApiConfig => load(apiSchema, env);
export const loadWorkerConfig = (env: Environment = process.env): WorkerConfig =>
  load(workerSchema, env);
/** For a command that asks a model by itself. */
export const loadProviderSettings = (env: Environment = process.env): ProviderSettings =>
  load(providerSettings, env);
export const loadStreamConfig = (env: Environment = process.env): StreamConfig =>
  load(streamSchema, env);

/** An empty variable counts as absent. @throws {ConfigError} with one line for each wrong variable */
function load<T extends z.ZodType>(schema: T, env: Environment): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given, { error: inWords });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The configuration is not usable:\n${lines.join('\n')}`);
}
