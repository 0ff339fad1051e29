import { beforeEach, describe, expect, test } from '@jest/globals';
import { SignInError } from './errors.ts';
import { identityToolkit, type SignedIn, type Tokens } from './identity-toolkit.ts';
import { Session } from './session.ts';

const ALICE = { id: 'alice', email: 'alice@example.com', name: '' };
const BOB = { id: 'bob', email: 'bob@example.com', name: 'Bob' };
const signedIn = (user = ALICE, change: Partial<SignedIn> = {}): SignedIn => ({
  user,
  refreshToken: `refresh ${user.id}`,
  idToken: `first token of ${user.id}`,
  lifetimeS: 3_600,
  ...change,
});

let now: number;
let stored: Map<string, string>;
let renewals: string[];
let renew: (refreshToken: string) => Promise<Tokens>;
beforeEach(() => {
  now = 0;
  stored = new Map();
  renewals = [];
  renew = async (refreshToken) => ({
    refreshToken,
    idToken: `token ${renewals.length}`,
    lifetimeS: 3_600,
  });
});

/** Each has the same storage, as the tabs of one browser. */
function openTab(): Session {
  return new Session({
    renew: (refreshToken) => {
      renewals.push(refreshToken);
      return renew(refreshToken);
    },
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    now: () => now,
  });
}

const tokenIn = async (tab: Session, { refresh = false, user = ALICE } = {}) =>
  tab.tokensOf(user.id)({ refresh });

describe('a token', () => {
  test('is used until a minute before its end, then renewed', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    now = 3_539_999;
    expect(await tokenIn(tab)).toBe('first token of alice');
    now = 3_540_000;
    expect(await tokenIn(tab)).toBe('token 1');
    expect(await tokenIn(tab)).toBe('token 1');
    expect(renewals).toEqual(['refresh alice']);
  });

  test('that the server refused is renewed', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    expect(await tokenIn(tab, { refresh: true })).toBe('token 1');
  });

  test('is renewed once for requests side by side', async () => {
    openTab().begin(signedIn());
    const tab = openTab();
    expect(await Promise.all([tokenIn(tab), tokenIn(tab)])).toEqual(['token 1', 'token 1']);
    expect(renewals).toHaveLength(1);
  });
});

