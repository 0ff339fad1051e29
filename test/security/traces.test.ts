/** OpenTelemetry: one trace from the request of a photo to its analysis, without the photo. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Collector, type Span, startCollector } from '../support/collector.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';

const MODEL = 'googleai/gemini-2.5-flash';

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
}, 30_000);
afterAll(async () => {
  await stack.close();
  await gemini.close();
  await collector.close();
});

async function analyse(photo: string, name: string): Promise<void> {
  const picture = await file(photo);
  const named = new File([picture], name, { type: picture.type });
  const { media_ids } = await client(stack).analyze([named]);
  await client(stack).results(media_ids);
}

/** Every span of the trace that leads to the `n`-th analysis, once the last of them was sent. */
async function traceOf(n: number): Promise<Span[]> {
  const flow = await eventually(async () => {
    return collector.spans().filter(({ name }) => name === 'analyzeMedia')[n];
  });
  return eventually(async () => {
    const own = collector.spans().filter(({ traceId }) => traceId === flow.traceId);
    // A span is sent when it has ended: the last one is what the delivery of the analysis answers.
    return own.some(({ name }) => name === 'POST /tasks/analyze-media') ? own : undefined;
  });
}

test('a trace leads from the request over both tasks to the model, and holds no picture and no name', async () => {
  await analyse('02-cat.png', 'Holiday in Rome.png');
  const trace = await traceOf(0);
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
}, 30_000);

test('the trace of an analysis that failed says that it did, and nothing of what', async () => {
  gemini.enqueue(replies.forbidden());
  await analyse('05-dogs.jpg', 'Payslip March.png');
  const trace = await traceOf(1);
  const failed = trace.filter(({ status }) => status?.code === ERROR);
  expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(['analyzeMedia', MODEL]));
  for (const { status, events } of trace) {
    expect(status?.message).toBeUndefined();
    expect(events ?? []).toEqual([]);
  }
  expect(JSON.stringify(collector.exports)).not.toMatch(
    /Payslip|PERMISSION_DENIED|key-of-the-operator/,
  );
}, 30_000);
