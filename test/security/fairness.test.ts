/** What one owner sends, another owner's photo does not wait for: through the real queues, at the deployed numbers. */
import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { loadApiConfig } from '../../functions/api/config.ts';
import { AT_A_TIME } from '../../local/base/provision.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { makePicture } from '../faults/user.ts';
import { type Reply, type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { longTest } from '../support/long-test.ts';
import { client, eventually, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

let gemini: RunningGemini;
let respond: () => Reply;
let stack: Stack;
let tasks: CloudTasksClient;
/** Names of the queues. */
let queues: { upload: string; analyze: string };
let places: number;
const faults = new FaultPlan();
beforeAll(async () => {
  gemini = await startGemini({ respond: () => respond() });
  stack = await startStack({
    faults,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      // An instance takes ten requests of one owner, and there may be twenty instances.
      MAX_UPLOADS_IN_FLIGHT: '100',
      MAX_UPLOADS_PER_INSTANCE: '100',
    },
  });
  const config = loadApiConfig(stack.environment);
  places = config.MAX_QUEUED_PER_OWNER;
  const [apiEndpoint, port] = config.CLOUD_TASKS_EMULATOR_HOST?.split(':') ?? [];
  const { GOOGLE_CLOUD_PROJECT: projectId, TASKS_LOCATION: location } = config;
  const sslCreds = credentials.createInsecure();
  const universeDomain = 'googleapis.com';
  tasks = new CloudTasksClient({
    projectId,
    ...(apiEndpoint !== undefined && { apiEndpoint }),
    port: Number(port),
    sslCreds,
    universeDomain,
  });
  queues = {
    upload: tasks.queuePath(projectId, location, config.UPLOAD_QUEUE),
    analyze: tasks.queuePath(projectId, location, config.ANALYZE_QUEUE),
  };
});
afterAll(async () => {
  await tasks.close();
  await stack.close();
  await gemini.close();
});
beforeEach(() => {
  respond = () => ({});
  gemini.reset();
});

const as = async (name: string) => client(stack, await tokenOf(stack, name));
let made = 0;
const pictures = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await makePicture(2, ++made)).file));
/** The tasks of a queue; those of these media alone, if they are named. */
async function tasksIn(queue: string, ids?: readonly string[]): Promise<number> {
  const [found] = await tasks.listTasks({ parent: queue });
  const idOf = ({ name }: { name?: string | null }) => /([^/-]+)-\w+-\d+$/.exec(name ?? '')?.[1];
  return found.filter((task) => !ids || ids.includes(idOf(task) ?? '')).length;
}

/** Fails after so many looks in a row without a task: the next ones are enqueued a moment after some have ended. */
const LOOKS = 60;

/** Waits until the media have ended. Fails soon if some have not, and no task is left that could end them. */
async function untilEnded(user: ReturnType<typeof client>, ids: readonly string[]): Promise<void> {
  const ended = async () => {
    const response = await user.call(`/api/media?ids=${ids}`);
    const { media } = (await response.json()) as { media: Media[] };
    return media.filter(({ status }) => isTerminal(status)).length;
  };
  let looks = 0;
  await eventually(async () => {
    const before = await ended();
    if (before === ids.length) return true;
    // A media may go on to the other queue in the meantime, but if it goes on twice it has ended.
    let left = 0;
    for (const queue of [queues.analyze, queues.upload, queues.analyze])
      left += await tasksIn(queue, ids);
    looks = left > 0 || (await ended()) > before ? 0 : looks + 1;
    if (looks < LOOKS) return undefined;
    throw new Error(`${before} of ${ids.length} media have ended, and the others have no task.`);
  });
}

longTest('forty requests side by side get no more places than one', async () => {
  await tasks.pauseQueue({ name: queues.upload });
  const carol = await as('carol');
  const requests = (await pictures(40)).map((picture) => carol.analyze([picture]));
  const accepted = (await Promise.all(requests)).flatMap(({ media_ids }) => media_ids);
  expect(await tasksIn(queues.upload, accepted)).toBe(places);
  await tasks.resumeQueue({ name: queues.upload });
  // Each one gets its turn all the same.
  await untilEnded(carol, accepted);
  const results = await carol.results(accepted);
  expect(results.filter((media) => media?.status === 'completed')).toHaveLength(40);
});

test('files that take long to store leave places for another’s photo', async () => {
  const [queue] = await tasks.getQueue({ name: queues.upload });
  expect(queue.rateLimits?.maxConcurrentDispatches).toBeGreaterThan(places);
  await tasks.pauseQueue({ name: queues.upload });
  const [dave, erin] = [await as('dave'), await as('erin')];
  const { media_ids } = await dave.analyze(await pictures(20));
  const slow = { kind: 'delay', ms: 120_000 } as const;
  const { STAGING_BUCKET } = stack.environment;
  for (const id of media_ids) faults.script('storage', `POST /b/${STAGING_BUCKET}/o/${id}`, slow);
  const photo = await erin.analyze([await file('02-cat.png')]);
  await tasks.resumeQueue({ name: queues.upload });
  expect((await erin.results(photo.media_ids))[0]).toMatchObject({ status: 'completed' });
});

test('300 photos of one owner in three requests: another’s photo waits for two rounds of the queue at most', async () => {
  const open = Promise.withResolvers<void>();
  respond = () => ({ until: open.promise });
  const [alice, bob] = [await as('alice'), await as('bob')];
  const requests = [await pictures(100), await pictures(100), await pictures(100)];
  await Promise.all(requests.map((files) => alice.analyze(files)));
  // Five are with the model, which keeps them. The others of the owner's places stand in the queue.
  await eventually(async () => gemini.requests[AT_A_TIME.analyze - 1]);
  await eventually(async () => ((await tasksIn(queues.analyze)) === places ? true : undefined));
  const { media_ids } = await bob.analyze([await file('02-cat.png')]);
  await eventually(async () => (await tasksIn(queues.analyze)) > places || undefined);
  open.resolve();
  expect((await bob.results(media_ids))[0]).toMatchObject({ status: 'completed' });
  // The pictures of the first owner have 16 × 16 pixels.
  const before = gemini.requests.findIndex(({ text }) => text.length > 10_000);
  expect(before).toBeGreaterThanOrEqual(AT_A_TIME.analyze);
  expect(before).toBeLessThanOrEqual(3 * AT_A_TIME.analyze);
});
