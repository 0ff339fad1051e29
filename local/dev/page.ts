/** The page of `npm run dev`, behind the same address and under the same policy as the built one. */
import type { ViteDevServer } from '../../web/dev-server.ts';
import { contentSecurityPolicy, type Page } from '../page.ts';

/** @param nonce The one that the server writes into the page. */
export function createDevPage(server: Promise<ViteDevServer>, nonce: string): Page {
  return {
    owns: (pathname) => !pathname.startsWith('/api/'),
    async send(request, response, _pathname, { storageOrigin }) {
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
