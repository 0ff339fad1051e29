import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { PushResult } from './attempt.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Queue } from './model.ts';
import type { PushRequest } from './push.ts';
import { newQueue } from './queue-config.ts';
import { Store } from './store.ts';
import { newTask } from './task-request.ts';

const name = 'projects/p/locations/l/queues/q';
const OK: PushResult = { kind: 'response', httpStatus: 200 };
const DAY_S = 86_400;

let store: Store;
let dispatcher: Dispatcher;
let pushed: PushRequest[];
let push: (request: PushRequest) => Promise<PushResult>;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
  store = new Store();
  pushed = [];
  push = async () => OK;
});
afterEach(() => {
  dispatcher.close();
  store.close();
  jest.useRealTimers();
});

function start(settings: Partial<Queue> = {}): void {
  const queue = { ...newQueue({ name }), ...settings };
  store.putQueue(queue);
  dispatcher = new Dispatcher(queue, {
    store,
    pusher: {
      push: (request) => {
        pushed.push(request);
        return push(request);
      },
    },
    authorize: async () => {
      throw new Error('no key');
    },
    now: Date.now,
    tombstoneMs: 0,
  });
}

function add(path: string, scheduledInS = 0, http = {}): void {
  const scheduleTime = { seconds: Date.now() / 1_000 + scheduledInS };
  const wire = { httpRequest: { url: `http://worker.test${path}`, ...http }, scheduleTime };
  store.insertTask(newTask(name, wire, Date.now() * 1e3));
  dispatcher.kick();
}

const paths = () => pushed.map(({ url }) => new URL(url).pathname);

describe('dispatching', () => {
  test('a due task is dispatched at once, without a timer', async () => {
    start();
    add('/now');
    await jest.advanceTimersByTimeAsync(0);
    expect(paths()).toEqual(['/now']);
  });

  test('an idle queue and a queue at its limit have no timer', async () => {
    start({
      rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1 },
    });
    dispatcher.kick();
    expect(jest.getTimerCount()).toBe(0);
    push = () => new Promise(() => {});
    add('/stuck');
    add('/waiting');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('tasks are dispatched in the order of their schedule, with one timer for all', async () => {
    start();
    for (const seconds of [30, 10, 20]) add(`/in-${seconds}`, seconds);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(9_999);
    expect(paths()).toEqual([]);
    await jest.advanceTimersByTimeAsync(20_001);
    expect(paths()).toEqual(['/in-10', '/in-20', '/in-30']);
  });

  test('a task that is scheduled beyond the longest timer is dispatched in time', async () => {
    start();
    add('/in-29-days', 29 * DAY_S);
    await jest.advanceTimersByTimeAsync(29 * DAY_S * 1_000 - 1);
    expect(paths()).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(paths()).toEqual(['/in-29-days']);
  });

  test('a token that cannot be signed fails only that attempt', async () => {
    start();
    add('/secured', 0, { oidcToken: { serviceAccountEmail: 'a@b.test' } });
    await jest.advanceTimersByTimeAsync(0);
    expect(pushed).toEqual([]);
    const [task] = store.tasks(name, '', 10);
    expect(task?.progress.lastAttempt?.status?.message).toContain('no key');
  });

  test('an attempt that ends after the close changes nothing', async () => {
    start();
    let finish: (result: PushResult) => void = () => {};
    push = () => {
      const result = new Promise<PushResult>((resolve) => {
        finish = resolve;
      });
      return result;
    };
    add('/cut-off');
    await jest.advanceTimersByTimeAsync(0);
    dispatcher.close();
    finish(OK);
    await jest.advanceTimersByTimeAsync(0);
    expect(store.tasks(name, '', 10)).toHaveLength(1);
  });

  test('a failed attempt starts no new one while another attempt of the task runs', async () => {
    start({ retryConfig: { ...newQueue({ name }).retryConfig, minBackoffMs: 0 } });
    const finish: ((result: PushResult) => void)[] = [];
    push = () => new Promise((resolve) => finish.push(resolve));
    add('/twice');
    await jest.advanceTimersByTimeAsync(0);
    const [task] = store.tasks(name, '', 10);
    if (task) dispatcher.run(task);
    await jest.advanceTimersByTimeAsync(0);
    finish[0]?.({ kind: 'response', httpStatus: 500 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(pushed).toHaveLength(2);
    finish[1]?.({ kind: 'response', httpStatus: 500 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(pushed).toHaveLength(3);
  });
});
