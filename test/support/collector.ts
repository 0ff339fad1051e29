/** An OpenTelemetry collector on the loopback interface, which keeps what it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status?: { code: number; message?: string };
  events?: unknown[];
}

interface Attribute {
  key: string;
  value: { stringValue?: string };
}

/** What a collector is sent: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
interface Export {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}

export interface Collector {
  url: string;
  exports: Export[];
  /** How many exports were refused. */
  readonly refused: number;
  /** Whether it refuses exports: it has no time, and asks the sender to try again. */
  isBusy: boolean;
  spans(): Span[];
  /** The names of the services that have sent something. */
  units(): Set<string | undefined>;
  close(): Promise<void>;
}

export async function startCollector({ isBusy = false } = {}): Promise<Collector> {
  const exports: Export[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        if (collector.isBusy) {
          refused++;
          response.writeHead(503, { 'Retry-After': '1' }).end();
          return;
        }
        exports.push(body as Export);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resources = () => exports.flatMap(({ resourceSpans }) => resourceSpans);
  const collector: Collector = {
    isBusy,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports,
    get refused() {
      return refused;
    },
    spans: () => resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    units: () =>
      new Set(
        resources().flatMap(({ resource }) =>
          resource.attributes
            .filter(({ key }) => key === 'service.name')
            .map(({ value }) => value.stringValue),
        ),
      ),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return collector;
}
