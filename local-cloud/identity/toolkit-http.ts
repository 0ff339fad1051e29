/**
 * The addresses of Identity Toolkit and of its token service, behind Google's host names as in Google's Auth emulator. The API
 * key is restricted like that of a deployment: only a page of this machine may use it, and must send its own address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { isLocalAddress } from '../base/this-machine.ts';
import { readBody, sendJson } from './http.ts';
import type { Identity } from './identity.ts';
import type { Operation, Toolkit } from './toolkit.ts';
import { ToolkitError } from './toolkit-error.ts';

/** The key of the local project. Like every key of a web page, it is public. */
export const LOCAL_API_KEY = 'local-api-key';
export const IDENTITY_PATH = '/identitytoolkit.googleapis.com';
export const TOKEN_PATH = '/securetoken.googleapis.com';

export interface ToolkitHttpOptions {
  toolkit: Toolkit;
  identity: Identity;
  project: string;
}

/** Answers a request to one of the addresses. @returns true if the path is one of them */
export type SendToolkit = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Found {
  operation: Operation | undefined;
  isAdmin: boolean;
}

export function createToolkitHttp(options: ToolkitHttpOptions): SendToolkit {
  const { toolkit, identity, project } = options;
  const keys = createLocalJWKSet(identity.jwks());
  const adminPath = `${IDENTITY_PATH}/v1/projects/${project}/accounts`;

  function find(method: string | undefined, pathname: string): Found {
    if (pathname === adminPath || pathname.startsWith(`${adminPath}:`)) {
      const name = pathname.slice(adminPath.length + 1);
      const expected = name === 'batchGet' ? 'GET' : 'POST';
      const operation = method === expected ? ownOf(toolkit.admin, name) : undefined;
      return { operation, isAdmin: true };
    }
    const name = pathname.split(`${IDENTITY_PATH}/v1/accounts:`)[1];
    const isToken = pathname === `${TOKEN_PATH}/v1/token`;
    const operation = isToken ? toolkit.token : ownOf(toolkit.accounts, name ?? '');
    return { operation: method === 'POST' ? operation : undefined, isAdmin: false };
  }

  /** Administrators send an access token of a service account. */
  async function checkAdmin({ headers }: IncomingMessage): Promise<void> {
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const { issuer } = identity;
    await jwtVerify(token, keys, { issuer, audience: issuer }).catch(() => {
      throw new ToolkitError(
        'Request had invalid authentication credentials. Expected OAuth 2 access token.',
        { status: 401, reason: 'ACCESS_TOKEN_INVALID' },
      );
    });
  }

  async function answer(request: IncomingMessage, url: URL): Promise<object> {
    const { operation, isAdmin } = find(request.method, url.pathname);
    if (!operation) throw new ToolkitError('Not Found', { status: 404 });
    if (isAdmin) await checkAdmin(request);
    else checkKey(url.searchParams.get('key'), request.headers.referer);
    const language = request.headers['x-firebase-locale'];
    const body = await readCall(request, url);
    return operation({ body, ...(typeof language === 'string' && { language }) });
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://identity');
    if (![IDENTITY_PATH, TOKEN_PATH].some((path) => url.pathname.startsWith(`${path}/`)))
      return false;
    if (!allowOrigin(request, response)) return true;
    try {
      sendJson(response, 200, await answer(request, url), { 'Cache-Control': 'no-store' });
    } catch (error) {
      if (!(error instanceof ToolkitError)) throw error;
      sendJson(response, error.status, error);
    }
    return true;
  };
}

function ownOf(operations: Record<string, Operation>, name: string): Operation | undefined {
  return Object.hasOwn(operations, name) ? operations[name] : undefined;
}

/** https://docs.cloud.google.com/docs/authentication/api-keys#api_key_restrictions */
function checkKey(key: string | null, referer: string | undefined): void {
  if (!key) {
    throw new ToolkitError('The request is missing a valid API key.', { status: 403 });
  }
  if (key !== LOCAL_API_KEY) {
    throw new ToolkitError('API key not valid. Please pass a valid API key.', {
      reason: 'API_KEY_INVALID',
    });
  }
  if (!isLocalAddress(referer ?? '')) {
    throw new ToolkitError(`Requests from referer ${referer ?? '<empty>'} are blocked.`, {
      status: 403,
      reason: 'API_KEY_HTTP_REFERRER_BLOCKED',
    });
  }
}

/**
 * Google allows pages of every origin. Here only pages of this machine are allowed.
 * @returns false if the request is answered already
 */
function allowOrigin({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = headers;
  if (origin === undefined) return true;
  if (isLocalAddress(origin)) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Vary', 'Origin');
  }
  if (method !== 'OPTIONS') return true;
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '',
    'Access-Control-Max-Age': '3600',
  });
  response.end();
  return false;
}

async function readCall(request: IncomingMessage, url: URL): Promise<unknown> {
  if (request.method === 'GET') return Object.fromEntries(url.searchParams);
  const body = await readBody(request);
  const isForm = /^application\/x-www-form-urlencoded\b/.test(
    request.headers['content-type'] ?? '',
  );
  if (isForm) return Object.fromEntries(new URLSearchParams(body));
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new ToolkitError('Invalid JSON payload received.');
  }
}
