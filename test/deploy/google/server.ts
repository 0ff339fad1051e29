/** A stand-in for the APIs of Google that Terraform's provider calls, on a port of this machine. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Call, Plain } from './request.ts';
import { ApiError, type Json, Resources } from './resources.ts';
import { checkEnabled, policyOf, SERVICES } from './services.ts';
import { Incomplete, readObject } from './storage.ts';

/** A "no" of this Google's. */
interface Refusal {
  /** Of the call, as `POST /storage/b`: the API, and its path without the version. */
  call: RegExp;
  /** Only with this token. */
  token?: string;
  code: number;
  status: string;
  message: string;
  /** How often; absent: each time. */
  times?: number;
}

export interface GoogleApis {
  /** What the provider needs in its environment to come here. */
  env: Record<string, string>;
  /** What gcloud needs, but for a token. */
  gcloudEnv: Record<string, string>;
  /** What is there. Names that begin with no API are conditions: `no billing`, `denied`. */
  resources: Resources;
  /** Calls that are refused whatever the service says. */
  refusals: Refusal[];
  /** Calls so far, as `POST /storage/b`. */
  calls: string[];
  /** Calls that were answered with an error, a line for each. */
  refused: string[];
  /** Does this when so many such calls have had their effect, before the last one is answered. */
  whenDone(call: RegExp, times: number, then: () => void): void;
  /** Names of what is there, without enabled APIs and what outlives its deletion. */
  left(): string[];
  close(): Promise<void>;
}

export async function startGoogleApis(): Promise<GoogleApis> {
  const resources = new Resources();
  const refused: string[] = [];
  const calls: string[] = [];
  const refusals: Refusal[] = [];
  let waiting: { call: RegExp; times: number; then: () => void } | undefined;
  const tell = (line: string) => {
    if (!waiting?.call.test(line) || --waiting.times > 0) return;
    waiting.then();
    waiting = undefined;
  };
  const server = http.createServer((request, response) => {
    const state = { resources, refusals, calls };
    void respond(request, state, tell).then(({ code, body, error, headers }) => {
      if (error !== undefined) refused.push(`${request.method} ${request.url}: ${code} ${error}`);
      const isPlain = body instanceof Buffer;
      const type = isPlain ? 'application/octet-stream' : 'application/json';
      response.writeHead(code, { 'Content-Type': type, ...headers });
      response.end(isPlain ? body : JSON.stringify(body));
    });
  });
  // Terraform does not repeat a POST that it sends just when its idle connection is closed, which Node does after 5 s.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: environment(base),
    gcloudEnv: gcloudEnvironment(base),
    resources,
    refusals,
    refused,
    calls,
    whenDone: (call, times, then) => {
      waiting = { call, times, then };
    },
    left: () => left(resources),
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

function gcloudEnvironment(base: string): Record<string, string> {
  const apis = [...new Set(SERVICES.map(({ api }) => api))];
  const addresses = apis.map((api) => [
    `CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`,
    api === 'storage' ? `${base}/storage/storage/v1/` : `${base}/${api}/`,
  ]);
  return {
    ...Object.fromEntries(addresses),
    // Where Terraform keeps its state.
    GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT: `${base}/storage/storage/v1/`,
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
  };
}

/** Identity Platform, the fields of indexes and enabled APIs stay when everything is deleted, and so do names of queues and ids of roles. */
function left(resources: Resources): string[] {
  return resources
    .names()
    .filter(
      (name) => !/^(serviceusage\/|deleted (queue|role) |identitytoolkit\/.*\/config$)/.test(name),
    )
    .filter((name) => !/^firestore\/.*\/fields\//.test(name))
    .filter((name) => !name.startsWith('policy of ') || hasGrants(resources.get(name)));
}

function hasGrants({ bindings = [] }: { bindings?: unknown }): boolean {
  return (bindings as unknown[]).length > 0;
}

interface Answer {
  code: number;
  body: unknown;
  headers?: Record<string, string>;
  error?: string;
}

type State = Pick<GoogleApis, 'resources' | 'refusals' | 'calls'>;

async function respond(
  request: http.IncomingMessage,
  state: State,
  done: (line: string) => void,
): Promise<Answer> {
  const { resources, refusals, calls } = state;
  try {
    const { api, call } = await readCall(request, resources);
    const line = `${call.method} /${api}/${call.path}`;
    calls.push(line);
    const isMeant = ({ token, times }: Refusal) =>
      times !== 0 && (token === undefined || call.headers.authorization === `Bearer ${token}`);
    const no = refusals.find((each) => isMeant(each) && each.call.test(line));
    if (no) {
      if (no.times !== undefined) no.times--;
      throw new ApiError(no.code, no.status, no.message);
    }
    const object = api === '' ? readObject(decodeURIComponent(call.path), resources) : undefined;
    if (!object) checkEnabled(api, call);
    const service = SERVICES.find((each) => each.api === api);
    const body = object ?? policyOf(api, call) ?? service?.answer(call);
    done(line);
    if (body instanceof Plain) return { code: 200, body: body.bytes, headers: body.headers };
    return { code: 200, body };
  } catch (error) {
    if (error instanceof Incomplete) {
      return { code: 308, body: {}, headers: { Range: `bytes=0-${error.received - 1}` } };
    }
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
    /^(?:\/resumable)?\/upload\/storage\/v1\//,
    '/storage/v1/upload/',
  );
  const [, api = '', rest = path] = /^\/([a-z]+)\/(.*)$/.exec(path) ?? [];
  const raw = await read(request);
  // A part of an upload may begin so, too.
  const isPart = url.searchParams.has('upload_id');
  const isJson = raw[0] === '{'.charCodeAt(0) && !isPart;
  return {
    api,
    call: {
      method: request.method ?? 'GET',
      // Some of Google's clients add the version once more.
      path: rest.replace(/^(compute\/|storage\/)?((v1|v2|v3|v1beta1|v1beta2)\/)+/, ''),
      query: url.searchParams,
      body: isJson ? (JSON.parse(raw.toString()) as Json) : {},
      raw,
      headers: request.headers,
      resources,
    },
  };
}

async function read(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
