/** Who may call, from which pages, and how a body has to arrive. */
import { z } from 'zod';
import { list, mebibytes, positiveInt, settingDocs } from '../process/settings.ts';

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

/**
 * The issuer of the callers' tokens. The defaults are those of Firebase Authentication (Identity Platform):
 * https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library
 */
export const callersShape = {
  AUTH_ISSUER: z.string().min(1).optional().register(settingDocs, {
    doc: 'issuer of callers’ RS256 tokens; `sub` is the owner',
    default: 'Firebase Authentication of the project',
  }),
  AUTH_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .register(settingDocs, { doc: 'audience of the tokens', default: 'the project' }),
  AUTH_JWKS_URL: z
    .url()
    .default(
      'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
    )
    .register(settingDocs, {
      doc: 'public keys of that issuer',
      default: 'Firebase Authentication',
    }),
  // Where none is set, only pages at the own origin may call.
  ALLOWED_ORIGINS: list
    .pipe(z.array(origin))
    .default([])
    .register(settingDocs, { doc: 'origins of pages that may call' }),
};

/** The tokens of Cloud Tasks and Cloud Scheduler. */
export const tasksCallerShape = {
  TASKS_ISSUER: z
    .string()
    .min(1)
    .default('https://accounts.google.com')
    .register(settingDocs, { doc: 'whose tokens the worker believes', default: 'Google' }),
  TASKS_JWKS_URL: z
    .url()
    .default('https://www.googleapis.com/oauth2/v3/certs')
    .register(settingDocs, { doc: 'public keys of that issuer', default: 'Google' }),
  TASKS_AUTH: z.enum(['verify', 'platform']).default('verify').register(settingDocs, {
    doc: 'leave it alone: Terraform and `npm start` set it. `platform`: Cloud Run has verified a task’s token and [taken its signature away](https://cloud.google.com/run/docs/troubleshooting#signature-removed); anywhere else it lets anybody in',
  }),
};

export const bodyShape = {
  // Cloud Run accepts requests of up to 32 MiB over HTTP/1: https://cloud.google.com/run/quotas
  MAX_REQUEST_BYTES: positiveInt
    .default(mebibytes(32))
    .register(settingDocs, { doc: 'bytes of a request' }),
  BODY_STALL_S: positiveInt.default(30).register(settingDocs, {
    doc: 'seconds without a byte that end it',
  }),
  // The largest one arrives in that time at 80 kB/s. Cloud Run allows a request an hour, and the answer takes half a minute
  // of it.
  BODY_TOTAL_S: positiveInt.max(3_570).default(420).register(settingDocs, {
    doc: 'seconds for all its bytes',
  }),
  // The slowest lines in use can do that.
  BODY_MIN_BYTES_PER_MINUTE: positiveInt.default(120_000).register(settingDocs, {
    doc: 'fewer bytes a minute (2 kB/s) end it',
  }),
};
