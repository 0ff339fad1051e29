/**
 * Helpers for settings, and the settings of every unit. Each room declares its own in a `settings.ts`. A unit composes the shapes in its
 * `config.ts`, and its `index.ts` loads them once. No other code of `functions/` reads `process.env`. `sandbox/` passes a few variables
 * on to its processes, and the process of `vision/` reads its log level.
 */
import { z } from 'zod';
import { issueMessage } from './issue-messages.ts';

/** The message names each wrong or missing variable, and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `npm run settings` writes `docs/settings.md` from it. */
interface SettingDoc {
  /** Markdown, in the folder `docs/`. */
  doc: string;
  /** Markdown, if the default of the schema would not help a reader. */
  default?: string;
}

/**
 * `register` keeps the schema as it is. zod's `meta` would copy each schema at each cold start.
 * @example LEASE_S: positiveInt.default(30).register(settingDocs, { doc: 'seconds that …' })
 */
export const settingDocs = z.registry<SettingDoc>();

export const flag = z.enum(['on', 'off']).transform((value) => value === 'on');
export const positiveInt = z.coerce.number().int().positive();

/** Separated by commas, with or without blanks. */
export const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''));

export const mebibytes = (n: number) => n * 1024 * 1024;

export const telemetryShape = {
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  // The exporter itself reads this variable, and others like it.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().register(settingDocs, {
    doc: 'where all spans go, if anywhere',
  }),
};

export const firestoreShape = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1).register(settingDocs, { doc: 'project of Google Cloud' }),
  FIRESTORE_DATABASE: z
    .string()
    .min(1)
    .default('(default)')
    .register(settingDocs, { doc: 'database in it' }),
  FIRESTORE_EMULATOR_HOST: z.string().min(1).optional(),
  FIRESTORE_ANSWER_S: positiveInt.default(12).register(settingDocs, {
    doc: 'seconds that a call waits for Firestore or Cloud Tasks; a request is answered within twice that',
  }),
};

export type SettingsOf<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

export type Environment = Record<string, string | undefined>;

/** An empty variable counts as absent. @throws {ConfigError} with one line for each wrong variable */
/** Adds an issue for each setting that does not go with another one. */
export type Refinement<Settings> = (config: Settings, context: z.RefinementCtx) => void;

export function load<T extends z.ZodType>(schema: T, env: Environment = process.env): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given, { error: issueMessage });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The configuration is not usable:\n${lines.join('\n')}`);
}
