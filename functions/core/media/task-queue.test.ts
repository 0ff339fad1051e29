import type { CloudTasksClient } from '@google-cloud/tasks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  LOCATION,
  PROJECT,
  startTasksStack,
  type TasksStack,
} from '../../../test/support/tasks.ts';
import { WebhookQueue } from '../../features/webhooks/queue.ts';
import { ALREADY_EXISTS, UNAVAILABLE } from '../../process/grpc-status.ts';
import { type QueueConfig, TaskQueue } from './task-queue.ts';

const payload = { media_id: 'm1', attempt: 2 };
const config: QueueConfig = {
  GOOGLE_CLOUD_PROJECT: PROJECT,
  TASKS_LOCATION: LOCATION,
  UPLOAD_QUEUE: 'uploads',
  ANALYZE_QUEUE: 'analyses',
  FLEX_QUEUE: 'patient',
  DELIVERY_TIMEOUT_S: 300,
  FLEX_TIMEOUT_S: 1_080,
  WORKER_URL: 'https://worker.example',
  TASKS_SERVICE_ACCOUNT: 'tasks@p.iam.gserviceaccount.com',
};
const queuePath = (name: string) => `projects/${PROJECT}/locations/${LOCATION}/queues/${name}`;

describe('tasks on their queue', () => {
  let stack: TasksStack;
  let queue: TaskQueue;
  let uploads: string;
  let analyses: string;
  let patient: string;
  let hooks: string;
  let slowHooks: string;
  beforeAll(async () => {
    stack = await startTasksStack();
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    uploads = await stack.createQueue();
    analyses = await stack.createQueue();
    patient = await stack.createQueue();
    hooks = await stack.createQueue();
    slowHooks = await stack.createQueue();
    for (const name of [uploads, analyses, patient, hooks, slowHooks])
      await stack.client.pauseQueue({ name });
    queue = new TaskQueue(async () => stack.client, {
      ...config,
      UPLOAD_QUEUE: uploads.split('/').at(-1) ?? '',
      ANALYZE_QUEUE: analyses.split('/').at(-1) ?? '',
      FLEX_QUEUE: patient.split('/').at(-1) ?? '',
    });
  });

  const tasksOn = async (parent: string) =>
    (await stack.client.listTasks({ parent, responseView: 'FULL' }))[0];
  const namesOn = async (parent: string) =>
    (await tasksOn(parent)).map(({ name }) => name?.split('/').at(-1));

  test('call the worker as our service account, with ids only', async () => {
    expect(await queue.enqueue('upload', payload)).toBe(true);
    const [task] = await tasksOn(uploads);
    expect(task?.name).toBe(`${uploads}/tasks/m1-upload-2`);
    expect(task?.httpRequest).toMatchObject({
      url: 'https://worker.example/tasks/upload-media',
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      oidcToken: {
        serviceAccountEmail: 'tasks@p.iam.gserviceaccount.com',
        audience: 'https://worker.example',
      },
    });
    expect(JSON.parse(String(task?.httpRequest?.body))).toEqual(payload);
  });

  test('are one for each phase of each attempt, also after several calls', async () => {
    const made = await Promise.all([1, 2, 3].map(() => queue.enqueue('upload', payload)));
    expect(made.filter(Boolean)).toHaveLength(1);
    await queue.enqueue('upload', { ...payload, attempt: 3 });
    await queue.enqueue('upload', payload, '-r7');
    await queue.enqueue('analyze', payload);
    expect((await namesOn(uploads)).sort()).toEqual([
      'm1-upload-2',
      'm1-upload-2-r7',
      'm1-upload-3',
    ]);
    expect(await namesOn(analyses)).toEqual(['m1-analyze-2']);
  });

  test('in a tier are on a queue of their own, and may take longer; others may not', async () => {
    const inFlex = { ...payload, tier: 'flex' as const };
    await queue.enqueue('analyze', inFlex);
    await queue.enqueue('analyze', payload);
    expect(await tasksOn(patient)).toMatchObject([{ dispatchDeadline: { seconds: '1080' } }]);
    expect(await tasksOn(analyses)).toMatchObject([{ dispatchDeadline: { seconds: '300' } }]);
    await queue.cancel('analyze', inFlex);
    expect([await tasksOn(patient), await namesOn(analyses)]).toEqual([[], ['m1-analyze-2']]);
  });

  test('can be cancelled, once or twice', async () => {
    await queue.enqueue('upload', payload);
    await queue.cancel('upload', payload);
    await queue.cancel('upload', payload);
    expect(await namesOn(uploads)).toEqual([]);
  });

  test('that are gone can be made again by another name, and those that wait are enough', async () => {
    const again = (suffix: string) => queue.enqueue('upload', payload, '-h1', { ifGone: suffix });
    expect([await again('-m1'), await again('-m2')]).toEqual([true, false]);
    await stack.client.purgeQueue({ name: uploads });
    expect(await queue.enqueue('upload', payload, '-h1')).toBe(false);
    expect([await again('-m3'), await again('-m3')]).toEqual([true, false]);
    expect(await namesOn(uploads)).toEqual(['m1-upload-2-h1-m3']);
  });

  test('to slow webhooks are on a queue of their own', async () => {
    const task = { delivery_id: 'evt_1', round: 0, tries: 2 };
    const nameOf = (path: string) => path.split('/').at(-1) ?? '';
    const sender = new WebhookQueue(queue, {
      WEBHOOK_QUEUE: nameOf(hooks),
      SLOW_WEBHOOK_QUEUE: nameOf(slowHooks),
    });
    await sender.enqueueWebhook(task);
    await sender.enqueueWebhook(task, { isSlow: true });
    expect(await namesOn(hooks)).toEqual(['evt_1-0-2']);
    expect(await namesOn(slowHooks)).toEqual(['evt_1-0-2']);
  });

  test('are not delivered before their time', async () => {
    const before = Date.now();
    await queue.enqueue('upload', payload, '', { delayMs: 60_000 });
    const [task] = await tasksOn(uploads);
    expect(Number(task?.scheduleTime?.seconds)).toBeGreaterThanOrEqual((before + 60_000) / 1_000);
  });

  test('that cannot be created are an error', async () => {
    const nowhere = new TaskQueue(async () => stack.client, config);
    await expect(nowhere.enqueue('upload', payload)).rejects.toMatchObject({ code: 5 });
  });
});

