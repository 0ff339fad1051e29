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
let target: Target;

beforeAll(async () => {
  stack = await startTasksStack();
});
afterEach(() => target.close());
afterAll(() => stack.close());

function retryConfig(maxAttempts: number, minMs = 10, maxMs = 1_000) {
  return { retryConfig: { maxAttempts, minBackoff: duration(minMs), maxBackoff: duration(maxMs) } };
}

/** A target that answers with these statuses, one a delivery, then 200. */
function answering(...statuses: number[]): Promise<Target> {
  return startTarget((delivery: Delivery, n) => delivery.respond(statuses[n - 1] ?? 200));
}

const create = (parent: string, url = target.url) =>
  stack.client.createTask({ parent, task: httpTask(url) });
const isEmpty = async (parent: string) =>
  (await stack.client.listTasks({ parent }))[0].length === 0;
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
    const parent = await stack.createQueue(retryConfig(3));
    const [{ name }] = await create(parent, url);
    const lastAttempt = async () =>
      (await stack.client.getTask({ name: name ?? '' }))[0].lastAttempt;
    await until(async () => (await lastAttempt())?.responseStatus?.code === status.UNAVAILABLE);
    await until(() => isEmpty(parent));
    target = await answering();
  });

  test('the backoff doubles', async () => {
    target = await answering(500, 500, 500);
    await create(await stack.createQueue(retryConfig(5, 50)));
    const last = await target.delivery(4);
    const gaps = [...target.deliveries, last]
      .slice(1, 4)
      .map((delivery, n) => delivery.at - (target.deliveries[n]?.at ?? Number.NaN));
    for (const [n, least] of [50, 100, 200].entries()) {
      expect(gaps[n]).toBeGreaterThanOrEqual(least - 5);
      expect(gaps[n]).toBeLessThan(least + 1_000);
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
    const parent = await stack.createQueue({ retryConfig: { ...retry, maxRetryDuration } });
    await create(parent);
    await until(() => isEmpty(parent));
    expect(target.deliveries.length).toBeGreaterThan(2);
    const [first, last] = [target.deliveries[0], target.deliveries.at(-1)];
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(250);
  });

  test('new retry settings hold for tasks that wait already', async () => {
    target = await answering(...Array(10).fill(500));
    const name = await stack.createQueue(retryConfig(-1, 50, 50));
    await create(name);
    await target.delivery(2);
    await stack.client.updateQueue({
      queue: { name, retryConfig: { maxAttempts: 1 } },
      updateMask: { paths: ['retry_config.max_attempts'] },
    });
    await until(() => isEmpty(name));
    expect(target.deliveries.length).toBeLessThan(10);
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
    const parent = await stack.createQueue(retryConfig(5, 10, 3_600_000));
    const [{ name }] = await create(parent);
    await target.delivery(2);
    await stack.client.pauseQueue({ name: parent });
    const read = async () => (await stack.client.getTask({ name: name ?? '' }))[0];
    await until(async () => (await read()).responseCount === 2);
    const task = await read();
    expect(task).toMatchObject({
      dispatchCount: 2,
      responseCount: 2,
      lastAttempt: { responseStatus: { code: status.RESOURCE_EXHAUSTED } },
    });
    const first = millis(task.firstAttempt?.dispatchTime);
    const { scheduleTime, dispatchTime, responseTime } = task.lastAttempt ?? {};
    expect(task.firstAttempt?.responseTime).toBeNull();
    expect(millis(scheduleTime)).toBeGreaterThan(first);
    expect(millis(dispatchTime)).toBeGreaterThanOrEqual(millis(scheduleTime));
    expect(millis(responseTime)).toBeGreaterThanOrEqual(millis(dispatchTime));
    expect(millis(task.scheduleTime)).toBeGreaterThan(millis(responseTime));
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
    const parent = await stack.createQueue(retryConfig(5, 60_000, 60_000));
    const scheduleTime = timestamp(Date.now() + 3_600_000);
    const task = httpTask(target.url, {}, { scheduleTime });
    const [{ name }] = await stack.client.createTask({ parent, task });
    const called = Date.now();
    await stack.client.runTask({ name: name ?? '' });
    const read = async () => (await stack.client.getTask({ name: name ?? '' }))[0];
    await until(async () => (await read()).responseCount === 1);
    expect(millis((await read()).scheduleTime) - called - 60_000).toBeLessThan(1_000);
  });
});
