/** Has calls to Vertex AI go to a server of ours: the plugin knows no other address for it. */
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the server that stands in for Google gives to who has credentials. */
export const VERTEX_TOKEN = 'token-of-the-service';

/** https://docs.cloud.google.com/gemini-enterprise-agent-platform/resources/locations */
const VERTEX_HOST = /^([a-z0-9-]+-)?aiplatform\.([a-z]+\.rep\.)?googleapis\.com$/;

/**
 * Call it before the first analysis of the process.
 * @param url Where Vertex AI is now.
 * @returns a function that undoes it.
 */
export async function redirectVertex(url: string): Promise<() => Promise<void>> {
  // Google's token endpoint, for credentials whose file names another one.
  const tokens = createServer((_, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ access_token: VERTEX_TOKEN, expires_in: 3_600 }));
  });
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
  const { port } = tokens.address() as AddressInfo;
  const file = join(tmpdir(), `vertex-credentials-${process.pid}-${port}.json`);
  await writeFile(
    file,
    JSON.stringify({
      type: 'external_account_authorized_user',
      client_id: 'id',
      client_secret: 'secret',
      refresh_token: 'refresh',
      token_url: `http://127.0.0.1:${port}/token`,
    }),
  );
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS;
  process.env.GOOGLE_APPLICATION_CREDENTIALS = file;
  const platformFetch = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input);
    if (!VERTEX_HOST.test(asked.host)) return platformFetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set('x-asked-host', asked.host);
    return platformFetch(`${url}${asked.pathname}${asked.search}`, { ...init, headers });
  };
  return async () => {
    globalThis.fetch = platformFetch;
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
    await rm(file);
    tokens.close();
    tokens.closeAllConnections();
  };
}
