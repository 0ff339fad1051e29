/** Sends requests with the user's token. Each returns a 2xx answer or throws an error that can be shown. */
import { errorOfAnswer, networkError } from './errors.ts';

/**
 * Returns the signed-in user's token (a JWT), or undefined to send the request without one.
 * @example
 * ```ts
 * import type { GetToken } from '@media-analysis/web/client';
 *
 * // Firebase Authentication renews a token by itself; `refresh` makes it do so at once.
 * const getToken: GetToken = ({ refresh }) => auth.currentUser?.getIdToken(refresh);
 * ```
 */
export type GetToken = (options: {
  /** True if the server refused the last token: get a new one, not a cached one. */
  refresh: boolean;
}) => Promise<string | undefined> | string | undefined;

export interface HttpOptions {
  /** Where the API is, e.g. `https://api.example.com`; by default the page's own origin. */
  baseUrl: string;
  getToken: GetToken | undefined;
  fetch: typeof fetch;
}

export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  get sendsToken(): boolean {
    return this.#options.getToken !== undefined;
  }

  url(path: string): string {
    return `${this.#options.baseUrl}${path}`;
  }

  async authorization(refresh: boolean): Promise<Record<string, string>> {
    const token = await this.#options.getToken?.({ refresh });
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /**
   * If the server refuses the token, gets a new one and sends the request once more.
   * @throws {MediaClientError} unless the answer is 2xx
   */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    let response = await this.#send(path, init, false);
    if (response.status === 401 && this.sendsToken) response = await this.#send(path, init, true);
    if (response.ok) return response;
    const body = await response.text().catch(() => '');
    throw errorOfAnswer(response.status, response.headers.get('retry-after'), body);
  }

  async json(path: string, init?: RequestInit): Promise<unknown> {
    const response = await this.request(path, init);
    return response.json().catch((cause: unknown) => {
      init?.signal?.throwIfAborted();
      throw networkError(cause);
    });
  }

  async #send(path: string, init: RequestInit, refresh: boolean): Promise<Response> {
    const authorization = await this.authorization(refresh);
    const headers = { ...(init.headers as Record<string, string>), ...authorization };
    try {
      return await this.#options.fetch(this.url(path), { ...init, headers });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw networkError(cause);
    }
  }
}
