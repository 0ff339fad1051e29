/** The page of `npm run dev`, with the address and the policy of the built one. */
import { pageHeaders } from '@media-analysis/functions/hosting/page';
import { AppError } from '@media-analysis/shared/errors';
import type { ViteDevServer } from '../../web/dev-server.ts';
import { pathOf } from '../address.ts';
import { createBuiltPage, type Page, type PageOptions } from '../page.ts';

/** @param nonce the server writes it into the page */
export function createDevPage(
  server: Promise<ViteDevServer>,
  nonce: string,
  options: PageOptions,
): Page {
  const built = createBuiltPage(options);
  const contentSecurityPolicy = policy(options, nonce);
  return {
    owns: (pathname) => !pathname.startsWith('/api/'),
    async send(request, response) {
      const path = pathOf(request);
      if (path === '/config.json') return built.send(request, response);
      // Vite opens an editor for it, and any site can make a browser send the request.
      if (path === '/__open-in-editor' && request.headers['sec-fetch-site'] !== 'same-origin') {
        throw new AppError('not_found', `There is nothing at ${path}.`);
      }
      const { middlewares } = await server;
      response.setHeader('Content-Security-Policy', contentSecurityPolicy);
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
        middlewares(request, response);
      });
    },
  };
}

/** Vite writes scripts and styles into the page, and waits in a worker for a server that is gone. */
function policy(options: PageOptions, nonce: string): string {
  const { 'Content-Security-Policy': built = '' } = pageHeaders(options);
  const marked = built.replace(/(?:script|style)-src 'self'/g, `$& 'nonce-${nonce}'`);
  return marked.replace("worker-src 'self'", '$& blob:');
}
