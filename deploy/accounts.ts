/**
 * Accounts of users, by the administrator's part of Identity Platform's REST API:
 * https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts
 */
import { z } from 'zod';

export interface AccountsOptions {
  /** `https://identitytoolkit.googleapis.com`, or a stand-in. */
  url: string;
  project: string;
  /** OAuth access token of an administrator. */
  accessToken: string;
  /** Accounts in one answer; by default 500. */
  pageSize?: number;
}

/** The message says why the administrator's request failed, and what to do. */
export class AccountsError extends Error {
  override readonly name = 'AccountsError';
}

const accountSchema = z.object({
  localId: z.string(),
  email: z.string().default('(no e-mail address)'),
  disabled: z.boolean().default(false),
  /** Milliseconds since the epoch. */
  createdAt: z.coerce.number().default(0),
  lastLoginAt: z.coerce.number().default(0),
  /** When a token was given the last time. */
  lastRefreshAt: z.string().optional(),
});
export type Account = z.infer<typeof accountSchema>;

/** @returns undefined for an account that an administrator has made and nobody has used: some servers call that a sign-in */
export function lastSignInOf({ createdAt, lastLoginAt, lastRefreshAt }: Account): Date | undefined {
  const isUsed = lastRefreshAt !== undefined || lastLoginAt > createdAt;
  return isUsed && lastLoginAt > 0 ? new Date(lastLoginAt) : undefined;
}

const accountsSchema = z.object({
  users: z.array(accountSchema).default([]),
  nextPageToken: z.string().optional(),
});
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** Identity Platform's address; the usual variable of Firebase's tools names an emulator instead. */
export function identityUrl({ FIREBASE_AUTH_EMULATOR_HOST: emulator }: NodeJS.ProcessEnv): string {
  const google = 'identitytoolkit.googleapis.com';
  return emulator ? `http://${emulator}/${google}` : `https://${google}`;
}

export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /**
   * @param password undefined: the owner of the account chooses one (`passwordLink`)
   * @throws {AccountsError} if the account exists
   */
  async add(email: string, password?: string): Promise<void> {
    await this.#call('POST', '', { email, ...(password !== undefined && { password }) });
  }

  /** @returns a link by which the owner of the account chooses a password */
  async passwordLink(email: string): Promise<string> {
    const body = { requestType: 'PASSWORD_RESET', email, returnOobLink: true };
    return z.object({ oobLink: z.string() }).parse(await this.#call('POST', ':sendOobCode', body))
      .oobLink;
  }

  async find(email: string): Promise<Account | undefined> {
    const answer = await this.#call('POST', ':lookup', { email: [email] });
    return accountsSchema.parse(answer).users[0];
  }

  async *list(): AsyncGenerator<Account> {
    let pageToken: string | undefined;
    do {
      const query = new URLSearchParams({ maxResults: String(this.#options.pageSize ?? 500) });
      if (pageToken !== undefined) query.set('nextPageToken', pageToken);
      const page = accountsSchema.parse(await this.#call('GET', `:batchGet?${query}`));
      yield* page.users;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }

  /** Disabling ends the sessions of a user too. Earlier tokens work for up to an hour. */
  async setDisabled({ localId }: Account, disableUser: boolean): Promise<void> {
    const now = String(Math.floor(Date.now() / 1_000));
    const body = { localId, disableUser, ...(disableUser && { validSince: now }) };
    await this.#call('POST', ':update', body);
  }

  async remove({ localId }: Account): Promise<void> {
    await this.#call('POST', ':delete', { localId });
  }

  /** @throws {AccountsError} */
  async #call(method: 'GET' | 'POST', operation: string, body?: object): Promise<unknown> {
    const { url, project, accessToken } = this.#options;
    const response = await fetch(`${url}/v1/projects/${project}/accounts${operation}`, {
      method,
      headers: {
        Authorization: `Bearer ${accessToken}`,
        // A user's token belongs to no project: https://docs.cloud.google.com/docs/quotas/set-quota-project
        'X-Goog-User-Project': project,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new AccountsError(`${url} cannot be reached. Check your connection.`, { cause });
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const { data } = errorSchema.safeParse(answer);
    throw new AccountsError(explain(response.status, data?.error.message ?? '', project));
  }
}

function explain(status: number, message: string, project: string): string {
  if (message === 'EMAIL_EXISTS') return 'There is already an account with this address.';
  if (message === 'INVALID_EMAIL') return 'This is no complete e-mail address.';
  if (message === 'CONFIGURATION_NOT_FOUND') {
    return `Identity Platform is not set up in the project ${project}. Terraform does that (identity_platform).`;
  }
  if (status === 401) return `Google does not accept the access token: run "gcloud auth login".`;
  if (status === 403) {
    return `You may not administer the accounts of the project ${project}. That takes the role "Identity Toolkit Admin" (roles/identitytoolkit.admin) and the role "Service Usage Consumer". Google says: ${message}`;
  }
  return `Identity Platform says (${status}): ${message}`;
}
