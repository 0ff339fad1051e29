import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { HANG_LIMIT_MS } from '../test/support/hang-limit.ts';
import { findOllama, ollamaAdvice } from './ollama.ts';

let end: () => void = () => undefined;
afterEach(() => end());

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  end = () => {
    server.close();
    server.closeAllConnections();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @param models the capabilities of each model, by its name */
async function startOllama(models: Record<string, string[]>) {
  const asked: string[] = [];
  const address = await listen(async (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const { model = '' } = JSON.parse((await text(req)) || '{}') as { model?: string };
    const names = Object.keys(models).map((name) => ({ name, size: 1 }));
    const body = req.url === '/api/tags' ? { models: names } : { capabilities: models[model] };
    res.end(JSON.stringify(body));
  });
  return { address, asked };
}

test('models that look at pictures are found, and nothing but questions is sent', async () => {
  const { address, asked } = await startOllama({
    'llama3.2:3b': ['completion', 'tools'],
    'qwen2.5vl:7b': ['completion', 'vision'],
  });
  expect(await findOllama(address, HANG_LIMIT_MS)).toEqual(['openai/qwen2.5vl:7b']);
  expect(asked).toEqual(['GET /api/tags', 'POST /api/show', 'POST /api/show']);
});

test('a name that would be more than a name on a command line is left out', async () => {
  const { address } = await startOllama({ 'a; rm -rf b': ['vision'], 'a$(b)': ['vision'] });
  expect(await findOllama(address, HANG_LIMIT_MS)).toEqual([]);
});

test('something else on this port, nothing, or silence: no model', async () => {
  const other = await listen((_, res) => void res.end('<html>'));
  expect(await findOllama(other, HANG_LIMIT_MS)).toEqual([]);
  end();
  expect(await findOllama(other, HANG_LIMIT_MS)).toEqual([]);
  const silent = await listen(() => undefined);
  expect(await findOllama(silent, 50)).toEqual([]);
});

test('the advice is one command', () => {
  expect(ollamaAdvice([], 'npm start')).toBeUndefined();
  const models = ['openai/qwen2.5vl:7b', 'openai/llava:latest'];
  expect(ollamaAdvice(models, 'npm start')).toBe(
    `Ollama runs on this machine and has a model that looks at pictures: qwen2.5vl:7b, llava:latest. To let it describe your photos:
  ANALYSIS_MODEL=openai/qwen2.5vl:7b OPENAI_BASE_URL=http://127.0.0.1:11434/v1 CALL_TIMEOUT_S=200 npm start`,
  );
});
