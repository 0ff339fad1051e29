/** What leaves a unit's process before the platform ends it. */
import { afterEach, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../support/collector.ts';
import { type LoneUnit, startLoneUnit } from '../../support/lone-unit.ts';
import { eventually } from '../../support/stack.ts';

let collector: Collector;
let unit: LoneUnit;
afterEach(async () => {
  await unit.close();
  await collector.close();
});

async function start(name: Parameters<typeof startLoneUnit>[0], busyFor = 0): Promise<void> {
  collector = await startCollector({ busyFor });
  unit = await startLoneUnit(name, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
}

const names = () => collector.spans().map((span) => span.name);

test.each(['api', 'worker', 'stream'] as const)(
  'the span of the request before SIGTERM reaches the collector: %s',
  async (name) => {
    await start(name);
    expect((await fetch(`${unit.url}/health`)).status).toBe(200);
    expect(await unit.stop()).toBe('0');
    expect(names()).toContain('GET /health');
  },
  30_000,
);

test('spans that are on their way at SIGTERM reach a collector that asks to try again', async () => {
  await start('api', 1);
  expect((await fetch(`${unit.url}/health`)).status).toBe(200);
  // They are sent half a second later. The collector refuses them, and the exporter waits for a second.
  await eventually(async () => collector.refused === 1 || undefined);
  expect(names()).toEqual([]);
  expect(await unit.stop()).toBe('0');
  expect(names()).toContain('GET /health');
}, 30_000);
