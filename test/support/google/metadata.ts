/**
 * What Cloud Run tells an instance about itself, and its account's tokens, as it answers:
 * https://cloud.google.com/run/docs/container-contract#metadata-server
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountId, type Identity } from '../../../local-cloud/identity/identity.ts';
import type { AccessTokens } from './tokens.ts';

export interface MetadataOptions {
  project: string;
  region: string;
  /** Whose tokens it gives: the e-mail address of a service account. */
  account: string;
  tokens: AccessTokens;
  /** Google's, which signs the identity tokens. */
  identity: Identity;
}

export interface MetadataServer {
  port: number;
  /** What it was asked for, without the query, in order. */
  asked: string[];
  /** The next answers have these statuses, one each, instead of what was asked for. */
  fail(...statuses: number[]): void;
  /** Seconds that the next tokens count, as it says. */
  tokenLifetimeS: number;
  /** The next tokens are none of Google's. */
  givesWrongTokens: boolean;
  close(): Promise<void>;
}

const BASE = '/computeMetadata/v1/';

export async function startMetadata(options: MetadataOptions): Promise<MetadataServer> {
  const { project, region, account, tokens, identity } = options;
  const failures: number[] = [];
  const accessToken = () => {
    const { tokenLifetimeS, givesWrongTokens } = metadata;
    const token = tokens.issue(account, tokenLifetimeS);
    return JSON.stringify({
      access_token: givesWrongTokens ? 'ya29.c.wrong' : token,
      expires_in: tokenLifetimeS,
      token_type: 'Bearer',
    });
  };
  const identityToken = (query: URLSearchParams) => {
    const [sub, audience] = [accountId(account), query.get('audience') ?? ''];
    return identity.sign({ sub, audience, email: account, claims: { azp: sub } });
  };
  const answers: Record<string, (query: URLSearchParams) => string | Promise<string>> = {
    'project/project-id': () => project,
    'project/numeric-project-id': () => '123456789012',
    'instance/region': () => `projects/123456789012/regions/${region}`,
    'instance/service-accounts/default/email': () => account,
    'instance/service-accounts/default/token': accessToken,
    'instance/service-accounts/default/identity': identityToken,
    'universe/universe-domain': () => 'googleapis.com',
  };

  const answer = async (request: IncomingMessage): Promise<[status: number, body: string]> => {
    const url = new URL(request.url ?? '/', 'http://metadata');
    const name = url.pathname.replace(BASE, '');
    metadata.asked.push(name);
    // Nobody may be led to ask it by a link: https://cloud.google.com/compute/docs/metadata/querying-metadata
    if (request.headers['metadata-flavor'] !== 'Google') return [403, 'Missing Metadata-Flavor'];
    if (request.headers['x-forwarded-for']) return [403, 'X-Forwarded-For'];
    const failure = failures.shift();
    if (failure !== undefined) return [failure, 'Try again.'];
    const found = url.pathname.startsWith(BASE) ? answers[name] : undefined;
    return found ? [200, await found(url.searchParams)] : [404, 'Not found.'];
  };
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request);
    const type = body.startsWith('{') ? 'application/json' : 'application/text';
    response.writeHead(status, { 'Metadata-Flavor': 'Google', 'Content-Type': type });
    response.end(body);
  });
  const metadata: MetadataServer = {
    port: 0,
    asked: [],
    fail: (...statuses) => void failures.push(...statuses),
    tokenLifetimeS: 3_600,
    givesWrongTokens: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  metadata.port = (server.address() as AddressInfo).port;
  return metadata;
}
