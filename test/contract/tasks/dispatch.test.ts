import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { accountId } from '../../../local-cloud/identity/identity.ts';
import { type RunningIdentity, startIdentity } from '../../../local-cloud/identity/server.ts';
import {
  httpTask,
  millis,
  startTarget,
  startTasksStack,
  type Target,
  type TasksStack,
  timestamp,
  until,
} from '../../support/tasks.ts';

const EMAIL = 'worker@demo-project.iam.gserviceaccount.com';
let stack: TasksStack;
let issuer: RunningIdentity;
let target: Target;

beforeAll(async () => {
  stack = await startTasksStack();
  issuer = await startIdentity({ identity: stack.identity, userAudience: 'app' });
});
afterEach(() => target.close());
afterAll(async () => {
  await stack.close();
  await issuer.close();
});

const isEmpty = async (parent: string) =>
  (await stack.client.listTasks({ parent }))[0].length === 0;

describe('the request', () => {
  test('carries method, path, headers and body, and says which task it is', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    const [task] = await stack.client.createTask({
      parent,
      task: httpTask(
        `${target.url}?phase=upload`,
        {
          httpMethod: 'PUT',
          headers: { 'Content-Type': 'application/json', 'X-CloudTasks-TaskName': 'forged' },
          body: Buffer.from('{"media_id":"m1"}'),
        },
        { name: `${parent}/tasks/m1-upload-1` },
      ),
    });
    const delivery = await target.delivery(1);
    expect(delivery).toMatchObject({ method: 'PUT', path: '/tasks/work?phase=upload' });
    expect(String(delivery.body)).toBe('{"media_id":"m1"}');
    expect(delivery.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '17',
      'user-agent': 'Google-Cloud-Tasks',
      'x-cloudtasks-queuename': parent.split('/').at(-1),
      'x-cloudtasks-taskname': 'm1-upload-1',
      'x-cloudtasks-taskretrycount': '0',
      'x-cloudtasks-taskexecutioncount': '0',
      'x-cloudtasks-tasketa': (millis(task.scheduleTime) / 1_000).toFixed(6),
    });
    expect(delivery.headers).not.toHaveProperty('x-cloudtasks-taskpreviousresponse');
    expect(delivery.headers).not.toHaveProperty('x-cloudtasks-taskretryreason');
  });

  test('has a content type if and only if it has a body', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    const create = (http: object) =>
      stack.client.createTask({ parent, task: httpTask(target.url, http) });
    await create({ body: Buffer.from([0, 1, 255]) });
    expect((await target.delivery(1)).headers['content-type']).toBe('application/octet-stream');
    expect(target.deliveries[0]?.body).toEqual(Buffer.from([0, 1, 255]));
    await create({ httpMethod: 'GET' });
    const { headers } = await target.delivery(2);
    expect(headers).not.toHaveProperty('content-type');
    expect(headers).not.toHaveProperty('content-length');
  });
});

describe('authorization', () => {
  test('an ID token verifies against the issuer’s keys and names the account and the audience', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    await stack.client.createTask({
      parent,
      task: httpTask(target.url, {
        headers: { Authorization: 'Basic overridden' },
        oidcToken: { serviceAccountEmail: EMAIL, audience: 'https://worker.example' },
      }),
    });
    const { headers } = await target.delivery(1);
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    const keys = createRemoteJWKSet(new URL(issuer.jwksUri));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: stack.identity.issuer,
      audience: 'https://worker.example',
    });
    expect(protectedHeader.alg).toBe('RS256');
    const account = accountId(EMAIL);
    expect(payload).toMatchObject({
      email: EMAIL,
      email_verified: true,
      sub: account,
      azp: account,
    });
  });

  test('the audience of an ID token is the URL unless another is given', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    const [task] = await stack.client.createTask({
      parent,
      task: httpTask(target.url, { oidcToken: { serviceAccountEmail: EMAIL } }),
    });
    const token = (await target.delivery(1)).headers.authorization?.slice(7) ?? '';
    await jwtVerify(token, createLocalJWKSet(stack.identity.jwks()), { audience: target.url });
    expect(task.httpRequest?.oidcToken?.audience).toBe(target.url);
  });

  test('an access token has the scope, and is no ID token for the target', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    await stack.client.createTask({
      parent,
      task: httpTask(target.url, { oauthToken: { serviceAccountEmail: EMAIL } }),
    });
    const token = (await target.delivery(1)).headers.authorization?.slice(7) ?? '';
    const { payload } = await jwtVerify(token, createLocalJWKSet(stack.identity.jwks()));
    expect(payload.scope).toBe('https://www.googleapis.com/auth/cloud-platform');
    expect(payload.aud).not.toBe(target.url);
  });
});

