/** What an operator sees from outside: where the time of an answer went, and whether a unit is well. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, file, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 30_000);
afterAll(() => stack.close());

test('an answer tells where its time went', async () => {
  const body = new FormData();
  body.append('files', await file('05-dogs.jpg'));
  const response = await client(stack).call('/api/agent/analyze-media', { method: 'POST', body });
  const steps = (response.headers.get('server-timing') ?? '').split(', ');
  expect(steps.map((step) => step.split(';')[0])).toEqual(['auth', 'stage', 'record', 'enqueue']);
  expect(steps.every((step) => /^[a-z]+;dur=\d+\.\d$/.test(step))).toBe(true);
});

test('each unit says that it is well, without being asked who asks', async () => {
  for (const unit of Object.values(stack.units)) {
    const response = await fetch(`http://127.0.0.1:${await unit.listening()}/health`);
    expect(response.status).toBe(200);
  }
});
