/**
 * Sends spans to an OpenTelemetry collector, in a process that is told of one by
 * `OTEL_EXPORTER_OTLP_ENDPOINT`; nobody else loads the SDK.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Genkit writes what goes into a flow and what comes out of it into its spans: pictures, and names. */
const PUBLIC_ATTRIBUTES = /^genkit:(name|type|path|state|isRoot|metadata:subtype)$/;

/**
 * Sends what was not sent yet, and resolves when the collector has it all; rejects if the collector refuses it. An instance
 * that rests has no CPU for it: call it before the process ends. Spans that end later are dropped.
 */
export type StopTelemetry = () => Promise<void>;

/** @param unit Names the service in the traces. Call it before anything is traced. */
export async function startTelemetry(unit: string): Promise<StopTelemetry> {
  const [sdk, { OTLPTraceExporter }, { Resource }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const resource = new Resource({ 'service.name': unit });
  const provider = new sdk.NodeTracerProvider({
    resource,
    // Cloud Run begins each trace, and marks one in ten seconds as sampled: to obey that would leave out all others.
    // https://cloud.google.com/run/docs/trace#trace_sampling_rate
    sampler: new sdk.AlwaysOnSampler(),
  });
  // Short, for an instance gets little time to itself between requests.
  const batches = new sdk.BatchSpanProcessor(new OTLPTraceExporter(), {
    scheduledDelayMillis: 500,
  });
  provider.addSpanProcessor(withoutPrivate(batches));
  provider.register();
  // And not `forceFlush`, which does not wait for a batch that is on its way already.
  return () => provider.shutdown();
}

/** Only names, times and numbers leave: an exception's message names the file that it is about. */
function withoutPrivate(next: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, context) => next.onStart(span, context),
    onEnd: (span) => next.onEnd(publicPart(span)),
    shutdown: () => next.shutdown(),
    forceFlush: () => next.forceFlush(),
  };
}

function publicPart(span: ReadableSpan): ReadableSpan {
  const attributes = Object.fromEntries(
    Object.entries(span.attributes).filter(([name]) => PUBLIC_ATTRIBUTES.test(name)),
  );
  return Object.create(span, {
    attributes: { value: attributes },
    events: { value: [] },
    status: { value: { code: span.status.code } },
  });
}
