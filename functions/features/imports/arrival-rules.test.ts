import { describe, expect, test } from '@jest/globals';
import { arrivalRulesSchema, fixedPrefixOf, ruleFor } from './arrival-rules.ts';

const rulesOf = (...rules: object[]) => arrivalRulesSchema.parse(JSON.stringify(rules));

describe('whose object it is', () => {
  const rules = rulesOf(
    { bucket: 'shop', prefix: 'users/{owner}/' },
    { bucket: 'shop', prefix: 'users/{owner}/raw/', analyze: false },
    { bucket: 'shop', prefix: 'in/', owner: 'team' },
    { bucket: 'all', owner: 'app' },
    { bucket: 'flat', prefix: '{owner}/' },
  );

  test.each([
    ['shop', 'users/alice/a.jpg', 'alice', 'users/{owner}/'],
    ['shop', 'users/alice/2026/a.jpg', 'alice', 'users/{owner}/'],
    ['shop', 'users/alice/raw/a.jpg', 'alice', 'users/{owner}/raw/'],
    // Names are compared without decoding.
    ['shop', 'users/%2e%2e/a.jpg', '%2e%2e', 'users/{owner}/'],
    ['shop', 'in/a.jpg', 'team', 'in/'],
    ['all', 'users/alice/a.jpg', 'app', ''],
    ['flat', 'alice/a.jpg', 'alice', '{owner}/'],
    // The worker refuses it later: it is no valid id.
    ['shop', 'users//a.jpg', '', 'users/{owner}/'],
  ])('%s %s: %s, by the prefix "%s"', (bucket, name, ownerId, prefix) => {
    expect(ruleFor(rules, bucket, name)).toMatchObject({ ownerId, rule: { prefix } });
  });

  test.each([
    ['shop', 'users/alice'],
    ['shop', 'a/users/alice/a.jpg'],
    ['shop', 'Users/alice/a.jpg'],
    ['shop', 'a.jpg'],
    ['flat', 'a.jpg'],
    ['other', 'users/alice/a.jpg'],
  ])('%s %s: no rule means it', (bucket, name) => {
    expect(ruleFor(rules, bucket, name)).toBeUndefined();
  });

  test('a notification is limited to what stands before the owner', () => {
    expect(rules.map(fixedPrefixOf)).toEqual(['users/', 'users/', 'in/', '', '']);
  });
});

test.each([
  ['no JSON', 'shop', 'no JSON'],
  ['neither owner nor {owner}', [{ bucket: 'shop', prefix: 'in/' }], 'id of a user'],
  ['both', [{ bucket: 'shop', prefix: '{owner}/', owner: 'app' }], 'id of a user'],
  ['an owner who is a part of a folder', [{ bucket: 'shop', prefix: 'u-{owner}/' }], '{owner} may'],
  ['an owner who is the file', [{ bucket: 'shop', prefix: 'users/{owner}' }], '{owner} may'],
  ['two owners', [{ bucket: 'shop', prefix: '{owner}/{owner}/' }], '{owner} may'],
  ['an address', [{ bucket: 'gs://shop', owner: 'app' }], 'without gs://'],
  ['a field that is none', [{ bucket: 'shop', owner: 'app', inplace: true }], 'inplace'],
  ['one twice', [1, 2].map(() => ({ bucket: 'shop', owner: 'app' })), 'each bucket and prefix'],
  ['analyses of none', [{ bucket: 'a-b', owner: 'a', analyze: false, analyses: ['describe'] }], ''],
])('%s is refused', (_what, rules, message) => {
  const text = typeof rules === 'string' ? rules : JSON.stringify(rules);
  const { success, error } = arrivalRulesSchema.safeParse(text);
  expect([success, error?.message]).toEqual([false, expect.stringContaining(message)]);
});
