import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  connect,
  createQueue,
  duration,
  httpTask,
  refusal,
  spawnTasks,
  startTarget,
  startTasksStack,
  type Target,
  until,
} from '../../support/tasks.ts';

let dataDir: string;
let target: Target;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tasks-'));
});
afterEach(async () => {
  await target.close();
  await rm(dataDir, { recursive: true });
});

test('a task that was under way at a restart is delivered again', async () => {
  target = await startTarget((delivery, n) => n > 1 && delivery.respond(200));
  const before = await startTasksStack({ dataDir });
  const parent = await before.createQueue({ rateLimits: { maxConcurrentDispatches: 7 } });
  const task = httpTask(target.url, { body: Buffer.from('payload') });
  await before.client.createTask({ parent, task });
  const cutOff = await target.delivery(1);
  await before.close();
  await cutOff.aborted;

  const after = await startTasksStack({ dataDir });
  const again = await target.delivery(2);
  expect(String(again.body)).toBe('payload');
  expect(again.headers['x-cloudtasks-taskretrycount']).toBe('1');
  const [queue] = await after.client.getQueue({ name: parent });
  expect(queue.rateLimits?.maxConcurrentDispatches).toBe(7);
  await until(async () => (await after.client.listTasks({ parent }))[0].length === 0);
  await after.close();
});

test('a task under way is not sent once more because the service ends', async () => {
  target = await startTarget((delivery, n) => n !== 2 && delivery.respond(200));
  const stack = await startTasksStack();
  const parent = await stack.createQueue();
  const create = () => stack.client.createTask({ parent, task: httpTask(target.url) });
  await create();
  await until(async () => (await stack.client.listTasks({ parent }))[0].length === 0);
  await create();
  const cutOff = await target.delivery(2);
  await stack.close();
  await cutOff.aborted;
  // Whatever had been sent again would be there before this one.
  await fetch(target.url);
  expect(target.deliveries).toHaveLength(3);
});

test('nothing that was acknowledged is lost when the process is killed', async () => {
  target = await startTarget((delivery, n) => {
    // The first one fails, the second never gets an answer: both are undone when the server dies.
    if (n === 1) delivery.respond(404);
    if (n > 2) delivery.respond(200);
  });
  const first = await spawnTasks(dataDir);
  const client = connect(first.port);
  const parent = await createQueue(client, { retryConfig: { minBackoff: duration(50) } });
  const paused = await createQueue(client);
  await client.pauseQueue({ name: paused });
  const [{ name: gone }] = await client.createTask({ parent: paused, task: httpTask(target.url) });
  await client.deleteTask({ name: gone ?? '' });
  const ids = Array.from({ length: 20 }, (_, n) => `${paused}/tasks/t${n}`);
  await Promise.all(
    ids.map((name) =>
      client.createTask({ parent: paused, task: httpTask(target.url, {}, { name }) }),
    ),
  );
  await client.createTask({ parent, task: httpTask(target.url) });
  await target.delivery(2);
  await first.kill('SIGKILL');
  await client.close();

  const second = await spawnTasks(dataDir);
  const reconnected = connect(second.port);
  const third = await target.delivery(3);
  expect(third.headers).toMatchObject({
    'x-cloudtasks-taskretrycount': '2',
    'x-cloudtasks-taskexecutioncount': '1',
    'x-cloudtasks-taskpreviousresponse': '404',
  });
  const [tasks] = await reconnected.listTasks({ parent: paused });
  expect(tasks.map((task) => task.name)).toEqual(ids.sort());
  const reused = httpTask(target.url, {}, { name: gone ?? '' });
  const error = await refusal(reconnected.createTask({ parent: paused, task: reused }));
  expect(error.code).toBe(status.ALREADY_EXISTS);
  await reconnected.close();
  await second.kill('SIGTERM');
  // Two processes start: on a busy machine that alone takes seconds.
});

test('a closed server dispatches nothing, and its retries wait for the next start', async () => {
  target = await startTarget((delivery, n) => delivery.respond(n === 1 ? 500 : 200));
  // The retry is due once the server is closed, and not before, however long closing it takes.
  let clock = Date.now();
  const now = () => clock;
  const before = await startTasksStack({ dataDir, now });
  const parent = await before.createQueue({ retryConfig: { minBackoff: duration(20) } });
  await before.client.createTask({ parent, task: httpTask(target.url) });
  await target.delivery(1);
  await until(async () => {
    const [[task]] = await before.client.listTasks({ parent });
    return task?.responseCount === 1;
  });
  await before.close();
  clock += 20;
  // Its timer would be of this process, and began before this one, which is longer.
  await new Promise((resolve) => setTimeout(resolve, 21));
  // What it had sent would be there before this one.
  await fetch(target.url);
  expect(target.deliveries).toHaveLength(2);
  const after = await startTasksStack({ dataDir, now });
  await target.delivery(3);
  await after.close();
});
