import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Delivery,
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

beforeAll(async () => {
  stack = await startTasksStack();
});
afterEach(() => target.close());
afterAll(() => stack.close());

function createMany(parent: string, count: number): Promise<unknown> {
  const create = () => stack.client.createTask({ parent, task: httpTask(target.url) });
  return Promise.all(Array.from({ length: count }, create));
}

/** Seconds between the first and the last of these. */
function spread(deliveries: Delivery[]): number {
  const times = deliveries.map((delivery) => delivery.at);
  return (Math.max(...times) - Math.min(...times)) / 1_000;
}

describe('max_concurrent_dispatches', () => {
  test('of 20 tasks, 5 are under way at a time, and never a sixth', async () => {
    // The first five stay open until the fifth is there, and time enough for a sixth has passed.
    const { promise: full, resolve } = Promise.withResolvers<void>();
    target = await startTarget(async (delivery, n) => {
      if (n === 5) setTimeout(resolve, 50);
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
    await target.delivery(300);
    expect(target.peak()).toBe(300);
    await until(async () => (await stack.client.listTasks({ parent }))[0].length === 0);
  });
});

describe('max_dispatches_per_second', () => {
  test('beyond the burst, tasks go at the rate', async () => {
    target = await startTarget();
    // 20 a second: the burst is 10, so the other 10 take half a second.
    await createMany(await stack.createQueue({ rateLimits: { maxDispatchesPerSecond: 20 } }), 20);
    await target.delivery(20);
    // A busy machine delivers the first ones late, so less than half a second may be seen.
    expect(spread(target.deliveries)).toBeGreaterThan(0.25);
    expect(spread(target.deliveries)).toBeLessThan(4);
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
    await target.delivery(9);
    // Without the refusals all five fit into the burst of 10.
    expect(spread(target.deliveries.slice(4))).toBeGreaterThan(0.2);
  });
});