describe('when', () => {
  describe('by a clock that stands still', () => {
    let still: TasksStack;
    let clock = Date.now();
    beforeAll(async () => {
      still = await startTasksStack({ now: () => clock });
    });
    afterAll(() => still.close());

    const create = (parent: string, path: string, scheduledAt?: number) => {
      const scheduleTime = scheduledAt === undefined ? null : timestamp(scheduledAt);
      const task = httpTask(target.url + path, {}, { scheduleTime });
      return still.client.createTask({ parent, task });
    };

    test('an idle queue dispatches at once, and needs no time for that', async () => {
      target = await startTarget();
      const parent = await still.createQueue();
      for (let n = 1; n <= 50; n++) {
        await create(parent, '');
        await target.delivery(n);
      }
    });

    test('a scheduled task waits for its time, and is not late', async () => {
      target = await startTarget();
      const parent = await still.createQueue();
      const due = clock + 300;
      await create(parent, '/much-later', clock + 3_600_000);
      await create(parent, '/second', due + 100);
      await create(parent, '/first', due);
      const paths = () => target.deliveries.map(({ path }) => path.replace('/tasks/work/', ''));
      // A task that is due gets through: enough time has passed for each that would be early.
      const wouldHaveCome = async (n: number, marker: string) => {
        await create(parent, marker);
        await target.delivery(n);
      };
      clock = due - 1;
      await wouldHaveCome(1, '/before');
      clock = due;
      await wouldHaveCome(3, '/at');
      clock = due + 100;
      await target.delivery(4);
      expect(paths().toSorted()).toEqual(['at', 'before', 'first', 'second']);
      expect([paths()[0], paths()[3]]).toEqual(['before', 'second']);
    });
  });

  test('a paused queue dispatches nothing until it is resumed', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    await stack.client.pauseQueue({ name: parent });
    expect((await stack.client.getQueue({ name: parent }))[0].state).toBe('PAUSED');
    await stack.client.createTask({ parent, task: httpTask(target.url) });
    // A later task of another queue gets through: enough time has passed for this one.
    const other = await stack.createQueue();
    await stack.client.createTask({ parent: other, task: httpTask(`${target.url}/other`) });
    expect((await target.delivery(1)).path).toBe('/tasks/work/other');
    await stack.client.resumeQueue({ name: parent });
    expect((await target.delivery(2)).path).toBe('/tasks/work');
  });

  test('RunTask dispatches at once, though the queue is paused and the task scheduled later', async () => {
    target = await startTarget();
    const parent = await stack.createQueue();
    await stack.client.pauseQueue({ name: parent });
    const scheduleTime = timestamp(Date.now() + 3_600_000);
    const [{ name }] = await stack.client.createTask({
      parent,
      task: httpTask(target.url, {}, { scheduleTime }),
    });
    const [running] = await stack.client.runTask({ name: name ?? '' });
    expect(running.dispatchCount).toBe(1);
    await target.delivery(1);
    await until(() => isEmpty(parent));
  });

  test('RunTask on a task under way dispatches it once more', async () => {
    target = await startTarget(() => {});
    const parent = await stack.createQueue();
    const [{ name }] = await stack.client.createTask({ parent, task: httpTask(target.url) });
    const first = await target.delivery(1);
    await stack.client.runTask({ name: name ?? '' });
    const second = await target.delivery(2);
    first.respond(200);
    await until(() => isEmpty(parent));
    second.respond(500);
    await until(() => target.deliveries.length === 2);
  });
});

describe('the end', () => {
  test('a task is gone once its target answered 2xx', async () => {
    target = await startTarget((delivery) => delivery.respond(204));
    const parent = await stack.createQueue();
    await stack.client.createTask({ parent, task: httpTask(target.url) });
    await target.delivery(1);
    await until(() => isEmpty(parent));
  });

  test.each<[string, (client: TasksStack['client'], parent: string, name: string) => unknown]>([
    ['DeleteTask', (client, _parent, name) => client.deleteTask({ name })],
    ['PurgeQueue', (client, name) => client.purgeQueue({ name })],
  ])('%s lets a request under way go on, and nothing follows it', async (_rpc, remove) => {
    let clock = Date.now();
    const still = await startTasksStack({ now: () => clock });
    try {
      target = await startTarget((delivery, n) => n > 1 && delivery.respond(200));
      const parent = await still.createQueue({ retryConfig: { minBackoff: { nanos: 1e6 } } });
      const create = async (path: string) =>
        (await still.client.createTask({ parent, task: httpTask(target.url + path) }))[0];
      const { name } = await create('');
      const delivery = await target.delivery(1);
      let broken = false;
      void delivery.aborted.then(() => {
        broken = true;
      });
      await remove(still.client, parent, name ?? '');
      // A task gets through: the end of the request, or a retry of it, would have come before.
      await create('/during');
      await target.delivery(2);
      expect(broken).toBe(false);
      delivery.respond(500);
      await create('/after');
      await target.delivery(3);
      clock += 1_000;
      await create('/later');
      await target.delivery(4);
      await create('/last');
      await target.delivery(5);
      const paths = target.deliveries.map(({ path }) => path.replace('/tasks/work', ''));
      expect(paths).toEqual(['', '/during', '/after', '/later', '/last']);
    } finally {
      await still.close();
    }
  });
});
