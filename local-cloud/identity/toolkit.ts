/**
 * The operations of Identity Platform for a page: accounts with a password, sign-in with Google, mails, and the renewal of
 * tokens. Each operation takes the body of its request and returns that of the answer, with Google's names:
 * https://cloud.google.com/identity-platform/docs/use-rest-api
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Identity } from './identity.ts';
import { ToolkitError } from './toolkit-error.ts';
import type { User, Users } from './users.ts';

export interface Mail {
  to: string;
  /** BCP 47. */
  language: string;
  /** Leads to the page, which asks for a new password. */
  link: string;
}

export interface ToolkitOptions {
  identity: Identity;
  users: Users;
  /** The project, which is the audience of its users' tokens. */
  project: string;
  /** True if users may make accounts themselves. */
  signUp: boolean;
  /** `http://localhost:8080`, to which the links of mails lead. */
  pageUrl: string;
  /** Called with each mail that Identity Platform would send. */
  onMail: (mail: Mail) => void;
  /** The OAuth client of this project at Google, and Google's keys. Without it, nobody can sign in with Google. */
  google?: { clientId: string; keys: JWTVerifyGetKey } | undefined;
  /** Lifetime of the users' tokens; by default an hour. */
  tokenLifetimeS?: (() => number) | undefined;
  now?: () => number;
}

interface ToolkitCall {
  body: unknown;
  /** BCP 47, from `X-Firebase-Locale`. */
  language?: string | undefined;
}

export type Operation = (call: ToolkitCall) => Promise<object>;

export interface Toolkit {
  /** By the name behind `accounts:`. */
  accounts: Record<string, Operation>;
  /** Renews tokens. */
  token: Operation;
  /** The administrator's operations, by the name behind `accounts:`; '' makes an account. */
  admin: Record<string, Operation>;
}

/** https://cloud.google.com/identity-platform/quotas: codes of mails work for an hour. */
const CODE_LIFETIME_MS = 3_600_000;
const MIN_PASSWORD_LENGTH = 6;
/** Google documents no number. */
const MAX_WRONG_PASSWORDS = 5;
const LOCKED_MS = 60_000;
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

const text = z.string().optional();

