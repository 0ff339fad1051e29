/** The units as they meet Google (`google.test.ts`), with a metadata server that gives wrong tokens, or none at first. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Deployed } from '../support/google/deployed.ts';
import { accountOf } from '../support/google/project.ts';
import { type DeployedUnits, send, startUnits } from './deployed-units.ts';

const VERTEX_MODEL = 'vertexai/gemini-3.5-flash-lite';
/** What Google's library takes for too short: it then asks for another token with each call. */
const LEAST_LIFETIME_S = 300;

let units: DeployedUnits;
beforeAll(async () => {
  units = await startUnits();
});
afterAll(() => units.close());

describe('a worker whose token is wrong', () => {
  let other: Deployed;
  beforeAll(async () => {
    const { worker: metadata } = units.google.metadata;
    [metadata.givesWrongTokens, metadata.tokenLifetimeS] = [true, LEAST_LIFETIME_S + 1];
    const settings = { ANALYSIS_MODEL: VERTEX_MODEL, VERTEX_LOCATION: 'global' };
    other = await units.start('worker', settings);
    units.google.workerPort = other.port;
  });
  afterAll(() => other?.stop());

  test('says so in its log, loses nothing, and goes on once it gets a good one', async () => {
    const user = await units.signIn('bob');
    const id = await send(user, '03-coffee.webp');
    // Firestore's client first tries five times.
    const error = async () => other.lines.find((text) => /"ERROR"/.test(text));
    const line = await eventually(error);
    expect(JSON.parse(line)).toMatchObject({
      path: '/tasks/upload-media',
      error: { message: expect.stringMatching(/^16 UNAUTHENTICATED: Request had invalid auth/) },
    });
    expect(other.lines.join()).not.toContain('ya29');
    units.google.metadata.worker.givesWrongTokens = false;
    const states = await user.watch(id);
    expect(states.at(-1)).toMatchObject({ status: 'completed', usage: { model: VERTEX_MODEL } });
  });

  test('asks Vertex AI with its own account, and whether the model is there', async () => {
    const calls = ['GET', 'POST'].map((method) => `aiplatform.googleapis.com ${method}`);
    // Nobody waits for the first.
    await eventually(
      async () => calls.every((c) => units.calledBy('worker').includes(c)) || undefined,
    );
    expect(units.google.gemini.requests[0]?.authorization).toMatch(/^Bearer ya29\./);
    expect(other.targets).toContain('aiplatform.googleapis.com:443');
  });
});

describe('an api whose metadata server is slow to start', () => {
  let other: Deployed;
  beforeAll(async () => {
    units.google.metadata.api.tokenLifetimeS = LEAST_LIFETIME_S + 2;
    units.google.metadata.api.fail(503, 503);
    units.google.workerPort = units.worker.port;
    other = await units.start('api');
  });
  afterAll(() => other?.stop());

  test('asks it again', async () => {
    const user = await units.signIn('carol', other);
    expect((await user.call('/api/media')).status).toBe(200);
  });

  test('gets another token before the first has expired', async () => {
    const user = await units.signIn('carol', other);
    await send(user, '08-lake.jpg');
    const { asked } = units.google.metadata.api;
    const before = asked.length;
    const fresh = Date.now() + 2_000;
    await eventually(async () => Date.now() > fresh || undefined);
    units.google.tokens.expire(accountOf('api'));
    const id = await send(user, '05-dogs.jpg');
    expect((await user.watch(id)).at(-1)?.status).toBe('completed');
    expect((await user.call(`/api/media/${id}/content`)).status).toBe(302);
    expect(asked.length).toBeGreaterThan(before);
    expect(other.lines.filter((line) => /"(ERROR|WARNING)"/.test(line))).toEqual([]);
  });
});
