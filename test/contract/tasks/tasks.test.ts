import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  httpTask,
  millis,
  refusal,
  startTarget,
  startTasksStack,
  type TasksStack,
  timestamp,
  until,
} from '../../support/tasks.ts';

const URL = 'http://worker.test/tasks';
const HOUR = 3_600_000;
let stack: TasksStack;
let clock = 0;
/** A paused queue: its tasks stay as they were created. */
let parent: string;

beforeAll(async () => {
  stack = await startTasksStack({ now: () => Date.now() + clock });
});
beforeEach(async () => {
  parent = await stack.createQueue();
  await stack.client.pauseQueue({ name: parent });
});
afterAll(() => stack.close());

describe('CreateTask', () => {
  test('answers with the task as it will be dispatched', async () => {
    const before = Date.now() + clock;
    const [task] = await stack.client.createTask({
      parent,
      task: httpTask(URL, { headers: { 'Content-Type': 'application/json' } }),
    });
    expect(task).toMatchObject({
      httpRequest: {
        url: URL,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'Google-Cloud-Tasks' },
      },
      dispatchDeadline: { seconds: '600' },
      dispatchCount: 0,
      responseCount: 0,
      firstAttempt: null,
      lastAttempt: null,
      view: 'BASIC',
    });
    expect(task.name).toMatch(new RegExp(`^${parent}/tasks/\\d+$`));
    expect(millis(task.scheduleTime)).toBeGreaterThanOrEqual(before);
    expect(millis(task.scheduleTime)).toBeLessThanOrEqual(Date.now() + clock);
    expect(task.createTime?.nanos).toBe(0);
  });

  test('shows the body in the full view only', async () => {
    const task = httpTask(URL, { body: Buffer.from('{"id":1}') });
    const [basic] = await stack.client.createTask({ parent, task });
    const [full] = await stack.client.createTask({ parent, task, responseView: 'FULL' });
    expect(basic.httpRequest?.body).toHaveLength(0);
    expect(String(full.httpRequest?.body)).toBe('{"id":1}');
    expect(full.view).toBe('FULL');
  });

  test('keeps the time it is scheduled for, to the microsecond', async () => {
    const scheduleTime = { seconds: Math.floor((Date.now() + HOUR) / 1_000), nanos: 123_456_789 };
    const [task] = await stack.client.createTask({
      parent,
      task: httpTask(URL, {}, { scheduleTime }),
    });
    expect(task.scheduleTime).toEqual({
      seconds: String(scheduleTime.seconds),
      nanos: 123_456_000,
    });
  });

  test.each([
    ['an App Engine target', { appEngineHttpRequest: { relativeUri: '/x' } }, 'App Engine'],
    ['no target', {}, 'http_request'],
    ['a URL without scheme', httpTask('worker.test'), 'url'],
    ['a body of 1 MiB', httpTask(URL, { body: Buffer.alloc(1024 * 1024) }), '1000000'],
    ['a body of 5 MB', httpTask(URL, { body: Buffer.alloc(5 * 1024 * 1024) }), '1000000'],
    [
      '14 s to answer',
      httpTask(URL, {}, { dispatchDeadline: { seconds: 14 } }),
      'dispatch_deadline',
    ],
    [
      '31 min to answer',
      httpTask(URL, {}, { dispatchDeadline: { seconds: 1860 } }),
      'dispatch_deadline',
    ],
    [
      '31 days to wait',
      httpTask(URL, {}, { scheduleTime: timestamp(Date.now() + 31 * 24 * HOUR) }),
      'schedule_time',
    ],
    ['a name that is only an id', httpTask(URL, {}, { name: 'job-1' }), 'job-1'],
  ])('refuses %s, and says why', async (_title, task, mentioned) => {
    const error = await refusal(stack.client.createTask({ parent, task }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain(mentioned);
  });

  test('refuses a parent that is no queue', async () => {
    const error = await refusal(
      stack.client.createTask({ parent: 'queue-1', task: httpTask(URL) }),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
  });
});

describe('names', () => {
  test('two tasks cannot have the same name', async () => {
    const task = httpTask(URL, {}, { name: `${parent}/tasks/upload-1` });
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => stack.client.createTask({ parent, task })),
    );
    const codes = results.map((r) => (r.status === 'rejected' ? r.reason.code : status.OK));
    expect(codes.sort()).toEqual([status.OK, status.ALREADY_EXISTS, status.ALREADY_EXISTS]);
  });

  test('a name stays reserved for an hour after its task succeeded, and is free then', async () => {
    const target = await startTarget();
    const queue = await stack.createQueue();
    const name = `${queue}/tasks/once`;
    const create = () =>
      stack.client.createTask({ parent: queue, task: httpTask(target.url, {}, { name }) });
    await create();
    await target.delivery(1);
    await until(async () => (await stack.client.listTasks({ parent: queue }))[0].length === 0);
    await target.close();

    expect((await refusal(create())).code).toBe(status.ALREADY_EXISTS);
    expect((await refusal(stack.client.getTask({ name }))).code).toBe(status.NOT_FOUND);
    clock += HOUR - 60_000;
    expect((await refusal(create())).code).toBe(status.ALREADY_EXISTS);
    clock += 120_000;
    expect((await create())[0].name).toBe(name);
  });

  test.each<[string, (name: string) => Promise<unknown>]>([
    ['deleted', (name) => stack.client.deleteTask({ name })],
    ['purged', () => stack.client.purgeQueue({ name: parent })],
  ])('a name stays reserved after its task was %s', async (_title, remove) => {
    const name = `${parent}/tasks/gone`;
    const create = () => stack.client.createTask({ parent, task: httpTask(URL, {}, { name }) });
    await create();
    await remove(name);
    expect((await refusal(create())).code).toBe(status.ALREADY_EXISTS);
  });

  test('the same id in two queues is two tasks', async () => {
    const other = await stack.createQueue();
    await stack.client.pauseQueue({ name: other });
    for (const queue of [parent, other]) {
      const name = `${queue}/tasks/same`;
      await stack.client.createTask({ parent: queue, task: httpTask(URL, {}, { name }) });
    }
  });
});

