/**
 * Who is signed in, in all tabs of this browser. The refresh token is kept in the browser's storage, so that a reload and
 * another tab know the user; tokens for the API are kept in memory only.
 */
import { networkError } from '../../client/errors.ts';
import { type GetToken, MediaClientError } from '../../client/index.ts';
import { parseJson } from '../../client/json.ts';
import { type SignInCode, SignInError } from './errors.ts';
import type { IdentityToolkit, SignedIn, SignedInUser } from './identity-toolkit.ts';
import { texts } from './texts.ts';

const KEY = 'media-analysis-session';
/** A token is renewed so long before it ends, so that it still works when it arrives. */
const RENEW_BEFORE_MS = 60_000;

interface Stored {
  refresh_token: string;
  user: SignedInUser;
}

export interface SessionState {
  user: SignedInUser | undefined;
  /** Why the last session ended, if not by the user. */
  endedBy: SignInCode | undefined;
}

export interface SessionDeps {
  toolkit: Pick<IdentityToolkit, 'renew'>;
  /** Undefined where the browser forbids it: then a session ends with its tab. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export class Session {
  readonly #deps: SessionDeps;
  readonly #listeners = new Set<() => void>();
  #stored: Stored | undefined;
  /** What this tab has last seen in the storage. It stays if the storage is full. */
  #seen: string | null = null;
  #state: SessionState;
  #token: { idToken: string; renewAt: number } | undefined;
  #renewing: Promise<string> | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#stored = this.#read();
    this.#state = { user: this.#stored?.user, endedBy: undefined };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getSnapshot = (): SessionState => this.#state;

  begin({ user, refreshToken, idToken, lifetimeS }: SignedIn): void {
    this.#use({ refresh_token: refreshToken, user });
    this.#keep(idToken, lifetimeS);
    this.#write();
  }

  /** Ends the session in this tab and in all others. */
  end(endedBy?: SignInCode): void {
    this.#use(undefined, endedBy);
    this.#write();
  }

  /** Takes over what another tab has stored. Call it when the storage has changed. */
  follow(): void {
    if ((this.#deps.storage?.getItem(KEY) ?? null) === this.#seen) return;
    const stored = this.#read();
    const isSame = stored?.refresh_token === this.#stored?.refresh_token;
    if (!isSame || stored?.user.id !== this.#stored?.user.id) this.#use(stored);
  }

  /**
   * The tokens of one user. After another user has signed in, it gives none: requests of the first user's page must not go
   * out in the name of the second.
   * @throws {MediaClientError} `unauthenticated` if the session has ended
   */
  tokensOf(userId: string): GetToken {
    return ({ refresh }) => {
      if (this.#stored?.user.id !== userId) throw ended();
      const { idToken, renewAt = 0 } = this.#token ?? {};
      if (idToken !== undefined && !refresh && this.#deps.now() < renewAt) return idToken;
      // Requests side by side wait for the same new token.
      this.#renewing ??= this.#renewOnce(this.#stored);
      return this.#renewing;
    };
  }

  #renewOnce(session: Stored): Promise<string> {
    const renewing = this.#renew(session).finally(() => {
      if (this.#renewing === renewing) this.#renewing = undefined;
    });
    return renewing;
  }

  async #renew(session: Stored): Promise<string> {
    try {
      const { idToken, refreshToken, lifetimeS } = await this.#deps.toolkit.renew(
        session.refresh_token,
      );
      // The event of another tab's sign-out may still be on its way: it must not be written over.
      this.follow();
      if (this.#stored?.user.id !== session.user.id) throw ended();
      this.#keep(idToken, lifetimeS);
      if (this.#stored === session && refreshToken !== session.refresh_token) {
        this.#stored = { ...session, refresh_token: refreshToken };
        this.#write();
      }
      return idToken;
    } catch (error) {
      this.follow();
      if (this.#stored === session) throw this.#explain(error);
      // Another tab has replaced the refresh token of the same user: the client's next try uses that one.
      throw this.#stored?.user.id === session.user.id ? networkError(error) : ended();
    }
  }

  /** Faults of the network are waited for by the client; a session that is over is ended here. */
  #explain(error: unknown): unknown {
    if (!(error instanceof SignInError)) return error;
    const { code } = error;
    if (code === 'unreachable') return networkError(error);
    if (code === 'session_ended' || code === 'disabled') {
      this.end(code);
      return ended();
    }
    if (code === 'too_many_tries') {
      const text = 'There are too many requests now. Try again in a moment.';
      return new MediaClientError('rate_limited', text, { status: 429, cause: error });
    }
    if (code === 'unavailable') {
      const text = 'The sign-in service does not answer as it should. Try again in a moment.';
      return new MediaClientError('unavailable', text, { status: 503, cause: error });
    }
    // Most of all `key_refused`: the page was open while its API key was changed.
    const text = 'This page may not ask who you are any more. Reload it.';
    return new MediaClientError('internal', text, { status: 403, cause: error });
  }

  #keep(idToken: string, lifetimeS: number): void {
    this.#token = { idToken, renewAt: this.#deps.now() + lifetimeS * 1_000 - RENEW_BEFORE_MS };
  }

  #use(stored: Stored | undefined, endedBy?: SignInCode): void {
    this.#stored = stored;
    this.#token = undefined;
    this.#renewing = undefined;
    const isSameUser = stored?.user.id === this.#state.user?.id;
    this.#state = { user: isSameUser ? this.#state.user : stored?.user, endedBy };
    for (const listener of this.#listeners) listener();
  }

  #read(): Stored | undefined {
    this.#seen = this.#deps.storage?.getItem(KEY) ?? null;
    const value = parseJson(this.#seen ?? '') as { user?: unknown } | null;
    const user = texts(value?.user, 'id', 'email', 'name');
    const session = texts(value, 'refresh_token');
    return user && session && { ...session, user };
  }

  #write(): void {
    const { storage } = this.#deps;
    try {
      const text = this.#stored ? JSON.stringify(this.#stored) : null;
      if (text === null) storage?.removeItem(KEY);
      else storage?.setItem(KEY, text);
      this.#seen = storage ? text : null;
    } catch {
      // The storage is full. The session works in this tab until it is closed.
    }
  }
}

function ended(): MediaClientError {
  return new MediaClientError('unauthenticated', 'Please sign in.', { status: 401 });
}

/** @returns undefined where the browser's settings forbid it */
export function browserStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
