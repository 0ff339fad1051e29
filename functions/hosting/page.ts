/**
 * The page: built files that a unit serves beside its own routes. The names of the assets contain a hash of their content, so
 * a browser keeps them for ever. It checks all other files each time.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { extname, join } from 'node:path';
import { AppError } from '@media-analysis/shared/errors';
import type { PageConfig, SignInConfig } from '@media-analysis/shared/page-config';
import headers from '@media-analysis/shared/page-headers.json' with { type: 'json' };
import { gzipFor, isAccepted } from '../http/compress.ts';
import type { Call, Route } from '../http/router.ts';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** The types of content that gets much smaller. Pictures are compressed already. */
const TEXT = /^(text\/|application\/|image\/svg)/;

/** Compressed copies that may be beside a file, the best first: the name in `Accept-Encoding`, and the ending. */
export const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Files beside `index.html`: for installing the page as an app, its licences, and a text about the service for programs. */
const ROOT_FILES = [
  'manifest.webmanifest',
  'service-worker.js',
  'third-party-notices.txt',
  'llms.txt',
];

/** The manifest's address for shared files. Without a service worker, as at a first visit, they come to the unit. */
const SHARE = '/share';

const REVALIDATE = 'no-cache';
const IMMUTABLE = 'public, max-age=31536000, immutable';

export interface PageOptions {
  /** Folder of the built files: `index.html` and `assets/`. */
  folder: string;
  /** The content of `/config.json`. */
  config: PageConfig;
  /** The origin of signed URLs. */
  storageOrigin: string;
}

export function isPagePath(pathname: string): boolean {
  const names = ['', 'config.json', SHARE.slice(1), ...ROOT_FILES];
  return pathname.startsWith('/assets/') || names.some((name) => pathname === `/${name}`);
}

/** These routes need no token, and each answer has the page's own headers. */
export function pageRoutes(options: PageOptions): Route[] {
  const { folder, config } = options;
  const common = pageHeaders(options);
  const send = (call: Call, file: File) => sendFile(call, file, common);
  const settings = Buffer.from(JSON.stringify(config));
  return [
    route('/', async (call) => {
      const file = await find(folder, 'index.html', call.request.headers);
      if (!file) throw new AppError('unavailable', 'The page is not built. Run: npm run web:build');
      send(call, { ...file, cacheControl: REVALIDATE });
    }),
    ...ROOT_FILES.map((name) =>
      route(`/${name}`, async (call) => {
        const file = await find(folder, name, call.request.headers);
        if (!file) throw new AppError('not_found', `/${name} does not exist. Reload the page.`);
        send(call, { ...file, cacheControl: REVALIDATE });
      }),
    ),
    route('/assets/:name', async (call) => {
      const { name = '' } = call.params;
      const file = isFileName(name)
        ? await find(folder, `assets/${name}`, call.request.headers)
        : undefined;
      if (!file)
        throw new AppError('not_found', `${call.url.pathname} does not exist. Reload the page.`);
      send(call, { ...file, cacheControl: IMMUTABLE });
    }),
    route('/config.json', async (call) => {
      send(call, { bytes: settings, type: TYPES['.json'], cacheControl: REVALIDATE });
    }),
    {
      method: 'POST',
      path: SHARE,
      // The files are not read: the page asks the person to choose them there.
      handle: async ({ response }) => {
        response.setHeaders(new Map(Object.entries({ ...common, 'Cache-Control': 'no-store' })));
        response.writeHead(303, { Location: '/?shared=failed' }).end();
      },
    },
  ];
}

function route(path: string, handle: Route['handle']): Route {
  return { method: 'GET', path, handle };
}

/** Without a slash or a leading dot, a name leads to no other folder. */
function isFileName(name: string): boolean {
  return /^[\w-][\w.-]*$/.test(name);
}

export interface File {
  bytes: Buffer;
  type: string | undefined;
  encoding?: string;
  cacheControl: string;
}

/** Prefers a compressed copy that the browser accepts. @returns undefined if the file does not exist */
async function find(
  folder: string,
  name: string,
  { 'accept-encoding': accepted = '' }: IncomingHttpHeaders,
): Promise<Omit<File, 'cacheControl'> | undefined> {
  const type = TYPES[extname(name)];
  const read = (ending: string) => readFile(join(folder, name + ending)).catch(unlessMissing);
  for (const [encoding, ending] of ENCODINGS) {
    const bytes = isAccepted(encoding, String(accepted)) ? await read(ending) : undefined;
    if (bytes) return { bytes, type, encoding };
  }
  const bytes = await read('');
  return bytes && { bytes, type };
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Sends the file, or 304 if the caller has it already. */
export function sendFile(
  { request, response }: Call,
  file: File,
  common: Record<string, string>,
): void {
  const { type, cacheControl } = file;
  // Where the page is served as it was built, no compressed copies are beside its files.
  const small =
    file.encoding === undefined && TEXT.test(type ?? '') ? gzipFor(request, file.bytes) : undefined;
  const { bytes, encoding } = small ? { bytes: small, encoding: 'gzip' } : file;
  // From the content: a build may give all files the same time, and `index.html` always has the same length.
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  response.appendHeader('Vary', 'Accept-Encoding');
  response.setHeaders(
    new Map(Object.entries({ ...common, 'Cache-Control': cacheControl, ETag: etag })),
  );
  if (isKnown(etag, request.headers['if-none-match'])) {
    response.writeHead(304).end();
    return;
  }
  response
    .writeHead(200, {
      ...(type !== undefined && { 'Content-Type': type }),
      ...(encoding !== undefined && { 'Content-Encoding': encoding }),
      'Content-Length': bytes.length,
    })
    .end(bytes);
}

/** RFC 9110 §13.1.2. A proxy that compresses marks an ETag as weak. */
function isKnown(etag: string, header: string | undefined): boolean {
  const known = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

/** From `shared/page-headers.json`, which Terraform reads too. */
export function pageHeaders({
  config: { api_url, stream_url, sign_in },
  storageOrigin,
}: Pick<PageOptions, 'config' | 'storageOrigin'>): Record<string, string> {
  const { 'Content-Security-Policy': policy, ...others } = headers;
  const sources: Record<string, string[]> = {
    '{api}': originsOf(api_url),
    '{stream}': originsOf(stream_url),
    '{storage}': [storageOrigin],
    '{sign_in}': signInOrigins(sign_in),
  };
  const directives = Object.entries(policy).map(([name, given]) =>
    [name, ...given.flatMap((source) => sources[source] ?? [source])].join(' '),
  );
  return { 'Content-Security-Policy': directives.join('; '), ...others };
}

function signInOrigins(signIn: SignInConfig | undefined): string[] {
  return originsOf(signIn?.identity_url, signIn?.token_url);
}

function originsOf(...urls: (string | undefined)[]): string[] {
  const origins = urls.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  return [...new Set(origins)];
}
