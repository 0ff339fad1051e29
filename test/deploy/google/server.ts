/** A stand-in for the APIs of Google that Terraform's provider calls, on a port of this machine. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from './request.ts';
import { ApiError, type Json, Resources } from './resources.ts';
import { checkEnabled, policyOf, SERVICES } from './services.ts';

export interface GoogleApis {
  /** What the provider needs in its environment to come here. */
  env: Record<string, string>;
  /** Calls that were answered with an error, a line for each. */
  refused: string[];
  /** Names of what is there, without enabled APIs and what outlives its deletion. */
  left(): string[];
  /** Takes away all resources whose names begin so, whatever protects them. */
  forget(prefix: string): void;
  close(): Promise<void>;
}

export async function startGoogleApis(): Promise<GoogleApis> {
  const resources = new Resources();
  const refused: string[] = [];
  const server = http.createServer((request, response) => {
    void respond(request, resources).then(({ code, body, error }) => {
      if (error !== undefined) refused.push(`${request.method} ${request.url}: ${code} ${error}`);
      response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: environment(base),
    refused,
    left: () => left(resources),
    forget: (prefix) => {
      for (const name of resources.names()) if (name.startsWith(prefix)) resources.delete(name);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function environment(base: string): Record<string, string> {
  const addresses = SERVICES.flatMap(({ api, variables, path }) =>
    variables.map((name) => [`GOOGLE_${name}_CUSTOM_ENDPOINT`, `${base}/${api}/${path}`]),
  );
  return { ...Object.fromEntries(addresses), GOOGLE_OAUTH_ACCESS_TOKEN: 'stand-in' };
}

/** Identity Platform, the fields of indexes and enabled APIs stay when everything is deleted, and so do names of queues. */
function left(resources: Resources): string[] {
  return resources
    .names()
    .filter((name) => !/^(serviceusage\/|deleted queue |identitytoolkit\/.*\/config$)/.test(name))
    .filter((name) => !/^firestore\/.*\/fields\//.test(name))
    .filter((name) => !name.startsWith('policy of ') || hasGrants(resources.get(name)));
}

function hasGrants({ bindings = [] }: { bindings?: unknown }): boolean {
  return (bindings as unknown[]).length > 0;
}

interface Answer {
  code: number;
  body: unknown;
  error?: string;
}

async function respond(request: http.IncomingMessage, resources: Resources): Promise<Answer> {
  try {
    const { api, call } = await readCall(request, resources);
    checkEnabled(api, call);
    const service = SERVICES.find((each) => each.api === api);
    return { code: 200, body: policyOf(api, call) ?? service?.answer(call) };
  } catch (error) {
    // A fault of this stand-in is no 5xx: the provider would try again for minutes.
    const { code, status, message } =
      error instanceof ApiError
        ? error
        : new ApiError(400, 'INTERNAL', String((error as Error).stack));
    const errors = [{ reason: status, message }];
    return { code, body: { error: { code, status, message, errors } }, error: message };
  }
}

async function readCall(
  request: http.IncomingMessage,
  resources: Resources,
): Promise<{ api: string; call: Call }> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  // Google's client sends uploads to this address, whatever the address of the API is.
  const path = decodeURIComponent(url.pathname).replace(
    /^\/upload\/storage\/v1\//,
    '/storage/v1/upload/',
  );
  const [, api = '', rest = ''] = /^\/([a-z]+)\/(.*)$/.exec(path) ?? [];
  const raw = await read(request);
  const isJson = raw.length > 0 && raw[0] === '{'.charCodeAt(0);
  return {
    api,
    call: {
      method: request.method ?? 'GET',
      // Some of Google's clients add the version once more.
      path: rest.replace(/^(compute\/|storage\/)?((v1|v2|v3|v1beta1)\/)+/, ''),
      query: url.searchParams,
      body: isJson ? (JSON.parse(raw.toString()) as Json) : {},
      raw,
      resources,
    },
  };
}

async function read(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
