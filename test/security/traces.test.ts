/** OpenTelemetry: one trace from the request of a photo to its analysis, without the photo. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

/** What a collector is sent: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
interface Export {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

const exports: Export[] = [];
const collector = createServer((request, response) => {
  json(request).then(
    (body) => {
      exports.push(body as Export);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    },
    () => response.destroy(),
  );
});

let stack: Stack;
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`;
  stack = await startStack({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT } });
}, 30_000);
afterAll(async () => {
  await stack.close();
  await new Promise((resolve) => collector.close(resolve));
});

const spans = () =>
  exports.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );

test('a trace leads from the request over both tasks to the model, and holds no picture and no name', async () => {
  const picture = await file('02-cat.png');
  const named = new File([picture], 'Holiday in Rome.png', { type: picture.type });
  const { media_ids } = await client(stack).analyze([named]);
  await client(stack).results(media_ids);

  const root = await eventually(async () => spans().find(({ name }) => name === 'analyzeMedia'));
  const trace = await eventually(async () => {
    const own = spans().filter(({ traceId }) => traceId === root.traceId);
    // A span is sent when it has ended: the last one is what the delivery of the analysis answers.
    return own.some(({ name }) => name === 'POST /tasks/analyze-media') ? own : undefined;
  });
  const spanOf = (name: string) => trace.find((span) => span.name === name);
  const request = spanOf('POST /api/agent/analyze-media');
  const upload = spanOf('POST /tasks/upload-media');
  const analysis = spanOf('POST /tasks/analyze-media');
  expect(upload?.parentSpanId).toBe(request?.spanId);
  expect(analysis?.parentSpanId).toBe(upload?.spanId);
  expect(spanOf('analyzeMedia')?.parentSpanId).toBe(analysis?.spanId);
  expect(trace.some(({ name }) => name === 'local/facts')).toBe(true);

  const text = JSON.stringify(exports);
  expect(text).not.toMatch(/Holiday|base64|colors/);
  expect(text.length).toBeLessThan(100_000);
}, 30_000);
