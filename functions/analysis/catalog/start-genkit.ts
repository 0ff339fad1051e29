/** Starts Genkit as part of our processes: it traces, logs and checks as they do. */
import type { Genkit, GenkitOptions } from 'genkit';

/** Importing Genkit takes over half a second, so a cold start must not do it. */
export async function startGenkit(options: GenkitOptions): Promise<Genkit> {
  const [{ genkit, setGenkitRuntimeConfig }, { logger }, tracing] = await Promise.all([
    import('genkit'),
    import('genkit/logging'),
    import('genkit/tracing'),
  ]);
  // Spans go to whichever OpenTelemetry the process has set up, not to an exporter of Genkit's own.
  tracing.disableGenkitOTelInitialization();
  // A flow is part of its delivery's trace. It must not start a trace of its own.
  tracing.disableOTelRootSpanDetection();
  // The plugin prints every failed call; here the caller logs what became of it, once.
  logger.init({ level: 'error', debug() {}, info() {}, warn() {}, error() {} });
  // By default Genkit compiles the schema at each call, which takes 5 ms, and keeps the result: 100 KB each time.
  setGenkitRuntimeConfig({ jsonSchemaMode: 'interpret' });
  return genkit(options);
}
