import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  duration,
  httpTask,
  LOCATION,
  millis,
  PARENT,
  PROJECT,
  refusal,
  startTasksStack,
  type TasksStack,
} from '../../support/tasks.ts';

let stack: TasksStack;
let location = 0;
/** A location of its own for each test that lists queues. */
let parent: string;

beforeAll(async () => {
  stack = await startTasksStack();
});
beforeEach(() => {
  parent = `projects/${PROJECT}/locations/region-${++location}`;
});
afterAll(() => stack.close());

describe('CreateQueue', () => {
  test('fills in the defaults of the service', async () => {
    const name = await stack.createQueue();
    const [queue] = await stack.client.getQueue({ name });
    expect(queue).toMatchObject({
      name,
      state: 'RUNNING',
      rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1000 },
      retryConfig: {
        maxAttempts: 100,
        minBackoff: { seconds: '0', nanos: 100_000_000 },
        maxBackoff: { seconds: '3600', nanos: 0 },
        maxDoublings: 16,
        maxRetryDuration: null,
      },
      purgeTime: null,
    });
  });

  test('keeps what it is given', async () => {
    const settings = {
      rateLimits: { maxDispatchesPerSecond: 2.5, maxConcurrentDispatches: 5 },
      retryConfig: {
        maxAttempts: 8,
        maxRetryDuration: { seconds: 60 },
        minBackoff: { seconds: 2 },
        maxBackoff: { seconds: 20 },
        maxDoublings: 3,
      },
    };
    const [queue] = await stack.client.getQueue({ name: await stack.createQueue(settings) });
    expect(queue.rateLimits).toMatchObject(settings.rateLimits);
    expect(queue.retryConfig).toMatchObject({
      maxAttempts: 8,
      maxRetryDuration: { seconds: '60' },
      minBackoff: { seconds: '2' },
      maxBackoff: { seconds: '20' },
      maxDoublings: 3,
    });
  });

  test('refuses a name that is taken', async () => {
    const name = await stack.createQueue();
    const error = await refusal(stack.client.createQueue({ parent: PARENT, queue: { name } }));
    expect(error.code).toBe(status.ALREADY_EXISTS);
  });

  test.each([
    ['no name', PARENT, ''],
    ['an underscore', PARENT, `${PARENT}/queues/a_b`],
    ['101 characters', PARENT, `${PARENT}/queues/${'x'.repeat(101)}`],
    ['a name elsewhere', PARENT, `projects/other/locations/${LOCATION}/queues/q`],
    ['a parent that is no location', 'projects/p', 'projects/p/locations/l/queues/q'],
  ])('refuses %s', async (_title, badParent, name) => {
    const error = await refusal(stack.client.createQueue({ parent: badParent, queue: { name } }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
  });

  test('refuses settings beyond the limits, and says which', async () => {
    const queue = { name: `${PARENT}/queues/fast`, rateLimits: { maxDispatchesPerSecond: 501 } };
    const error = await refusal(stack.client.createQueue({ parent: PARENT, queue }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain('max_dispatches_per_second');
  });
});

describe('UpdateQueue', () => {
  test('creates the queue if there is none', async () => {
    const name = `${PARENT}/queues/upserted`;
    await stack.client.updateQueue({ queue: { name, retryConfig: { maxAttempts: 3 } } });
    const [queue] = await stack.client.getQueue({ name });
    expect(queue.retryConfig?.maxAttempts).toBe(3);
  });

  test('changes only what the mask names', async () => {
    const name = await stack.createQueue({ rateLimits: { maxDispatchesPerSecond: 7 } });
    const [queue] = await stack.client.updateQueue({
      queue: { name, rateLimits: { maxDispatchesPerSecond: 9, maxConcurrentDispatches: 5 } },
      updateMask: { paths: ['rate_limits.max_concurrent_dispatches'] },
    });
    expect(queue.rateLimits).toMatchObject({
      maxDispatchesPerSecond: 7,
      maxConcurrentDispatches: 5,
    });
  });

  test('refuses a path that names no field', async () => {
    const name = await stack.createQueue();
    const updateMask = { paths: ['speed'] };
    const error = await refusal(stack.client.updateQueue({ queue: { name }, updateMask }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
  });
});

describe('ListQueues', () => {
  test('pages through the queues of one location in order', async () => {
    for (const id of ['c', 'a', 'b']) {
      await stack.client.createQueue({ parent, queue: { name: `${parent}/queues/${id}` } });
    }
    const names: unknown[] = [];
    let pages = 0;
    let pageToken = '';
    do {
      const [queues, , response] = await stack.client.listQueues(
        { parent, pageSize: 2, pageToken },
        { autoPaginate: false },
      );
      names.push(...queues.map((queue) => queue.name));
      pageToken = response?.nextPageToken ?? '';
      pages++;
    } while (pageToken);
    expect(names).toEqual(['a', 'b', 'c'].map((id) => `${parent}/queues/${id}`));
    expect(pages).toBe(2);
  });

  test('does not show the queues of a location whose name only begins alike', async () => {
    const longer = `${parent}0`;
    await stack.client.createQueue({ parent: longer, queue: { name: `${longer}/queues/q` } });
    expect((await stack.client.listQueues({ parent }))[0]).toEqual([]);
  });

  test('refuses a page token that is not its own', async () => {
    const error = await refusal(stack.client.listQueues({ parent, pageToken: '!!' }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
  });

  test('says that it cannot filter rather than ignore a filter', async () => {
    const error = await refusal(stack.client.listQueues({ parent, filter: 'state: PAUSED' }));
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });
});

describe('a queue that does not exist', () => {
  const name = `${PARENT}/queues/missing`;
  test.each([
    ['GetQueue', () => stack.client.getQueue({ name })],
    ['DeleteQueue', () => stack.client.deleteQueue({ name })],
    ['PurgeQueue', () => stack.client.purgeQueue({ name })],
    ['PauseQueue', () => stack.client.pauseQueue({ name })],
    ['ResumeQueue', () => stack.client.resumeQueue({ name })],
    ['ListTasks', () => stack.client.listTasks({ parent: name })],
    [
      'CreateTask',
      () => stack.client.createTask({ parent: name, task: httpTask('http://x.test') }),
    ],
    ['GetTask', () => stack.client.getTask({ name: `${name}/tasks/t` })],
  ])('%s answers NOT_FOUND and creates none', async (_rpc, call) => {
    expect((await refusal(call())).code).toBe(status.NOT_FOUND);
    expect((await refusal(stack.client.getQueue({ name }))).code).toBe(status.NOT_FOUND);
  });
});

test('DeleteQueue takes the tasks with it', async () => {
  const name = await stack.createQueue();
  await stack.client.pauseQueue({ name });
  const [task] = await stack.client.createTask({ parent: name, task: httpTask('http://x.test') });
  await stack.client.deleteQueue({ name });
  await stack.client.createQueue({ parent: PARENT, queue: { name } });
  expect((await stack.client.listTasks({ parent: name }))[0]).toEqual([]);
  const error = await refusal(stack.client.getTask({ name: task.name ?? '' }));
  expect(error.code).toBe(status.NOT_FOUND);
});

test('PurgeQueue deletes the tasks there are, and none that come later', async () => {
  const name = await stack.createQueue({ retryConfig: { minBackoff: duration(1_000) } });
  await stack.client.pauseQueue({ name });
  const create = () => stack.client.createTask({ parent: name, task: httpTask('http://x.test') });
  await Promise.all([create(), create(), create()]);
  const before = Date.now();
  const [purged] = await stack.client.purgeQueue({ name });
  expect(millis(purged.purgeTime)).toBeGreaterThanOrEqual(before);
  expect(millis(purged.purgeTime)).toBeLessThanOrEqual(Date.now());
  expect(purged.state).toBe('PAUSED');
  const [later] = await create();
  const [tasks] = await stack.client.listTasks({ parent: name });
  expect(tasks.map((task) => task.name)).toEqual([later.name]);
});
