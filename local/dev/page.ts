/** The page of `npm run dev`, behind the same address and under the same policy as the built one. */
import { AppError } from '@media-analysis/shared/errors';
import type { ViteDevServer } from '../../web/dev-server.ts';
import { contentSecurityPolicy, type Page } from '../page.ts';

/** @param nonce The one that the server writes into the page. */
export function createDevPage(server: Promise<ViteDevServer>, nonce: string): Page {
  return {
    owns: (pathname) => !pathname.startsWith('/api/'),
    async send(request, response, pathname, { storageOrigin }) {
      // Vite opens an editor for it, and any site can make a browser ask.
      if (pathname === '/__open-in-editor' && request.headers['sec-fetch-site'] !== 'same-origin') {
        throw new AppError('not_found', `There is nothing at ${pathname}.`);
      }
      const { middlewares } = await server;
      response.setHeader('Content-Security-Policy', policy(storageOrigin, nonce));
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
        middlewares(request, response);
      });
    },
  };
}

/** Vite writes scripts and styles into the page, and waits in a worker for a server that has gone. */
function policy(storageOrigin: string, nonce: string): string {
  const built = contentSecurityPolicy(storageOrigin);
  const marked = built.replace(/(?:script|style)-src 'self'/g, `$& 'nonce-${nonce}'`);
  return `${marked}; worker-src blob:`;
}