describe('reading', () => {
  test('GetTask shows the body in the full view only', async () => {
    const [{ name }] = await stack.client.createTask({
      parent,
      task: httpTask(URL, { body: Buffer.from('secret') }),
    });
    const [basic] = await stack.client.getTask({ name: name ?? '' });
    const [full] = await stack.client.getTask({ name: name ?? '', responseView: 'FULL' });
    expect(basic.httpRequest?.body).toHaveLength(0);
    expect(String(full.httpRequest?.body)).toBe('secret');
  });

  test('ListTasks pages through every task once', async () => {
    const created = await Promise.all(
      Array.from({ length: 7 }, () => stack.client.createTask({ parent, task: httpTask(URL) })),
    );
    const seen: unknown[] = [];
    let pageToken = '';
    do {
      const [tasks, , response] = await stack.client.listTasks(
        { parent, pageSize: 3, pageToken },
        { autoPaginate: false },
      );
      expect(tasks.length).toBeLessThanOrEqual(3);
      seen.push(...tasks.map((task) => task.name));
      pageToken = response?.nextPageToken ?? '';
    } while (pageToken);
    expect(seen.sort()).toEqual(created.map(([task]) => task.name).sort());
    const iterated: unknown[] = [];
    const page = { parent, pageSize: 3 };
    for await (const task of stack.client.listTasksAsync(page, { autoPaginate: false })) {
      iterated.push(task.name);
    }
    expect(iterated.sort()).toEqual(seen);
  });

  test.each([
    ['GetTask', (name: string) => stack.client.getTask({ name })],
    ['DeleteTask', (name: string) => stack.client.deleteTask({ name })],
    ['RunTask', (name: string) => stack.client.runTask({ name })],
  ])('%s answers NOT_FOUND for no task and INVALID_ARGUMENT for no name', async (_rpc, call) => {
    expect((await refusal(call(`${parent}/tasks/missing`))).code).toBe(status.NOT_FOUND);
    expect((await refusal(call(`${parent}/tasks/`))).code).toBe(status.INVALID_ARGUMENT);
  });
});

test('a method that is not offered says so', async () => {
  const error = await refusal(stack.client.getIamPolicy({ resource: parent }));
  expect(error.code).toBe(status.UNIMPLEMENTED);
});