export function createToolkit(options: ToolkitOptions): Toolkit {
  const { identity, users, project, now = Date.now, tokenLifetimeS = () => 3_600 } = options;
  const keys = createLocalJWKSet(identity.jwks());
  const guesses = createGuessLimit(now);

  /** The answer to each way of signing in. */
  async function signedIn(user: User, provider: 'password' | 'google.com') {
    users.update(user.id, { lastSignInAt: now() });
    return {
      localId: user.id,
      email: user.email,
      displayName: user.name ?? '',
      idToken: await idToken(user, provider),
      refreshToken: users.beginSession(user.id, provider),
      expiresIn: String(tokenLifetimeS()),
    };
  }

  /** https://firebase.google.com/docs/auth/admin/verify-id-tokens */
  function idToken(user: User, provider: string): Promise<string> {
    const { id, email, name, googleId } = user;
    const identities = { ...(googleId && { 'google.com': [googleId] }), email: [email] };
    return identity.sign({
      sub: id,
      audience: project,
      expiresInS: tokenLifetimeS(),
      claims: {
        ...(name && { name }),
        user_id: id,
        auth_time: Math.floor(now() / 1_000),
        email,
        email_verified: user.isEmailVerified,
        firebase: { identities, sign_in_provider: provider },
      },
    });
  }

  async function createAccount(body: z.infer<typeof accountSchema>): Promise<User> {
    const email = validEmail(body.email);
    if (body.password !== undefined) checkPassword(body.password);
    const user = await users.create(email, body.password);
    if (!user) throw new ToolkitError('EMAIL_EXISTS');
    if (body.displayName) users.update(user.id, { name: body.displayName });
    return users.byId(user.id) ?? user;
  }

  /** @throws {ToolkitError} Like Google's, it does not reveal whether the address or the password is wrong. */
  async function byPassword(email: string, password: string): Promise<User> {
    guesses.check(email);
    const user = users.byEmail(email);
    if (!(await users.isPassword(user, password)) || !user) {
      guesses.wrong(email);
      throw new ToolkitError('INVALID_LOGIN_CREDENTIALS');
    }
    if (user.isDisabled) throw new ToolkitError('USER_DISABLED');
    guesses.right(email);
    return user;
  }

  /** Google vouches for the address: an account with the same one is the same user. */
  async function byGoogle(token: GoogleToken): Promise<{ user: User; isNew: boolean }> {
    const known = users.byGoogleId(token.sub);
    if (known) return { user: known, isNew: false };
    const existing = users.byEmail(token.email);
    const user = existing ?? (options.signUp ? await users.create(token.email) : undefined);
    if (!user) throw new ToolkitError('ADMIN_ONLY_OPERATION');
    // The owner of the account may not have had this address: their password and their sessions end.
    if (existing && !existing.isEmailVerified) users.dropPassword(existing.id);
    users.update(user.id, {
      googleId: token.sub,
      isEmailVerified: true,
      name: user.name ?? token.name ?? null,
    });
    return { user: users.byId(user.id) ?? user, isNew: !existing };
  }

  async function googleToken(postBody: string): Promise<GoogleToken> {
    const form = new URLSearchParams(postBody);
    if (!options.google || form.get('providerId') !== 'google.com') {
      throw new ToolkitError('OPERATION_NOT_ALLOWED');
    }
    const { clientId: audience, keys } = options.google;
    try {
      const { payload } = await jwtVerify(form.get('id_token') ?? '', keys, {
        issuer: GOOGLE_ISSUERS,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
      });
      return googleTokenSchema.parse(payload);
    } catch (error) {
      const why = error instanceof errors.JOSEError ? error.message : 'a claim is missing';
      throw new ToolkitError(`INVALID_IDP_RESPONSE : Invalid ID token: ${why}.`);
    }
  }

  function resetLink(code: string, language: string): string {
    const link = new URL(options.pageUrl);
    link.search = new URLSearchParams({
      mode: 'resetPassword',
      oobCode: code,
      lang: language,
    }).toString();
    return link.href;
  }

  function userOfCode(oobCode: string | undefined): User {
    if (!oobCode) throw new ToolkitError('MISSING_OOB_CODE');
    const code = users.code(oobCode);
    if (!code) throw new ToolkitError('INVALID_OOB_CODE');
    if (code.isExpired) throw new ToolkitError('EXPIRED_OOB_CODE');
    if (code.user.isDisabled) throw new ToolkitError('USER_DISABLED');
    return code.user;
  }

  const accounts: Toolkit['accounts'] = {
    async signUp({ body }) {
      const fields = parse(accountSchema, body);
      if (!options.signUp) throw new ToolkitError('ADMIN_ONLY_OPERATION');
      // Accounts without a password are anonymous: this project has none.
      if (!fields.email && !fields.password) throw new ToolkitError('ADMIN_ONLY_OPERATION');
      if (!fields.email) throw new ToolkitError('MISSING_EMAIL');
      if (!fields.password) throw new ToolkitError('MISSING_PASSWORD');
      const { displayName, ...answer } = await signedIn(await createAccount(fields), 'password');
      const shown = displayName ? { displayName } : {};
      return { kind: 'identitytoolkit#SignupNewUserResponse', ...shown, ...answer };
    },

    async signInWithPassword({ body }) {
      const { email, password } = parse(accountSchema, body);
      if (!email) throw new ToolkitError('MISSING_EMAIL');
      if (!password) throw new ToolkitError('MISSING_PASSWORD');
      const user = await byPassword(validEmail(email), password);
      const answer = await signedIn(user, 'password');
      return { kind: 'identitytoolkit#VerifyPasswordResponse', registered: true, ...answer };
    },

    async signInWithIdp({ body }) {
      const { postBody = '', requestUri } = parse(idpSchema, body);
      if (!requestUri) throw new ToolkitError('INVALID_REQUEST_URI');
      const token = await googleToken(postBody);
      const { user, isNew } = await byGoogle(token);
      if (user.isDisabled) throw new ToolkitError('USER_DISABLED');
      return {
        kind: 'identitytoolkit#VerifyAssertionResponse',
        ...(await signedIn(user, 'google.com')),
        providerId: 'google.com',
        federatedId: `https://accounts.google.com/${token.sub}`,
        emailVerified: true,
        ...(isNew && { isNewUser: true }),
      };
    },

    async sendOobCode({ body, language = 'en' }) {
      const { requestType, email } = parse(oobSchema, body);
      if (requestType !== 'PASSWORD_RESET') throw new ToolkitError('INVALID_REQ_TYPE');
      if (!email) throw new ToolkitError('MISSING_EMAIL');
      const user = users.byEmail(validEmail(email));
      // An unknown address gets the same answer, so that nobody finds out who has an account.
      if (user && !user.isDisabled) {
        const link = resetLink(users.createCode(user.id, CODE_LIFETIME_MS), language);
        options.onMail({ to: user.email, language, link });
      }
      return { kind: 'identitytoolkit#GetOobConfirmationCodeResponse', email };
    },

    async resetPassword({ body }) {
      const { oobCode, newPassword } = parse(resetSchema, body);
      const user = userOfCode(oobCode);
      if (newPassword !== undefined) {
        checkPassword(newPassword);
        await users.setPassword(user.id, newPassword);
        // Reading the mail proves the address.
        users.update(user.id, { isEmailVerified: true });
        users.dropCode(oobCode ?? '');
        guesses.right(user.email);
      }
      return {
        kind: 'identitytoolkit#ResetPasswordResponse',
        email: user.email,
        requestType: 'PASSWORD_RESET',
      };
    },

    async lookup({ body }) {
      const token = parse(lookupSchema, body).idToken;
      if (!token) throw new ToolkitError('MISSING_ID_TOKEN');
      const user = users.byId(await subjectOf(token));
      if (!user) throw new ToolkitError('USER_NOT_FOUND');
      if (user.isDisabled) throw new ToolkitError('USER_DISABLED');
      return { kind: 'identitytoolkit#GetAccountInfoResponse', users: [toAccount(user)] };
    },
  };

  async function subjectOf(token: string): Promise<string> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: identity.issuer,
        audience: project,
        currentDate: new Date(now()),
      });
      return payload.sub ?? '';
    } catch (error) {
      const isExpired = error instanceof errors.JWTExpired;
      throw new ToolkitError(isExpired ? 'TOKEN_EXPIRED' : 'INVALID_ID_TOKEN');
    }
  }

  const token: Operation = async ({ body }) => {
    const { grant_type, refresh_token } = parse(tokenSchema, body);
    if (!grant_type) throw new ToolkitError('MISSING_GRANT_TYPE');
    if (grant_type !== 'refresh_token') throw new ToolkitError('INVALID_GRANT_TYPE');
    if (!refresh_token) throw new ToolkitError('MISSING_REFRESH_TOKEN');
    const session = users.session(refresh_token);
    if (!session) throw new ToolkitError('INVALID_REFRESH_TOKEN');
    const user = users.byId(session.userId);
    if (!user) throw new ToolkitError('USER_NOT_FOUND');
    if (user.isDisabled) throw new ToolkitError('USER_DISABLED');
    if (session.beganAt < user.sessionsSince) throw new ToolkitError('TOKEN_EXPIRED');
    const id = await idToken(user, session.provider);
    return {
      access_token: id,
      expires_in: String(tokenLifetimeS()),
      token_type: 'Bearer',
      refresh_token,
      id_token: id,
      user_id: user.id,
      project_id: project,
    };
  };

  const admin: Toolkit['admin'] = {
    async ''({ body }) {
      const fields = parse(accountSchema, body);
      if (!fields.email) throw new ToolkitError('MISSING_EMAIL');
      const { id: localId, email } = await createAccount(fields);
      return { kind: 'identitytoolkit#SignupNewUserResponse', localId, email };
    },

    async lookup({ body }) {
      const { email = [], localId = [] } = parse(adminLookupSchema, body);
      const found = [
        ...email.map((each) => users.byEmail(each)),
        ...localId.map((each) => users.byId(each)),
      ].filter((user) => user !== undefined);
      const kind = 'identitytoolkit#GetAccountInfoResponse';
      return found.length === 0 ? { kind } : { kind, users: found.map(toAccount) };
    },

    async batchGet({ body }) {
      const { maxResults, nextPageToken } = parse(listSchema, body);
      const found = users.list(maxResults, nextPageToken);
      const last = found.length === maxResults ? found.at(-1)?.id : undefined;
      return {
        kind: 'identitytoolkit#DownloadAccountResponse',
        ...(found.length > 0 && { users: found.map(toAccount) }),
        ...(last !== undefined && { nextPageToken: last }),
      };
    },

    async update({ body }) {
      const { localId, disableUser, validSince, password } = parse(updateSchema, body);
      if (!users.byId(localId)) throw new ToolkitError('USER_NOT_FOUND');
      if (password !== undefined) {
        checkPassword(password);
        await users.setPassword(localId, password);
      }
      users.update(localId, {
        ...(disableUser !== undefined && { isDisabled: disableUser }),
        ...(validSince !== undefined && { sessionsSince: Number(validSince) * 1_000 }),
      });
      return { kind: 'identitytoolkit#SetAccountInfoResponse', localId };
    },

    async delete({ body }) {
      const { localId } = parse(z.object({ localId: z.string() }), body);
      if (!users.byId(localId)) throw new ToolkitError('USER_NOT_FOUND');
      users.remove(localId);
      return { kind: 'identitytoolkit#DeleteAccountResponse' };
    },

    async sendOobCode({ body, language = 'en' }) {
      const { requestType, email = '' } = parse(oobSchema, body);
      if (requestType !== 'PASSWORD_RESET') throw new ToolkitError('INVALID_REQ_TYPE');
      const user = users.byEmail(email);
      if (!user) throw new ToolkitError('EMAIL_NOT_FOUND');
      const oobCode = users.createCode(user.id, CODE_LIFETIME_MS);
      const kind = 'identitytoolkit#GetOobConfirmationCodeResponse';
      return { kind, email: user.email, oobCode, oobLink: resetLink(oobCode, language) };
    },
  };

  return { accounts, token, admin };
}