describe('when Cloud Tasks has a fault', () => {
  /** Fails with these codes, one for each call, then succeeds. */
  function failing(...codes: number[]) {
    const calls: unknown[] = [];
    const answer = async (request: unknown) => {
      calls.push(request);
      const code = codes.shift();
      if (code !== undefined) throw Object.assign(new Error('no'), { code });
      return [{}];
    };
    const client = { createTask: answer, deleteTask: answer } as unknown as CloudTasksClient;
    return { calls, queue: new TaskQueue(async () => client, config) };
  }

  test('the call is repeated with the same task name', async () => {
    const { calls, queue } = failing(UNAVAILABLE);
    expect(await queue.enqueue('upload', payload)).toBe(true);
    expect(calls).toHaveLength(2);
    expect(calls[1]).toEqual(calls[0]);
    expect(calls[0]).toMatchObject({ parent: queuePath('uploads') });
  });

  test('and the answer is lost although the task was created, there is one task', async () => {
    const { calls, queue } = failing(UNAVAILABLE, ALREADY_EXISTS);
    await queue.enqueue('upload', payload);
    expect(calls).toHaveLength(2);
  });

  test('the call fails after three retries', async () => {
    const { calls, queue } = failing(...Array<number>(9).fill(UNAVAILABLE));
    await expect(queue.enqueue('upload', payload)).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(calls).toHaveLength(4);
  });

  test('a failed cancellation is an error', async () => {
    const { queue } = failing(UNAVAILABLE);
    await expect(queue.cancel('upload', payload)).rejects.toMatchObject({ code: UNAVAILABLE });
  });
});
