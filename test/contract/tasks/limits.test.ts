import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  duration,
  httpTask,
  startTarget,
  startTasksStack,
  type Target,
  type TasksStack,
  until,
} from '../../support/tasks.ts';

let stack: TasksStack;
let target: Target;
/** The service's time: it stands still unless a test lets some pass. */
let clock = Date.now();

beforeAll(async () => {
  stack = await startTasksStack({ now: () => clock });
});
afterEach(() => target.close());
afterAll(() => stack.close());

function createMany(parent: string, count: number): Promise<unknown> {
  const create = () => stack.client.createTask({ parent, task: httpTask(target.url) });
  return Promise.all(Array.from({ length: count }, create));
}

/** A task of another queue gets through: what could have been dispatched before it has been. */
async function letAnotherThrough(): Promise<void> {
  const other = await startTarget();
  const parent = await stack.createQueue();
  await stack.client.createTask({ parent, task: httpTask(other.url) });
  await other.delivery(1);
  await other.close();
}

describe('max_concurrent_dispatches', () => {
  test('of 20 tasks, 5 are under way at a time, and never a sixth', async () => {
    // The first five stay open until the fifth is there, and a sixth would be.
    const { promise: full, resolve, reject } = Promise.withResolvers<void>();
    target = await startTarget(async (delivery, n) => {
      if (n === 5) letAnotherThrough().then(resolve, reject);
      await full;
      delivery.respond(200);
    });
    await createMany(await stack.createQueue({ rateLimits: { maxConcurrentDispatches: 5 } }), 20);
    await target.delivery(20);
    expect(target.peak()).toBe(5);
  });

  test('raising it lets waiting tasks go at once', async () => {
    target = await startTarget(() => {});
    const name = await stack.createQueue({ rateLimits: { maxConcurrentDispatches: 1 } });
    await createMany(name, 3);
    await target.delivery(1);
    expect(target.deliveries).toHaveLength(1);
    await stack.client.updateQueue({
      queue: { name, rateLimits: { maxConcurrentDispatches: 3 } },
      updateMask: { paths: ['rate_limits.max_concurrent_dispatches'] },
    });
    await target.delivery(3);
  });

  test('hundreds of tasks can be under way at a time', async () => {
    target = await startTarget((_delivery, n) => {
      if (n === 300) for (const delivery of target.deliveries) delivery.respond(200);
    });
    const parent = await stack.createQueue();
    await createMany(parent, 300);
    while (target.deliveries.length < 300) {
      clock += 100;
      await letAnotherThrough();
    }
    expect(target.peak()).toBe(300);
    await until(async () => (await stack.client.listTasks({ parent }))[0].length === 0);
  });
});

describe('max_dispatches_per_second', () => {
  test('beyond the burst, tasks go at the rate', async () => {
    target = await startTarget();
    // 20 a second: the burst is 10, and the other 10 take half a second.
    await createMany(await stack.createQueue({ rateLimits: { maxDispatchesPerSecond: 20 } }), 20);
    for (const count of [10, 15, 20]) {
      await target.delivery(count);
      await letAnotherThrough();
      expect(target.deliveries).toHaveLength(count);
      clock += 250;
    }
  });
});

describe('system throttling', () => {
  test.each([429, 503])('%d slows down the whole queue, other tasks included', async (code) => {
    target = await startTarget((delivery, n) => delivery.respond(n <= 4 ? code : 200));
    // The four that are refused come back long after the test.
    const parent = await stack.createQueue({
      rateLimits: { maxDispatchesPerSecond: 40 },
      retryConfig: { minBackoff: duration(60_000), maxBackoff: duration(60_000) },
    });
    await createMany(parent, 4);
    await target.delivery(4);
    await until(async () => {
      const [tasks] = await stack.client.listTasks({ parent });
      return tasks.every((task) => task.responseCount === 1);
    });
    await createMany(parent, 5);
    await target.delivery(5);
    await letAnotherThrough();
    // Without the refusals all five fit into the burst, and need no time.
    expect(target.deliveries).toHaveLength(5);
    while (target.deliveries.length < 9) {
      clock += 100;
      await letAnotherThrough();
    }
  });
});
