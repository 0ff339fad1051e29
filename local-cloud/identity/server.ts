/** The HTTP server of the local issuer: discovery, public keys, tokens for users and for service accounts. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { isForThisService, isFromOwnPageOfService, ownAddress } from '../base/this-machine.ts';
import { RequestError, readBody, sendJson, sendProblem } from './http.ts';
import type { Identity } from './identity.ts';
import { exchangeAssertion, type TokenError } from './oauth.ts';
import { createToolkit, type ToolkitOptions } from './toolkit.ts';
import { createToolkitHttp, IDENTITY_PATH, LOCAL_API_KEY, TOKEN_PATH } from './toolkit-http.ts';
import { Users } from './users.ts';

const USER_TOKEN_LIFETIME_S = 3_600;
/** RFC 6749 §5.1: an answer with a token must not be cached. */
const NO_STORE = { 'Cache-Control': 'no-store' };

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const localTokenRequestSchema = z.object({
  sub: z.string().min(1).max(128),
  email: z.email().optional(),
});

/** The addresses that a page needs to sign users in. */
export interface SignInAddresses {
  api_key: string;
  /** Replaces `https://identitytoolkit.googleapis.com`. */
  identity_url: string;
  /** Replaces `https://securetoken.googleapis.com`. */
  token_url: string;
  google_client_id: string | undefined;
  sign_up: boolean;
}

export interface RunningIdentity {
  host: string;
  port: number;
  /** The argument for `Identity.serviceAccountKey`. */
  tokenUri: string;
  jwksUri: string;
  /** The addresses of the sign-in; undefined unless asked for. */
  signIn: SignInAddresses | undefined;
  close(): Promise<void>;
}

export type SignInOptions = Omit<ToolkitOptions, 'identity' | 'users' | 'project'>;

export interface IdentityServerOptions {
  identity: Identity;
  /** `aud` of the tokens for users. */
  userAudience: string;
  /** How users sign in, as with Identity Platform. By default nobody does. */
  signIn?: SignInOptions | undefined;
  /** Folder of the users who sign in. Without it, they end with the process. */
  dataDir?: string | undefined;
  /** 0, the default: any free port. */
  port?: number;
  host?: string;
}

/**
 * Starts the server. Every error is a problem document, except those of `/token`, which follow RFC 6749, and those of
 * Identity Platform.
 */
export async function startIdentity({
  identity,
  userAudience,
  signIn,
  dataDir,
  port = 0,
  host = '127.0.0.1',
}: IdentityServerOptions): Promise<RunningIdentity> {
  const users = signIn && new Users(dataDir, signIn.now);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const baseUrl = `http://${ownAddress(host, bound)}`;
  const tokenUri = `${baseUrl}/token`;
  const jwksUri = `${baseUrl}/jwks`;

  const routes: Record<string, { method: string; handle: Handler }> = {
    '/.well-known/openid-configuration': {
      method: 'GET',
      handle: async (_request, response) => {
        sendJson(response, 200, discoveryDocument(identity.issuer, tokenUri, jwksUri));
      },
    },
    '/jwks': {
      method: 'GET',
      handle: async (_request, response) => {
        sendJson(response, 200, identity.jwks(), { 'Cache-Control': 'public, max-age=3600' });
      },
    },
    '/token': { method: 'POST', handle: serviceAccountTokenHandler(identity, tokenUri) },
    '/local/token': { method: 'POST', handle: localTokenHandler({ identity, userAudience }) },
  };
  const sendToolkit =
    users &&
    createToolkitHttp({
      toolkit: createToolkit({ ...signIn, identity, users, project: userAudience }),
      identity,
      project: userAudience,
    });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (isForThisService(request) && (await sendToolkit?.(request, response))) return;
    await route(routes, request, response);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => sendProblem(response, error));
  });

  return {
    host,
    port: bound,
    tokenUri,
    jwksUri,
    signIn: signIn && {
      api_key: LOCAL_API_KEY,
      identity_url: baseUrl + IDENTITY_PATH,
      token_url: baseUrl + TOKEN_PATH,
      google_client_id: signIn.google?.clientId,
      sign_up: signIn.signUp,
    },
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      users?.close();
    },
  };
}

/** `POST {"sub":"alice"}` → `{"token":…,"expires_in":…}`. Signs a token for any user, so it exists only locally. */
function localTokenHandler({
  identity,
  userAudience,
}: Pick<IdentityServerOptions, 'identity' | 'userAudience'>): Handler {
  return async (request, response) => {
    try {
      const { sub, email } = parseLocalTokenRequest(await readBody(request));
      const token = await identity.sign({
        sub,
        audience: userAudience,
        expiresInS: USER_TOKEN_LIFETIME_S,
        ...(email === undefined ? {} : { email }),
      });
      sendJson(response, 200, { token, expires_in: USER_TOKEN_LIFETIME_S }, NO_STORE);
    } catch (error) {
      sendProblem(response, error);
    }
  };
}

function parseLocalTokenRequest(body: string): z.infer<typeof localTokenRequestSchema> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new RequestError('malformed_body', 'The body must be JSON such as {"sub":"alice"}.', {
      cause,
    });
  }
  const parsed = localTokenRequestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RequestError(
    'invalid_request',
    'Send "sub" with 1 to 128 characters and, if you like, "email" with an email address.',
    { cause: parsed.error },
  );
}

function serviceAccountTokenHandler(identity: Identity, tokenUri: string): Handler {
  return async (request, response) => {
    const form = new URLSearchParams(await readBody(request));
    const answer = await exchangeAssertion(identity, form, tokenUri);
    sendJson(response, isTokenError(answer) ? 400 : 200, answer, NO_STORE);
  };
}

function isTokenError(answer: object): answer is TokenError {
  return 'error' in answer;
}

async function route(
  routes: Record<string, { method: string; handle: Handler }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isFromOwnPageOfService(request)) {
    throw new RequestError('not_found', 'Only programs on this machine may use this address.');
  }
  const { pathname } = new URL(request.url ?? '/', 'http://identity');
  const found = routes[pathname];
  if (!found) throw new RequestError('not_found', `${pathname} does not exist.`);
  if (request.method !== found.method) {
    response.setHeader('Allow', found.method);
    throw new RequestError('method_not_allowed', `${pathname} accepts only ${found.method}.`);
  }
  await found.handle(request, response);
}

/** OpenID Connect Discovery 1.0 §3. The issuer is only a name; the addresses are this server's. */
function discoveryDocument(issuer: string, tokenUri: string, jwksUri: string): object {
  return {
    issuer,
    token_endpoint: tokenUri,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
  };
}
