import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Delivery,
  duration,
  httpTask,
  millis,
  startTarget,
  startTasksStack,
  type Target,
  type TasksStack,
  timestamp,
  until,
} from '../../support/tasks.ts';

let stack: TasksStack;
/** A service whose time stands still unless a test lets some pass. */
let still: TasksStack;
let clock = Date.now();
let target: Target;

beforeAll(async () => {
  stack = await startTasksStack();
  still = await startTasksStack({ now: () => clock });
});
afterEach(() => target.close());
afterAll(async () => {
  await stack.close();
  await still.close();
});

function retryConfig(maxAttempts: number, minMs = 10, maxMs = 1_000) {
  return { retryConfig: { maxAttempts, minBackoff: duration(minMs), maxBackoff: duration(maxMs) } };
}

/** A target that answers with these statuses, one a delivery, then 200. */
function answering(...statuses: number[]): Promise<Target> {
  return startTarget((delivery: Delivery, n) => delivery.respond(statuses[n - 1] ?? 200));
}

const create = (parent: string, url = target.url, { client } = stack) =>
  client.createTask({ parent, task: httpTask(url) });
const isEmpty = async (parent: string, { client } = stack) =>
  (await client.listTasks({ parent }))[0].length === 0;
/** The queue's only task, where time stands still, once so many attempts have ended. */
async function attempted(parent: string, times: number) {
  const read = async () => (await still.client.listTasks({ parent }))[0][0];
  await until(async () => {
    const task = await read();
    return !task || (task.dispatchCount === times && !!task.lastAttempt?.responseStatus);
  });
  return read();
}
const header = (delivery: Delivery | undefined, name: string) =>
  delivery?.headers[`x-cloudtasks-${name}`];

describe('retries', () => {
  test.each([301, 400, 404, 500])('%d is tried again until a 2xx', async (httpStatus) => {
    target = await answering(httpStatus);
    const parent = await stack.createQueue(retryConfig(5));
    await create(parent);
    await target.delivery(2);
    await until(() => isEmpty(parent));
    expect(target.deliveries).toHaveLength(2);
  });

  test('each retry says what came before it', async () => {
    target = await answering(500, 404, 409);
    await create(await stack.createQueue(retryConfig(5)));
    await target.delivery(4);
    const seen = target.deliveries.map((delivery) => [
      header(delivery, 'taskretrycount'),
      header(delivery, 'taskexecutioncount'),
      header(delivery, 'taskpreviousresponse'),
    ]);
    // A 5xx is a retry, but no execution.
    expect(seen).toEqual([
      ['0', '0', undefined],
      ['1', '0', '500'],
      ['2', '1', '404'],
      ['3', '2', '409'],
    ]);
    expect(header(target.deliveries[1], 'taskretryreason')).toContain('500');
  });

  test('a target that cannot be reached is tried again', async () => {
    target = await answering();
    const { url } = target;
    await target.close();
    const parent = await still.createQueue(retryConfig(3, 50));
    await create(parent, url, still);
    for (const [n, backoff] of [50, 100].entries()) {
      const task = await attempted(parent, n + 1);
      expect(task?.lastAttempt?.responseStatus?.code).toBe(status.UNAVAILABLE);
      expect(millis(task?.scheduleTime) - clock).toBeCloseTo(backoff, 3);
      clock += backoff;
    }
    await until(() => isEmpty(parent, still));
    target = await answering();
  });

  test('the backoff doubles', async () => {
    target = await answering(500, 500, 500);
    const parent = await still.createQueue(retryConfig(5, 50));
    await create(parent, target.url, still);
    for (const [n, backoff] of [50, 100, 200].entries()) {
      const task = await attempted(parent, n + 1);
      expect(millis(task?.scheduleTime) - clock).toBeCloseTo(backoff, 3);
      clock += backoff;
      await target.delivery(n + 2);
    }
  });

  test('Retry-After makes the task wait longer than its backoff', async () => {
    target = await startTarget((delivery, n) =>
      delivery.respond(n === 1 ? 503 : 200, n === 1 ? { 'Retry-After': '1' } : {}),
    );
    await create(await stack.createQueue(retryConfig(5, 1)));
    const second = await target.delivery(2);
    expect(second.at - (target.deliveries[0]?.at ?? 0)).toBeGreaterThan(950);
  });

  test('after max_attempts the task is given up', async () => {
    target = await answering(...Array(10).fill(500));
    const parent = await stack.createQueue(retryConfig(3, 1));
    await create(parent);
    await until(() => isEmpty(parent));
    expect(target.deliveries).toHaveLength(3);
  });

  test('max_retry_duration and max_attempts must both be reached', async () => {
    target = await answering(...Array(100).fill(500));
    const { retryConfig: retry } = retryConfig(2, 20, 50);
    const maxRetryDuration = duration(300);
    const parent = await still.createQueue({ retryConfig: { ...retry, maxRetryDuration } });
    const first = clock;
    await create(parent, target.url, still);
    for (let times = 1; ; times++) {
      const task = await attempted(parent, times);
      if (!task) break;
      clock = Math.ceil(millis(task.scheduleTime));
    }
    expect(target.deliveries.length).toBeGreaterThan(2);
    expect(clock - first).toBeGreaterThan(250);
    expect(clock - first).toBeLessThanOrEqual(350);
  });

  test('new retry settings hold for tasks that wait already', async () => {
    target = await answering(...Array(10).fill(500));
    const name = await still.createQueue(retryConfig(-1, 50, 50));
    await create(name, target.url, still);
    await attempted(name, 1);
    await still.client.updateQueue({
      queue: { name, retryConfig: { maxAttempts: 1 } },
      updateMask: { paths: ['retry_config.max_attempts'] },
    });
    clock += 50;
    await until(() => isEmpty(name, still));
    expect(target.deliveries).toHaveLength(2);
  });
});

