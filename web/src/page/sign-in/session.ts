/**
 * The user who is signed in, in all tabs of this browser. The refresh token is in the browser's storage, so a reload
 * and another tab know the user; tokens for the API are in memory only.
 */
import { networkError } from '../../client/errors.ts';
import { type GetToken, MediaClientError } from '../../client/index.ts';
import { parseJson } from '../../client/json.ts';
import { type SignInCode, SignInError } from './errors.ts';
import type { SignedIn, SignedInUser, Tokens } from './identity-toolkit.ts';
import { texts } from './texts.ts';

const KEY = 'media-analysis-session';
/** A token is renewed this long before it ends, so that it still works when it arrives. */
const RENEW_BEFORE_MS = 60_000;
const NO_TOKEN = { idToken: '', renewAt: 0 };

interface Stored {
  refresh_token: string;
  user: SignedInUser;
}

interface SessionState {
  user: SignedInUser | undefined;
  /** Why the last session ended, if not by the user. */
  endedBy?: SignInCode | undefined;
}

interface SessionDeps {
  renew: (refreshToken: string) => Promise<Tokens>;
  /** Undefined where the browser forbids it: then a session ends with its tab. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  now: () => number;
}

export class Session {
  readonly #deps: SessionDeps;
  readonly #listeners = new Set<() => void>();
  #stored: Stored | undefined;
  #state: SessionState;
  #token = NO_TOKEN;
  #renewing: Promise<string> | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#stored = this.#read();
    this.#state = { user: this.#stored?.user };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getSnapshot = (): SessionState => this.#state;

  begin({ user, ...tokens }: SignedIn): void {
    this.#use({ refresh_token: tokens.refreshToken, user });
    this.#keep(tokens);
    this.#write();
  }

  /** Ends the session in this tab and in all others. */
  end(endedBy?: SignInCode): void {
    this.#use(undefined, endedBy);
    this.#write();
  }

  /** Takes over what another tab has stored. Call it when the storage has changed. */
  follow(): void {
    if (!this.#deps.storage) return;
    const stored = this.#read();
    if (stored?.refresh_token !== this.#stored?.refresh_token) this.#use(stored);
  }

  /**
   * The tokens of one user. It gives none after another user has signed in: requests of the first user's page must not
   * go out in the name of the second.
   * @throws {MediaClientError} `unauthenticated` if the session has ended
   */
  tokensOf(userId: string): GetToken {
    return ({ refresh }) => {
      if (this.#stored?.user.id !== userId) throw ended();
      const { idToken, renewAt } = this.#token;
      if (!refresh && this.#deps.now() < renewAt) return idToken;
      // Requests in parallel wait for the same new token.
      this.#renewing ??= this.#renew(this.#stored).finally(() => {
        this.#renewing = undefined;
      });
      return this.#renewing;
    };
  }

  async #renew(session: Stored): Promise<string> {
    const tokens = await this.#deps.renew(session.refresh_token).catch((error: unknown) => {
      this.follow();
      // Another tab has begun another session: the client's next try uses that one.
      throw this.#stored === session ? this.#explain(error) : networkError(error);
    });
    // The event of another tab's sign-out may still be on its way: do not overwrite that change.
    this.follow();
    if (this.#stored?.user.id !== session.user.id) throw ended();
    this.#keep(tokens);
    if (this.#stored === session) {
      this.#stored = { ...session, refresh_token: tokens.refreshToken };
      this.#write();
    }
    return tokens.idToken;
  }

  /** The client waits when the network fails; a session that is over ends here. */
  #explain(error: unknown): unknown {
    if (!(error instanceof SignInError)) return error;
    const { code } = error;
    if (code === 'session_ended' || code === 'disabled') {
      this.end(code);
      return ended();
    }
    if (code === 'unreachable') return networkError(error);
    if (code === 'unavailable' || code === 'too_many_tries') {
      const text = 'The sign-in service does not answer as it should. Try again in a moment.';
      return new MediaClientError('unavailable', text, { status: 503, cause: error });
    }
    // Mostly `key_refused`: the API key was changed while the page was open.
    const text = 'This page may not ask who you are any more. Reload it.';
    return new MediaClientError('internal', text, { status: 403, cause: error });
  }

  #keep({ idToken, lifetimeS }: Tokens): void {
    this.#token = { idToken, renewAt: this.#deps.now() + lifetimeS * 1_000 - RENEW_BEFORE_MS };
  }

  #use(stored: Stored | undefined, endedBy?: SignInCode): void {
    this.#stored = stored;
    this.#token = NO_TOKEN;
    this.#renewing = undefined;
    this.#state = { user: stored?.user, endedBy };
    for (const listener of this.#listeners) listener();
  }

  #read(): Stored | undefined {
    const value = parseJson(this.#deps.storage?.getItem(KEY) ?? '');
    const { user } = (value ?? {}) as { user?: unknown };
    const [of, session] = [texts(user, 'id', 'email', 'name'), texts(value, 'refresh_token')];
    return of && session && { ...session, user: of };
  }

  #write(): void {
    if (this.#stored) this.#deps.storage?.setItem(KEY, JSON.stringify(this.#stored));
    else this.#deps.storage?.removeItem(KEY);
  }
}

const ended = () => new MediaClientError('unauthenticated', 'Please sign in.', { status: 401 });
