import domain from 'node:domain';
import { afterEach, expect, test } from '@jest/globals';
import { withoutDomains } from './disable-domains.ts';

const { create } = domain;
afterEach(() => {
  domain.create = create;
});

/** As functions-framework does with each request. */
async function domainOfRequest(): Promise<unknown> {
  const mine = domain.create();
  mine.on('error', () => undefined);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  mine.run(() => process.nextTick(() => resolve((process as { domain?: unknown }).domain)));
  return promise;
}

test('a request runs, and in no domain', async () => {
  expect(await domainOfRequest()).toBeInstanceOf(domain.Domain);
  withoutDomains();
  expect(await domainOfRequest()).not.toBeInstanceOf(domain.Domain);
});
