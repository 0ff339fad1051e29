/** The page straight from its sources, for `npm run dev`: what is saved is seen at once. */
import type { Server } from 'node:http';
import { createServer, type ViteDevServer } from 'vite';

export type { ViteDevServer };

/**
 * @param gateway Whose port the page's connection for news of changes shares.
 * @param nonce What the content security policy lets scripts and styles in the page itself run by.
 */
export function startDevServer(gateway: Server, nonce: string): Promise<ViteDevServer> {
  return createServer({
    root: import.meta.dirname,
    // Only what there is: any other address is not found, as in the built page.
    appType: 'mpa',
    clearScreen: false,
    // By default Vite lets each page on a port of this machine read the sources.
    server: { middlewareMode: true, ws: { server: gateway }, cors: false },
    html: { cspNonce: nonce },
  });
}
