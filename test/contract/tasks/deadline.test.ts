import { status } from '@grpc/grpc-js';
import { expect, jest, test } from '@jest/globals';
import { orHang } from '../../support/hang-limit.ts';
import { httpTask, startTarget, startTasksStack } from '../../support/tasks.ts';

test('a target that does not answer by the dispatch deadline is cut off and tried again', async () => {
  // The shortest deadline that the API allows is 15 s. Its timer is kept here, and is over when the test says so.
  const deadlines: { ms: number; pass: () => void }[] = [];
  const { setTimeout } = globalThis;
  const timers = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((
    pass: () => void,
    ms = 0,
    ...rest: []
  ) => {
    if (ms < 14_000 || ms > 16_000) return setTimeout(pass, ms, ...rest);
    deadlines.push({ ms, pass });
    return setTimeout(() => undefined);
  }) as typeof setTimeout);
  const stack = await startTasksStack();
  const target = await startTarget((delivery, n) => n > 1 && delivery.respond(200));
  const parent = await stack.createQueue({ retryConfig: { minBackoff: { seconds: 1 } } });
  const task = httpTask(target.url, {}, { dispatchDeadline: { seconds: 15 } });
  const [{ name }] = await stack.client.createTask({ parent, task });
  const first = await target.delivery(1);
  expect(deadlines.map(({ ms }) => ms)).toEqual([15_000]);
  deadlines[0]?.pass();
  await orHang(first.aborted, 'the end of the first request');
  const [waiting] = await stack.client.getTask({ name: name ?? '' });
  expect(waiting).toMatchObject({
    dispatchCount: 1,
    responseCount: 0,
    lastAttempt: { responseStatus: { code: status.DEADLINE_EXCEEDED } },
  });
  const second = await target.delivery(2);
  expect(second.headers).toMatchObject({
    'x-cloudtasks-taskretrycount': '1',
    'x-cloudtasks-taskexecutioncount': '0',
  });
  expect(second.headers['x-cloudtasks-taskretryreason']).toContain('DEADLINE_EXCEEDED');
  expect(second.headers).not.toHaveProperty('x-cloudtasks-taskpreviousresponse');
  timers.mockRestore();
  await stack.close();
  await target.close();
});