describe('a session', () => {
  test('survives a reload, with a refresh token that was replaced', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    renew = async () => ({ refreshToken: 'replaced', idToken: 'x', lifetimeS: 3_600 });
    await tokenIn(tab, { refresh: true });
    const reloaded = openTab();
    expect(reloaded.getSnapshot().user).toEqual(ALICE);
    await tokenIn(reloaded);
    expect(renewals).toEqual(['refresh alice', 'replaced']);
  });

  test('ends in all tabs, and none of them has a token left', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const other = openTab();
    tab.end();
    other.follow();
    for (const each of [tab, other]) {
      expect(each.getSnapshot()).toEqual({ user: undefined, endedBy: undefined });
      await expect(tokenIn(each)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    expect(stored.size).toBe(0);
    expect(renewals).toEqual([]);
  });

  test('of another user in another tab is taken over, and the first user’s page gets no token', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const ofAlice = tab.tokensOf(ALICE.id);
    openTab().begin(signedIn(BOB));
    tab.follow();
    expect(tab.getSnapshot().user).toEqual(BOB);
    expect(() => ofAlice({ refresh: false })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
    expect(await tokenIn(tab, { user: BOB })).toBe('token 1');
  });

  test('that ends while its token is renewed gives none', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const late = Promise.withResolvers<Tokens>();
    renew = () => late.promise;
    const token = tokenIn(tab, { refresh: true });
    tab.end();
    late.resolve({ refreshToken: 'refresh alice', idToken: 'late', lifetimeS: 3_600 });
    await expect(token).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(tab.getSnapshot().user).toBeUndefined();
  });

  test('that another tab ends while its token is renewed stays ended, before the event of that tab has come', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const late = Promise.withResolvers<Tokens>();
    renew = () => late.promise;
    const token = tokenIn(tab, { refresh: true });
    openTab().end();
    late.resolve({ refreshToken: 'replaced', idToken: 'late', lifetimeS: 3_600 });
    await expect(token).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(stored.size).toBe(0);
    expect(tab.getSnapshot().user).toBeUndefined();
  });

  test('that another tab has begun is not ended by a refusal of the old one, before the event of that tab has come', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const late = Promise.withResolvers<Tokens>();
    renew = () => late.promise;
    const token = tokenIn(tab, { refresh: true });
    openTab().begin(signedIn(ALICE, { refreshToken: 'after a new password' }));
    late.reject(new SignInError('session_ended', ''));
    await expect(token).rejects.toMatchObject({ code: 'unavailable', status: 0 });
    expect([...stored.values()].join()).toContain('after a new password');
    expect(tab.getSnapshot().user).toEqual(ALICE);
  });

  test('whose refresh token another tab has replaced meanwhile goes on', async () => {
    const tab = openTab();
    tab.begin(signedIn());
    const late = Promise.withResolvers<Tokens>();
    renew = () => late.promise;
    const token = tokenIn(tab, { refresh: true });
    openTab().begin(signedIn(ALICE, { refreshToken: 'newer' }));
    tab.follow();
    late.reject(new SignInError('session_ended', ''));
    await expect(token).rejects.toMatchObject({ code: 'unavailable', status: 0 });
    renew = async (refreshToken) => ({ refreshToken, idToken: 'of newer', lifetimeS: 3_600 });
    expect(await tokenIn(tab)).toBe('of newer');
    expect(renewals).toEqual(['refresh alice', 'newer']);
  });

  test.each(['session_ended', 'disabled'] as const)(
    'that the server ends (%s) is over, with its reason',
    async (code) => {
      const tab = openTab();
      tab.begin(signedIn());
      renew = () => Promise.reject(new SignInError(code, ''));
      await expect(tokenIn(tab, { refresh: true })).rejects.toMatchObject({
        code: 'unauthenticated',
      });
      expect(tab.getSnapshot()).toEqual({ user: undefined, endedBy: code });
      expect(stored.size).toBe(0);
    },
  );

  test.each([
    ['unreachable', { code: 'unavailable', status: 0 }],
    ['unavailable', { code: 'unavailable', status: 503 }],
    ['too_many_tries', { code: 'unavailable', status: 503 }],
    ['key_refused', { code: 'internal', status: 403 }],
  ] as const)('goes on after %s', async (code, error) => {
    const tab = openTab();
    tab.begin(signedIn());
    const well = renew;
    renew = () => Promise.reject(new SignInError(code, ''));
    await expect(tokenIn(tab, { refresh: true })).rejects.toMatchObject(error);
    renew = well;
    expect(await tokenIn(tab, { refresh: true })).toBe('token 2');
  });

  /** https://cloud.google.com/identity-platform/docs/use-rest-api#section-refresh-token */
  describe('of a page that belongs to another project now', () => {
    const answerWith = (status: number, error: unknown) => {
      const sent: string[] = [];
      const config = {
        api_key: 'key of the new project',
        sign_up: false,
        identity_url: 'https://identitytoolkit.googleapis.com',
        token_url: 'https://securetoken.googleapis.com',
      };
      const toolkit = identityToolkit(config, 'en', async (url) => {
        sent.push(String(url));
        return Response.json({ error }, { status });
      });
      renew = (refreshToken) => toolkit.renew(refreshToken);
      return sent;
    };

    test.each([
      ['its number', { code: 400, message: 'PROJECT_NUMBER_MISMATCH', status: 'INVALID_ARGUMENT' }],
      ['a token that it never gave', { code: 400, message: 'INVALID_REFRESH_TOKEN' }],
      ['a user that it does not have', { code: 400, message: 'USER_NOT_FOUND' }],
      ['a code that is not known here', { code: 400, message: 'SOMETHING_NEW' }],
      ['the words of OAuth', 'invalid_grant'],
    ])('%s: it is over after one request, and says so', async (_, error) => {
      openTab().begin(signedIn());
      const sent = answerWith(400, error);
      const tab = openTab();
      await expect(tokenIn(tab)).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
      expect(tab.getSnapshot()).toEqual({ user: undefined, endedBy: 'session_ended' });
      expect(sent).toEqual([
        'https://securetoken.googleapis.com/v1/token?key=key%20of%20the%20new%20project',
      ]);
      expect(stored.size).toBe(0);
    });

    test('an API key that is no more: the person is told to reload, in no words of Google’s', async () => {
      openTab().begin(signedIn());
      answerWith(400, { code: 400, message: 'API key not valid. Please pass a valid API key.' });
      const tab = openTab();
      await expect(tokenIn(tab)).rejects.toMatchObject({
        code: 'internal',
        status: 403,
        message: 'This page may not ask who you are any more. Reload it.',
      });
      // After the reload the page has the new key, and the session goes on with it.
      expect(stored.size).toBe(1);
    });
  });

  test('that is stored in another shape is none', () => {
    openTab().begin(signedIn());
    for (const [key] of stored) stored.set(key, '{"user":1}');
    expect(openTab().getSnapshot().user).toBeUndefined();
  });
});
