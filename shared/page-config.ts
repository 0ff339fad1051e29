/** The settings of one deployment of the page: `/config.json`, which lies beside the page. */
import * as z from 'zod/mini';

/** An `http` or `https` address, without the slashes at its end. */
const address = z.pipe(
  z.url({ protocol: /^https?$/ }),
  z.transform((url) => url.replace(/\/+$/, '')),
);

const signInSchema = z.object({
  /** The key of the project's Identity Platform. It is public. */
  api_key: z.string().check(z.minLength(1)),
  /** The server of accounts: `https://identitytoolkit.googleapis.com`, or a stand-in for it. */
  identity_url: address,
  /** The server that renews tokens: `https://securetoken.googleapis.com`, or a stand-in for it. */
  token_url: address,
  /** The OAuth client for "Sign in with Google". Without it, there is no such button. */
  google_client_id: z.optional(z.string().check(z.minLength(1))),
  /** True: people may make accounts themselves. */
  sign_up: z.boolean(),
});
export type SignInConfig = z.infer<typeof signInSchema>;

/**
 * The settings as the page reads them. Unknown fields are ignored, because a browser may have kept an older page than
 * the settings are for.
 * @example
 * ```ts
 * const { api_url = '', sign_in } = pageConfigSchema.parse({}); // the page's own origin, and no sign-in
 * ```
 */
export const pageConfigSchema = z.object({
  /** The address of the API. Without it, the API is on the page's own origin. */
  api_url: z.optional(address),
  /** The address of the event stream. Without it, the stream is on the page's own origin. */
  stream_url: z.optional(address),
  /** Settings of the sign-in. Without them, the page has no sign-in screens. */
  sign_in: z.optional(signInSchema),
});
export type PageConfig = z.infer<typeof pageConfigSchema>;

/** The settings as an operator writes them: an unknown field is a mistake. */
export const strictPageConfigSchema = z.strictObject({
  ...pageConfigSchema.shape,
  sign_in: z.optional(z.strictObject(signInSchema.shape)),
});
