/** The access tokens of Google's service accounts: who has which, and until when. */
import { randomBytes } from 'node:crypto';

export class AccessTokens {
  readonly #issued = new Map<string, { account: string; validUntilMs: number }>();

  issue(account: string, lifetimeS: number): string {
    const token = `ya29.c.${randomBytes(48).toString('base64url')}`;
    this.#issued.set(token, { account, validUntilMs: Date.now() + lifetimeS * 1_000 });
    return token;
  }

  /** From now on no token of the account counts that it had until now. */
  expire(account: string): void {
    for (const [token, { account: owner }] of this.#issued) {
      if (owner === account) this.#issued.delete(token);
    }
  }

  /** @returns the e-mail address of the account, or undefined if that is no token or one that has expired. */
  accountOf(authorization: string | undefined): string | undefined {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const found = this.#issued.get(token ?? '');
    return found && Date.now() < found.validUntilMs ? found.account : undefined;
  }
}
