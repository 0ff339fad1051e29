/** What leaves a unit's process before the platform ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { UnitName } from '../../../local/base/units.ts';
import { startCollector } from '../../support/collector.ts';
import { eventually } from '../../support/eventually.ts';
import { startLoneUnit } from '../../support/lone-unit.ts';
import { shortened } from '../../support/long-test.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

/** @param isBusy Whether the collector refuses what it is sent, until it is told otherwise. */
async function start(name: UnitName, isBusy = false) {
  const collector = await startCollector({ isBusy });
  opened.push(collector);
  const unit = await startLoneUnit(name, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  opened.push(unit);
  return { unit, collector, names: () => collector.spans().map((span) => span.name) };
}

test.each(shortened(['api', 'worker', 'stream'] as const, 1))(
  'the span of the request before SIGTERM reaches the collector: %s',
  async (name) => {
    const { unit, names } = await start(name);
    expect((await fetch(`${unit.url}/health`)).status).toBe(200);
    expect(await unit.stop()).toBe('0');
    expect(names()).toContain('GET /health');
  },
);

test('spans that are on their way at SIGTERM reach a collector that asks to try again', async () => {
  const { unit, collector, names } = await start('api', true);
  expect((await fetch(`${unit.url}/health`)).status).toBe(200);
  // They are sent half a second later. The collector refuses them, and the exporter waits for a second.
  await eventually(async () => collector.refused > 0 || undefined);
  expect(names()).toEqual([]);
  collector.isBusy = false;
  expect(await unit.stop()).toBe('0');
  expect(names()).toContain('GET /health');
});

/** @returns what a process with Genkit says, and its exit code, if it gets the signal. */
async function endOf(signal: NodeJS.Signals, environment = {}): Promise<[string, number | null]> {
  const entry = fileURLToPath(new URL('./with-genkit.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  child.stdout.once('data', () => child.kill(signal));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return [said, code];
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('is left to the list by Genkit', async () => {
    expect(await endOf(signal)).toEqual(['ready done', 0]);
  });

  // If this fails, Genkit has become better: `functions/hosting/shutdown.ts` need not set its listener aside.
  test('still needed: Genkit exits at once', async () => {
    expect(await endOf(signal, { PLAIN: '1' })).toEqual(['ready ', 0]);
  });
});