const accountSchema = z.object({
  email: text,
  password: text,
  displayName: text,
  returnSecureToken: z.boolean().optional(),
});
const idpSchema = z.object({ postBody: text, requestUri: text });
const oobSchema = z.object({ requestType: text, email: text, continueUrl: text });
const resetSchema = z.object({ oobCode: text, newPassword: text });
const lookupSchema = z.object({ idToken: text });
const tokenSchema = z.object({ grant_type: text, refresh_token: text });
const adminLookupSchema = z.object({
  email: z.array(z.string()).optional(),
  localId: z.array(z.string()).optional(),
});
const listSchema = z.object({
  maxResults: z.coerce.number().int().min(1).max(1_000).default(20),
  nextPageToken: text,
});
const updateSchema = z.object({
  localId: z.string(),
  disableUser: z.boolean().optional(),
  /** Seconds since the epoch. */
  validSince: z.string().regex(/^\d+$/).optional(),
  password: text,
});
const googleTokenSchema = z.object({
  sub: z.string().min(1),
  email: z.email(),
  email_verified: z.literal(true),
  name: text,
});
type GoogleToken = z.infer<typeof googleTokenSchema>;

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ToolkitError(`Invalid value at '${field}', ${issue?.message}`);
}

function validEmail(email: string | undefined): string {
  const { success, data } = z.email().safeParse(email);
  if (!success) throw new ToolkitError('INVALID_EMAIL');
  return data.toLowerCase();
}

