import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MediaFacts } from '../inspect/index.ts';
import { createAnalyzer } from './index.ts';

/** Google's token endpoint, for credentials whose file names another one. */
const tokens = createServer((_, res) => {
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ access_token: 'token-of-the-service', expires_in: 3_600 }));
});
const platformFetch = globalThis.fetch;
const credentialsVariable = process.env.GOOGLE_APPLICATION_CREDENTIALS;
const credentialsFile = join(tmpdir(), `vertex-test-credentials-${process.pid}.json`);

beforeAll(async () => {
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
  const { port } = tokens.address() as AddressInfo;
  await writeFile(
    credentialsFile,
    JSON.stringify({
      type: 'external_account_authorized_user',
      ...{ client_id: 'id', client_secret: 'secret', refresh_token: 'refresh' },
      token_url: `http://127.0.0.1:${port}/token`,
    }),
  );
  process.env.GOOGLE_APPLICATION_CREDENTIALS = credentialsFile;
});
afterAll(async () => {
  globalThis.fetch = platformFetch;
  if (credentialsVariable === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  else process.env.GOOGLE_APPLICATION_CREDENTIALS = credentialsVariable;
  await rm(credentialsFile);
  tokens.close();
  tokens.closeAllConnections();
});

test('vertexai/… goes to the project’s region with the service’s token', async () => {
  const sent: { url: string; authorization: string | null; body: string }[] = [];
  globalThis.fetch = async (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    sent.push({ url: String(url), authorization, body: String(init?.body) });
    return Response.json({ error: { code: 404, message: 'no' } }, { status: 404 });
  };
  const analyzer = createAnalyzer({
    model: 'vertexai/gemini-2.5-flash',
    project: 'demo',
    location: 'asia-northeast1',
  });
  const facts: MediaFacts = {
    ...{ kind: 'image', format: 'png', width: 1, height: 1, animated: false, duration_s: null },
    ...{ capture: { taken_at: null, camera: null }, colors: [], quality: null },
  };
  const attempt = analyzer.analyze(
    {
      facts,
      ...{ contentType: 'image/png', preview: Buffer.from('jpeg'), fileName: 'x', language: 'en' },
    },
    { signal: new AbortController().signal, deadline: Date.now() + 60_000 },
  );
  await expect(attempt).rejects.toMatchObject({ code: 'analysis_rejected' });
  expect(sent).toMatchObject([
    {
      url: 'https://asia-northeast1-aiplatform.googleapis.com/v1beta1/projects/demo/locations/asia-northeast1/publishers/google/models/gemini-2.5-flash:generateContent',
      authorization: 'Bearer token-of-the-service',
      body: expect.stringContaining('"responseJsonSchema"'),
    },
  ]);
});