describe('a worker that dies of a task', () => {
  /** Five tasks that succeed at the same time: as many connections that could be used again. */
  async function answerFive(): Promise<void> {
    const parent = await stack.createQueue();
    await Promise.all(Array.from({ length: 5 }, () => create(parent)));
    await target.delivery(5);
    for (const delivery of target.deliveries) delivery.respond(200);
    await until(() => isEmpty(parent));
  }

  test('gets it once if the queue allows one attempt', async () => {
    target = await startTarget((delivery, n) => n > 5 && delivery.reset());
    await answerFive();
    const parent = await stack.createQueue(retryConfig(1));
    await create(parent);
    await until(() => isEmpty(parent));
    expect(target.deliveries).toHaveLength(6);
  });

  test('gets it again after the backoff, with the attempt counted', async () => {
    target = await startTarget((delivery, n) => {
      if (n === 6) delivery.reset();
      if (n > 6) delivery.respond(200);
    });
    await answerFive();
    const parent = await stack.createQueue(retryConfig(5, 200));
    await create(parent);
    const again = await target.delivery(7);
    expect(header(again, 'taskretrycount')).toBe('1');
    expect(header(again, 'taskretryreason')).toContain('UNAVAILABLE');
    expect(again.at - (target.deliveries[5]?.at ?? 0)).toBeGreaterThan(190);
    await until(() => isEmpty(parent));
  });
});

describe('a task between its attempts', () => {
  test('shows how often it was tried, when first, and how it went last', async () => {
    target = await answering(503, 429);
    const parent = await still.createQueue(retryConfig(5, 10, 3_600_000));
    await create(parent, target.url, still);
    await attempted(parent, 1);
    clock += 10;
    const task = await attempted(parent, 2);
    expect(task).toMatchObject({
      dispatchCount: 2,
      responseCount: 2,
      lastAttempt: { responseStatus: { code: status.RESOURCE_EXHAUSTED } },
    });
    const first = millis(task?.firstAttempt?.dispatchTime);
    const { scheduleTime, dispatchTime, responseTime } = task?.lastAttempt ?? {};
    expect(task?.firstAttempt?.responseTime).toBeNull();
    expect(millis(scheduleTime)).toBeGreaterThan(first);
    expect(millis(dispatchTime)).toBeGreaterThanOrEqual(millis(scheduleTime));
    expect(millis(responseTime)).toBeGreaterThanOrEqual(millis(dispatchTime));
    expect(millis(task?.scheduleTime)).toBeGreaterThan(millis(responseTime));
  });

  test('has no response while it is under way', async () => {
    target = await startTarget(() => {});
    const parent = await stack.createQueue();
    const [{ name }] = await create(parent);
    const delivery = await target.delivery(1);
    const [task] = await stack.client.getTask({ name: name ?? '' });
    expect(task).toMatchObject({ dispatchCount: 1, responseCount: 0 });
    expect(task.lastAttempt?.dispatchTime).not.toBeNull();
    expect(task.lastAttempt?.responseTime).toBeNull();
    delivery.respond(200);
    await until(() => isEmpty(parent));
  });

  test('RunTask that fails sets the schedule to the call plus the backoff', async () => {
    target = await answering(500);
    const parent = await still.createQueue(retryConfig(5, 60_000, 60_000));
    const scheduleTime = timestamp(clock + 3_600_000);
    const task = httpTask(target.url, {}, { scheduleTime });
    const [{ name }] = await still.client.createTask({ parent, task });
    await still.client.runTask({ name: name ?? '' });
    expect(millis((await attempted(parent, 1))?.scheduleTime)).toBeCloseTo(clock + 60_000, 3);
  });
});
