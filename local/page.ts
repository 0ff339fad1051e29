/** The page at the gateway: the same files, sent by the same code, as the stream unit serves them where it serves the page. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import {
  isPagePath,
  type PageOptions as PageSettings,
  pageHeaders,
  pageRoutes,
} from '@media-analysis/functions/hosting/page';
import { createRouter } from '@media-analysis/functions/http/router';
import { createLogger } from '@media-analysis/functions/process/log';

/** The built page: `index.html` and `assets/`. */
export const PAGE_DIR = fileURLToPath(new URL('../web/dist', import.meta.url));

export interface PageOptions extends Omit<PageSettings, 'folder'> {
  /** Path of a script that runs before the page's own script. */
  script?: string | undefined;
}

/** Who answers for the page. */
export interface Page {
  /** Whether a path belongs to the page. */
  owns(pathname: string): boolean;
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The page as it was built last. */
export function createBuiltPage(options: PageOptions): Page {
  const routes = pageRoutes({ ...options, folder: PAGE_DIR });
  const logger = createLogger('page', 'silent');
  const send = createRouter({ routes, logger, project: '', allowedOrigins: [] });
  const { script } = options;
  if (script === undefined) return { owns: isPagePath, send };
  return {
    owns: isPagePath,
    async send(request, response) {
      const isIndex = request.url === '/' && request.method === 'GET';
      const html = isIndex ? await readIndex() : undefined;
      if (html === undefined) return send(request, response);
      response
        .writeHead(200, {
          ...pageHeaders(options),
          'Content-Type': 'text/html; charset=utf-8',
          'Cache-Control': 'no-cache',
        })
        .end(html.replace('<head>', `<head><script src="${script}"></script>`));
    },
  };
}

const readIndex = () => readFile(`${PAGE_DIR}/index.html`, 'utf8').catch(() => undefined);
