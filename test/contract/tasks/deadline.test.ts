// In a file of its own: the shortest deadline that the API allows is 15 s, and files run in parallel.
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { httpTask, millis, startTarget, startTasksStack } from '../../support/tasks.ts';

test('a target that does not answer by the dispatch deadline is cut off and tried again', async () => {
  const stack = await startTasksStack();
  const target = await startTarget((delivery, n) => n > 1 && delivery.respond(200));
  const parent = await stack.createQueue({ retryConfig: { minBackoff: { seconds: 1 } } });
  const task = httpTask(target.url, {}, { dispatchDeadline: { seconds: 15 } });
  const [{ name }] = await stack.client.createTask({ parent, task });
  const first = await target.delivery(1);
  await first.aborted;
  const [waiting] = await stack.client.getTask({ name: name ?? '' });
  // By the service's own clock, which counts from before the request until the retry, 1 s later, was scheduled.
  const cutOffAfter =
    millis(waiting.scheduleTime) - 1_000 - millis(waiting.lastAttempt?.dispatchTime);
  expect(cutOffAfter).toBeGreaterThanOrEqual(14_990);
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
  await stack.close();
  await target.close();
});
