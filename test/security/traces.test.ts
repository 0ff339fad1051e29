/** OpenTelemetry: one trace from the request of a photo to its analysis, without the photo. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../support/collector.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';

let collector: Collector;
let stack: Stack;
beforeAll(async () => {
  collector = await startCollector();
  stack = await startStack({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
}, 30_000);
afterAll(async () => {
  await stack.close();
  await collector.close();
});

test('a trace leads from the request over both tasks to the model, and holds no picture and no name', async () => {
  const picture = await file('02-cat.png');
  const named = new File([picture], 'Holiday in Rome.png', { type: picture.type });
  const { media_ids } = await client(stack).analyze([named]);
  await client(stack).results(media_ids);

  const root = await eventually(async () =>
    collector.spans().find(({ name }) => name === 'analyzeMedia'),
  );
  const trace = await eventually(async () => {
    const own = collector.spans().filter(({ traceId }) => traceId === root.traceId);
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

  const text = JSON.stringify(collector.exports);
  expect(text).not.toMatch(/Holiday|base64|colors/);
  expect(text.length).toBeLessThan(100_000);
}, 30_000);
