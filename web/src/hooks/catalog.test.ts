import { expect, test } from '@jest/globals';
import { createMediaClient } from '../client/client.ts';
import { analysisInfo, settle } from '../client/testing.ts';
import { catalogOf } from './catalog.ts';

const nothing = () => undefined;

function clientThatGets(answers: (() => Response)[]) {
  return createMediaClient({ fetch: async () => (answers.shift() ?? (() => Response.error()))() });
}
const list = () => Response.json({ analyses: [analysisInfo()] });

test('all components of a client share one request, also those that come later', async () => {
  const client = clientThatGets([list]);
  const catalog = catalogOf(client);
  const leave = catalog.subscribe(nothing);
  let notified = 0;
  catalog.subscribe(() => notified++);
  expect(catalog.getSnapshot()).toEqual({ analyses: [], isLoading: true, error: undefined });
  await settle();
  leave();
  catalogOf(client).subscribe(nothing);
  await settle();
  expect(notified).toBe(1);
  expect(catalog.getSnapshot()).toEqual({
    analyses: [analysisInfo()],
    isLoading: false,
    error: undefined,
  });
});

test('after an error, the next component that needs the list loads it again', async () => {
  const failing = () => Response.json({}, { status: 400 });
  const catalog = catalogOf(clientThatGets([failing, list]));
  catalog.subscribe(nothing);
  await settle();
  expect(catalog.getSnapshot()).toMatchObject({ analyses: [], error: { status: 400 } });
  catalog.subscribe(nothing);
  await settle();
  expect(catalog.getSnapshot()).toMatchObject({ analyses: [{ name: 'receipt' }] });
});

test('a service that is down is asked again only as long as a component needs the list', async () => {
  const down = () => Response.json({}, { status: 503 });
  const catalog = catalogOf(clientThatGets([down, list]));
  const leave = catalog.subscribe(nothing);
  await settle();
  expect(catalog.getSnapshot()).toMatchObject({ analyses: [], error: { status: 503 } });
  // No timer is left over.
  leave();
  // In the same turn, as React may do it.
  catalog.subscribe(nothing);
  await settle();
  expect(catalog.getSnapshot()).toMatchObject({ analyses: [{ name: 'receipt' }] });
});
