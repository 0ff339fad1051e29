/** The settings of one deployment of the page: `/config.json`, which lies beside the page. */
import * as z from 'zod/mini';
import { errorOfAnswer, networkError } from '../client/errors.ts';
import { MediaClientError } from '../client/index.ts';

// The page's content security policy forbids the functions that zod would otherwise make from strings.
z.config({ jitless: true });

/** An `http` or `https` address, without the slashes at its end. */
const address = z.pipe(
  z.url({ protocol: /^https?$/ }),
  z.transform((url) => url.replace(/\/+$/, '')),
);

const signInSchema = z.object({
  /** The key of the project's Identity Platform. It is public. */
  api_key: z.string().check(z.minLength(1)),
  /** Where accounts are: `https://identitytoolkit.googleapis.com`, or a stand-in for it. */
  identity_url: address,
  /** Where tokens are renewed: `https://securetoken.googleapis.com`, or a stand-in for it. */
  token_url: address,
  /** The OAuth client for "Sign in with Google"; absent: there is no such button. */
  google_client_id: z.optional(z.string().check(z.minLength(1))),
  /** Whether people may make accounts themselves. */
  sign_up: z.boolean(),
});

/**
 * Unknown fields are ignored, because a browser may keep an older page than the one that the settings are for.
 * @example
 * ```ts
 * const { api_url = '', sign_in } = pageConfigSchema.parse({}); // the page's own origin, and no sign-in
 * ```
 */
export const pageConfigSchema = z.object({
  /** Where the API is; absent: on the page's own origin. */
  api_url: z.optional(address),
  /** Where the event stream is; absent: on the page's own origin. */
  stream_url: z.optional(address),
  /** How people sign in; absent: the page has no sign-in screens. */
  sign_in: z.optional(signInSchema),
});

export type PageConfig = z.infer<typeof pageConfigSchema>;
export type SignInConfig = z.infer<typeof signInSchema>;

/**
 * Reads the settings of the page.
 * @throws {MediaClientError} `unavailable` if no answer came; `internal` if the answer has another shape
 */
export async function loadConfig(
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<PageConfig> {
  const response = await fetch('/config.json', { cache: 'no-cache' }).catch((cause: unknown) => {
    throw networkError(cause);
  });
  const body = await response.text().catch((cause: unknown) => {
    throw networkError(cause);
  });
  if (!response.ok) throw errorOfAnswer(response.status, null, body);
  try {
    return pageConfigSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new MediaClientError(
      'internal',
      'The settings of this page (/config.json) cannot be read. Tell the person who runs it.',
      { status: response.status, cause },
    );
  }
}