function checkPassword(password: string): void {
  if (password.length >= MIN_PASSWORD_LENGTH) return;
  throw new ToolkitError(
    `WEAK_PASSWORD : Password should be at least ${MIN_PASSWORD_LENGTH} characters`,
  );
}

/** https://cloud.google.com/identity-platform/docs/reference/rest/v1/UserInfo */
function toAccount(user: User): object {
  const { id, email, name, googleId, isDisabled, lastSignInAt } = user;
  const provider = (providerId: string, rawId: string) => ({ providerId, rawId, email });
  return {
    localId: id,
    email,
    emailVerified: user.isEmailVerified,
    ...(name && { displayName: name }),
    providerUserInfo: [
      ...(user.hasPassword ? [provider('password', email)] : []),
      ...(googleId ? [provider('google.com', googleId)] : []),
    ],
    validSince: String(Math.floor(user.sessionsSince / 1_000)),
    ...(isDisabled && { disabled: true }),
    createdAt: String(user.createdAt),
    ...(lastSignInAt !== null && { lastLoginAt: String(lastSignInAt) }),
  };
}

/** Refuses an address after several wrong passwords in a row, so that nobody can try all of them. */
function createGuessLimit(now: () => number) {
  const wrong = new Map<string, { count: number; last: number }>();
  return {
    check(email: string): void {
      const { count = 0, last = 0 } = wrong.get(email) ?? {};
      if (count < MAX_WRONG_PASSWORDS) return;
      if (now() - last < LOCKED_MS) {
        throw new ToolkitError(
          'TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been temporarily disabled due to many failed login attempts.',
        );
      }
      wrong.delete(email);
    },
    wrong(email: string): void {
      wrong.set(email, { count: (wrong.get(email)?.count ?? 0) + 1, last: now() });
    },
    right(email: string): void {
      wrong.delete(email);
    },
  };
}
