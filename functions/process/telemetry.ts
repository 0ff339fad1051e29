/**
 * Sends spans to an OpenTelemetry collector. Only a process with `OTEL_EXPORTER_OTLP_ENDPOINT` loads the SDK.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Genkit's other attributes are not sent: they have the input and output of flows, with pictures and names. */
const PUBLIC_ATTRIBUTES = /^genkit:(name|type|path|state|isRoot|metadata:subtype)$/;

/**
 * Sends the remaining spans. Resolves when the collector has all of them, and rejects if it refuses them. Call it before the process
 * ends, because an idle instance has no CPU to send them. Later spans are dropped.
 */
export type StopTelemetry = () => Promise<void>;

/** Call it before the first span starts. @param unit The name of the service in the traces. */
export async function startTelemetry(unit: string): Promise<StopTelemetry> {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  // A short delay, because an instance has little CPU time between requests.
  const batches = new sdk.BatchSpanProcessor(new OTLPTraceExporter(), {
    scheduledDelayMillis: 500,
  });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': unit }),
    spanProcessors: [withoutPrivate(batches)],
    // Cloud Run starts each trace, and marks only one in ten seconds as sampled. We send all of them.
    // https://cloud.google.com/run/docs/trace#trace_sampling_rate
    sampler: new sdk.AlwaysOnSampler(),
  });
  provider.register();
  // `forceFlush` would not wait for a batch that is on its way.
  return () => provider.shutdown();
}

/** Sends only names, times and numbers, because the message of an exception has the name of a file. */
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
