/** The page at the gateway: the same files and the same code as in the stream unit. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import {
  isPagePath,
  type PageOptions as PageSettings,
  pageRoutes,
} from '@media-analysis/functions/hosting/page';
import { createRouter } from '@media-analysis/functions/http/router';
import { createLogger } from '@media-analysis/functions/process/log';

/** The built page: `index.html` and `assets/`. */
export const PAGE_DIR = fileURLToPath(new URL('../web/dist', import.meta.url));

export type PageOptions = Omit<PageSettings, 'folder'>;

export interface Page {
  /** True if the path belongs to the page. */
  owns(pathname: string): boolean;
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The page of the last build. */
export function createBuiltPage(options: PageOptions): Page {
  const routes = pageRoutes({ ...options, folder: PAGE_DIR });
  const logger = createLogger('page', 'silent');
  const send = createRouter({ routes, logger, project: '', allowedOrigins: [] });
  return { owns: isPagePath, send };
}
