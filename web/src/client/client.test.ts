import { expect, test } from '@jest/globals';
import type { UsageReport } from '@media-analysis/shared/api';
import { createMediaClient } from './client.ts';
import { MediaClientError } from './errors.ts';

const REPORT: UsageReport = {
  ...{ month: '2026-11', items: 3, cached: 1, input_tokens: 800, output_tokens: 240 },
  ...{ cost_usd: 0.00084, models: [] },
};

function clientThatGets(answer: unknown) {
  const asked: string[] = [];
  const fetch = async (url: RequestInfo | URL) => {
    asked.push(String(url));
    return Response.json(answer);
  };
  return { asked, client: createMediaClient({ baseUrl: 'https://api.example/', fetch }) };
}

test('usage asks for the named month, or for the current one', async () => {
  const { asked, client } = clientThatGets(REPORT);
  expect(await client.usage({ month: '2026-11' })).toEqual(REPORT);
  await client.usage();
  expect(asked).toEqual([
    'https://api.example/api/usage?month=2026-11',
    'https://api.example/api/usage',
  ]);
});

test('usage throws if the answer is no report', async () => {
  const { client } = clientThatGets({ page: 'Please sign in' });
  await expect(client.usage()).rejects.toBeInstanceOf(MediaClientError);
});
