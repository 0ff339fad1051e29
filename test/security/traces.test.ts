/** OpenTelemetry: one trace from the request of a photo to its analysis, without the photo. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type Collector, type Span, startCollector } from '../support/collector.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { needing } from '../support/needing.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';

const it = needing('signals');

const MODEL = `googleai/${EXAMPLE_GEMINI}`;

/** https://opentelemetry.io/docs/specs/otel/trace/api/#set-status, as the wire has it. */
const ERROR = 2;

let collector: Collector;
let gemini: RunningGemini;
let stack: Stack;
beforeAll(async () => {
  gemini = await startGemini();
  collector = await startCollector();
  stack = await startStack({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ANALYSIS_MODEL: MODEL,
      GEMINI_API_KEY: 'key-of-the-operator',
      GEMINI_BASE_URL: gemini.url,
    },
  });
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
  await collector.close();
});

/** @returns every span of the trace from the request to the analysis, once the last of them was sent. */
async function traceOf(photo: string, name: string): Promise<Span[]> {
  const traceId = randomBytes(16).toString('hex');
  const picture = await file(photo);
  const { media_ids } = await client(stack).analyze(
    [new File([picture], name, { type: picture.type })],
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  );
  await client(stack).results(media_ids);
  return eventually(async () => {
    const own = collector.spans().filter((span) => span.traceId === traceId);
    // A span is sent when it has ended: the last one is what the delivery of the analysis answers.
    return own.some((span) => span.name === 'POST /tasks/analyze-media') ? own : undefined;
  });
}

test('a trace leads from the request over both tasks to the model, and holds no picture and no name', async () => {
  const trace = await traceOf('02-cat.png', 'Holiday in Rome.png');
  const spanOf = (name: string) => trace.find((span) => span.name === name);
  const request = spanOf('POST /api/agent/analyze-media');
  const upload = spanOf('POST /tasks/upload-media');
  const analysis = spanOf('POST /tasks/analyze-media');
  expect(upload?.parentSpanId).toBe(request?.spanId);
  expect(analysis?.parentSpanId).toBe(upload?.spanId);
  expect(spanOf('analyzeMedia')?.parentSpanId).toBe(analysis?.spanId);
  expect(trace.some(({ name }) => name === MODEL)).toBe(true);

  const text = JSON.stringify(collector.exports);
  expect(text).not.toMatch(/Holiday|base64|colors|harbour|key-of-the-operator/);
  expect(text.length).toBeLessThan(100_000);
});

test('the trace of an analysis that failed says that it did, and nothing of what', async () => {
  gemini.enqueue(replies.invalidArgument());
  const trace = await traceOf('05-dogs.jpg', 'Payslip March.png');
  const failed = trace.filter(({ status }) => status?.code === ERROR);
  expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(['analyzeMedia', MODEL]));
  for (const { status, events } of trace) {
    expect(status?.message).toBeUndefined();
    expect(events ?? []).toEqual([]);
  }
  expect(JSON.stringify(collector.exports)).not.toMatch(
    /Payslip|INVALID_ARGUMENT|key-of-the-operator/,
  );
});

test('a trace that the platform began, and left unsampled, is sent like any other', async () => {
  await client(stack).call('/api/usage');
  const span = await eventually(async () =>
    collector.spans().find(({ name }) => name === 'GET /api/usage'),
  );
  // Its parent is a span of the platform.
  expect(span.parentSpanId).toMatch(/^[\da-f]{16}$/);
});

it('an instance that is taken away sends its last spans before it ends', async () => {
  const { pid = 0 } = stack.units.api;
  await client(stack).call('/api/media/nothing');
  process.kill(pid, 'SIGTERM');
  await eventually(async () =>
    collector.spans().find(({ name }) => name === 'GET /api/media/nothing'),
  );
});
