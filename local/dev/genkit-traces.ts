/**
 * Sends Genkit's traces to its developer UI, or to its command line. OpenTelemetry's SDK stays at 1.25 here, as Genkit has it: its
 * exporter reads fields of spans that SDK 2 has renamed.
 */
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { setTelemetryServerUrl, TraceServerExporter } from 'genkit/tracing';

export function sendTraces(): void {
  const tracing = new NodeTracerProvider();
  tracing.addSpanProcessor(new SimpleSpanProcessor(new TraceServerExporter()));
  tracing.register();
  // `genkit start -- npm run dev` sets it. A UI that is started later sends its own address.
  const { GENKIT_TELEMETRY_SERVER } = process.env;
  if (GENKIT_TELEMETRY_SERVER !== undefined) setTelemetryServerUrl(GENKIT_TELEMETRY_SERVER);
}
