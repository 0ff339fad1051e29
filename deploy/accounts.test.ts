import { expect, test } from '@jest/globals';
import { lastSignInOf } from './accounts.ts';

const CREATED = 1_700_000_000_000;
const account = { localId: 'a', email: 'a@example.com', disabled: false, createdAt: CREATED };

test.each([
  ['Google says nothing of', { lastLoginAt: 0 }],
  ['a server says that it was when the account was made', { lastLoginAt: CREATED }],
])('who was never there has no last sign-in, also if %s one', (_, said) => {
  expect(lastSignInOf({ ...account, ...said })).toBeUndefined();
});

test.each([
  ['later', { lastLoginAt: CREATED + 1 }],
  ['by making the account', { lastLoginAt: CREATED, lastRefreshAt: '2023-11-14T22:13:20Z' }],
])('who has signed in %s has one', (_, said) => {
  expect(lastSignInOf({ ...account, ...said })?.getTime()).toBe(said.lastLoginAt);
});
