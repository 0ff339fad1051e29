/** Serves the web page like a static host. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { AppError } from '@media-analysis/shared/errors';

/** The built page: `index.html` and `assets/`, whose file names contain a hash of their content. */
const ROOT = new URL('../web/dist/', import.meta.url);

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NOT_BUILT = 'The page is not built. Run: npm run web:build';

/** Whether a path belongs to the page. */
export function isPagePath(pathname: string): boolean {
  return pathname === '/' || /^\/assets\/[\w-][\w.-]*$/.test(pathname);
}

export interface PageOptions {
  /** The origin of signed URLs, the only other origin from which the page may load pictures. */
  storageOrigin: string;
  /** Path of a script that runs before the page's own script. */
  script?: string | undefined;
}

/** Who answers for the page. */
export interface Page {
  /** Whether a path belongs to the page. */
  owns(pathname: string): boolean;
  /** @throws {AppError} */
  send(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    options: PageOptions,
  ): Promise<void>;
}

/** The page as it was built last. */
export const BUILT_PAGE: Page = { owns: isPagePath, send: sendPage };

/**
 * @param pathname A path for which `isPagePath` is true.
 * @throws {AppError} `method_not_allowed`, `not_found`
 */
export async function sendPage(
  { method }: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  { storageOrigin, script }: PageOptions,
  root = ROOT,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    // RFC 9110 §15.5.6: an answer 405 must name the allowed methods.
    response.setHeader('Allow', 'GET, HEAD');
    throw new AppError('method_not_allowed', 'This address accepts only GET and HEAD.');
  }
  const isIndex = pathname === '/';
  const file = isIndex ? 'index.html' : pathname.slice(1);
  const bytes = await readFile(new URL(file, root)).catch((cause: unknown) => {
    if (!isIndex)
      throw new AppError('not_found', `${pathname} does not exist. Reload the page.`, { cause });
    return undefined;
  });
  const body = addScript(bytes, isIndex ? script : undefined) ?? Buffer.from(`${NOT_BUILT}\n`);
  response
    .writeHead(bytes ? 200 : 503, {
      'Content-Type': bytes ? TYPES[extname(file)] : 'text/plain; charset=utf-8',
      'Content-Length': body.length,
      'Cache-Control': isIndex ? 'no-cache' : 'public, max-age=31536000, immutable',
      'Content-Security-Policy': contentSecurityPolicy(storageOrigin),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(method === 'HEAD' ? undefined : body);
}

function addScript(page: Buffer | undefined, script: string | undefined): Buffer | undefined {
  if (page === undefined || script === undefined) return page;
  return Buffer.from(page.toString().replace('<head>', `<head><script src="${script}"></script>`));
}

/** @returns the header's value. */
export function contentSecurityPolicy(storageOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${storageOrigin}`,
    `media-src 'self' ${storageOrigin}`,
    `connect-src 'self' ${storageOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
