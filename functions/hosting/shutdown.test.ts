import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, jest, test } from '@jest/globals';
import { Shutdown, ShuttingDownError } from './shutdown.ts';

/** A process that receives signals, and its shutdown. */
function start(options: { graceMs?: number; reserveMs?: number } = {}) {
  const exited = Promise.withResolvers<number>();
  const target = Object.assign(new EventEmitter(), { exit: exited.resolve });
  const logged: unknown[] = [];
  const logger = { error: (fields: unknown) => void logged.push(fields) };
  const shutdown = new Shutdown({ logger, process: target, ...options });
  return { shutdown, target, logged, exited: exited.promise };
}

const request = {} as IncomingMessage;
const response = () => new EventEmitter() as unknown as ServerResponse;

test('the steps run in order, each after the one before, and then the process ends', async () => {
  const { shutdown, target, exited } = start();
  const ran: string[] = [];
  shutdown.add('first', async () => {
    await new Promise(setImmediate);
    ran.push('first');
  });
  shutdown.add('second', () => ran.push('second'));
  target.emit('SIGTERM');
  expect(shutdown.signal.reason).toBeInstanceOf(ShuttingDownError);
  expect(await exited).toBe(0);
  expect(ran).toEqual(['first', 'second']);
});

test('a second SIGTERM changes nothing', async () => {
  const { shutdown, target, exited } = start();
  let times = 0;
  shutdown.add('count', () => times++);
  target.emit('SIGTERM');
  target.emit('SIGTERM');
  await exited;
  expect(times).toBe(1);
});

test('a step that fails is logged, and the next one runs', async () => {
  const { shutdown, target, exited, logged } = start();
  let ran = false;
  shutdown.add('broken', () => Promise.reject(new Error('no')));
  shutdown.add('next', () => {
    ran = true;
  });
  target.emit('SIGTERM');
  expect(await exited).toBe(0);
  expect(ran).toBe(true);
  expect(logged).toMatchObject([{ step: 'broken', error: new Error('no') }]);
});

test('a step that never ends leaves time for those after it', async () => {
  const { shutdown, target, exited, logged } = start({ graceMs: 60_000, reserveMs: 59_990 });
  let ran = false;
  shutdown.add('endless', () => new Promise(() => undefined));
  shutdown.add('next', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    ran = true;
  });
  target.emit('SIGTERM');
  expect(await exited).toBe(0);
  expect(ran).toBe(true);
  expect(logged).toMatchObject([{ step: 'endless' }]);
});

test('the process ends within the 10 s of Cloud Run, although no step ever does', async () => {
  jest.useFakeTimers();
  try {
    const { shutdown, target, exited } = start();
    for (const name of ['requests', 'spans', 'more'])
      shutdown.add(name, () => new Promise(() => 0));
    target.on('SIGTERM', () => new Promise(() => 0));
    await Promise.resolve();
    target.emit('SIGTERM');
    await jest.advanceTimersByTimeAsync(9_500);
    expect(await Promise.race([exited, 'still running'])).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('what a library would do on SIGTERM comes after the list, and not at once', async () => {
  const { shutdown, target, exited } = start();
  const ran: string[] = [];
  shutdown.add('ours', () => ran.push('ours'));
  target.on('SIGTERM', () => ran.push('the library'));
  await Promise.resolve();
  expect(target.listenerCount('SIGTERM')).toBe(1);
  target.emit('SIGTERM');
  expect(ran).toEqual(['ours']);
  await exited;
  expect(ran).toEqual(['ours', 'the library']);
});

test('a request is answered when its handler has returned and its response is closed', async () => {
  const { shutdown } = start();
  const work = Promise.withResolvers<void>();
  const answer = response();
  void shutdown.track(() => work.promise)(request, answer);
  let answered = false;
  const all = shutdown.requestsAnswered().then(() => {
    answered = true;
  });
  answer.emit('close');
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  // It also waits for a request that comes in the meantime.
  const later = response();
  void shutdown.track(async () => undefined)(request, later);
  work.resolve();
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  later.emit('close');
  await all;
});

test('a handler that fails is over all the same', async () => {
  const { shutdown } = start();
  const answer = response();
  const handled = shutdown.track(() => Promise.reject(new Error('no')))(request, answer);
  await expect(handled).rejects.toThrow('no');
  answer.emit('close');
  await shutdown.requestsAnswered();
});
